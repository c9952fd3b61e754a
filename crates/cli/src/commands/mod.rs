//! The commands, one a file: each has its arguments and a `run`.

mod ablate;
mod annotate;
mod check;
mod convert;
mod cross_validate;
mod device;
mod evaluate;
mod inspect;
mod pretrained;
mod quantize;
mod results;
mod settings;
mod silver;
mod study;
mod train;
mod tune;

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use spanarc_train::run_folder::Existing;

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    Evaluate(evaluate::Arguments),
    Annotate(annotate::Arguments),
    Silver(silver::Arguments),
    Inspect(inspect::Arguments),
    Quantize(quantize::Arguments),
    Check(check::Arguments),
    Convert(convert::Arguments),
    Results(results::Arguments),
    Train(train::Arguments),
    CrossValidate(cross_validate::Arguments),
    Tune(tune::Arguments),
    Ablate(ablate::Arguments),
}

impl Command {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match self {
            Self::Evaluate(arguments) => evaluate::run(arguments),
            Self::Annotate(arguments) => annotate::run(arguments),
            Self::Silver(arguments) => silver::run(arguments),
            Self::Inspect(arguments) => inspect::run(arguments),
            Self::Quantize(arguments) => quantize::run(arguments),
            Self::Check(arguments) => check::run(arguments),
            Self::Convert(arguments) => convert::run(arguments),
            Self::Results(arguments) => results::run(arguments),
            Self::Train(arguments) => train::run(arguments),
            Self::CrossValidate(arguments) => cross_validate::run(arguments),
            Self::Tune(arguments) => tune::run(arguments),
            Self::Ablate(arguments) => ablate::run(arguments),
        }
    }
}

/// The input, if any, that is the very file to be written.
fn named_again<'a>(
    out: &Path,
    inputs: impl IntoIterator<Item = &'a PathBuf>,
) -> Option<&'a PathBuf> {
    let out = fs::canonicalize(out).ok()?;
    let is_out = |path: &&PathBuf| fs::canonicalize(path).is_ok_and(|path| path == out);
    inputs.into_iter().find(is_out)
}

/// Says on standard error what training leaves out, if anything.
fn report_dropped(dropped: spanarc_corpus::Dropped) {
    if dropped.entities > 0 {
        eprintln!("{}", left_out(dropped));
    }
}

fn left_out(dropped: spanarc_corpus::Dropped) -> String {
    format!(
        "left out of training: {} overlapping entities and {} relations of theirs",
        dropped.entities, dropped.relations
    )
}

/// A score from 0 to 1, as clap parses it.
fn probability(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("not a number from 0 to 1".to_owned()),
    }
}

/// What becomes of runs that are there already.
fn existing(resume: bool, force: bool) -> Existing {
    match (resume, force) {
        (true, _) => Existing::Resume,
        (false, true) => Existing::Replace,
        (false, false) => Existing::Refuse,
    }
}
