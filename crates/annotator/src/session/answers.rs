//! What a model says of an older text, merged into the document.

use std::sync::Arc;

use spanarc_document::{Answer, AnsweredLink, AnsweredMention, Byte, OffsetMap, Span, Utf16};
use spanarc_protocol::{AnnotationsReply, ModelSummary, SentenceAnswer};

use super::Session;
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
    fn carry(self, span: Span<Utf16>) -> Option<Span<Utf16>> {
        if span.end <= self.start {
            return Some(span);
        }
        let end = self.start + self.removed;
        let moved = |at: usize| at - self.removed + self.inserted;
        (end <= span.start).then(|| Span::new(moved(span.start), moved(span.end)))
    }
}

impl Session {
    /// Merges what a model says of an earlier state of the text: sentences that edits have touched since are left out, for
    /// they will be answered anew. Whether anything changed.
    pub(crate) fn answered(&mut self, reply: &AnnotationsReply, model: &ModelSummary) -> bool {
        while (self.unanswered.front()).is_some_and(|edit| edit.revision <= reply.revision) {
            self.unanswered.pop_front();
        }
        let name: Arc<str> = model.name.as_str().into();
        let mut changed = false;
        for sentence in &reply.sentences {
            let Some(answer) = self.answer(sentence, &name, model) else {
                continue;
            };
            changed |= (self.editor.answer(&answer)).is_ok_and(|changes| !changes.is_empty());
        }
        self.version += u64::from(changed);
        changed
    }

    /// Takes all suggestions away: another model is to speak.
    pub(crate) fn forget_suggestions(&mut self) {
        let nothing = Answer {
            model: Arc::from(""),
            covers: Span::new(0, self.document().text().len()),
            mentions: Vec::new(),
            links: Vec::new(),
        };
        // Covers the text, and names nothing that could be amiss.
        let _ = self.editor.answer(&nothing);
        self.version += 1;
    }

    /// What a sentence's answer says of the text as it is now.
    fn answer(
        &self,
        sentence: &SentenceAnswer,
        name: &Arc<str>,
        model: &ModelSummary,
    ) -> Option<Answer> {
        let asked = Span::new(sentence.start, sentence.end);
        let present = (self.unanswered.iter()).try_fold(asked, |span, edit| edit.carry(span))?;
        let covers = self.offsets.to_byte(present).ok()?;
        let words = self.document().text().get(covers.start..covers.end)?;
        answer_at(covers, words, sentence, name, model, &self.schema)
    }
}

/// The answer to a sentence that stands at `covers` and reads `words`, with the names that `schema` gives the types of `model`.
/// Nothing where it does not fit the sentence.
fn answer_at(
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
