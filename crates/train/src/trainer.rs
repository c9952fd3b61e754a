//! A training run from configuration to best checkpoint.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io::BufReader,
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::Instant,
};

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use indicatif::{ProgressBar, ProgressStyle};
use spanarc_corpus::{LabelSchema, Sentence, jsonl, scoring::Report};
use spanarc_model::{
    Annotator,
    bundle::{self, BundleMetadata, MeasuredScores, Provenance},
    dropout::Dropout,
    features::Featurizer,
    network::JointNetwork,
};

use crate::{
    batching,
    config::RunConfig,
    dataset::Dataset,
    error::{Result, TrainError},
    evaluation,
    loss::{self, Losses},
    optimizer::{AdamW, ParameterGroup},
    pretrained::PretrainedEncoder,
    run_folder::{Checkpoint, EpochMetrics, Progress, RunFolder},
    schedule::Schedule,
    seeded_vars::SeededVars,
    weight_average::WeightAverage,
};

/// What a run reads besides its configuration.
#[derive(Debug, Clone)]
pub struct RunInput {
    /// Folder with `train.jsonl` and `dev.jsonl`.
    pub data: PathBuf,
    /// Folder of a pretrained encoder, if one is used.
    pub encoder: Option<PathBuf>,
    /// Revision of the program, for provenance.
    pub git_revision: Option<String>,
}

/// What a run came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Epoch of the best checkpoint, from 1.
    pub epoch: usize,
    /// Its score on dev, by [`evaluation::dev_score`].
    pub score: f64,
    /// The bundle.
    pub bundle: PathBuf,
}

/// Where the network keeps the encoder's parameters.
const ENCODER: &str = "embedding.encoder.";

/// Trains, or goes on with a run that was interrupted, and writes the best network to the run folder.
///
/// `after_epoch` is told of each epoch once its checkpoint is written, and may end the run there.
pub fn train(
    config: &RunConfig,
    input: &RunInput,
    folder: &RunFolder,
    device: &Device,
    after_epoch: impl FnMut(&EpochMetrics) -> ControlFlow<()>,
) -> Result<Outcome> {
    let mut run = Run::prepare(config, input, device)?;
    run.cache_frozen_states()?;
    run.epochs(folder, after_epoch)
}

/// Everything that stays the same through a run.
struct Run<'a> {
    config: &'a RunConfig,
    device: &'a Device,
    metadata: BundleMetadata,
    vocabulary: Option<String>,
    vars: SeededVars,
    network: JointNetwork,
    train: Dataset,
    dev: Vec<Sentence>,
}

impl<'a> Run<'a> {
    fn prepare(config: &'a RunConfig, input: &RunInput, device: &'a Device) -> Result<Self> {
        let sentences = read_corpus(&input.data.join("train.jsonl"), config.labels.as_ref())?;
        let schema = config
            .labels
            .clone()
            .unwrap_or_else(|| LabelSchema::from_sentences(&sentences));
        let dev = read_corpus(&input.data.join("dev.jsonl"), Some(&schema))?;
        let encoder = input
            .encoder
            .as_deref()
            .map(PretrainedEncoder::read)
            .transpose()?;
        let shape = config.network(
            encoder.as_ref().map(|encoder| &encoder.config),
            alphabet(&sentences),
        );
        shape.validate()?;

        let vars = SeededVars::new(config.seed, device);
        if let Some(encoder) = &encoder {
            place_encoder(&vars, encoder, config)?;
        }
        let (entity_types, relation_types) =
            (schema.entity_types.len(), schema.relation_types.len());
        let network = JointNetwork::new(&shape, entity_types, relation_types, vars.var_builder())?;
        let (trainable, total) = vars.count();
        let vocabulary = encoder.as_ref().map(|encoder| encoder.vocabulary.clone());
        let featurizer = Featurizer::new(&shape, vocabulary.as_deref())?;
        let train = Dataset::new(&sentences, &schema, shape.scheme, &featurizer)?;
        let provenance = Provenance {
            corpora: vec![folder_name(&input.data)],
            encoder: encoder.as_ref().map(PretrainedEncoder::name),
            seed: config.seed,
            git_revision: input.git_revision.clone(),
            ..Provenance::default()
        };
        let metadata = BundleMetadata {
            name: config.name.clone(),
            language: config.language.clone(),
            schema,
            network: shape,
            relation_threshold: 0.5,
            provenance,
            scores: Vec::new(),
            trainable_parameters: Some(trainable),
            total_parameters: Some(total),
        };
        Ok(Self {
            config,
            device,
            metadata,
            vocabulary,
            vars,
            network,
            train,
            dev,
        })
    }

    /// What a frozen encoder says of a sentence is the same in every epoch.
    fn cache_frozen_states(&mut self) -> Result<()> {
        if self.metadata.network.encoder.is_some() && !self.config.encoder.fine_tune {
            let progress = progress_bar(self.train.len(), "encoding");
            self.train
                .cache_states(&self.network, self.device, |done| progress.inc(done as u64))?;
            progress.finish_and_clear();
        }
        Ok(())
    }

    fn epochs(
        &self,
        folder: &RunFolder,
        mut after_epoch: impl FnMut(&EpochMetrics) -> ControlFlow<()>,
    ) -> Result<Outcome> {
        let training = &self.config.training;
        let batches = self.train.len().div_ceil(training.batch.max(1));
        let schedule = Schedule::linear(training.epochs * batches, training.warmup);
        let mut state = State::new(self, folder)?;
        let has_time = |progress: &Progress| {
            let stale = progress.epoch - progress.best_epoch;
            progress.epoch < training.epochs
                && (training.patience == 0 || stale < training.patience)
        };
        while has_time(&state.progress) {
            let started = Instant::now();
            state.progress.epoch += 1;
            let mean = self.epoch(&schedule, &mut state)?;
            let parameters = state.parameters(&self.vars);
            let (threshold, report) = self.evaluate(&parameters)?;
            let dev = evaluation::measured(
                &format!("{} dev", self.metadata.provenance.corpora[0]),
                &report,
            );
            let score = evaluation::dev_score(&dev);
            let best = state.progress.best_epoch == 0 || score > state.progress.best_score;
            if best {
                (state.progress.best_epoch, state.progress.best_score) =
                    (state.progress.epoch, score);
                folder.write_best(&self.bundle(
                    &parameters,
                    state.progress.epoch,
                    threshold,
                    dev.clone(),
                )?)?;
            }
            let metrics = EpochMetrics {
                epoch: state.progress.epoch,
                seconds: started.elapsed().as_secs_f64(),
                loss: mean.ner + training.relation_weight * mean.re,
                ner_loss: mean.ner,
                re_loss: mean.re,
                gradient_norm: mean.gradient_norm,
                learning_rate_factor: schedule.factor(state.progress.step.saturating_sub(1)),
                dev,
                relation_threshold: threshold,
                best,
            };
            folder.record(&metrics)?;
            folder.write_last(&state.checkpoint(&self.vars)?)?;
            if after_epoch(&metrics).is_break() {
                break;
            }
        }
        Ok(Outcome {
            epoch: state.progress.best_epoch,
            score: state.progress.best_score,
            bundle: folder.best(),
        })
    }

    /// An f32 bundle of these parameters.
    fn bundle(
        &self,
        parameters: &BTreeMap<String, Tensor>,
        epoch: usize,
        threshold: f32,
        dev: MeasuredScores,
    ) -> Result<Vec<u8>> {
        let mut metadata = self.metadata.clone();
        metadata.relation_threshold = threshold;
        metadata.provenance.epochs = epoch;
        metadata.scores = vec![dev];
        Ok(bundle::write(
            &metadata,
            parameters,
            self.vocabulary.as_deref(),
        )?)
    }

    /// One pass over the training data: the mean losses.
    fn epoch(&self, schedule: &Schedule, state: &mut State) -> Result<MeanLosses> {
        let training = &self.config.training;
        let epoch = state.progress.epoch;
        let relation_types = self.metadata.schema.relation_types.len();
        // Each epoch has a seed of its own, so that a resumed run sees what an uninterrupted one would have.
        let seed = self
            .config
            .seed
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .wrapping_add(epoch as u64);
        let mut dropout = Dropout::seeded(seed);
        let batches = batching::shuffled(&self.train.lengths(), training.batch, seed);
        let progress = progress_bar(batches.len(), &format!("epoch {epoch}/{}", training.epochs));
        let mut mean = MeanLosses::default();
        for (index, indices) in batches.iter().enumerate() {
            let (batch, gold) = self.train.batch(indices, self.device)?;
            let rates = self.config.dropout();
            let losses = loss::losses(
                &self.network,
                relation_types,
                &batch,
                &gold,
                rates,
                &mut dropout,
            )?;
            let total = match &losses.re {
                Some(re) => {
                    (&losses.ner
                        + (re.to_device(losses.ner.device())? * training.relation_weight)?)?
                }
                None => losses.ner.clone(),
            };
            let value = total.to_scalar::<f32>()?;
            if !value.is_finite() {
                return Err(TrainError::Diverged {
                    loss: value,
                    epoch,
                    step: index + 1,
                });
            }
            let factor = schedule.factor(state.progress.step);
            let norm = state.step(&total, factor, training.clip)?;
            mean.add(&losses, norm, batches.len())?;
            progress.inc(1);
        }
        progress.finish_and_clear();
        Ok(mean)
    }

    /// Dev predictions by the path that users' text takes, at the threshold that suits them best.
    fn evaluate(&self, parameters: &BTreeMap<String, Tensor>) -> Result<(f32, Report)> {
        let parameters: HashMap<String, Tensor> = parameters.clone().into_iter().collect();
        let vb = VarBuilder::from_tensors(parameters, DType::F32, self.device);
        let annotator = Annotator::new(self.metadata.clone(), self.vocabulary.as_deref(), vb)?;
        let predictions = evaluation::predict(&annotator, &self.dev, 16, 0.2)?;
        Ok(evaluation::tune_threshold(
            &self.dev,
            &predictions,
            &self.metadata.schema,
        )?)
    }

    /// Heads, and one group for each layer of the encoder; biases and norms do not decay.
    fn parameter_groups(&self) -> Vec<ParameterGroup> {
        let training = &self.config.training;
        let layers = self
            .metadata
            .network
            .encoder
            .as_ref()
            .map_or(0, |encoder| encoder.layers);
        let mut groups: BTreeMap<(String, bool), ParameterGroup> = BTreeMap::new();
        for (name, var) in self.vars.trainable() {
            let (group, learning_rate) = match name.strip_prefix(ENCODER) {
                None => ("heads".to_owned(), training.learning_rate),
                Some(name) => {
                    let layer = PretrainedEncoder::layer_of(name);
                    let decay = training
                        .layer_decay
                        .powi(layers.saturating_sub(layer) as i32);
                    (
                        format!("encoder {layer}"),
                        training.encoder_learning_rate * decay,
                    )
                }
            };
            let matrix = var.rank() > 1;
            let weight_decay = if matrix { training.weight_decay } else { 0. };
            let new = || ParameterGroup {
                name: group.clone(),
                learning_rate,
                weight_decay,
                vars: BTreeMap::new(),
            };
            groups
                .entry((group.clone(), matrix))
                .or_insert_with(new)
                .vars
                .insert(name, var);
        }
        groups.into_values().collect()
    }
}

/// Everything that changes in a run, and that a checkpoint keeps.
struct State {
    progress: Progress,
    optimizer: AdamW,
    average: Option<WeightAverage>,
}

impl State {
    /// Where the folder's last checkpoint left off, or a fresh start.
    fn new(run: &Run, folder: &RunFolder) -> Result<Self> {
        let average = match run.config.training.average {
            0. => None,
            decay => Some(WeightAverage::new(decay, run.vars.trainable())?),
        };
        let mut state = Self {
            progress: Progress {
                epoch: 0,
                step: 0,
                best_epoch: 0,
                best_score: 0.,
            },
            optimizer: AdamW::new(run.parameter_groups())?,
            average,
        };
        if folder.has_checkpoint() {
            let checkpoint = folder.read_last()?;
            run.vars.load(&checkpoint.weights)?;
            state.optimizer.load(&checkpoint.optimizer)?;
            if let Some(average) = &mut state.average {
                average.load(&checkpoint.averages)?;
            }
            folder.forget_after(checkpoint.progress.epoch)?;
            state.progress = checkpoint.progress;
        }
        Ok(state)
    }

    /// One step down the gradient of `loss`: the gradient's norm.
    fn step(&mut self, loss: &Tensor, factor: f64, clip: f64) -> Result<f64> {
        let norm = self.optimizer.step(&loss.backward()?, factor, Some(clip))?;
        if let Some(average) = &mut self.average {
            average.update(self.progress.step)?;
        }
        self.progress.step += 1;
        Ok(norm)
    }

    /// The parameters to be measured and shipped: the averages where there are any.
    fn parameters(&self, vars: &SeededVars) -> BTreeMap<String, Tensor> {
        match &self.average {
            Some(average) => average.over(vars.tensors()),
            None => vars.tensors(),
        }
    }

    fn checkpoint(&self, vars: &SeededVars) -> Result<Checkpoint> {
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

/// Means over an epoch's batches.
#[derive(Debug, Clone, Copy, Default)]
struct MeanLosses {
    ner: f64,
    re: f64,
    gradient_norm: f64,
}

impl MeanLosses {
    fn add(
        &mut self,
        losses: &Losses,
        gradient_norm: f64,
        batches: usize,
    ) -> candle_core::Result<()> {
        self.gradient_norm += gradient_norm / batches as f64;
        self.ner += f64::from(losses.ner.to_scalar::<f32>()?) / batches as f64;
        if let Some(re) = &losses.re {
            self.re += f64::from(re.to_scalar::<f32>()?) / batches as f64;
        }
        Ok(())
    }
}

fn progress_bar(length: usize, message: &str) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg:14} {wide_bar} {pos}/{len} {elapsed_precise} eta {eta}");
    ProgressBar::new(length as u64)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(message.to_owned())
}

fn folder_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn read_corpus(path: &Path, schema: Option<&LabelSchema>) -> Result<Vec<Sentence>> {
    let file = std::fs::File::open(path).map_err(|source| TrainError::io(path, source))?;
    let reader = jsonl::Reader::new(BufReader::new(file), path.display().to_string());
    Ok(match schema {
        Some(schema) => reader.check_against(schema).read_all()?,
        None => reader.read_all()?,
    })
}

/// Characters that occur in the training data, in order of code points.
fn alphabet(sentences: &[Sentence]) -> String {
    let words = sentences.iter().flat_map(|sentence| &sentence.tokens);
    words
        .flat_map(|word| word.chars())
        .collect::<BTreeSet<char>>()
        .into_iter()
        .collect()
}

/// Puts the parameters that the kept layers need where the network looks for them.
fn place_encoder(vars: &SeededVars, encoder: &PretrainedEncoder, config: &RunConfig) -> Result<()> {
    for (name, tensor) in &encoder.tensors {
        let table = name.starts_with("embeddings.") && name.ends_with("embeddings.weight");
        let kept = match PretrainedEncoder::layer_of(name) {
            0 => table || name.starts_with("embeddings.LayerNorm."),
            layer => layer <= config.encoder.layers,
        };
        if kept {
            let trainable =
                config.encoder.fine_tune && (!table || config.encoder.fine_tune_embeddings);
            vars.insert(&format!("{ENCODER}{name}"), tensor, trainable)?;
        }
    }
    Ok(())
}
