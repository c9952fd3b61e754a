//! `spanarc ablate`: what parts of a configuration are worth.

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use spanarc_train::{
    RunConfig,
    ablation::{Ablation, TASK_SPECIFICITY, Variant},
    evaluation,
};

use super::study::StudyArguments;

/// Train variants of a configuration with several seeds each, and compare them
///
/// Without --variants the variants are those of Crone 2020: no layers of a task's own, none of the entities', none of the
/// relations', no shared ones, and all shared with as many trained weights as the baseline. The folder holds a run folder
/// for each variant and seed, ablation.json and ablation.md. Ctrl-C leaves what --resume goes on with.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    study: StudyArguments,
    /// Seeds of each variant's runs
    #[arg(long, value_delimiter = ',', default_values_t = [1, 2, 3])]
    seeds: Vec<u64>,
    /// TOML file of variants to compare with the baseline, instead of the paper's; may be given several times
    #[arg(long, value_name = "FILE")]
    variants: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let study = &arguments.study;
    let mut seeds = Vec::new();
    for &seed in &arguments.seeds {
        if seeds.contains(&seed) {
            bail!("seed {seed} is named twice");
        }
        seeds.push(seed);
    }
    let config = RunConfig::read(&study.config)?;
    let input = study.input(&config)?;
    let ablation = Ablation {
        config,
        variants: variants(&arguments.variants)?,
        seeds,
        out: study.out.clone(),
    };
    let _lock = study.open_folder()?;
    let runs = ablation.seeds.len() * (ablation.variants.len() + 1);
    let (mut done, mut failed) = (0, 0);
    let report = ablation.run(&input, &study.trainer()?, |name, outcome| {
        done += 1;
        let scores = outcome.summary.as_ref().and_then(|run| run.scores.first());
        let came_to = match (scores, &outcome.error) {
            (Some(scores), _) => format!("mean F1 {:.2}", evaluation::dev_score(scores)),
            (None, Some(error)) => format!("failed: {error}"),
            (None, None) => "not measured on dev".to_owned(),
        };
        failed += usize::from(outcome.error.is_some());
        eprintln!("{done}/{runs}  {name}  {came_to}");
    })?;
    write!(io::stdout(), "{}", report.markdown())?;
    if failed > 0 {
        bail!("{failed} of {runs} runs failed; --resume tries them again");
    }
    Ok(())
}

fn variants(files: &[PathBuf]) -> Result<Vec<Variant>> {
    if files.is_empty() {
        let path = std::path::Path::new("configs/ablation/task-specificity.toml");
        return Ok(Variant::parse([(path, TASK_SPECIFICITY)])?);
    }
    let texts = files
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            Ok((path, text))
        })
        .collect::<Result<Vec<_>>>()?;
    let files = texts
        .iter()
        .map(|(path, text)| (path.as_path(), text.as_str()));
    Ok(Variant::parse(files)?)
}
