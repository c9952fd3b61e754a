//! Everything that a run needs before its first step: data, encoder, network.

use std::{borrow::Cow, collections::BTreeSet, path::Path};

use candle_core::Device;
use spanarc_corpus::{Dropped, Hyphens, Overlaps, Sentence};
use spanarc_model::{
    bundle::{BundleMetadata, Provenance, TrainingData},
    features::Featurizer,
    network::JointNetwork,
};

use crate::{
    auxiliary::{Auxiliary, AuxiliaryChoice, AuxiliaryCorpus, Head},
    config::{Keep, RunConfig},
    corpus::Corpus,
    corpus_files::readable,
    dataset::Dataset,
    error::{Result, TrainError},
    input_noise::NoiseRates,
    inputs::InputHashes,
    learnt_corpora,
    pretrained::{Pretrained, PretrainedEncoder, PretrainedPaths, WordCoverage},
    progress_bar::progress_bar,
    run_average::OtherRuns,
    seeded_vars::SeededVars,
    starting_weights::{StartingWeights, TakenOver},
};

/// Where the network keeps the encoder's parameters.
pub(crate) const ENCODER: &str = "embedding.encoder.";

/// The one parameter of the encoder that is ours.
const CASING: &str = "embeddings.casing_embeddings.weight";

/// What a run needs besides its configuration.
#[derive(Debug, Clone)]
pub struct RunInput {
    /// What it learns from.
    pub corpus: Corpus,
    /// Where the pretrained parts are that are used.
    pub pretrained: PretrainedPaths,
    /// Revision of the program, for provenance.
    pub git_revision: Option<String>,
}

/// A run that is ready to train: everything that stays the same through it.
#[derive(Debug)]
pub struct Run<'a> {
    pub(crate) config: &'a RunConfig,
    pub(crate) device: &'a Device,
    pub(crate) metadata: BundleMetadata,
    pub(crate) pretrained: Pretrained,
    pub(crate) vars: SeededVars,
    pub(crate) network: JointNetwork,
    pub(crate) train: Dataset,
    pub(crate) auxiliary: Vec<Auxiliary>,
    pub(crate) dev: &'a [Sentence],
    pub(crate) inputs: InputHashes,
    pub(crate) other_runs: OtherRuns,
    /// What was taken over of the bundle that the run starts from, if it does.
    pub taken_over: Option<TakenOver>,
    /// How many words of the data the word vectors know, if there are word vectors.
    pub word_coverage: Option<WordCoverage>,
    /// What the configuration had left out of the training part.
    pub dropped: Dropped,
}

impl<'a> Run<'a> {
    /// Reads the encoder, the auxiliary corpora and the bundles of other runs, and builds the network.
    pub fn prepare(config: &'a RunConfig, input: &'a RunInput, device: &'a Device) -> Result<Self> {
        let corpus = &input.corpus;
        let (sentences, dev) = parts(config, corpus)?;
        let schema = config.labels.clone().unwrap_or_else(|| corpus.schema());
        schema.validate()?;
        corpus.check(&schema)?;
        let hyphens = Hyphens::of(&sentences);
        let auxiliary = config
            .auxiliary
            .iter()
            .map(|choice| AuxiliaryCorpus::read(choice, &schema, hyphens))
            .collect::<Result<Vec<_>>>()?;
        let dev_name = format!("{} dev", corpus.name);
        let learns_dev = |one: &&AuxiliaryCorpus| {
            one.choice.head != Head::MaskedWords && learnt_corpora::holds(&one.name, &dev_name)
        };
        if !dev.is_empty()
            && let Some(auxiliary) = auxiliary.iter().find(learns_dev)
        {
            return Err(TrainError::LearntFromDev(auxiliary.name.clone()));
        }
        let start = (config.start_from.as_deref())
            .map(StartingWeights::read)
            .transpose()?;
        let other_runs = OtherRuns::read(config)?;
        let read = || {
            let auxiliary = auxiliary.iter().flat_map(AuxiliaryCorpus::annotated);
            auxiliary.chain(&*sentences)
        };
        let pretrained = Pretrained::read(config, &input.pretrained, read().chain(dev))?;
        if pretrained.elmo.is_some() && config.noise() != NoiseRates::default() {
            return Err(TrainError::NoiseWithElmo);
        }
        let masked = |choice: &AuxiliaryChoice| choice.head == Head::MaskedWords;
        let trains_encoder = pretrained.encoder.is_some() && config.encoder().fine_tune;
        if config.auxiliary.iter().any(masked) && !trains_encoder {
            return Err(TrainError::NothingPredictsMaskedWords);
        }
        let shape = config.network(&pretrained, alphabet(read()));
        shape.validate()?;

        let vars = SeededVars::new(config.seed, device);
        if let Some(encoder) = &pretrained.encoder {
            place_encoder(&vars, encoder, config)?;
        }
        pretrained.place_elmo_and_words(&vars, config)?;
        let (entity_types, relation_types) =
            (schema.entity_types.len(), schema.relation_types.len());
        let build = || JointNetwork::new(&shape, entity_types, relation_types, vars.var_builder());
        let mut network = build()?;
        if let Some(encoder) = &pretrained.encoder {
            check_encoder(&vars, encoder)?;
        }
        let (trainable, total) = vars.count();
        let taken_over = match (&start, &config.start_from) {
            (Some(start), Some(path)) => {
                let taken = start.place(&vars, &shape, &schema, pretrained.vocabularies())?;
                network = build()?;
                Some(start.report(path, taken, vars.tensors().keys()))
            }
            _ => None,
        };
        let featurizer = Featurizer::new(&shape, pretrained.vocabularies())?;
        let (sentences, dropped) = expressible(sentences, config.corpus.overlaps);
        let readable_in_lowercase =
            |data: Dataset, sentences: &[Sentence]| match config.training.case_dropout > 0. {
                true => data.with_lowercase(sentences, &featurizer),
                false => data,
            };
        let train = Dataset::new(&sentences, &schema, shape.scheme, &featurizer)?;
        let train = readable_in_lowercase(train, &sentences);
        let provenance_corpora =
            learnt_corpora::of_run(config, corpus, &auxiliary, start.as_ref(), &other_runs);
        let hashes = InputHashes::of_pretrained(&input.pretrained)?;
        let inputs = InputHashes::of(config, corpus, &auxiliary, &hashes)?;
        let auxiliary = auxiliary
            .iter()
            .enumerate()
            .map(|(index, corpus)| {
                let mut one =
                    Auxiliary::new(corpus, index, &schema, &shape, &network, &featurizer, &vars)?;
                if corpus.choice.head == Head::Main {
                    one.data = readable_in_lowercase(one.data, &corpus.sentences);
                }
                Ok(one)
            })
            .collect::<Result<Vec<_>>>()?;
        let provenance = Provenance {
            corpora: provenance_corpora,
            training_data: Some(TrainingData::of(&sentences)),
            started_from: start.map(|start| start.metadata.name),
            averaged_runs: match config.average_with.len() {
                0 => None,
                others => Some(others + 1),
            },
            encoder: input.pretrained.encoder.as_deref().map(file_name),
            elmo: input.pretrained.elmo.as_deref().map(file_name),
            words: input.pretrained.words.as_deref().map(file_name),
            seed: config.seed,
            git_revision: input.git_revision.clone(),
            ..Provenance::default()
        };
        let metadata = BundleMetadata {
            name: config.name.clone(),
            language: config.language.clone(),
            schema,
            network: shape,
            relation_threshold: config.training.relation_threshold.unwrap_or(0.5),
            calibration: None,
            hyphens,
            provenance,
            scores: Vec::new(),
            estimated_scores: Vec::new(),
            trainable_parameters: Some(trainable),
            total_parameters: Some(total),
        };
        let run = Self {
            config,
            device,
            metadata,
            word_coverage: pretrained.words.as_ref().map(|words| words.coverage),
            pretrained,
            vars,
            network,
            train,
            auxiliary,
            dev,
            inputs,
            taken_over,
            other_runs,
            dropped,
        };
        // Before hours of training, not after.
        let parameters = run.averaged(run.vars.tensors())?;
        run.bundle(&parameters, 0, None)?;
        Ok(run)
    }

    /// The network as it stands.
    pub fn network(&self) -> &JointNetwork {
        &self.network
    }

    /// Its parameters.
    pub fn vars(&self) -> &SeededVars {
        &self.vars
    }

    /// The training data.
    pub fn train_set(&self) -> &Dataset {
        &self.train
    }

    pub(crate) fn has_frozen_encoder(&self) -> bool {
        self.metadata.network.encoder.is_some() && !self.config.encoder().fine_tune
    }

    /// What a frozen encoder and ELMo say of a sentence is the same in every epoch.
    pub(crate) fn cache_frozen_states(&mut self) -> Result<()> {
        let frozen = self.has_frozen_encoder();
        if frozen || self.metadata.network.elmo.is_some() {
            let progress = progress_bar(self.train.len(), "encoding");
            self.train
                .cache_states(&self.network, frozen, self.device, |done| {
                    progress.inc(done as u64);
                })?;
            progress.finish_and_clear();
        }
        Ok(())
    }
}

/// The sentences to train on and those to choose by. Refuses a corpus without a dev part where something is to be
/// chosen by it, or it is to be trained on.
pub fn parts<'a>(
    config: &RunConfig,
    corpus: &'a Corpus,
) -> Result<(Cow<'a, [Sentence]>, &'a [Sentence])> {
    let training = &config.training;
    let name = || corpus.name.clone();
    if training.with_dev {
        if corpus.dev.is_empty() {
            return Err(TrainError::NothingToAdd { corpus: name() });
        }
        return Ok(([&*corpus.train, &*corpus.dev].concat().into(), &[]));
    }
    let chosen = match (training.keep, training.relation_threshold) {
        _ if !corpus.dev.is_empty() => None,
        (Keep::Best, _) => Some("the best epoch is chosen"),
        (Keep::Last, None) => Some("the relation threshold is tuned"),
        (Keep::Last, Some(_)) => None,
    };
    match chosen {
        Some(chosen) => Err(TrainError::NoDev {
            corpus: name(),
            chosen,
        }),
        None => Ok(((&corpus.train).into(), &corpus.dev)),
    }
}

/// Name of a file or folder, for provenance.
fn file_name(path: &Path) -> String {
    readable(path.file_name(), path)
}

/// The sentences as tags can express them, or as they are where that is to be an error.
fn expressible(
    mut sentences: Cow<'_, [Sentence]>,
    overlaps: Overlaps,
) -> (Cow<'_, [Sentence]>, Dropped) {
    let mut dropped = Dropped::default();
    if overlaps == Overlaps::Drop {
        for sentence in sentences.to_mut() {
            dropped += sentence.drop_overlaps();
        }
    }
    (sentences, dropped)
}

/// Characters that occur in the training data, in order of code points.
fn alphabet<'a>(sentences: impl Iterator<Item = &'a Sentence>) -> String {
    let words = sentences.flat_map(|sentence| &sentence.tokens);
    words
        .flat_map(|word| word.chars())
        .collect::<BTreeSet<char>>()
        .into_iter()
        .collect()
}

/// Puts the parameters that the kept layers need where the network looks for them.
fn place_encoder(vars: &SeededVars, encoder: &PretrainedEncoder, config: &RunConfig) -> Result<()> {
    let choice = config.encoder();
    for (name, tensor) in &encoder.tensors {
        if PretrainedEncoder::is_kept(name, choice.layers) {
            let table = PretrainedEncoder::is_table(name);
            let trainable = choice.fine_tune && (!table || choice.fine_tune_embeddings);
            vars.insert(&format!("{ENCODER}{name}"), tensor, trainable)?;
        }
    }
    Ok(())
}

/// A parameter that the network drew at random because the encoder's file does not hold it, or that the file holds and
/// the network does not know, is a sign of another architecture.
fn check_encoder(vars: &SeededVars, encoder: &PretrainedEncoder) -> Result<()> {
    let refuse = |reason: String| {
        let path = encoder.folder.join("model.safetensors");
        Err(TrainError::Encoder { path, reason })
    };
    let unused = vars.unused();
    if let Some(name) = unused.iter().find_map(|name| name.strip_prefix(ENCODER)) {
        let (name, kind) = (encoder.published_name(name), encoder.config.kind.name());
        return refuse(format!("`{name}` is no part of {kind}'s encoder"));
    }
    for name in vars.tensors().keys() {
        match name.strip_prefix(ENCODER) {
            Some(name) if !encoder.tensors.contains_key(name) && name != CASING => {
                return refuse(format!("lacks `{}`", encoder.published_name(name)));
            }
            _ => {}
        }
    }
    Ok(())
}
