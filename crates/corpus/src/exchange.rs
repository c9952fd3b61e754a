//! Annotated text as it leaves Spanarc: the JSON that the command line prints and the page copies and saves.

use serde::Serialize;

/// A text with its annotations.
#[derive(Debug, Clone, Serialize)]
pub struct AnnotatedText<'a> {
    /// What the source calls the document, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<serde_json::Value>,
    /// The text, whole.
    pub text: &'a str,
    /// Unit of the offsets, where the reader cannot know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offsets: Option<&'a str>,
    /// Name of the model, where the reader cannot know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<&'a str>,
    /// Entities in text order.
    pub entities: Vec<AnnotatedEntity<'a>>,
    /// Relations between them.
    pub relations: Vec<AnnotatedRelation<'a>>,
}

/// An entity of a text.
#[derive(Debug, Clone, Serialize)]
pub struct AnnotatedEntity<'a> {
    /// Name of the entity type.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// Offset of its start, in the unit agreed on.
    pub start: usize,
    /// Offset after its end.
    pub end: usize,
    /// The text covered.
    pub text: &'a str,
    /// Probability in 0..=1.
    pub score: f32,
}

/// A directed relation of a text.
#[derive(Debug, Clone, Serialize)]
pub struct AnnotatedRelation<'a> {
    /// Name of the relation type.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// Index of the head among the entities.
    pub head: usize,
    /// Index of the tail among the entities.
    pub tail: usize,
    /// Score in 0..=1.
    pub score: f32,
}
