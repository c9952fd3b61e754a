//! What a person does to a document, resolved into the primitive changes that it takes.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    Attributes, Change, ChangeError, Document, Id, Link, Mention, Origin, Spans, State, carrying,
    span::{Byte, Span},
};

/// One thing that a person does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Replaces text, in bytes; mentions are carried along (see [`Document::changes_for`]).
    ReplaceText {
        /// What goes.
        span: Span<Byte>,
        /// What comes.
        with: Arc<str>,
    },
    /// Adds a mention, or accepts the one of the same kind and spans.
    AddMention {
        /// Name of the entity type.
        kind: Arc<str>,
        /// Where it is.
        spans: Spans,
    },
    /// Removes a mention and its links.
    RemoveMention(Id),
    /// Gives a mention another kind.
    RelabelMention {
        /// The mention.
        id: Id,
        /// Name of the new entity type.
        kind: Arc<str>,
    },
    /// Gives a mention other spans.
    MoveMention {
        /// The mention.
        id: Id,
        /// Where it is from now on.
        spans: Spans,
    },
    /// Adds a link, or accepts the one of the same kind and ends. Accepts suggested ends.
    AddLink {
        /// Name of the relation type.
        kind: Arc<str>,
        /// The mention it starts from.
        head: Id,
        /// The mention it leads to.
        tail: Id,
    },
    /// Removes a link.
    RemoveLink(Id),
    /// Gives a link another kind. Accepts suggested ends.
    RelabelLink {
        /// The link.
        id: Id,
        /// Name of the new relation type.
        kind: Arc<str>,
    },
    /// Accepts a mention, or a link with its suggested ends.
    Accept(Id),
    /// Rejects a link, or a mention, whose links then go. What a person made goes instead.
    Reject(Id),
}

impl Document {
    /// The changes that `command` takes; none where it changes nothing. [`apply_all`](Self::apply_all) takes them.
    /// Errors when the command names an annotation or a span that is not the document's, links a mention with itself
    /// or links a rejected mention.
    ///
    /// A replacement of text treats each span of a mention so:
    /// - What lies before or after it stays whole; an insertion at a boundary is outside.
    /// - Inside it, the span grows or shrinks. New letters in place of the first or last ones belong to it too.
    /// - Over one of its boundaries, the span keeps what is left of it.
    /// - Over all of it, the span goes; so does a mention without spans, or with white space only.
    /// - A rejected mention goes when the replacement reaches into it: its words no longer stand.
    /// - A suggestion goes when it comes to cover the same as another mention of its kind.
    ///
    /// A mention that gets another kind or other spans is the person's from then on, and takes the place of
    /// suggestions and rejected mentions of the same kind and spans; likewise a link that gets another kind.
    pub fn changes_for(&self, command: &Command) -> Result<Vec<Change>, ChangeError> {
        if let Command::ReplaceText { span, with } = command {
            return carrying::replace_text(self, *span, with);
        }
        let mut plan = Plan::new(self);
        match command {
            Command::ReplaceText { .. } => {}
            Command::AddMention { kind, spans } => plan.add_mention(kind, spans)?,
            Command::RemoveMention(id) => plan.remove_mention(*id)?,
            Command::RelabelMention { id, kind } => {
                let mention = plan.mention(*id)?;
                plan.revise_mention(Mention {
                    kind: kind.clone(),
                    ..mention
                })?;
            }
            Command::MoveMention { id, spans } => {
                let mention = plan.mention(*id)?;
                plan.revise_mention(Mention {
                    spans: spans.clone(),
                    ..mention
                })?;
            }
            Command::AddLink { kind, head, tail } => plan.add_link(kind, *head, *tail)?,
            Command::RemoveLink(id) => plan.push(Change::RemoveLink(*id))?,
            Command::RelabelLink { id, kind } => plan.relabel_link(*id, kind)?,
            Command::Accept(id) | Command::Reject(id) if !self.has(*id) => {
                return Err(ChangeError::NoAnnotation(*id));
            }
            Command::Accept(id) if self.mention(*id).is_some() => plan.accept_mention(*id)?,
            Command::Accept(id) => plan.accept_link(*id)?,
            Command::Reject(id) if self.mention(*id).is_some() => plan.reject_mention(*id)?,
            Command::Reject(id) => plan.reject_link(*id)?,
        }
        Ok(plan.changes)
    }
}

/// Changes under way, and the document as they leave it.
struct Plan {
    document: Document,
    changes: Vec<Change>,
}

impl Plan {
    fn new(document: &Document) -> Self {
        Self {
            document: document.clone(),
            changes: Vec::new(),
        }
    }

    fn push(&mut self, change: Change) -> Result<(), ChangeError> {
        self.document.apply(change.clone())?;
        self.changes.push(change);
        Ok(())
    }

    fn mention(&self, id: Id) -> Result<Mention, ChangeError> {
        let mention = self.document.mention(id).ok_or(ChangeError::NoMention(id));
        mention.cloned()
    }

    fn link(&self, id: Id) -> Result<Link, ChangeError> {
        let link = self.document.link(id).ok_or(ChangeError::NoLink(id));
        link.cloned()
    }

    fn add_mention(&mut self, kind: &Arc<str>, spans: &Spans) -> Result<(), ChangeError> {
        if let Some(same) = self.document.find_mention(kind, spans) {
            return self.accept_mention(same.id);
        }
        self.push(Change::InsertMention(Mention {
            id: self.document.fresh_id(),
            kind: kind.clone(),
            spans: spans.clone(),
            origin: Origin::Person,
            state: State::Accepted,
            attributes: Attributes::default(),
        }))
    }

    fn accept_mention(&mut self, id: Id) -> Result<(), ChangeError> {
        let mention = self.mention(id)?;
        if mention.state == State::Accepted {
            return Ok(());
        }
        // No model makes a withdrawn one any more.
        let origin = match mention.is_withdrawn() {
            true => Origin::Person,
            false => mention.origin.clone(),
        };
        self.push(Change::SetMention(Mention {
            state: State::Accepted,
            origin,
            ..mention
        }))
    }

    /// Gives a mention the kind and spans of `revised`, which a person chose.
    fn revise_mention(&mut self, revised: Mention) -> Result<(), ChangeError> {
        let id = revised.id;
        let before = self.mention(id)?;
        if (&before.kind, &before.spans) == (&revised.kind, &revised.spans) {
            return self.accept_mention(id);
        }
        let superseded: Vec<Id> = (self.document.mentions().iter())
            .filter(|other| (&other.kind, &other.spans) == (&revised.kind, &revised.spans))
            .filter(|other| other.id != id && !other.is_affirmed())
            .filter(|other| !self.document.is_held(other.id))
            .map(|other| other.id)
            .collect();
        for other in superseded {
            self.remove_mention(other)?;
        }
        self.push(Change::SetMention(Mention {
            origin: Origin::Person,
            state: State::Accepted,
            ..revised
        }))
    }

    fn remove_mention(&mut self, id: Id) -> Result<(), ChangeError> {
        self.remove_links_of(id)?;
        self.push(Change::RemoveMention(id))
    }

    fn remove_links_of(&mut self, id: Id) -> Result<(), ChangeError> {
        let links: Vec<Id> = self.document.links_of(id).map(|link| link.id).collect();
        links
            .into_iter()
            .try_for_each(|link| self.push(Change::RemoveLink(link)))
    }

    fn reject_mention(&mut self, id: Id) -> Result<(), ChangeError> {
        let mention = self.mention(id)?;
        if mention.origin == Origin::Person {
            return self.remove_mention(id);
        }
        if mention.state == State::Rejected {
            return Ok(());
        }
        self.remove_links_of(id)?;
        self.push(Change::SetMention(Mention {
            state: State::Rejected,
            ..mention
        }))
    }

    fn add_link(&mut self, kind: &Arc<str>, head: Id, tail: Id) -> Result<(), ChangeError> {
        if let Some(same) = self.document.find_link(kind, head, tail) {
            return self.accept_link(same.id);
        }
        let id = self.document.fresh_id();
        self.push(Change::InsertLink(Link {
            id,
            kind: kind.clone(),
            head,
            tail,
            origin: Origin::Person,
            state: State::Accepted,
            attributes: Attributes::default(),
        }))?;
        self.accept_ends(head, tail)
    }

    fn relabel_link(&mut self, id: Id, kind: &Arc<str>) -> Result<(), ChangeError> {
        let link = self.link(id)?;
        if link.kind == *kind {
            return self.accept_link(id);
        }
        let superseded: Vec<Id> = (self.document.links_of(link.head))
            .filter(|other| (&other.kind, other.head, other.tail) == (kind, link.head, link.tail))
            .filter(|other| !other.is_affirmed())
            .map(|other| other.id)
            .collect();
        for other in superseded {
            self.push(Change::RemoveLink(other))?;
        }
        let (head, tail) = (link.head, link.tail);
        self.push(Change::SetLink(Link {
            kind: kind.clone(),
            origin: Origin::Person,
            state: State::Accepted,
            ..link
        }))?;
        self.accept_ends(head, tail)
    }

    fn accept_link(&mut self, id: Id) -> Result<(), ChangeError> {
        let link = self.link(id)?;
        let (head, tail) = (link.head, link.tail);
        if link.state != State::Accepted {
            self.push(Change::SetLink(Link {
                state: State::Accepted,
                ..link
            }))?;
        }
        self.accept_ends(head, tail)
    }

    fn accept_ends(&mut self, head: Id, tail: Id) -> Result<(), ChangeError> {
        self.accept_mention(head)?;
        self.accept_mention(tail)
    }

    fn reject_link(&mut self, id: Id) -> Result<(), ChangeError> {
        let link = self.link(id)?;
        if link.origin == Origin::Person {
            return self.push(Change::RemoveLink(id));
        }
        if link.state == State::Rejected {
            return Ok(());
        }
        self.push(Change::SetLink(Link {
            state: State::Rejected,
            ..link
        }))
    }
}
