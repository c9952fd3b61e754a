//! `spanarc train`: a run folder from a configuration and a corpus.

use std::{
    io::{self, Write as _},
    num::NonZeroUsize,
    ops::ControlFlow,
    path::PathBuf,
};

use anyhow::Result;
use clap::Args;
use spanarc_train::{
    Corpus, Run, RunInput,
    config::Keep,
    run_folder::{EpochMetrics, Existing, RunFolder},
};

use super::{
    device::DeviceArguments, pretrained::PretrainedArguments, settings::SettingsArguments,
};

/// Train a model
///
/// The run folder holds the resolved configuration, metrics.jsonl, curves.svg, the last checkpoint and
/// best.safetensors, the bundle of the epoch that was best on dev, or of the last one where that is to be kept.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    settings: SettingsArguments,
    /// The corpus: folder with the parts train and, unless nothing is chosen by it, dev; or the training part itself
    #[arg(long, value_name = "PATH")]
    data: PathBuf,
    #[command(flatten)]
    pretrained: PretrainedArguments,
    /// Run folder
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Train on dev too, and choose nothing by it; needs keep = "last" and a relation_threshold in the configuration
    #[arg(long)]
    with_dev: bool,
    /// Pause after this epoch; --resume goes on, and the learning rate follows all epochs of the configuration
    #[arg(long, value_name = "EPOCH")]
    stop_after: Option<NonZeroUsize>,
    #[command(flatten)]
    device: DeviceArguments,
    /// Go on with the run in the folder, by the configuration it was started with
    #[arg(long, conflicts_with_all = ["force", "seed", "start_from", "average_with", "with_dev"])]
    resume: bool,
    /// Replace the run in the folder
    #[arg(long)]
    force: bool,
}

/// Trains, with progress on standard error.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let device = arguments.device.open()?;
    let existing = super::existing(arguments.resume, arguments.force);
    let mut config =
        (arguments.settings).read(|config| config.training.with_dev |= arguments.with_dev)?;
    if arguments.resume {
        config = RunFolder::open(&arguments.out, Existing::Resume)?.read_config()?;
    }
    let input = RunInput {
        corpus: Corpus::read_for(&config, &arguments.data)?,
        pretrained: arguments.pretrained.paths(),
        git_revision: git_revision(),
    };
    let mut run = Run::prepare(&config, &input, &device)?;
    if let Some(taken_over) = &run.taken_over {
        eprintln!("{taken_over}");
    }
    if let Some(coverage) = run.word_coverage {
        eprintln!("{coverage}");
    }
    if !arguments.resume {
        let folder = RunFolder::at(&arguments.out);
        let bundles = config.start_from.iter().chain(&config.average_with);
        super::spare_inputs(&folder.best(), bundles.map(PathBuf::as_path))?;
        if !arguments.force {
            super::spare_inputs(&folder.config(), [arguments.settings.path()])?;
        }
    }
    // Not before: what cannot train must not replace a run that did.
    let folder = RunFolder::open(&arguments.out, existing)?;
    folder.write_config(&config)?;
    super::report_dropped(run.dropped);
    let last = arguments.stop_after.map_or(usize::MAX, NonZeroUsize::get);
    let outcome = run.train_until(last, &folder, |epoch| {
        report_epoch(epoch);
        ControlFlow::Continue(())
    })?;
    let mut out = io::stdout();
    if outcome.paused {
        writeln!(out, "paused: --resume goes on")?;
    }
    let (epoch, bundle) = (outcome.epoch, outcome.bundle.display());
    if epoch == 0 {
        return Ok(());
    }
    let kept = match (config.training.keep, outcome.score) {
        (Keep::Best, Some(score)) => format!("was best on dev with a mean F1 of {score:.2}"),
        (_, Some(score)) => format!("is kept, with a mean F1 of {score:.2} on dev"),
        (_, None) => "is kept".into(),
    };
    Ok(writeln!(out, "epoch {epoch} {kept}: {bundle}")?)
}

/// The revision that this program was built from, with a mark where files differed from it; none outside a checkout.
pub(super) fn git_revision() -> Option<String> {
    option_env!("SPANARC_REVISION").map(str::to_owned)
}

pub(super) fn report_epoch(metrics: &EpochMetrics) {
    let mut line = format!("epoch {:3}  loss {:8.3}", metrics.epoch, metrics.loss);
    if let (Some(dev), Some(threshold)) = (&metrics.dev, metrics.relation_threshold) {
        line += &format!(
            "  dev NER micro {:.2} macro {:.2}  RE micro {:.2} macro {:.2} at {threshold:.2}",
            dev.entity_micro_f1, dev.entity_macro_f1, dev.relation_micro_f1, dev.relation_macro_f1,
        );
    }
    let kept = if metrics.best { "  kept" } else { "" };
    eprintln!("{line}  {:.0} s{kept}", metrics.seconds);
}
