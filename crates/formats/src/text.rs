//! Texts with offsets in JSON: Spanarc's own exchange format, and the spellings that other tools have for the same.
//!
//! ```json
//! {"id": "a", "text": "Parsers label phrases.", "offsets": "char",
//!  "entities": [{"type": "Method", "start": 0, "end": 7, "text": "Parsers", "score": 0.97}, …],
//!  "relations": [{"type": "Used_For", "head": 0, "tail": 1, "score": 0.81}]}
//! {"text": "Parsers label phrases.", "entities": [{"id": 7, "label": "Method", "start_offset": 0, "end_offset": 7}, …],
//!  "relations": [{"type": "Used_For", "from_id": 7, "to_id": 8}]}
//! {"text": "Parsers label phrases.", "label": [[0, 7, "Method"], [14, 21, "Task"]]}
//! ```
//!
//! The first is what `spanarc annotate` prints (`text`, an object a line) and the page saves (`json`, one object). Entities
//! stand in `entities`, `label`, `labels` or `spans`; an entity is a triple or an object with `start` or `start_offset`, `end`
//! or `end_offset`, `type` or `label`. `spans`, `[[start, end], …]`, are the pieces of a discontinuous one. A relation has
//! `type` or `label`, and either `head` and `tail` or `from_id` and `to_id`: ids where entities have an `id`, else indices.
//! Offsets count Unicode code points unless `offsets` is `"utf16"` or `"byte"`. Where an entity has a `text`, it is compared.
//!
//! `score`, `origin`, `state` and `model` say who stands behind an annotation: a model where there is a score, unless `origin`
//! says `"person"`; a model's are suggested, a person's accepted, unless `state` says otherwise. Further keys are ignored.

pub(crate) mod value;

use std::collections::HashMap;

use serde_json::{Value, json};
use spanarc_document::{Attributes, Id, OffsetMap, Origin, State};

use crate::{
    annotated::Annotated,
    draft::{Draft, DraftLink, DraftMention, Offsets},
    json::{identifier, number, parse},
    note::Note,
    place::Place,
    reading::Reading,
    text::value::TextObject,
};

/// Why an object cannot be read as a text with annotations.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// Entities in several lists.
    #[error("entities stand in `{first}` and in `{second}`: one list can hold them")]
    SeveralLists {
        /// A key with entities.
        first: &'static str,
        /// Another one.
        second: &'static str,
    },
    /// No list of entities.
    #[error("there is no list of entities: none of `entities`, `label`, `labels` and `spans`")]
    NoList,
    /// Arguments in no known way.
    #[error("relations[{index}] has neither `head` and `tail` nor `from_id` and `to_id`")]
    NoArguments {
        /// Index of the relation.
        index: usize,
    },
}

/// Reads an object; a text without an id is called by its number.
pub(crate) fn read_line(place: &Place, line: &str, reading: &mut Reading) {
    match parse::<TextObject>(line) {
        Ok(object) => read_object(&object, Offsets::default(), place, reading),
        Err(problem) => reading.refuse_below(place, problem),
    }
}

/// Reads an object whose offsets count `unit` unless it says otherwise.
pub(crate) fn read_object(
    object: &TextObject,
    unit: Offsets,
    place: &Place,
    reading: &mut Reading,
) {
    let (id, place) = &place.called(object.id.as_ref());
    let entities = match object.entities() {
        Ok(entities) => entities,
        Err(problem) => return reading.refuse(place, problem),
    };
    if object.relations.is_none() {
        reading.note(Note::NoRelationsKey, place, "the text");
    }
    let mut draft = Draft::new(&object.text, object.offsets.unwrap_or(unit));
    let has_ids = entities.iter().any(|entity| entity.id.is_some());
    for (index, entity) in entities.iter().enumerate() {
        let (origin, state) = entity.maker.origin_and_state(object.model.as_deref());
        let single = || vec![(entity.start, entity.end)];
        let mention = DraftMention {
            id: match (&entity.id, has_ids) {
                (Some(id), _) => Some(identifier(id)),
                (None, true) => None,
                (None, false) => Some(index.to_string()),
            },
            said: entity.text.as_deref(),
            origin,
            state,
            attributes: entity.attributes.clone(),
            ..DraftMention::new(&entity.kind, entity.spans.clone().unwrap_or_else(single))
        };
        draft.mention(mention, &format!("entities[{index}]"), place, reading);
    }
    for (index, relation) in object.relations.iter().flatten().enumerate() {
        let Some((head, tail)) = relation.arguments() else {
            reading.refuse(place, TextProblem::NoArguments { index });
            continue;
        };
        let (origin, state) = relation.maker.origin_and_state(object.model.as_deref());
        let link = DraftLink {
            origin,
            state,
            attributes: relation.attributes.clone(),
            ..DraftLink::new(&relation.kind, &head, &tail)
        };
        draft.link(link, &format!("relations[{index}]"), place, reading);
    }
    draft.finish(id.as_str(), object.notes.clone(), place.clone(), reading);
}

/// A line of `text`, in code points.
pub(crate) fn write_line(annotated: &Annotated) -> String {
    let mut line = object(annotated, Offsets::Char).to_string();
    line.push('\n');
    line
}

/// The object of `json`, indented, in UTF-16 units.
pub(crate) fn write_json(annotated: &Annotated) -> String {
    let mut text = format!("{:#}", object(annotated, Offsets::Utf16));
    text.push('\n');
    text
}

/// Everything that a document holds.
fn object(annotated: &Annotated, unit: Offsets) -> Value {
    let document = &annotated.document;
    let map = OffsetMap::new(document.text());
    // The document's own spans are the text's.
    let pair = |span| unit.of_byte(&map, span).unwrap_or_default();
    let mut index_of: HashMap<Id, usize> = HashMap::new();
    let mut entities = Vec::new();
    for mention in document.mentions() {
        index_of.insert(mention.id, entities.len());
        let (start, end) = pair(mention.spans.extent());
        let words = document.words(&mention.spans).collect::<Vec<_>>().join(" ");
        let mut entity = json!({"type": &*mention.kind, "start": start, "end": end, "text": words});
        if mention.spans.as_slice().len() > 1 {
            let pieces = mention.spans.iter().map(pair);
            entity["spans"] = pieces.map(|(start, end)| json!([start, end])).collect();
        }
        complete(
            &mut entity,
            &mention.origin,
            mention.state,
            &mention.attributes,
        );
        entities.push(entity);
    }
    let relations = document.links().iter().filter_map(|link| {
        let (head, tail) = (index_of.get(&link.head)?, index_of.get(&link.tail)?);
        let mut relation = json!({"type": &*link.kind, "head": head, "tail": tail});
        complete(&mut relation, &link.origin, link.state, &link.attributes);
        Some(relation)
    });
    let relations: Vec<Value> = relations.collect();
    let mut object = json!({
        "id": annotated.id,
        "text": &**document.text(),
        "offsets": unit,
        "entities": entities,
        "relations": relations,
    });
    if !document.notes().is_empty() {
        object["notes"] = json!(document.notes());
    }
    object
}

/// Adds who stands behind an annotation, and what else its file says of it.
pub(crate) fn complete(value: &mut Value, origin: &Origin, state: State, attributes: &Attributes) {
    let usual = match origin {
        Origin::Model { name, score } => {
            value["score"] = number(*score);
            if !name.is_empty() {
                value["model"] = json!(&**name);
            }
            State::Suggested
        }
        Origin::Person => State::Accepted,
    };
    if state != usual {
        value["state"] = json!(state);
    }
    if !attributes.is_empty() {
        value["attributes"] = json!(attributes);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        any_document::{Holds, any_annotated, read_one, written},
        format::Format,
    };

    #[test]
    fn scores_are_written_as_people_write_them() {
        let text =
            r#"{"text": "Ada", "entities": [{"type": "P", "start": 0, "end": 3, "score": 0.9}]}"#;
        let (files, _) = written(Format::Text, &read_one(Format::Text, &[text]));
        assert!(files[0].contains(r#""score":0.9}"#), "{}", files[0]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(annotated in any_annotated(Holds::ALL)) {
            for format in [Format::Text, Format::Json] {
                let (files, notes) = written(format, &annotated);
                prop_assert!(notes.is_empty());
                let read = read_one(format, &files);
                prop_assert_eq!(&read.document, &annotated.document);
                prop_assert_eq!(&read.id, &annotated.id);
            }
        }
    }
}
