//! The primitive changes of a document, each with an exact inverse.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    Attributes, Document, Edit, Id, Link, Mention, Origin, State,
    offsets::OffsetError,
    span::{Byte, Span},
};

/// One step that a document can take and take back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Replaces text. Spans before `span` stay, spans after it move, and spans that reach beyond it on both sides
    /// stretch; it may cut none.
    ReplaceText {
        /// What goes, in bytes.
        span: Span<Byte>,
        /// What comes.
        with: Arc<str>,
    },
    /// Adds a mention under an identity that is free.
    InsertMention(Mention),
    /// Removes a mention that has no links.
    RemoveMention(Id),
    /// Replaces the mention of the same identity.
    SetMention(Mention),
    /// Adds a link under an identity that is free.
    InsertLink(Link),
    /// Removes a link.
    RemoveLink(Id),
    /// Replaces the link of the same identity.
    SetLink(Link),
    /// Replaces what is said of the whole.
    SetNotes(Attributes),
}

/// Why a document cannot take a change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// A span that is not one of the text's.
    #[error(transparent)]
    Offset(#[from] OffsetError),
    /// No mention has this identity.
    #[error("there is no mention {0}")]
    NoMention(Id),
    /// No link has this identity.
    #[error("there is no link {0}")]
    NoLink(Id),
    /// Neither a mention nor a link has this identity.
    #[error("there is no mention or link {0}")]
    NoAnnotation(Id),
    /// An annotation has this identity already.
    #[error("identity {0} is taken")]
    IdTaken(Id),
    /// A link from this mention to itself.
    #[error("a link cannot join mention {0} to itself")]
    SelfLink(Id),
    /// A link to or from this mention, which is rejected.
    #[error("a link cannot join mention {0}, which is rejected")]
    RejectedEnd(Id),
    /// This mention has links, which would dangle.
    #[error("mention {0} has links")]
    HasLinks(Id),
    /// A replacement of text that removes the first or last byte of this mention's spans.
    #[error("the replacement cuts mention {0}")]
    Cuts(Id),
    /// The score of this annotation is infinite or not a number.
    #[error("the score of {0} is not finite")]
    Score(Id),
}

impl Change {
    /// Where the change replaces text; nothing when it does not.
    pub fn edit(&self) -> Option<Edit> {
        match self {
            Self::ReplaceText { span, with } => Some(Edit {
                start: span.start,
                removed: span.len(),
                inserted: with.len(),
            }),
            _ => None,
        }
    }
}

impl Document {
    /// Takes one change and gives the change that takes it back. On an error the document is as before.
    pub fn apply(&mut self, change: Change) -> Result<Change, ChangeError> {
        match change {
            Change::ReplaceText { span, with } => self.replace_text(span, &with),
            Change::InsertMention(mention) => {
                self.check_free(mention.id)?;
                self.check_mention(&mention)?;
                let id = mention.id;
                self.note_id(id);
                self.mentions.insert(mention);
                Ok(Change::RemoveMention(id))
            }
            Change::RemoveMention(id) => {
                self.check_unlinked(id)?;
                let removed = self.mentions.remove(id);
                Ok(Change::InsertMention(
                    removed.ok_or(ChangeError::NoMention(id))?,
                ))
            }
            Change::SetMention(mention) => {
                self.check_mention(&mention)?;
                if mention.state == State::Rejected {
                    self.check_unlinked(mention.id)?;
                }
                let id = mention.id;
                let replaced = self.mentions.replace(mention);
                Ok(Change::SetMention(
                    replaced.ok_or(ChangeError::NoMention(id))?,
                ))
            }
            Change::InsertLink(link) => {
                self.check_free(link.id)?;
                self.check_link(&link)?;
                let id = link.id;
                self.note_id(id);
                let place = self.links.partition_point(|other| other.id < id);
                self.links.insert(place, link);
                Ok(Change::RemoveLink(id))
            }
            Change::RemoveLink(id) => {
                let place = self.link_place(id)?;
                Ok(Change::InsertLink(self.links.remove(place)))
            }
            Change::SetLink(link) => {
                let place = self.link_place(link.id)?;
                self.check_link(&link)?;
                Ok(Change::SetLink(std::mem::replace(
                    &mut self.links[place],
                    link,
                )))
            }
            Change::SetNotes(notes) => {
                Ok(Change::SetNotes(std::mem::replace(&mut self.notes, notes)))
            }
        }
    }

    /// Takes all changes one after another, and gives the changes that take them back, in the order in which to apply
    /// them. On an error the document is as before.
    pub fn apply_all(
        &mut self,
        changes: impl IntoIterator<Item = Change>,
    ) -> Result<Vec<Change>, ChangeError> {
        let mut inverses = self.apply_each(changes)?;
        inverses.reverse();
        Ok(inverses)
    }

    /// Like [`apply_all`](Self::apply_all), with the inverses in the order of the changes: the last one comes off
    /// first.
    pub(crate) fn apply_each(
        &mut self,
        changes: impl IntoIterator<Item = Change>,
    ) -> Result<Vec<Change>, ChangeError> {
        let mut inverses = Vec::new();
        for change in changes {
            match self.apply(change) {
                Ok(inverse) => inverses.push(inverse),
                Err(error) => {
                    for inverse in inverses.into_iter().rev() {
                        let undone = self.apply(inverse);
                        debug_assert!(undone.is_ok(), "an inverse does not apply: {undone:?}");
                    }
                    return Err(error);
                }
            }
        }
        Ok(inverses)
    }

    fn replace_text(&mut self, span: Span<Byte>, with: &str) -> Result<Change, ChangeError> {
        self.check_span(span)?;
        let edit = Edit {
            start: span.start,
            removed: span.len(),
            inserted: with.len(),
        };
        self.mentions.stretch(edit).map_err(ChangeError::Cuts)?;
        let inverse = Change::ReplaceText {
            span: edit.inserted_span(),
            with: self.text[span.start..span.end].into(),
        };
        self.text = self.replaced(span, with).into();
        Ok(inverse)
    }

    /// The text with `span`, which is one of the text's, replaced.
    pub(crate) fn replaced(&self, span: Span<Byte>, with: &str) -> String {
        [&self.text[..span.start], with, &self.text[span.end..]].concat()
    }

    pub(crate) fn check_mention(&self, mention: &Mention) -> Result<(), ChangeError> {
        check_score(mention.id, &mention.origin)?;
        for span in mention.spans.iter() {
            self.check_span(span)?;
        }
        Ok(())
    }

    pub(crate) fn check_link(&self, link: &Link) -> Result<(), ChangeError> {
        check_score(link.id, &link.origin)?;
        if link.head == link.tail {
            return Err(ChangeError::SelfLink(link.head));
        }
        for end in [link.head, link.tail] {
            let mention = self.mention(end).ok_or(ChangeError::NoMention(end))?;
            if mention.state == State::Rejected {
                return Err(ChangeError::RejectedEnd(end));
            }
        }
        Ok(())
    }

    fn check_free(&self, id: Id) -> Result<(), ChangeError> {
        if self.has(id) {
            return Err(ChangeError::IdTaken(id));
        }
        Ok(())
    }

    fn check_unlinked(&self, id: Id) -> Result<(), ChangeError> {
        if self.links_of(id).next().is_some() {
            return Err(ChangeError::HasLinks(id));
        }
        Ok(())
    }

    fn link_place(&self, id: Id) -> Result<usize, ChangeError> {
        self.links
            .binary_search_by_key(&id, |link| link.id)
            .map_err(|_| ChangeError::NoLink(id))
    }
}

fn check_score(id: Id, origin: &Origin) -> Result<(), ChangeError> {
    match origin {
        Origin::Model { score, .. } if !score.is_finite() => Err(ChangeError::Score(id)),
        _ => Ok(()),
    }
}
