//! `spanarc tune`: a search for settings.

use std::{
    io::{self, Write as _},
    num::NonZeroUsize,
    path::PathBuf,
};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use spanarc_train::{
    RunConfig,
    tuning::{Search, SearchSpace},
};

use super::study::StudyArguments;

/// Search for settings: random ones, of which the better go on
///
/// Settings are compared by the mean of the four F1 scores on dev. The folder holds a run folder for each trial,
/// trials.jsonl, table.md, plot.svg and best.toml. Ctrl-C leaves what --resume goes on with.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    study: StudyArguments,
    /// Fields and their values, TOML, such as configs/search/depths.toml
    #[arg(long, value_name = "FILE")]
    space: PathBuf,
    /// Settings to try
    #[arg(long, value_name = "NUMBER")]
    trials: NonZeroUsize,
    /// Seed of the choice of settings; runs have the configuration's
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let study = &arguments.study;
    let text = std::fs::read_to_string(&arguments.space)
        .with_context(|| format!("cannot read {}", arguments.space.display()))?;
    let config = RunConfig::read(&study.config)?;
    let input = study.input(&config)?;
    let search = Search {
        config,
        space: SearchSpace::parse(&arguments.space, &text)?,
        space_path: arguments.space.clone(),
        trials: arguments.trials.get(),
        seed: arguments.seed,
        out: study.out.clone(),
    };
    let _lock = study.open_folder()?;
    let trials = search.run(&input, &study.trainer()?, |trial| {
        let name = trial.folder();
        match (&trial.error, trial.rungs.last()) {
            (Some(error), _) => eprintln!("{name}  failed: {error}"),
            (None, Some(rung)) => {
                let (epochs, score) = (rung.epochs, rung.score);
                eprintln!("{name}  after epoch {epochs}: mean F1 {score:.2}");
            }
            (None, None) => {}
        }
    })?;
    if trials.len() < arguments.trials.get() {
        eprintln!("the space holds {} different settings only", trials.len());
    }
    let Some((best, rung)) = search
        .best(&trials)
        .and_then(|best| Some((best, best.rungs.last()?)))
    else {
        bail!(
            "no trial came to its end; {} says why",
            study.out.join("table.md").display()
        );
    };
    let (name, epoch, score) = (best.folder(), rung.best_epoch, rung.score);
    let config = study.out.join("best.toml");
    writeln!(
        io::stdout(),
        "{name} was best, in epoch {epoch} with a mean F1 of {score:.2} on dev: {}",
        config.display()
    )?;
    Ok(())
}
