//! What a model says of an older text, put as the document takes it.

use std::sync::Arc;

use spanarc_document::{Answer, AnsweredLink, AnsweredMention, Byte, OffsetMap, Span, Utf16};
use spanarc_protocol::{ModelSummary, SentenceAnswer};

use crate::Schema;

/// An edit that a model's answer may not have seen; UTF-16 code units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unanswered {
    /// The revision that it led to.
    pub(super) revision: u32,
    pub(super) start: usize,
    pub(super) removed: usize,
    pub(super) inserted: usize,
}

impl Unanswered {
    /// Where `span` lies after the edit, unless that reached into it.
    pub(super) fn carry(self, span: Span<Utf16>) -> Option<Span<Utf16>> {
        if span.end <= self.start {
            return Some(span);
        }
        let end = self.start + self.removed;
        let moved = |at: usize| at - self.removed + self.inserted;
        (end <= span.start).then(|| Span::new(moved(span.start), moved(span.end)))
    }
}

/// The answer to a sentence that stands at `covers` and reads `words`, with the names that `schema` gives the types of `model`.
/// Nothing where it does not fit the sentence.
pub(super) fn answer_at(
    covers: Span<Byte>,
    words: &str,
    sentence: &SentenceAnswer,
    name: &Arc<str>,
    model: &ModelSummary,
    schema: &Schema,
) -> Option<Answer> {
    let inside = OffsetMap::new(words);
    let mut mentions = Vec::with_capacity(sentence.entities.len());
    // The place of each entity among those that the schema has a type for.
    let mut places = Vec::with_capacity(sentence.entities.len());
    for entity in &sentence.entities {
        let label = model.entity_types.get(entity.entity_type)?;
        let span = Span::<Utf16>::new(entity.start, entity.end);
        let span = inside.to_byte(span).ok()?.shifted(covers.start);
        let kind = schema.entity_type(&label.name);
        places.push(kind.is_some().then_some(mentions.len()));
        mentions.extend(kind.map(|kind| AnsweredMention {
            kind,
            span,
            score: entity.score,
        }));
    }
    let mut links = Vec::with_capacity(sentence.relations.len());
    for relation in &sentence.relations {
        let label = model.relation_types.get(relation.relation_type)?;
        let (head, tail) = (*places.get(relation.head)?, *places.get(relation.tail)?);
        let kind = schema.relation_type(&label.name);
        let (Some(kind), Some(head), Some(tail)) = (kind, head, tail) else {
            continue;
        };
        let ends = (&mentions[head].kind, &mentions[tail].kind);
        if (schema.check_signature(&kind, ends.0, ends.1)).is_ok() {
            links.push(AnsweredLink {
                kind,
                head,
                tail,
                score: relation.score,
            });
        }
    }
    Some(Answer {
        model: name.clone(),
        covers,
        mentions,
        links,
    })
}
