//! What parts of a configuration are worth: variants of it, each trained with several seeds.

mod equal_parameters;
mod report;
mod variants;

use std::path::PathBuf;

use candle_core::Device;
pub use equal_parameters::equal_parameters;
pub use report::{AblationReport, Depths, RunOutcome, VariantReport};
pub use variants::{BASELINE, TASK_SPECIFICITY, Variant};

use crate::{
    config::RunConfig,
    overrides,
    preparation::{Run, RunInput},
    study::{PlannedRun, Result, StudyError, Trainer},
};

/// A study: a configuration, what to change in it, and seeds.
#[derive(Debug, Clone)]
pub struct Ablation {
    /// The baseline.
    pub config: RunConfig,
    /// The other variants.
    pub variants: Vec<Variant>,
    /// Seeds of each variant's runs.
    pub seeds: Vec<u64>,
    /// Folder: `VARIANT/seed-N` are run folders, `ablation.json` and `ablation.md` the report.
    pub out: PathBuf,
}

/// A variant's configuration, but for the seed.
type Resolved = (Variant, RunConfig);

impl Ablation {
    /// Trains what is missing, and writes the report anew after each run. `ended` is told of each run, by its place in
    /// the folder. Errs before any training where the data, the encoder or a variant's settings are at fault.
    pub fn run(
        &self,
        input: &RunInput,
        trainer: &Trainer,
        mut ended: impl FnMut(&str, &RunOutcome),
    ) -> Result<AblationReport> {
        let resolved = self.resolve(input)?;
        let mut report = AblationReport::new(&self.config.name, &self.seeds, &resolved);
        let mut places = Vec::new();
        let mut runs = Vec::new();
        // By seed first, so that a study that is cut short compares all variants on fewer seeds.
        for (seed_index, &seed) in self.seeds.iter().enumerate() {
            for (variant_index, (variant, config)) in resolved.iter().enumerate() {
                let config = RunConfig {
                    seed,
                    ..config.clone()
                };
                let folder = self.out.join(&variant.name).join(format!("seed-{seed}"));
                places.push((variant_index, seed_index));
                runs.push(PlannedRun::whole(folder, config));
            }
        }
        trainer.train(&runs, |index, outcome| {
            let (variant, seed) = places[index];
            let (name, outcome) = report.record(variant, seed, outcome);
            ended(&name, &outcome);
            report.write(&self.out)
        })?;
        Ok(report)
    }

    /// The baseline and the variants, with their layers and widths decided.
    fn resolve(&self, input: &RunInput) -> Result<Vec<Resolved>> {
        let device = Device::Cpu;
        let baseline = Run::prepare(&self.config, input, &device)?;
        let (target, _) = baseline.vars.count();
        let mut resolved = vec![(Variant::baseline(), self.config.clone())];
        for variant in &self.variants {
            let mut config = overrides::apply(&self.config, &variant.set, &variant.path)?;
            if config.seed != self.config.seed {
                let reason = format!("variant {}: its seeds are those of the study", variant.name);
                return Err(StudyError::malformed(&variant.path, reason));
            }
            if variant.equal_parameters {
                let (layers, hidden) =
                    equal_parameters(&Run::prepare(&config, input, &device)?, target)?;
                (config.network.shared_layers, config.network.hidden) = (layers, hidden);
            }
            resolved.push((variant.clone(), config));
        }
        Ok(resolved)
    }
}
