//! Everything that a run needs before its first step: data, encoder, network.

use std::{collections::BTreeSet, path::PathBuf};

use candle_core::Device;
use spanarc_corpus::Sentence;
use spanarc_model::{
    bundle::{BundleMetadata, Provenance},
    features::Featurizer,
    network::JointNetwork,
};

use crate::{
    config::{Keep, RunConfig},
    corpus::Corpus,
    dataset::Dataset,
    error::{Result, TrainError},
    pretrained::PretrainedEncoder,
    progress_bar::progress_bar,
    seeded_vars::SeededVars,
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
    /// Folder of a pretrained encoder, if one is used.
    pub encoder: Option<PathBuf>,
    /// Revision of the checkout, for provenance.
    pub git_revision: Option<String>,
}

/// A run that is ready to train: everything that stays the same through it.
#[derive(Debug)]
pub struct Run<'a> {
    pub(crate) config: &'a RunConfig,
    pub(crate) device: &'a Device,
    pub(crate) metadata: BundleMetadata,
    pub(crate) vocabulary: Option<String>,
    pub(crate) vars: SeededVars,
    pub(crate) network: JointNetwork,
    pub(crate) train: Dataset,
    pub(crate) dev: &'a [Sentence],
}

impl<'a> Run<'a> {
    /// Reads the encoder and builds the network.
    pub fn prepare(config: &'a RunConfig, input: &'a RunInput, device: &'a Device) -> Result<Self> {
        let corpus = &input.corpus;
        check_dev(config, corpus)?;
        let schema = config.labels.clone().unwrap_or_else(|| corpus.schema());
        schema.validate()?;
        corpus.check(&schema)?;
        if config.encoder.is_some() && input.encoder.is_none() {
            return Err(TrainError::NoEncoder);
        }
        let encoder = input
            .encoder
            .as_deref()
            .map(PretrainedEncoder::read)
            .transpose()?;
        let shape = config.network(
            encoder.as_ref().map(|encoder| &encoder.config),
            alphabet(&corpus.train),
        );
        shape.validate()?;

        let vars = SeededVars::new(config.seed, device);
        if let Some(encoder) = &encoder {
            place_encoder(&vars, encoder, config)?;
        }
        let (entity_types, relation_types) =
            (schema.entity_types.len(), schema.relation_types.len());
        let network = JointNetwork::new(&shape, entity_types, relation_types, vars.var_builder())?;
        if let Some(encoder) = &encoder {
            check_encoder(&vars, encoder)?;
        }
        let (trainable, total) = vars.count();
        let vocabulary = encoder.as_ref().map(|encoder| encoder.vocabulary.clone());
        let featurizer = Featurizer::new(&shape, vocabulary.as_deref())?;
        let train = Dataset::new(&corpus.train, &schema, shape.scheme, &featurizer)?;
        let provenance = Provenance {
            corpora: vec![corpus.name.clone()],
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
            relation_threshold: config.training.relation_threshold.unwrap_or(0.5),
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
            dev: &corpus.dev,
        })
    }

    /// What a frozen encoder says of a sentence is the same in every epoch.
    pub(crate) fn cache_frozen_states(&mut self) -> Result<()> {
        if self.metadata.network.encoder.is_some() && !self.config.encoder().fine_tune {
            let progress = progress_bar(self.train.len(), "encoding");
            self.train
                .cache_states(&self.network, self.device, |done| progress.inc(done as u64))?;
            progress.finish_and_clear();
        }
        Ok(())
    }
}

/// Refuses a corpus without a dev part where something is to be chosen by it.
fn check_dev(config: &RunConfig, corpus: &Corpus) -> Result<()> {
    let training = &config.training;
    let chosen = match (training.keep, training.relation_threshold) {
        _ if !corpus.dev.is_empty() => return Ok(()),
        (Keep::Best, _) => "the best epoch is chosen",
        (Keep::Last, None) => "the relation threshold is tuned",
        (Keep::Last, Some(_)) => return Ok(()),
    };
    let corpus = corpus.name.clone();
    Err(TrainError::NoDev { corpus, chosen })
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
    let choice = config.encoder();
    for (name, tensor) in &encoder.tensors {
        let table = name.starts_with("embeddings.") && name.ends_with("embeddings.weight");
        let kept = match PretrainedEncoder::layer_of(name) {
            0 => table || name.starts_with("embeddings.LayerNorm."),
            layer => layer <= choice.layers,
        };
        if kept {
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
    if let Some(name) = vars.unused().first() {
        let name = name.trim_start_matches(ENCODER);
        return refuse(format!("`{name}` is no part of a BERT encoder"));
    }
    for name in vars.tensors().keys() {
        match name.strip_prefix(ENCODER) {
            Some(name) if !encoder.tensors.contains_key(name) && name != CASING => {
                return refuse(format!("lacks `{name}`"));
            }
            _ => {}
        }
    }
    Ok(())
}
