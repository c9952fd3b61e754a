//! A training run from configuration to best checkpoint.

use std::{
    collections::{BTreeMap, HashMap},
    ops::ControlFlow,
    path::PathBuf,
    time::Instant,
};

use candle_core::{DType, Device, DeviceLocation, Tensor};
use candle_nn::VarBuilder;
use spanarc_model::{
    Annotator,
    bundle::{self, MeasuredScores},
};

use crate::{
    batch_gradients::{Chance, LossValues, Place, Source},
    batching,
    config::Keep,
    error::{Result, TrainError},
    evaluation,
    preparation::Run,
    progress_bar::progress_bar,
    run_folder::{EpochMetrics, Progress, RunFolder, RunSummary},
    schedule::Schedule,
    seed,
    state::State,
};

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Epoch whose weights were kept, from 1.
    pub epoch: usize,
    /// Their score on dev, by [`evaluation::dev_score`]; none in a run without dev.
    pub score: Option<f64>,
    /// The bundle.
    pub bundle: PathBuf,
    /// Whether it was told to stop before its end.
    pub paused: bool,
}

impl Run<'_> {
    /// Trains, or goes on from the folder's last checkpoint, and writes the network of the best
    /// epoch, or of the last one, to the folder.
    ///
    /// `after_epoch` is told of each epoch once its checkpoint is written, and may end the run there.
    pub fn train(
        &mut self,
        folder: &RunFolder,
        after_epoch: impl FnMut(&EpochMetrics) -> ControlFlow<()>,
    ) -> Result<Outcome> {
        self.train_until(usize::MAX, folder, after_epoch)
    }

    /// As [`Self::train`], but pauses after epoch `last`. Who trains on in the same folder ends as if there had been no
    /// pause: the learning rate follows all epochs of the configuration.
    pub fn train_until(
        &mut self,
        last: usize,
        folder: &RunFolder,
        mut after_epoch: impl FnMut(&EpochMetrics) -> ControlFlow<()>,
    ) -> Result<Outcome> {
        let mut state = State::new(self, folder)?;
        self.cache_frozen_states()?;
        let training = &self.config.training;
        let of_auxiliary = (self.auxiliary.iter()).map(|one| one.batch_count(training.batch));
        let epochs = self.epochs();
        let batches = self.train.len().div_ceil(training.batch) + of_auxiliary.sum::<usize>();
        let schedule = Schedule::linear(epochs * batches, training.warmup);
        if state.progress.best_epoch > 0 {
            folder.check_best()?;
        }
        // They say nothing of what follows, in case the run is killed.
        folder.forget_ending()?;
        let has_time = |progress: &Progress| {
            let stale = progress.epoch - progress.best_epoch;
            progress.epoch < epochs && (training.patience == 0 || stale < training.patience)
        };
        while has_time(&state.progress) && state.progress.epoch < last {
            let started = Instant::now();
            state.progress.epoch += 1;
            let mean = self.epoch(&schedule, &mut state)?;
            let training_seconds = started.elapsed().as_secs_f64();
            let is_last = state.progress.epoch == epochs;
            let parameters = match (state.parameters(&self.vars), is_last) {
                (parameters, true) => self.averaged(parameters)?,
                (parameters, false) => parameters,
            };
            let measure = !self.dev.is_empty() && (training.keep == Keep::Best || is_last);
            let dev = if measure {
                Some(self.evaluate(&parameters)?)
            } else {
                None
            };
            let score = dev.as_ref().map(|dev| evaluation::dev_score(&dev.scores));
            let kept = match training.keep {
                Keep::Best => score > state.progress.best_score,
                Keep::Last => is_last,
            };
            if kept {
                (state.progress.best_epoch, state.progress.best_score) =
                    (state.progress.epoch, score);
                let bundle = self.bundle(&parameters, state.progress.epoch, dev.as_ref())?;
                folder.write_best(&bundle)?;
            }
            let tuned = dev.as_ref().map(|dev| dev.relation_threshold);
            let metrics = EpochMetrics {
                epoch: state.progress.epoch,
                seconds: started.elapsed().as_secs_f64(),
                training_seconds,
                loss: mean.ner + training.relation_weight * mean.re,
                ner_loss: mean.ner,
                re_loss: mean.re,
                auxiliary_losses: mean.auxiliary,
                gradient_norm: mean.gradient_norm,
                learning_rate_factor: schedule.factor(state.progress.step.saturating_sub(1)),
                relation_threshold: training.relation_threshold.or(tuned),
                dev: dev.map(|dev| dev.scores),
                best: kept,
            };
            folder.record(&metrics)?;
            folder.write_last(&state.checkpoint(&self.vars)?)?;
            if after_epoch(&metrics).is_break() {
                break;
            }
        }
        folder.write_card()?;
        let paused = has_time(&state.progress);
        folder.write_summary(&self.summary(&state.progress, paused, &folder.metrics()?))?;
        Ok(Outcome {
            paused,
            epoch: state.progress.best_epoch,
            score: state.progress.best_score,
            bundle: folder.best(),
        })
    }

    /// What these epochs, the first of the run and all after it, came to.
    fn summary(&self, progress: &Progress, paused: bool, epochs: &[EpochMetrics]) -> RunSummary {
        let best = epochs
            .iter()
            .find(|metrics| metrics.epoch == progress.best_epoch);
        let total = |seconds: fn(&EpochMetrics) -> f64| -> f64 { epochs.iter().map(seconds).sum() };
        let of_auxiliary = self.auxiliary.iter().map(|auxiliary| auxiliary.drawn);
        let sentences = self.train.len() + of_auxiliary.sum::<usize>();
        let provenance = self.metadata.provenance.clone();
        RunSummary {
            format: RunSummary::FORMAT,
            name: self.metadata.name.clone(),
            seed: provenance.seed,
            git_revision: provenance.git_revision,
            corpora: provenance.corpora,
            inputs_sha256: progress.inputs_sha256.clone(),
            encoder: provenance.encoder,
            device: device_name(self.device),
            trainable_parameters: self.metadata.trainable_parameters.unwrap_or_default(),
            total_parameters: self.metadata.total_parameters.unwrap_or_default(),
            epochs: progress.epoch,
            paused,
            best_epoch: progress.best_epoch,
            relation_threshold: best
                .and_then(|metrics| metrics.relation_threshold)
                .unwrap_or(self.metadata.relation_threshold),
            seconds: total(|metrics| metrics.seconds),
            sentences_per_second: (sentences * epochs.len()) as f64
                / total(|metrics| metrics.training_seconds).max(f64::MIN_POSITIVE),
            scores: best
                .and_then(|metrics| metrics.dev.clone())
                .into_iter()
                .collect(),
        }
    }

    /// An f32 bundle of these parameters.
    pub(crate) fn bundle(
        &self,
        parameters: &BTreeMap<String, Tensor>,
        epoch: usize,
        dev: Option<&OnDev>,
    ) -> Result<Vec<u8>> {
        let mut metadata = self.metadata.clone();
        metadata.provenance.epochs = epoch;
        if let Some(dev) = dev {
            metadata.relation_threshold = dev.relation_threshold;
            metadata.scores = vec![dev.scores.clone()];
        }
        Ok(bundle::write(
            &metadata,
            parameters,
            self.pretrained.vocabularies(),
        )?)
    }

    /// Passes over the training data that the whole run makes at most.
    fn epochs(&self) -> usize {
        self.config.training.epochs_for(self.train.len())
    }

    /// One pass over the training data, and over what is drawn of the auxiliary corpora: the mean losses.
    fn epoch(&self, schedule: &Schedule, state: &mut State) -> Result<MeanLosses> {
        let training = &self.config.training;
        let epoch = state.progress.epoch;
        let chance = Chance::of(self, epoch);
        let batches = self.batches(epoch);
        let progress = progress_bar(batches.len(), &format!("epoch {epoch}/{}", self.epochs()));
        let mut mean = MeanLosses::new(self.auxiliary.len());
        for (step, (source, indices)) in batches.iter().enumerate() {
            let (losses, gradients) =
                self.gradients(*source, indices, &chance, Place { epoch, step })?;
            let loss = losses.total(training.relation_weight);
            if !loss.is_finite() {
                return Err(TrainError::Diverged {
                    loss,
                    epoch,
                    step: step + 1,
                });
            }
            let factor = schedule.factor(state.progress.step);
            // Relative to the weight, which a norm that is cut to one length would undo.
            let clip = training.clip * self.weight(*source);
            let norm = state.step(&gradients, factor, clip)?;
            mean.add(*source, losses, norm);
            progress.inc(1);
        }
        progress.finish_and_clear();
        Ok(mean.finish())
    }

    /// An epoch's batches in order.
    fn batches(&self, epoch: usize) -> Vec<(Source, Vec<usize>)> {
        let (run, size) = (self.config.seed, self.config.training.batch);
        let order = seed::derived(run, "order", epoch);
        let mut corpora = vec![batching::shuffled(&self.train.lengths(), size, order)];
        let auxiliary = self.auxiliary.iter().enumerate();
        corpora.extend(auxiliary.map(|(index, one)| one.batches(size, run, index, epoch)));
        batching::mixed(corpora, seed::derived(run, "order of corpora", epoch))
            .into_iter()
            .map(|(corpus, batch)| (Source::of(corpus), batch))
            .collect()
    }

    /// The batches of [`Self::train_set`] in an epoch, in the order in which they are trained on.
    pub fn train_batches(&self, epoch: usize) -> Vec<Vec<usize>> {
        let of_main = |(source, batch)| (source == Source::Main).then_some(batch);
        self.batches(epoch)
            .into_iter()
            .filter_map(of_main)
            .collect()
    }

    /// Dev predictions by the annotator that bundles have, at the configuration's threshold or, without one, at that
    /// which suits them best.
    fn evaluate(&self, parameters: &BTreeMap<String, Tensor>) -> Result<OnDev> {
        let parameters: HashMap<String, Tensor> = parameters.clone().into_iter().collect();
        let vb = VarBuilder::from_tensors(parameters, DType::F32, self.device);
        let annotator = Annotator::new(self.metadata.clone(), self.pretrained.vocabularies(), vb)?;
        let schema = &self.metadata.schema;
        let fixed = self.config.training.relation_threshold;
        let floor = fixed.unwrap_or(evaluation::LOWEST_THRESHOLD);
        let predictions = evaluation::predict(&annotator, self.dev, 16, floor)?;
        let (relation_threshold, report) = match fixed {
            Some(threshold) => {
                let report = evaluation::score(self.dev, &predictions, schema, threshold)?;
                (threshold, report)
            }
            None => evaluation::tune_threshold(self.dev, &predictions, schema)?,
        };
        let data = format!("{} dev", self.metadata.provenance.corpora[0]);
        Ok(OnDev {
            relation_threshold,
            scores: evaluation::measured(&data, &report),
        })
    }
}

/// The device as `--device` takes it.
fn device_name(device: &Device) -> String {
    match device.location() {
        DeviceLocation::Cpu => "cpu".to_owned(),
        DeviceLocation::Cuda { gpu_id } => format!("cuda:{gpu_id}"),
        DeviceLocation::Metal { gpu_id } => format!("metal:{gpu_id}"),
    }
}

/// What an epoch came to on dev.
pub(crate) struct OnDev {
    relation_threshold: f32,
    /// At that threshold.
    scores: MeasuredScores,
}

/// Means over an epoch's batches: the losses over those of the main corpus, the gradient's norm over all.
#[derive(Debug, Clone)]
struct MeanLosses {
    ner: f64,
    re: f64,
    /// Of each auxiliary corpus the loss of its tags or of its masked pieces.
    auxiliary: Vec<f64>,
    gradient_norm: f64,
    batches: usize,
    /// Of those, the batches of each auxiliary corpus.
    of_auxiliary: Vec<usize>,
}

impl MeanLosses {
    fn new(auxiliary: usize) -> Self {
        Self {
            ner: 0.,
            re: 0.,
            auxiliary: vec![0.; auxiliary],
            gradient_norm: 0.,
            batches: 0,
            of_auxiliary: vec![0; auxiliary],
        }
    }

    fn add(&mut self, source: Source, losses: LossValues, gradient_norm: f64) {
        self.gradient_norm += gradient_norm;
        self.batches += 1;
        match source {
            Source::Auxiliary(index) => {
                self.auxiliary[index] += losses.nll;
                self.of_auxiliary[index] += 1;
            }
            Source::Main => {
                self.ner += losses.nll;
                self.re += losses.re;
            }
        }
    }

    /// From sums to means.
    fn finish(mut self) -> Self {
        let mean = |sum: &mut f64, count: usize| *sum /= count.max(1) as f64;
        let main = self.batches - self.of_auxiliary.iter().sum::<usize>();
        mean(&mut self.ner, main);
        mean(&mut self.re, main);
        mean(&mut self.gradient_norm, self.batches);
        for (sum, count) in self.auxiliary.iter_mut().zip(&self.of_auxiliary) {
            mean(sum, *count);
        }
        self
    }
}
