//! Text and annotations as a host reads and writes them.

mod sameness;
#[cfg(test)]
mod tests;
mod units;

use serde::{Deserialize, Deserializer, Serialize};
use spanarc_annotator::Snapshot;
use spanarc_document::{
    Attributes, ChangeError, Document, Id, Link, Mention, OffsetMap, Offsets, Origin, Span, Spans,
    State, Utf16,
};

use super::names::Names;

/// A text with its entities and relations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Annotations {
    text: String,
    /// What the offsets of entities count.
    #[serde(default, skip_serializing)]
    offsets: Option<Offsets>,
    #[serde(default, deserialize_with = "or_default")]
    entities: Vec<Entity>,
    #[serde(default, deserialize_with = "or_default")]
    relations: Vec<Relation>,
    /// What a file says of the whole.
    #[serde(default, skip_serializing_if = "is_empty")]
    notes: Attributes,
}

/// An entity. The type, the end and the score that a host leaves out are none of ours to guess; the rest has defaults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entity {
    #[serde(default)]
    id: Option<Name>,
    #[serde(rename = "type")]
    kind: String,
    /// First UTF-16 code unit inside.
    start: usize,
    /// First UTF-16 code unit after it.
    end: usize,
    /// The pieces of a discontinuous one, `[start, end]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    spans: Option<Vec<(usize, usize)>>,
    #[serde(default, skip_serializing_if = "is_empty")]
    attributes: Attributes,
    #[serde(flatten)]
    standing: Standing,
}

/// A relation. Head and tail are identities of entities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Relation {
    #[serde(default)]
    id: Option<Name>,
    #[serde(rename = "type")]
    kind: String,
    head: Name,
    tail: Name,
    #[serde(default, skip_serializing_if = "is_empty")]
    attributes: Attributes,
    #[serde(flatten)]
    standing: Standing,
}

/// Who stands behind an annotation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Standing {
    /// The model's score in 0..=1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    #[serde(default)]
    origin: Option<Maker>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    state: Option<State>,
    /// The model's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Maker {
    Person,
    Model,
}

/// An identity. Hosts that count give numbers; they get strings back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Name {
    Text(String),
    Number(i64),
}

impl Name {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
        }
    }
}

/// Why annotations are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum AnnotationsError {
    /// The place of an entity.
    #[error("entities[{index}]: {reason}")]
    Entity { index: usize, reason: String },
    /// A relation that cannot be.
    #[error("relations[{index}]: {reason}")]
    Relation { index: usize, reason: String },
    /// An end of a relation.
    #[error("relations[{index}].{field}: there is no entity {name:?}")]
    End {
        index: usize,
        field: &'static str,
        name: String,
    },
    /// Two annotations share an identity.
    #[error("there are two annotations with the identity {0:?}")]
    SameName(String),
    /// What a document refuses.
    #[error("{0}")]
    Refused(#[from] ChangeError),
}

impl Annotations {
    /// What `snapshot` holds. Suggested entities and relations count from `thresholds` on, in this order, and relations only
    /// with both ends.
    pub(super) fn of(snapshot: &Snapshot, thresholds: (f32, f32), names: &mut Names) -> Self {
        let document = &snapshot.document;
        let counts =
            |mention: &Mention| !mention.is_suggestion() || mention.origin.score() >= thresholds.0;
        let mut entities = Vec::new();
        for mention in document.mentions().iter().filter(|mention| counts(mention)) {
            entities.push(Entity::of(mention, snapshot, names));
        }
        let end_counts = |id| document.mention(id).is_some_and(&counts);
        let mut relations = Vec::new();
        for link in document.links() {
            let sure = !link.is_suggestion() || link.origin.score() >= thresholds.1;
            if sure && end_counts(link.head) && end_counts(link.tail) {
                relations.push(Relation::of(link, names));
            }
        }
        Self {
            text: document.text().to_string(),
            offsets: None,
            entities,
            relations,
            notes: document.notes().clone(),
        }
    }

    /// Whether the text has line breaks of other systems, which become `\n` in a document.
    pub(super) fn has_other_breaks(&self) -> bool {
        self.text.contains('\r')
    }

    /// The document that a host means, with the names that it gives. Offsets are in UTF-16 code units. Errors name the
    /// annotation at fault.
    pub(super) fn into_document(self) -> Result<(Document, Names), AnnotationsError> {
        let offsets = OffsetMap::new(&self.text);
        let mut names = Names::default();
        let ids = (0..).map(Id);
        let given = self.entities.iter().map(|entity| &entity.id);
        let given = given.chain(self.relations.iter().map(|relation| &relation.id));
        for (id, name) in ids.zip(given) {
            let Some(name) = name.as_ref().map(Name::text) else {
                continue;
            };
            if names.give(id, &name).is_none() {
                return Err(AnnotationsError::SameName(name));
            }
        }
        let mut mentions = Vec::with_capacity(self.entities.len());
        let mut ids = (0..).map(Id);
        for ((index, entity), id) in self.entities.iter().enumerate().zip(&mut ids) {
            let mention = entity.mention(id, &offsets);
            mentions.push(mention.map_err(|reason| AnnotationsError::Entity { index, reason })?);
        }
        let entities = mentions.len() as u32;
        let mut links = Vec::with_capacity(self.relations.len());
        for ((index, relation), id) in self.relations.iter().enumerate().zip((entities..).map(Id)) {
            let end = |field, name: &Name| {
                let name = name.text();
                let id = names.id(&name).filter(|id| id.0 < entities);
                id.ok_or(AnnotationsError::End { index, field, name })
            };
            let (head, tail) = (end("head", &relation.head)?, end("tail", &relation.tail)?);
            let (origin, state) = relation.standing.document();
            let rejected = |id: Id| mentions[id.0 as usize].state == State::Rejected;
            let refused = |reason| AnnotationsError::Relation { index, reason };
            if head == tail {
                return Err(refused("it leads from an entity to itself".into()));
            }
            if rejected(head) || rejected(tail) {
                return Err(refused("its head or tail is rejected".into()));
            }
            relation.standing.check().map_err(refused)?;
            links.push(Link {
                id,
                kind: relation.kind.as_str().into(),
                head,
                tail,
                origin,
                state,
                attributes: relation.attributes.clone(),
            });
        }
        let document = Document::with_annotations(self.text, mentions, links, self.notes)?;
        Ok((document, names))
    }
}

impl Entity {
    /// `mention` of `snapshot`.
    pub(super) fn of(mention: &Mention, snapshot: &Snapshot, names: &mut Names) -> Self {
        let span = snapshot.utf16(mention.spans.extent());
        let pieces = mention.spans.iter().map(|piece| {
            let piece = snapshot.utf16(piece);
            (piece.start, piece.end)
        });
        let is_discontinuous = mention.spans.as_slice().len() > 1;
        Self {
            id: Some(Name::Text(names.of(mention.id).to_string())),
            kind: mention.kind.to_string(),
            start: span.start,
            end: span.end,
            spans: is_discontinuous.then(|| pieces.collect()),
            attributes: mention.attributes.clone(),
            standing: Standing::of(&mention.origin, mention.state),
        }
    }

    /// From where to where it goes, piece by piece.
    fn pieces(&self) -> Vec<(usize, usize)> {
        self.spans
            .clone()
            .unwrap_or_else(|| vec![(self.start, self.end)])
    }

    fn mention(&self, id: Id, offsets: &OffsetMap) -> Result<Mention, String> {
        let pieces = self.pieces().into_iter();
        let spans = pieces.map(|(start, end)| offsets.to_byte(Span::<Utf16>::new(start, end)));
        let spans = spans
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| error.to_string())?;
        self.standing.check()?;
        let (origin, state) = self.standing.document();
        Ok(Mention {
            id,
            kind: self.kind.as_str().into(),
            spans: Spans::new(&spans).map_err(|error| error.to_string())?,
            origin,
            state,
            attributes: self.attributes.clone(),
        })
    }
}

impl Relation {
    /// `link` as hosts see it.
    pub(super) fn of(link: &Link, names: &mut Names) -> Self {
        let mut name = |id| Name::Text(names.of(id).to_string());
        Self {
            id: Some(name(link.id)),
            kind: link.kind.to_string(),
            head: name(link.head),
            tail: name(link.tail),
            attributes: link.attributes.clone(),
            standing: Standing::of(&link.origin, link.state),
        }
    }
}

impl Standing {
    fn of(origin: &Origin, state: State) -> Self {
        let (origin, score, model) = match origin {
            Origin::Person => (Maker::Person, None, None),
            Origin::Model { name, score } => {
                (Maker::Model, Some(shortest(*score)), Some(name.to_string()))
            }
        };
        Self {
            score,
            origin: Some(origin),
            state: Some(state),
            model,
        }
    }

    fn check(&self) -> Result<(), String> {
        let (origin, _) = self.document();
        match origin.has_valid_score() {
            true => Ok(()),
            false => Err(format!("its score {} is not from 0 to 1", origin.score())),
        }
    }

    /// Origin and state. What has a score is a model's unless `origin` says otherwise.
    fn document(&self) -> (Origin, State) {
        let scored = match self.score {
            Some(_) => Maker::Model,
            None => Maker::Person,
        };
        match self.origin.unwrap_or(scored) {
            Maker::Person => (Origin::Person, self.state.unwrap_or(State::Accepted)),
            Maker::Model => {
                let name = self.model.as_deref().unwrap_or_default().into();
                let score = self.score.unwrap_or(1.0) as f32;
                let origin = Origin::Model { name, score };
                (origin, self.state.unwrap_or(State::Suggested))
            }
        }
    }
}

fn is_empty(attributes: &Attributes) -> bool {
    attributes.is_empty()
}

/// What is null or undefined is as good as absent.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A score in as few digits as tell it from all others: JavaScript would show the binary digits beyond.
fn shortest(score: f32) -> f64 {
    score.to_string().parse().unwrap_or_else(|_| score.into())
}
