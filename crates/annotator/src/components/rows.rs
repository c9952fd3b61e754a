//! The rows of the lists as plain data, each built when it comes into view.

use std::{rc::Rc, sync::Arc};

use spanarc_document::{Id, Link, Mention, Span, Utf16};

use crate::{shown::Shown, view::Target};

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// The annotation.
    pub(crate) target: Target,
    /// The class that brings the type's colours.
    pub(crate) class: String,
    /// The type as it is called on screen.
    pub(crate) kind: Arc<str>,
    /// Probability in 0..=1.
    pub(crate) score: f32,
    /// Where it is.
    pub(crate) span: Span<Utf16>,
    /// What it says.
    pub(crate) content: Content,
}

/// What a row says of the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Content {
    /// The entity's own text.
    Entity(Rc<str>),
    /// The two ends of a relation.
    Relation {
        /// Where the arrow starts.
        head: Argument,
        /// Where it points.
        tail: Argument,
    },
}

/// An end of a relation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Argument {
    /// Its text.
    pub(crate) text: Rc<str>,
    /// Where it is.
    pub(crate) span: Span<Utf16>,
}

/// All rows of a list. Holds identities only: a list can be long, and few of its rows are on screen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rows {
    shown: Shown,
    targets: Vec<Target>,
}

impl Rows {
    /// All entities that are shown, in text order.
    pub(crate) fn entities(shown: &Shown) -> Self {
        Self {
            targets: shown.mentions().map(|m| Target::Mention(m.id)).collect(),
            shown: shown.clone(),
        }
    }

    /// All relations that are shown, in text order of their heads, then tails.
    pub(crate) fn relations(shown: &Shown) -> Self {
        let place = |id| shown.document().mention(id).map(|m| m.spans.extent());
        let order = |link: &&Link| (place(link.head), place(link.tail), link.kind.clone());
        let mut links: Vec<&Link> = shown.links().collect();
        links.sort_by_cached_key(order);
        Self {
            targets: links.iter().map(|link| Target::Link(link.id)).collect(),
            shown: shown.clone(),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.targets.len()
    }

    /// The identity of row `index`.
    pub(crate) fn id(&self, index: usize) -> Option<Id> {
        Some(self.targets.get(index)?.id())
    }

    /// The text with which row `index` begins.
    pub(crate) fn text(&self, index: usize) -> &str {
        let document = self.shown.document();
        let mention = match self.targets.get(index) {
            Some(Target::Mention(id)) => document.mention(*id),
            Some(Target::Link(id)) => document.link(*id).and_then(|l| document.mention(l.head)),
            None => None,
        };
        mention.map_or("", |mention| {
            document.words(&mention.spans).next().unwrap_or_default()
        })
    }

    /// Where the row with identity `id` is; looked for at `hint` first.
    pub(crate) fn position(&self, id: Id, hint: usize) -> Option<usize> {
        if self.id(hint) == Some(id) {
            return Some(hint);
        }
        self.targets.iter().position(|target| target.id() == id)
    }

    /// Row `index`.
    pub(crate) fn row(&self, index: usize) -> Option<Row> {
        let (shown, document) = (&self.shown, self.shown.document());
        let target = *self.targets.get(index)?;
        Some(match target {
            Target::Mention(id) => {
                let mention = document.mention(id)?;
                Row {
                    target,
                    class: format!("entity-{}", shown.kinds.entity(&mention.kind)),
                    kind: shown.kinds.entity_title(&mention.kind),
                    score: mention.origin.score(),
                    span: shown.extent(&mention.spans),
                    content: Content::Entity(shown.words(&mention.spans)),
                }
            }
            Target::Link(id) => {
                let link = document.link(id)?;
                let argument = |mention: &Mention| Argument {
                    text: shown.words(&mention.spans),
                    span: shown.extent(&mention.spans),
                };
                Row {
                    target,
                    class: format!("relation-{}", shown.kinds.relation(&link.kind)),
                    kind: shown.kinds.relation_title(&link.kind),
                    score: link.origin.score(),
                    span: shown.snapshot.utf16(target.extent(document)?),
                    content: Content::Relation {
                        head: argument(document.mention(link.head)?),
                        tail: argument(document.mention(link.tail)?),
                    },
                }
            }
        })
    }

    /// Every row.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Row> {
        (0..self.len()).filter_map(|index| self.row(index))
    }
}
