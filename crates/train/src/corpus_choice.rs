//! The table `[corpus]` of a configuration: how a corpus is taken.

use serde::{Deserialize, Serialize};
use spanarc_corpus::Overlaps;

/// How a corpus is taken.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CorpusChoice {
    /// What becomes of entities to train on that overlap.
    pub overlaps: Overlaps,
}
