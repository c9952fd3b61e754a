//! What is recorded of an epoch.

use serde::{Deserialize, Serialize};
use spanarc_model::bundle::MeasuredScores;

/// One line of `metrics.jsonl`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EpochMetrics {
    /// Counted from 1.
    pub epoch: usize,
    /// Time of the epoch with its evaluation.
    pub seconds: f64,
    /// The part of it that training took.
    /// 0 in records older than this field.
    #[serde(default)]
    pub training_seconds: f64,
    /// Mean training loss a sentence: NER + λ · RE.
    pub loss: f64,
    /// Mean negative log-likelihood of the tags a sentence.
    pub ner_loss: f64,
    /// Mean binary cross-entropy of the relations a sentence, without λ.
    pub re_loss: f64,
    /// Mean negative log-likelihood of the tags a sentence, or of its masked pieces, of each auxiliary corpus.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub auxiliary_losses: Vec<f64>,
    /// Mean gradient norm a step, before clipping.
    pub gradient_norm: f64,
    /// The schedule's factor of every learning rate, at the end of the epoch.
    pub learning_rate_factor: f64,
    /// Scores on dev, in percent, at this threshold; none where dev was not measured after this epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dev: Option<MeasuredScores>,
    /// The relation threshold of the configuration, or the one that was best on dev; none where neither is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation_threshold: Option<f32>,
    /// Whether this epoch's weights took the place of those kept before: it was the best so far, or it was the last and
    /// that is the one to be kept.
    pub best: bool,
}

/// Reads JSON lines. An unfinished last line is left out; any other malformed one is an error that names its number.
pub(super) fn parse(text: &str) -> Result<Vec<EpochMetrics>, String> {
    let complete = text.rfind('\n').map_or("", |end| &text[..end]);
    let line = |(index, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| format!("line {}: {error}", index + 1))
    };
    complete.lines().enumerate().map(line).collect()
}
