//! A document's annotations as formats of running text write them: one span a mention, and nothing that a person rejected.

use std::collections::HashMap;

use spanarc_document::{Byte, Id, Link, Mention, Span, State};

use crate::{
    annotated::Annotated,
    by_tokens::{describe_link, is_discontinuous},
    note::Note,
    writing::Notes,
};

/// A document's mentions and links.
pub(crate) struct SpanView<'a> {
    /// Mentions in text order.
    pub(crate) mentions: Vec<(&'a Mention, Span<Byte>)>,
    /// Links by identity, with head and tail as indices into the mentions.
    pub(crate) links: Vec<(&'a Link, usize, usize)>,
}

impl SpanView<'_> {
    /// Leaves out relations between two mentions of one type at one place, for formats that call mentions by these.
    pub(crate) fn tell_apart(&mut self, annotated: &Annotated, notes: &mut Notes<'_>) {
        let name = |index: usize| {
            let (mention, span) = &self.mentions[index];
            (&mention.kind, *span)
        };
        self.links.retain(|&(link, head, tail)| {
            let are_told_apart = name(head) != name(tail);
            if !are_told_apart {
                notes.add(Note::Relation, link.id, describe_link(annotated, link));
            }
            are_told_apart
        });
    }
}

/// Everything that fits one span. What a person rejected and mentions in several pieces are noted, with their links; pieces that
/// only white space parts are taken together.
pub(crate) fn by_spans<'a>(annotated: &'a Annotated, notes: &mut Notes<'_>) -> SpanView<'a> {
    let document = &annotated.document;
    let mut mentions = Vec::new();
    let mut index_of: HashMap<Id, usize> = HashMap::new();
    for mention in document.mentions() {
        let mut note = |note| notes.add(note, mention.id, annotated.describe(mention));
        if mention.state == State::Rejected {
            note(Note::Rejected);
            continue;
        }
        if is_discontinuous(document.text(), &mention.spans) {
            note(Note::DiscontinuousDropped);
            continue;
        }
        if mention.spans.as_slice().len() > 1 {
            note(Note::DiscontinuousCovered);
        }
        index_of.insert(mention.id, mentions.len());
        mentions.push((mention, mention.spans.extent()));
    }
    let mut links = Vec::new();
    for link in document.links() {
        let mut note = |note| notes.add(note, link.id, describe_link(annotated, link));
        match (index_of.get(&link.head), index_of.get(&link.tail)) {
            _ if link.state == State::Rejected => note(Note::Rejected),
            (Some(&head), Some(&tail)) => links.push((link, head, tail)),
            _ => note(Note::RelationOfDropped),
        }
    }
    SpanView { mentions, links }
}
