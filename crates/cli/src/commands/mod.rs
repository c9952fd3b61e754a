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

use std::{fs, path::Path};

use anyhow::bail;
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

/// Errs where a file that is read is the very one to be written.
fn spare_inputs<'a>(out: &Path, inputs: impl IntoIterator<Item = &'a Path>) -> anyhow::Result<()> {
    let Ok(out) = fs::canonicalize(out) else {
        return Ok(());
    };
    let is_out = |path: &&Path| fs::canonicalize(path).is_ok_and(|path| path == out);
    match inputs.into_iter().find(is_out) {
        Some(input) => bail!(
            "{} is read, and would be replaced: name another --out",
            input.display()
        ),
        None => Ok(()),
    }
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
