//! Mentions of entities, links between them, and who stands behind each.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{Attributes, Spans};

/// Identity of a mention or a link. No two annotations of a document share one, and it survives edits, changes of kind
/// and place, undo and redo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Id(pub u32);

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who made an annotation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A model.
    Model {
        /// The model's name.
        name: Arc<str>,
        /// The model's score; finite, usually in 0..=1.
        score: f32,
    },
    /// A person.
    Person,
}

impl Origin {
    /// How sure the maker is, usually in 0..=1; a person is sure.
    pub fn score(&self) -> f32 {
        match self {
            Self::Model { score, .. } => *score,
            Self::Person => 1.0,
        }
    }

    /// Whether the score is one that can be given: in 0..=1, where sums of rounded probabilities may exceed 1 a little.
    pub fn has_valid_score(&self) -> bool {
        (0.0..=1.0 + 1e-4).contains(&self.score())
    }
}

/// The score of a suggestion that its model no longer makes: below every threshold.
pub(crate) const WITHDRAWN: f32 = -1.0;

/// What a person decided about an annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing yet.
    Suggested,
    /// It is right. A person's own annotation is accepted from the start.
    Accepted,
    /// It is wrong, and no model may suggest it again while its words stand.
    Rejected,
}

/// A stretch of text that names an entity.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mention {
    /// Identity.
    pub id: Id,
    /// Name of the entity type.
    pub kind: Arc<str>,
    /// Where it is.
    pub spans: Spans,
    /// Who made it.
    pub origin: Origin,
    /// What a person decided about it.
    pub state: State,
    /// What its file says of it beyond these fields.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub attributes: Attributes,
}

/// A relation between two mentions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Identity.
    pub id: Id,
    /// Name of the relation type.
    pub kind: Arc<str>,
    /// The mention it starts from.
    pub head: Id,
    /// The mention it leads to; never the head.
    pub tail: Id,
    /// Who made it.
    pub origin: Origin,
    /// What a person decided about it.
    pub state: State,
    /// What its file says of it beyond these fields.
    #[serde(default, skip_serializing_if = "is_empty")]
    pub attributes: Attributes,
}

pub(crate) fn is_empty(attributes: &Attributes) -> bool {
    attributes.is_empty()
}

impl Mention {
    /// Whether only a model stands behind it, so that the model may take it back.
    pub fn is_suggestion(&self) -> bool {
        is_suggestion(&self.origin, self.state)
    }

    /// Whether its model no longer suggests it, and it is here only because a rejected link hangs on it. Its score is below every
    /// threshold, and rises when a model suggests it again.
    pub fn is_withdrawn(&self) -> bool {
        self.is_suggestion() && self.origin.score() == WITHDRAWN
    }

    /// Whether a person stands behind it: made or accepted it.
    pub fn is_affirmed(&self) -> bool {
        is_affirmed(&self.origin, self.state)
    }
}

impl Link {
    /// Whether only a model stands behind it, so that the model may take it back.
    pub fn is_suggestion(&self) -> bool {
        is_suggestion(&self.origin, self.state)
    }

    /// Whether a person stands behind it: made or accepted it.
    pub fn is_affirmed(&self) -> bool {
        is_affirmed(&self.origin, self.state)
    }

    /// Whether `mention` is its head or its tail.
    pub fn joins(&self, mention: Id) -> bool {
        self.head == mention || self.tail == mention
    }
}

fn is_suggestion(origin: &Origin, state: State) -> bool {
    state == State::Suggested && *origin != Origin::Person
}

fn is_affirmed(origin: &Origin, state: State) -> bool {
    state != State::Rejected && !is_suggestion(origin, state)
}
