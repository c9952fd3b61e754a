//! Pre-tokenised sentences with gold or predicted annotations.

use serde::{Deserialize, Serialize};

use crate::span::{Span, Token};

/// An entity mention of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// Name of the entity type.
    #[serde(rename = "type")]
    pub kind: String,
    /// The tokens covered.
    #[serde(flatten)]
    pub span: Span<Token>,
}

/// A directed relation between two entities of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Relation {
    /// Name of the relation type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Index of the head in the sentence's entities.
    pub head: usize,
    /// Index of the tail in the sentence's entities.
    pub tail: usize,
}

/// A pre-tokenised sentence: one line of a corpus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Identifier, unique in its corpus.
    pub id: String,
    /// The words.
    pub tokens: Vec<String>,
    /// Entity mentions, in the order of the corpus.
    pub entities: Vec<Entity>,
    /// Relations between them.
    pub relations: Vec<Relation>,
}
