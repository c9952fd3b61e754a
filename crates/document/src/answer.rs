//! What a model says of a stretch of text.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::span::{Byte, Span};

/// Everything that a model finds in one stretch of a document's text, a sentence or the whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The model's name.
    pub model: Arc<str>,
    /// The stretch that the answer speaks for, in bytes of the document's text.
    pub covers: Span<Byte>,
    /// The mentions in it.
    pub mentions: Vec<AnsweredMention>,
    /// The links between these mentions.
    pub links: Vec<AnsweredLink>,
}

/// A mention that a model found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnsweredMention {
    /// Name of the entity type.
    pub kind: Arc<str>,
    /// Where it is, in bytes of the document's text.
    pub span: Span<Byte>,
    /// The model's score.
    pub score: f32,
}

/// A link that a model found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnsweredLink {
    /// Name of the relation type.
    pub kind: Arc<str>,
    /// Index of the head in the answer's mentions.
    pub head: usize,
    /// Index of the tail in the answer's mentions.
    pub tail: usize,
    /// The model's score.
    pub score: f32,
}
