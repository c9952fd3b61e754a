//! JSON lines of texts with character offsets, as annotation tools export them:
//!
//! ```json
//! {"id": 1, "text": "Parsers label phrases.", "entities": [{"id": 7, "label": "Method", "start_offset": 0, "end_offset": 7}, …],
//!  "relations": [{"type": "Used_For", "from_id": 7, "to_id": 8}]}
//! {"text": "Parsers label phrases.", "label": [[0, 7, "Method"], [14, 21, "Task"]]}
//! {"text": "Parsers label phrases.", "entities": [{"type": "Method", "start": 0, "end": 7}, …],
//!  "relations": [{"type": "Used_For", "head": 0, "tail": 1}]}
//! ```
//!
//! The first two are Doccano's, the second spaCy's too, the third is what `spanarc annotate` prints and the page saves. Their keys
//! may be mixed: entities stand in `entities`, `label`, `labels` or `spans`; an entity is a triple or an object with `start`
//! or `start_offset`, `end` or `end_offset`, `type` or `label`; a relation has `type` or `label` and either `head` and
//! `tail`, indices into the entities, or `from_id` and `to_id`, their `id`s. Offsets count Unicode code points unless
//! `offsets` is `"byte"` or `"utf16"`. Where an entity has a `text`, it is compared. Further keys are passed over.

use std::{fmt, sync::Arc};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::Value;

use super::each_line;
use crate::{
    json,
    offsets::{OffsetError, OffsetMap},
    raw_text::{RawEntity, RawRelation, RawText, Segmenter, TextPlace},
    read_error::LineProblem,
    reading::{Note, Place, Reading},
    span::{Byte, Char, Span, Utf16},
};

/// What is wrong with an annotation of a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextLineProblem {
    /// Arguments in no known way.
    #[error("relations[{index}] has neither `head` and `tail` nor `from_id` and `to_id`")]
    NoArguments {
        /// Index of the relation.
        index: usize,
    },
    /// An argument that is not there.
    #[error("relations[{index}] names the entity {argument}, which is not there")]
    Unknown {
        /// Index of the relation.
        index: usize,
        /// Id or index of the argument.
        argument: String,
    },
    /// A relation of an entity with itself.
    #[error("relations[{index}] has the entity {argument} as both arguments")]
    SameArguments {
        /// Index of the relation.
        index: usize,
        /// Id or index of the entity.
        argument: String,
    },
    /// The text at the offsets is another than the entity says.
    #[error(
        "entities[{index}] is said to be {said:?}, but the text at its offsets is {found:?}: `offsets` says what they \
         count, code points where it is not given"
    )]
    OtherText {
        /// Index of the entity.
        index: usize,
        /// What the entity says.
        said: String,
        /// What the text says.
        found: String,
    },
}

#[derive(Deserialize)]
struct Document {
    #[serde(default, alias = "doc_id")]
    id: Option<Value>,
    text: String,
    #[serde(default)]
    offsets: Offsets,
    #[serde(alias = "label", alias = "labels", alias = "spans")]
    entities: Vec<TextEntity>,
    relations: Option<Vec<TextRelation>>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Offsets {
    Byte,
    Utf16,
    #[default]
    Char,
}

struct TextEntity {
    id: Option<Value>,
    kind: String,
    start: usize,
    end: usize,
    text: Option<String>,
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
    #[serde(default)]
    text: Option<String>,
}

#[derive(Deserialize)]
struct TextRelation {
    #[serde(rename = "type", alias = "label")]
    kind: String,
    head: Option<usize>,
    tail: Option<usize>,
    from_id: Option<Value>,
    to_id: Option<Value>,
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
                let EntityObject {
                    id,
                    kind,
                    start,
                    end,
                    text,
                } = EntityObject::deserialize(MapAccessDeserializer::new(map))?;
                Ok(TextEntity {
                    id,
                    kind,
                    start,
                    end,
                    text,
                })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<TextEntity, A::Error> {
                let missing = |index| de::Error::invalid_length(index, &EntityVisitor);
                let entity = TextEntity {
                    id: None,
                    start: items.next_element()?.ok_or_else(|| missing(0))?,
                    end: items.next_element()?.ok_or_else(|| missing(1))?,
                    kind: items.next_element()?.ok_or_else(|| missing(2))?,
                    text: None,
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

/// Reads a file. Sentences get the ids `id:1`, `id:2`, …; a text without an id is called by its line.
pub(super) fn read(
    bytes: &[u8],
    source: &Arc<str>,
    segmenter: &dyn Segmenter,
    reading: &mut Reading,
) {
    each_line(bytes, source, reading, |place, line, reading| {
        let read = json::parse::<Document>(line)
            .map_err(|(_, problem)| problem)
            .and_then(|document| document.read(place, segmenter, reading));
        if let Err(problem) = read {
            reading.refuse(place, problem);
        }
    });
}

impl Document {
    fn read(
        &self,
        place: &Place,
        segmenter: &dyn Segmenter,
        reading: &mut Reading,
    ) -> Result<(), LineProblem> {
        let entities = self.entities(place)?;
        let relations = self.relations(place)?;
        if self.relations.is_none() {
            reading.note(Note::NoRelationsKey);
        }
        let text = RawText {
            id: self
                .id
                .as_ref()
                .map_or_else(|| place.line.to_string(), json::identifier),
            text: &self.text,
            entities,
            relations,
            place: TextPlace::Line(place.clone()),
        };
        text.read(segmenter, reading);
        Ok(())
    }

    fn entities(&self, place: &Place) -> Result<Vec<RawEntity>, LineProblem> {
        let map = OffsetMap::new(&self.text);
        let entities = self.entities.iter().enumerate();
        entities
            .map(|(index, entity)| {
                let span = self.bytes(&map, entity).map_err(|error| {
                    let field = format!("entities[{index}]");
                    LineProblem::Offset { field, error }
                })?;
                let found = &self.text[span.start..span.end];
                if let Some(said) = entity.text.as_ref().filter(|&said| said != found) {
                    let (said, found) = (said.clone(), found.to_owned());
                    return Err(TextLineProblem::OtherText { index, said, found }.into());
                }
                Ok(RawEntity {
                    kind: entity.kind.clone(),
                    span,
                    place: place.clone(),
                })
            })
            .collect()
    }

    fn bytes(&self, map: &OffsetMap, entity: &TextEntity) -> Result<Span<Byte>, OffsetError> {
        let (start, end) = (entity.start, entity.end);
        match self.offsets {
            Offsets::Byte => map.to_byte(Span::<Byte>::new(start, end)),
            Offsets::Utf16 => map.to_byte(Span::<Utf16>::new(start, end)),
            Offsets::Char => map.to_byte(Span::<Char>::new(start, end)),
        }
    }

    fn relations(&self, place: &Place) -> Result<Vec<RawRelation>, TextLineProblem> {
        let relations = self.relations.iter().flatten().enumerate();
        relations
            .map(|(index, relation)| {
                let (head, tail) = self.arguments(index, relation)?;
                if head == tail {
                    let argument = head.to_string();
                    return Err(TextLineProblem::SameArguments { index, argument });
                }
                Ok(RawRelation {
                    kind: relation.kind.clone(),
                    head,
                    tail,
                    place: place.clone(),
                })
            })
            .collect()
    }

    /// Indices of head and tail.
    fn arguments(
        &self,
        index: usize,
        relation: &TextRelation,
    ) -> Result<(usize, usize), TextLineProblem> {
        let unknown = |argument| TextLineProblem::Unknown { index, argument };
        match relation {
            TextRelation {
                head: Some(head),
                tail: Some(tail),
                ..
            } => {
                for argument in [head, tail] {
                    if *argument >= self.entities.len() {
                        return Err(unknown(argument.to_string()));
                    }
                }
                Ok((*head, *tail))
            }
            TextRelation {
                from_id: Some(from),
                to_id: Some(to),
                ..
            } => {
                let find = |id: &Value| {
                    let mut entities = self.entities.iter();
                    entities
                        .position(|entity| entity.id.as_ref() == Some(id))
                        .ok_or_else(|| unknown(json::identifier(id)))
                };
                Ok((find(from)?, find(to)?))
            }
            _ => Err(TextLineProblem::NoArguments { index }),
        }
    }
}
