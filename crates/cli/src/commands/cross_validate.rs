//! `spanarc cross-validate`: a run a fold, and their mean scores.

use std::{
    ffi::OsString,
    io::{self, Write},
    num::NonZeroUsize,
    ops::ControlFlow,
    path::PathBuf,
};

use anyhow::{Result, bail};
use clap::Args;
use spanarc_model::bundle::MeasuredScores;
use spanarc_train::{
    TrainError,
    corpus::read_sentences,
    corpus_files::corpus_name,
    cross_validation::{CrossValidation, FoldScores, Folds, SCORES, Scores},
    processes::{Job, ProcessError, Processes},
    statistics::ScoreStatistics,
};

use super::{
    device::DeviceArguments, pretrained::PretrainedArguments, settings::SettingsArguments, train,
};

/// Train and measure a model a fold of a corpus
///
/// Each fold's run is trained on everything but its test part and measured there, once with everything and once with
/// overlapping entities left out. The test part chooses nothing: the configuration must have training.keep = "last" and
/// training.relation_threshold. Each fold is a run folder; cross-validation.json holds all scores.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: SettingsArguments,
    /// The whole corpus: JSON lines with tokens, entities and relations
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// The folds: {"test": [[ids of the sentences], …]}
    #[arg(long, value_name = "FILE")]
    folds: PathBuf,
    #[command(flatten)]
    pretrained: PretrainedArguments,
    #[command(flatten)]
    device: DeviceArguments,
    /// Folder for the folds' runs and cross-validation.json
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Folds to run now, such as 0,3; all of them otherwise
    #[arg(long, value_name = "FOLDS", value_delimiter = ',')]
    only: Vec<usize>,
    /// Keep finished folds and go on with those that were begun
    #[arg(long, conflicts_with = "force")]
    resume: bool,
    /// Replace the runs of these folds
    #[arg(long)]
    force: bool,
    /// Folds that run side by side, each in a process of its own
    #[arg(long, value_name = "N", default_value = "1")]
    processes: NonZeroUsize,
}

/// Runs the folds, with progress on standard error, and prints their scores.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let existing = super::existing(arguments.resume, arguments.force);
    let device = arguments.device.open()?;
    let config = arguments.settings.read(|_| ())?;
    let sentences = read_sentences(&arguments.data, &config.corpus, config.labels.as_ref())?;
    let folds = Folds::read(&arguments.folds)?;
    let name = corpus_name(&arguments.data);
    let pretrained = arguments.pretrained.paths();
    let validation =
        CrossValidation::new(config, name, sentences, &folds, pretrained, &arguments.out);
    let validation = validation.map_err(|error| {
        let file = match &error {
            TrainError::FoldsChooseNothing | TrainError::FoldsAreTheParts => {
                arguments.settings.path()
            }
            _ => &arguments.folds,
        };
        let file = file.display().to_string();
        anyhow::Error::new(error).context(file)
    })?;

    let count = validation.count();
    let chosen: Vec<usize> = match arguments.only.as_slice() {
        [] => (0..count).collect(),
        only => only.to_vec(),
    };
    if let Some(fold) = chosen.iter().find(|&&fold| fold >= count) {
        bail!("there is no fold {fold}; there are {count}, from 0");
    }
    validation.open(&chosen, existing)?;
    if arguments.processes.get() > 1 {
        side_by_side(arguments, &validation, &chosen)?;
    } else {
        for fold in chosen {
            eprintln!("fold {fold}");
            validation.run(fold, train::git_revision(), &device, |epoch| {
                train::report_epoch(epoch);
                ControlFlow::Continue(())
            })?;
        }
    }
    let scores = validation.collect()?;
    let mut out = io::stdout().lock();
    write_table(&mut out, &scores)?;
    writeln!(out, "\n{}", arguments.out.join(SCORES).display())?;
    Ok(out.flush()?)
}

/// Runs each fold by this same command in a process of its own.
fn side_by_side(
    arguments: &Arguments,
    validation: &CrossValidation,
    folds: &[usize],
) -> Result<()> {
    let processes = Processes::of_this_program(arguments.processes, None)?;
    let jobs: Vec<Job> = folds
        .iter()
        .map(|&fold| Job {
            arguments: fold_arguments(arguments, fold),
            log: validation.folder(fold).join("log.txt"),
        })
        .collect();
    let mut failed = Vec::new();
    processes.run::<ProcessError>(&jobs, |index, ending| {
        match ending {
            Ok(()) => eprintln!("fold {} is measured", folds[index]),
            Err(error) => failed.push(format!("fold {}: {error}", folds[index])),
        }
        Ok(())
    })?;
    if failed.is_empty() {
        Ok(())
    } else {
        bail!("{}", failed.join("; "))
    }
}

fn fold_arguments(arguments: &Arguments, fold: usize) -> Vec<OsString> {
    let mut all: Vec<OsString> = vec!["cross-validate".into(), "--resume".into()];
    let paths = [
        ("--data", &arguments.data),
        ("--folds", &arguments.folds),
        ("--out", &arguments.out),
    ];
    for (flag, path) in paths {
        all.extend([flag.into(), path.into()]);
    }
    all.extend(arguments.settings.arguments());
    all.extend(arguments.pretrained.paths().arguments());
    all.extend(arguments.device.arguments());
    all.extend(["--only".into(), fold.to_string().into()]);
    all
}

fn write_table(out: &mut impl Write, scores: &Scores) -> io::Result<()> {
    writeln!(
        out,
        "{}: {} of {} folds of {}, F1 in percent",
        scores.name,
        scores.folds.len(),
        scores.fold_count,
        scores.data
    )?;
    type Of = fn(&FoldScores) -> &MeasuredScores;
    let everything: Of = |fold| &fold.everything;
    let without: Of = |fold| &fold.without_overlaps;
    for (title, of, mean) in [
        ("Everything", everything, &scores.everything),
        ("Without overlaps", without, &scores.without_overlaps),
    ] {
        writeln!(
            out,
            "\n{title:18}{:>16}{:>16}{:>17}{:>16}",
            "entities micro", "macro", "relations micro", "macro"
        )?;
        for fold in &scores.folds {
            let of = of(fold);
            writeln!(
                out,
                "  fold {:<11}{:16.2}{:16.2}{:17.2}{:16.2}",
                fold.fold,
                of.entity_micro_f1,
                of.entity_macro_f1,
                of.relation_micro_f1,
                of.relation_macro_f1
            )?;
        }
        if let Some(mean) = mean {
            write_mean(out, mean)?;
        }
    }
    Ok(())
}

fn write_mean(out: &mut impl Write, mean: &ScoreStatistics) -> io::Result<()> {
    let [entity_micro, entity_macro, relation_micro, relation_macro] =
        mean.all().map(|figure| figure.to_string());
    writeln!(
        out,
        "  {:16}{entity_micro:>16}{entity_macro:>16}{relation_micro:>17}{relation_macro:>16}",
        "mean ± sd",
    )
}
