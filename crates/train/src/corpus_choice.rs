//! The table `[corpus]` of a configuration: where the parts of a corpus lie and how they are read.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use spanarc_corpus::{
    Discontinuous, Format, Hyphens, Overlaps, ReadingRules, SentenceRules, Suggestions,
};
use spanarc_formats::columns::TagDialect;

/// Where the parts of a corpus lie and how they are read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CorpusChoice {
    /// Format of the files; told by their first lines when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// File or folder of the training part, from the corpus' folder; what is called `train` there when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train: Option<PathBuf>,
    /// The same of the dev part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dev: Option<PathBuf>,
    /// Share of the training part that becomes the dev part of a corpus without one; 0 for none.
    pub dev_share: f64,
    /// What becomes of entities to train on that overlap.
    pub overlaps: Overlaps,
    /// What becomes of entities in several pieces.
    pub discontinuous: Discontinuous,
    /// What becomes of a model's suggestions that nobody has accepted.
    pub suggestions: Suggestions,
    /// Whether running text, which some formats hold in place of tokens, is split at hyphens between letters.
    pub hyphens: Hyphens,
    /// How the tags of columns are meant.
    pub tags: TagDialect,
    /// Column of the words, from 1; when absent the first, or the second where the first numbers the rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub word_column: Option<usize>,
    /// Column of the tags, from 1; the last when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag_column: Option<usize>,
}

impl CorpusChoice {
    /// What readers are told.
    pub fn rules(&self) -> SentenceRules {
        SentenceRules {
            reading: ReadingRules {
                tags: self.tags,
                word_column: self.word_column,
                tag_column: self.tag_column,
            },
            discontinuous: self.discontinuous,
            suggestions: self.suggestions,
        }
    }
}
