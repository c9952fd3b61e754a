//! What a run came to, in one small file.

use serde::{Deserialize, Serialize};
use spanarc_model::bundle::MeasuredScores;

use crate::inputs::InputHashes;

/// The content of `summary.json`.
///
/// It is written when training ends and covers the epochs of every part of an interrupted run. A run that was killed has
/// none until it is resumed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunSummary {
    /// Version of this file's format: [`RunSummary::FORMAT`].
    pub format: u32,
    /// Name of the model.
    pub name: String,
    /// Seed of initialisation, shuffling and dropout.
    pub seed: u64,
    /// Revision of the program that trained it, if it was built in a checkout.
    pub git_revision: Option<String>,
    /// Names of the corpora that it was fitted to; the one that the scores are of comes first.
    pub corpora: Vec<String>,
    /// All that it learnt from.
    #[serde(default, alias = "corpus_sha256")]
    pub inputs_sha256: InputHashes,
    /// Pretrained encoder, by name.
    pub encoder: Option<String>,
    /// Where it ran: `cpu`, `cuda:0`.
    pub device: String,
    /// Number of weights that training changed.
    pub trainable_parameters: u64,
    /// Number of weights.
    pub total_parameters: u64,
    /// Epochs trained.
    pub epochs: usize,
    /// Whether it was told to stop before its end, so that there is more to come.
    #[serde(default)]
    pub paused: bool,
    /// Epoch whose weights are in the bundle, from 1; 0 while there is none.
    pub best_epoch: usize,
    /// The bundle's relation threshold, in 0..=1.
    pub relation_threshold: f32,
    /// Time of all epochs, with their evaluations.
    pub seconds: f64,
    /// Training sentences a second, without evaluation.
    pub sentences_per_second: f64,
    /// Scores of the bundle, strict, in percent; none where it was not measured.
    pub scores: Vec<MeasuredScores>,
}

impl RunSummary {
    /// The version that is written and read.
    pub const FORMAT: u32 = 1;
}

/// Reads what [`RunFolder::write_summary`](super::RunFolder::write_summary) wrote.
pub(super) fn parse(text: &str) -> Result<RunSummary, String> {
    // The version first, since another one may have other fields.
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    let Version { format } = serde_json::from_str(text).map_err(|error| error.to_string())?;
    if format != RunSummary::FORMAT {
        let known = RunSummary::FORMAT;
        return Err(format!("is of format {format}; this program reads {known}"));
    }
    serde_json::from_str(text).map_err(|error| error.to_string())
}
