//! What the folds came to, and their means.

use std::path::Path;

use serde::{Deserialize, Serialize};
use spanarc_corpus::Dropped;
use spanarc_model::bundle::MeasuredScores;

use super::{malformed, read_json};
use crate::{error::Result, inputs::InputHashes, statistics::ScoreStatistics};

/// A fold's scores on its test part, strict, in percent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoldScores {
    /// The fold, from 0.
    pub fold: usize,
    /// Sentences trained on.
    pub train_sentences: usize,
    /// Sentences tested on.
    pub test_sentences: usize,
    /// What it learnt from and was tested on.
    #[serde(default, alias = "sentences_sha256")]
    pub inputs_sha256: InputHashes,
    /// What was left out of training because tags cannot express it.
    pub dropped: Dropped,
    /// Nothing left out of the test part.
    pub everything: MeasuredScores,
    /// Overlaps left out, see [`spanarc_corpus::scoring::Scorer::without_overlaps`].
    pub without_overlaps: MeasuredScores,
}

/// The content of `cross-validation.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// Version of this file's format: [`Scores::FORMAT`].
    pub format: u32,
    /// Name of the model.
    pub name: String,
    /// The corpus.
    pub data: String,
    /// Seed of every fold's run.
    pub seed: u64,
    /// Folds that there are.
    pub fold_count: usize,
    /// Those measured so far.
    pub folds: Vec<FoldScores>,
    /// Mean over these folds, nothing left out of the test parts.
    pub everything: Option<ScoreStatistics>,
    /// Mean over these folds, overlaps left out.
    pub without_overlaps: Option<ScoreStatistics>,
}

/// A way of scoring the folds.
#[derive(Debug, Clone, Copy)]
pub struct Scoring {
    /// What sets it apart, to be put behind the name of the data; empty where there is no other.
    pub remark: &'static str,
    /// A fold's scores.
    pub of: fn(&FoldScores) -> &MeasuredScores,
    /// Over the folds measured so far; none before the first.
    pub mean: Option<ScoreStatistics>,
}

impl Scores {
    /// The version that is written and read.
    pub const FORMAT: u32 = 1;

    /// Of these folds out of `fold_count`.
    pub(crate) fn of(
        name: &str,
        data: &str,
        seed: u64,
        fold_count: usize,
        folds: Vec<FoldScores>,
    ) -> Self {
        let over = |scores: fn(&FoldScores) -> &MeasuredScores| {
            ScoreStatistics::of(&folds.iter().map(scores).cloned().collect::<Vec<_>>())
        };
        Self {
            format: Self::FORMAT,
            name: name.to_owned(),
            data: data.to_owned(),
            seed,
            fold_count,
            everything: over(|fold| &fold.everything),
            without_overlaps: over(|fold| &fold.without_overlaps),
            folds,
        }
    }

    /// Both ways of scoring; one where nothing overlaps, so that they are the same.
    pub fn scorings(&self) -> Vec<Scoring> {
        let with = Scoring {
            remark: ", with overlap",
            of: |fold| &fold.everything,
            mean: self.everything,
        };
        let without = Scoring {
            remark: ", no overlap",
            of: |fold| &fold.without_overlaps,
            mean: self.without_overlaps,
        };
        if self.everything == self.without_overlaps {
            vec![Scoring { remark: "", ..with }]
        } else {
            vec![with, without]
        }
    }

    /// Reads a file.
    pub fn read(path: &Path) -> Result<Self> {
        let scores: Self =
            read_json(path)?.ok_or_else(|| malformed(path, "there is no such file".into()))?;
        if scores.format == Self::FORMAT {
            Ok(scores)
        } else {
            let reason = format!(
                "is of format {}; this program reads {}",
                scores.format,
                Self::FORMAT
            );
            Err(malformed(path, reason))
        }
    }
}
