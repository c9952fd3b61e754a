//! The rows of the lists as plain data, each built when it comes into view.

use std::rc::Rc;

use spanarc_document::{Span, Utf16};
use spanarc_protocol::ModelSummary;

use crate::{
    annotations::{Annotations, Mention},
    labels::label_name,
    scene::Target,
    state::View,
};

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    /// The annotation.
    pub(crate) target: Target,
    /// The class that brings the type's colours.
    pub(crate) class: String,
    /// Name of the type.
    pub(crate) kind: Rc<str>,
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

/// All rows of a list. Holds indices only: a list can be long, and few of its rows are on screen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rows {
    annotations: Rc<Annotations>,
    model: Rc<ModelSummary>,
    shown: Vec<Place>,
}

/// Where in the annotations a row comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Mention(usize),
    Link(usize),
}

impl Rows {
    /// All entities that `view` shows, in text order.
    pub(crate) fn entities(
        annotations: &Rc<Annotations>,
        view: &View,
        model: &Rc<ModelSummary>,
    ) -> Self {
        let shown = (annotations.mentions.iter().enumerate())
            .filter(|(_, mention)| view.shows_mention(mention))
            .map(|(i, _)| Place::Mention(i))
            .collect();
        Self {
            annotations: annotations.clone(),
            model: model.clone(),
            shown,
        }
    }

    /// All relations that `view` shows, in text order of their heads.
    pub(crate) fn relations(
        annotations: &Rc<Annotations>,
        view: &View,
        model: &Rc<ModelSummary>,
    ) -> Self {
        let shown = (annotations.links.iter().enumerate())
            .filter(|(_, link)| view.shows_link(annotations, link))
            .map(|(i, _)| Place::Link(i))
            .collect();
        Self {
            annotations: annotations.clone(),
            model: model.clone(),
            shown,
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.shown.len()
    }

    /// The identity of row `index`.
    pub(crate) fn id(&self, index: usize) -> Option<u32> {
        Some(match *self.shown.get(index)? {
            Place::Mention(i) => self.annotations.mentions[i].id,
            Place::Link(i) => self.annotations.links[i].id,
        })
    }

    /// The text with which row `index` begins.
    pub(crate) fn text(&self, index: usize) -> &str {
        match self.shown[index] {
            Place::Mention(i) => &self.annotations.mentions[i].text,
            Place::Link(i) => &self.annotations.mentions[self.annotations.links[i].head].text,
        }
    }

    /// Where the row with identity `id` is; looked for at `hint` first.
    pub(crate) fn position(&self, id: u32, hint: usize) -> Option<usize> {
        if self.id(hint) == Some(id) {
            return Some(hint);
        }
        (0..self.len()).find(|&index| self.id(index) == Some(id))
    }

    /// Row `index`.
    pub(crate) fn row(&self, index: usize) -> Row {
        let mentions = &self.annotations.mentions;
        match self.shown[index] {
            Place::Mention(i) => {
                let mention = &mentions[i];
                Row {
                    target: Target::Mention(mention.id),
                    class: format!("entity-{}", mention.entity_type),
                    kind: label_name(&self.model.entity_types, mention.entity_type).into(),
                    score: mention.score,
                    span: mention.span,
                    content: Content::Entity(mention.text.clone()),
                }
            }
            Place::Link(i) => {
                let link = &self.annotations.links[i];
                Row {
                    target: Target::Link(link.id),
                    class: format!("relation-{}", link.relation_type),
                    kind: label_name(&self.model.relation_types, link.relation_type).into(),
                    score: link.score,
                    span: self.annotations.hull(link),
                    content: Content::Relation {
                        head: Argument::from(&mentions[link.head]),
                        tail: Argument::from(&mentions[link.tail]),
                    },
                }
            }
        }
    }

    /// Every row.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Row> {
        (0..self.len()).map(|index| self.row(index))
    }
}

impl From<&Mention> for Argument {
    fn from(mention: &Mention) -> Self {
        Self {
            text: mention.text.clone(),
            span: mention.span,
        }
    }
}
