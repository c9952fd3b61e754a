//! The object of a text as it stands in files.

use std::{collections::btree_map::Entry, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{Value, value::RawValue};
use spanarc_document::{Attributes, Origin, State};

use super::TextProblem;
use crate::{
    Offsets, json::identifier, note::Note, place::Place, reading::Reading, unknown_keys::further,
};

/// The keys of a text.
pub(super) const TEXT_KEYS: [&str; 11] = [
    "id",
    "doc_id",
    "text",
    "offsets",
    "model",
    "entities",
    "label",
    "labels",
    "spans",
    "relations",
    "notes",
];

/// The keys of an entity that are no attributes.
const ENTITY_KEYS: [&str; 14] = [
    "id",
    "type",
    "label",
    "start",
    "start_offset",
    "end",
    "end_offset",
    "spans",
    "text",
    "score",
    "origin",
    "state",
    "model",
    "attributes",
];

/// The keys of a relation that are no attributes.
const RELATION_KEYS: [&str; 12] = [
    "id",
    "type",
    "label",
    "head",
    "tail",
    "from_id",
    "to_id",
    "score",
    "origin",
    "state",
    "model",
    "attributes",
];

/// A text with its annotations, which are read one by one.
#[derive(Default, Deserialize)]
pub(crate) struct TextObject<'a> {
    #[serde(default, alias = "doc_id")]
    pub(crate) id: Option<Value>,
    pub(crate) text: String,
    pub(crate) offsets: Option<Offsets>,
    pub(crate) model: Option<String>,
    #[serde(borrow)]
    pub(crate) entities: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(crate) label: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(crate) labels: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(crate) spans: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    pub(crate) relations: Option<Vec<&'a RawValue>>,
    #[serde(default)]
    pub(crate) notes: Attributes,
    pub(crate) answer: Option<Value>,
}

impl<'a> TextObject<'a> {
    /// What says that the text is not to be used, as Prodigy says it.
    pub(super) fn refusal(&self) -> Option<&str> {
        let answer = self.answer.as_ref()?.as_str();
        answer.filter(|answer| ["reject", "ignore"].contains(answer))
    }

    /// The entities, which stand in one list, and its key.
    pub(crate) fn entities(&self) -> Result<(&'static str, &[&'a RawValue]), TextProblem> {
        let lists = [
            ("entities", &self.entities),
            ("label", &self.label),
            ("labels", &self.labels),
            ("spans", &self.spans),
        ];
        let mut lists = lists
            .into_iter()
            .filter_map(|(key, list)| Some((key, list.as_ref()?)));
        match (lists.next(), lists.next()) {
            (Some((key, list)), None) => Ok((key, list)),
            (Some((first, _)), Some((second, _))) => {
                Err(TextProblem::SeveralLists { first, second })
            }
            (None, _) => Err(TextProblem::NoList),
        }
    }
}

/// Who stands behind an annotation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Maker {
    score: Option<f32>,
    origin: Option<MakerKind>,
    state: Option<State>,
    model: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum MakerKind {
    Person,
    Model,
}

impl Maker {
    /// Origin and state; `model` is the name of a model that is not named.
    pub(crate) fn origin_and_state(&self, model: Option<&str>) -> (Origin, State) {
        let is_model = match self.origin {
            Some(kind) => kind == MakerKind::Model,
            None => self.score.is_some(),
        };
        let (origin, usual) = if is_model {
            let name = self.model.as_deref().or(model).unwrap_or_default().into();
            let score = self.score.unwrap_or(1.0);
            (Origin::Model { name, score }, State::Suggested)
        } else {
            (Origin::Person, State::Accepted)
        };
        (origin, self.state.unwrap_or(usual))
    }
}

/// An entity: a triple or an object.
pub(crate) struct TextEntity {
    pub(crate) id: Option<Value>,
    pub(crate) kind: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) spans: Option<Vec<(usize, usize)>>,
    pub(crate) text: Option<String>,
    pub(crate) maker: Maker,
    pub(crate) attributes: Attributes,
}

#[derive(Deserialize)]
struct EntityObject {
    #[serde(default)]
    id: Option<Value>,
    #[serde(rename = "type", alias = "label")]
    kind: String,
    #[serde(alias = "start_offset")]
    start: usize,
    #[serde(alias = "end_offset")]
    end: usize,
    spans: Option<Vec<(usize, usize)>>,
    text: Option<String>,
    score: Option<f32>,
    origin: Option<MakerKind>,
    state: Option<State>,
    model: Option<String>,
    #[serde(default)]
    attributes: Attributes,
}

impl<'de> Deserialize<'de> for TextEntity {
    // An untagged enumeration would do, but its errors name neither field nor reason.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntityVisitor;
        impl<'de> Visitor<'de> for EntityVisitor {
            type Value = TextEntity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an entity: an object, or [start, end, type]")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TextEntity, A::Error> {
                let object = EntityObject::deserialize(MapAccessDeserializer::new(map))?;
                Ok(TextEntity {
                    id: object.id,
                    kind: object.kind,
                    start: object.start,
                    end: object.end,
                    spans: object.spans,
                    text: object.text,
                    maker: Maker {
                        score: object.score,
                        origin: object.origin,
                        state: object.state,
                        model: object.model,
                    },
                    attributes: object.attributes,
                })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<TextEntity, A::Error> {
                let missing = |index| de::Error::invalid_length(index, &EntityVisitor);
                let entity = TextEntity {
                    id: None,
                    start: items.next_element()?.ok_or_else(|| missing(0))?,
                    end: items.next_element()?.ok_or_else(|| missing(1))?,
                    kind: items.next_element()?.ok_or_else(|| missing(2))?,
                    spans: None,
                    text: None,
                    maker: Maker::default(),
                    attributes: Attributes::default(),
                };
                match items.next_element::<de::IgnoredAny>()? {
                    None => Ok(entity),
                    Some(_) => Err(missing(4)),
                }
            }
        }
        deserializer.deserialize_any(EntityVisitor)
    }
}

/// A relation between entities.
#[derive(Deserialize)]
pub(crate) struct TextRelation {
    #[serde(default)]
    pub(crate) id: Option<Value>,
    #[serde(rename = "type", alias = "label")]
    pub(crate) kind: String,
    head: Option<Value>,
    tail: Option<Value>,
    from_id: Option<Value>,
    to_id: Option<Value>,
    score: Option<f32>,
    origin: Option<MakerKind>,
    state: Option<State>,
    model: Option<String>,
    #[serde(default)]
    pub(crate) attributes: Attributes,
}

impl TextRelation {
    pub(crate) fn maker(&self) -> Maker {
        Maker {
            score: self.score,
            origin: self.origin,
            state: self.state,
            model: self.model.clone(),
        }
    }

    /// What the file calls head and tail.
    pub(crate) fn arguments(&self) -> Option<(String, String)> {
        let pair = |head: &Option<Value>, tail: &Option<Value>| {
            Some((identifier(head.as_ref()?), identifier(tail.as_ref()?)))
        };
        pair(&self.head, &self.tail).or_else(|| pair(&self.from_id, &self.to_id))
    }
}

/// An annotation to which further keys can be added as attributes.
pub(crate) trait Extensible {
    /// The keys that are no attributes.
    const KEYS: &'static [&'static str];

    fn id(&self) -> Option<&Value>;

    fn attributes(&mut self) -> &mut Attributes;

    /// Adds the further keys of its object; one that is among the attributes too is noted.
    fn extend(&mut self, json: &str, field: &str, place: &Place, reading: &mut Reading) {
        for (key, value) in further(json, Self::KEYS) {
            match self.attributes().entry(key) {
                Entry::Vacant(entry) => {
                    entry.insert(value);
                }
                Entry::Occupied(entry) => {
                    let key = entry.key();
                    let subject = format!("{key} of {field}, which stands in `attributes`, too");
                    reading.note(Note::Attribute, place, subject);
                }
            }
        }
    }
}

impl Extensible for TextEntity {
    const KEYS: &'static [&'static str] = &ENTITY_KEYS;

    fn id(&self) -> Option<&Value> {
        self.id.as_ref()
    }

    fn attributes(&mut self) -> &mut Attributes {
        &mut self.attributes
    }
}

impl Extensible for TextRelation {
    const KEYS: &'static [&'static str] = &RELATION_KEYS;

    fn id(&self) -> Option<&Value> {
        self.id.as_ref()
    }

    fn attributes(&mut self) -> &mut Attributes {
        &mut self.attributes
    }
}
