//! What changes from step to step: the optimiser, the averages and how far the run has come.

use std::collections::BTreeMap;

use candle_core::{Tensor, backprop::GradStore};

use crate::{
    auxiliary,
    error::Result,
    optimizer::{AdamW, ParameterGroup},
    preparation::{ENCODER, Run},
    pretrained::PretrainedEncoder,
    run_folder::{Checkpoint, Progress, RunFolder},
    seeded_vars::SeededVars,
    weight_average::WeightAverage,
};

/// Everything that changes in a run, and that a checkpoint keeps.
pub(crate) struct State {
    pub(crate) progress: Progress,
    optimizer: AdamW,
    average: Option<WeightAverage>,
}

impl State {
    /// Where the folder's last checkpoint left off, or a fresh start.
    pub(crate) fn new(run: &Run, folder: &RunFolder) -> Result<Self> {
        let average = match run.config.training.average {
            0. => None,
            decay => Some(WeightAverage::new(decay, run.vars.trainable())?),
        };
        let mut state = Self {
            progress: Progress {
                epoch: 0,
                step: 0,
                best_epoch: 0,
                best_score: None,
                inputs_sha256: run.inputs.clone(),
            },
            optimizer: AdamW::new(parameter_groups(run))?,
            average,
        };
        if folder.has_checkpoint() {
            let checkpoint = folder.read_last()?;
            let begun_with = &checkpoint.progress.inputs_sha256;
            run.inputs.check(folder.path(), begun_with)?;
            run.vars.load(&checkpoint.weights)?;
            state.optimizer.load(&checkpoint.optimizer)?;
            if let Some(average) = &mut state.average {
                average.load(&checkpoint.averages)?;
            }
            folder.forget_after(checkpoint.progress.epoch)?;
            state.progress = Progress {
                inputs_sha256: run.inputs.clone(),
                ..checkpoint.progress
            };
        }
        Ok(state)
    }

    /// One step down the sum of `gradients`: its norm.
    pub(crate) fn step(&mut self, gradients: &[GradStore], factor: f64, clip: f64) -> Result<f64> {
        let norm = self.optimizer.step(gradients, factor, Some(clip))?;
        if let Some(average) = &mut self.average {
            average.update(self.progress.step)?;
        }
        self.progress.step += 1;
        Ok(norm)
    }

    /// The parameters to be measured and shipped: the averages where there are any, and no auxiliary heads.
    pub(crate) fn parameters(&self, vars: &SeededVars) -> BTreeMap<String, Tensor> {
        let mut parameters = vars.tensors();
        parameters.retain(|name, _| !name.starts_with(auxiliary::HEADS));
        match &self.average {
            Some(average) => average.over(parameters),
            None => parameters,
        }
    }

    pub(crate) fn checkpoint(&self, vars: &SeededVars) -> Result<Checkpoint> {
        let weights = vars
            .trainable()
            .into_iter()
            .map(|(name, var)| (name, var.as_tensor().detach()));
        Ok(Checkpoint {
            progress: self.progress.clone(),
            weights: weights.collect(),
            optimizer: self.optimizer.state()?,
            averages: self
                .average
                .as_ref()
                .map(|average| average.state().clone())
                .unwrap_or_default(),
        })
    }
}

/// Heads, and one group for each layer of the encoder; biases and norms do not decay.
fn parameter_groups(run: &Run) -> Vec<ParameterGroup> {
    let training = &run.config.training;
    let layers = run
        .metadata
        .network
        .encoder
        .as_ref()
        .map_or(0, |encoder| encoder.layers);
    // By layer of the encoder, none for the heads, and whether the parameters are matrices.
    let mut groups: BTreeMap<(Option<usize>, bool), ParameterGroup> = BTreeMap::new();
    for (name, var) in run.vars.trainable() {
        let layer = name.strip_prefix(ENCODER).map(PretrainedEncoder::layer_of);
        let learning_rate = match layer {
            None => training.learning_rate,
            Some(layer) => {
                let below_top = layers.saturating_sub(layer) as i32;
                training.encoder_learning_rate * training.layer_decay.powi(below_top)
            }
        };
        let matrix = var.rank() > 1;
        let new = || ParameterGroup {
            learning_rate,
            weight_decay: if matrix { training.weight_decay } else { 0. },
            vars: BTreeMap::new(),
        };
        groups
            .entry((layer, matrix))
            .or_insert_with(new)
            .vars
            .insert(name, var);
    }
    groups.into_values().collect()
}
