//! What a bundle says of itself besides its weights.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spanarc_corpus::{Hyphens, LabelSchema, Sentence};

use crate::{calibration::Calibration, config::NetworkConfig};

/// Everything but the weights and the vocabulary.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleMetadata {
    /// Name of the model.
    pub name: String,
    /// Language of the texts as a BCP 47 tag, such as `en`.
    pub language: String,
    /// Entity types, relation types and signatures.
    pub schema: LabelSchema,
    /// Shape of the network.
    pub network: NetworkConfig,
    /// Score from which a relation holds, in 0..=1; tuned on dev. Of calibrated scores, where they are.
    pub relation_threshold: f32,
    /// What makes probabilities of the network's scores; without it scores are the network's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// What the tokens that the weights were fitted to make of hyphenated words.
    #[serde(default, skip_serializing_if = "Hyphens::is_joined")]
    pub hyphens: Hyphens,
    /// Where the weights come from.
    pub provenance: Provenance,
    /// Scores measured with exactly these weights.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scores: Vec<MeasuredScores>,
    /// Scores of models that were trained as this one was, but on less; of use where these weights have learnt from
    /// everything that could measure them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub estimated_scores: Vec<EstimatedScores>,
    /// Number of weights that training changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trainable_parameters: Option<u64>,
    /// Number of weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_parameters: Option<u64>,
}

/// Where the weights of a bundle come from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Corpora that the weights were fitted to.
    pub corpora: Vec<String>,
    /// What the first of them held, if it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub training_data: Option<TrainingData>,
    /// Model whose weights training started from, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_from: Option<String>,
    /// Number of runs of which these weights are the mean, where it is more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub averaged_runs: Option<usize>,
    /// Pretrained encoder, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder: Option<String>,
    /// Pretrained ELMo, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elmo: Option<String>,
    /// File of word vectors, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// Seed of the run.
    pub seed: u64,
    /// Epochs until these weights.
    pub epochs: usize,
    /// Revision of the checkout that trained them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_revision: Option<String>,
    /// Anything a user of the model should know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// How much of what the weights were fitted to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainingData {
    /// Number of sentences.
    pub sentences: u64,
    /// Number of tokens.
    pub tokens: u64,
    /// Number of entities by type.
    pub entities: BTreeMap<String, u64>,
    /// Number of relations by type.
    pub relations: BTreeMap<String, u64>,
}

impl TrainingData {
    /// Counts.
    pub fn of(sentences: &[Sentence]) -> Self {
        let mut data = Self::default();
        for sentence in sentences {
            data.sentences += 1;
            data.tokens += sentence.tokens.len() as u64;
            for entity in &sentence.entities {
                *data.entities.entry(entity.kind.clone()).or_default() += 1;
            }
            for relation in &sentence.relations {
                *data.relations.entry(relation.kind.clone()).or_default() += 1;
            }
        }
        data
    }
}

/// Scores of other weights than the bundle's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EstimatedScores {
    /// Whose they are, such as `10-fold cross-validation on ADE`.
    pub source: String,
    /// Those of each model, such as one a fold.
    pub scores: Vec<MeasuredScores>,
}

/// Strict scores on one data set, in percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredScores {
    /// The data set, such as `CoNLL04 dev`.
    pub data: String,
    /// F1 over all entities.
    pub entity_micro_f1: f64,
    /// Mean F1 over entity types.
    pub entity_macro_f1: f64,
    /// F1 over all relations.
    pub relation_micro_f1: f64,
    /// Mean F1 over relation types.
    pub relation_macro_f1: f64,
}
