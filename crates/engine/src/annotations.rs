//! The engine's results.

use spanarc_corpus::{Byte, Span};

/// An entity in a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FoundEntity {
    /// Index into the schema's entity types.
    pub entity_type: usize,
    /// Where it is.
    pub span: Span<Byte>,
    /// Probability of this span and type, in 0..=1.
    pub score: f32,
}

/// A directed relation between two entities of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FoundRelation {
    /// Index into the schema's relation types.
    pub relation_type: usize,
    /// Index into [`Annotations::entities`].
    pub head: usize,
    /// Index into [`Annotations::entities`].
    pub tail: usize,
    /// Score in 0..=1.
    pub score: f32,
}

/// Entities and relations of a text or of a sentence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Annotations {
    /// Entities in text order, never overlapping.
    pub entities: Vec<FoundEntity>,
    /// Relations by head, then tail, then type.
    pub relations: Vec<FoundRelation>,
}

impl Annotations {
    /// Adds those of a sentence that starts at byte `start`, except relations scored below `threshold`.
    pub(crate) fn append(&mut self, sentence: &Annotations, start: usize, threshold: f32) {
        let first = self.entities.len();
        self.entities
            .extend(sentence.entities.iter().map(|entity| FoundEntity {
                span: entity.span.shifted(start),
                ..*entity
            }));
        self.relations.extend(
            sentence
                .relations
                .iter()
                .filter(|relation| relation.score >= threshold)
                .map(|relation| FoundRelation {
                    head: first + relation.head,
                    tail: first + relation.tail,
                    ..*relation
                }),
        );
    }
}
