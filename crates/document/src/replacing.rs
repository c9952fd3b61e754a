//! What it takes to put another document in the place of this one.

use std::collections::HashMap;

use crate::{Change, Document, Id, Link, Mention, span::Span};

impl Document {
    /// The changes after which this document has text, annotations and notes of `other`. Its annotations get identities that
    /// no annotation here has had, in the same order.
    pub fn changes_to(&self, other: &Self) -> Vec<Change> {
        let mut changes: Vec<Change> = self
            .links()
            .iter()
            .map(|link| Change::RemoveLink(link.id))
            .collect();
        changes.extend(
            self.mentions()
                .iter()
                .map(|mention| Change::RemoveMention(mention.id)),
        );
        if self.text() != other.text() {
            changes.push(Change::ReplaceText {
                span: Span::new(0, self.text().len()),
                with: other.text().clone(),
            });
        }
        if self.notes() != other.notes() {
            changes.push(Change::SetNotes(other.notes().clone()));
        }
        let mut fresh = (self.fresh_id().0..).map(Id);
        let mentions: HashMap<Id, Id> = (other.mentions().iter())
            .map(|mention| mention.id)
            .zip(&mut fresh)
            .collect();
        changes.extend(other.mentions().iter().map(|mention| {
            Change::InsertMention(Mention {
                id: mentions[&mention.id],
                ..mention.clone()
            })
        }));
        changes.extend(other.links().iter().zip(fresh).map(|(link, id)| {
            Change::InsertLink(Link {
                id,
                head: mentions[&link.head],
                tail: mentions[&link.tail],
                ..link.clone()
            })
        }));
        changes
    }
}
