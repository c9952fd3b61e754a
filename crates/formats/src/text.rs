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
//! says `"person"`; a model's are suggested, a person's accepted, unless `state` says otherwise. Further keys
//! of entities and relations are their attributes, those of the object are the document's notes.

pub(crate) mod value;

use std::collections::{HashMap, btree_map::Entry};

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use spanarc_document::{Attributes, Id, OffsetMap, Origin, State};

use crate::{
    Offsets,
    annotated::Annotated,
    draft::{Draft, DraftLink, DraftMention},
    json::{identifier, number, parse, parse_item},
    note::Note,
    place::Place,
    reading::Reading,
    text::value::{Extensible, TEXT_KEYS, TextEntity, TextObject, TextRelation},
    unknown_keys::further,
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
    /// Labels of an export that does not hold their names.
    #[error(
        "the labels in `annotations` are only numbers, and the export lacks their names: doccano has them in `JSONL(text label)`"
    )]
    NumberedLabels,
    /// Arguments in no known way.
    #[error("relations[{index}] has neither `head` and `tail` nor `from_id` and `to_id`")]
    NoArguments {
        /// Index of the relation.
        index: usize,
    },
}

/// Reads an object; a text without an id is called by its number.
pub(crate) fn read_line(place: &Place, line: &str, reading: &mut Reading) {
    match parse::<TextObject<'_>>(line) {
        Ok(mut object) => {
            if let Some(answer) = object.refusal() {
                let subject = format!("the answer is {answer}");
                return reading.note(Note::NotAccepted, place, subject);
            }
            for (key, value) in further(line, &TEXT_KEYS) {
                match object.notes.entry(key) {
                    Entry::Vacant(entry) => {
                        entry.insert(value);
                    }
                    Entry::Occupied(entry) => {
                        let subject = format!("{}, which stands in `notes`, too", entry.key());
                        reading.note(Note::Attribute, place, subject);
                    }
                }
            }
            read_object(&object, line, &|_, _, _| {}, place, reading);
        }
        Err(problem) => reading.refuse_below(place, problem),
    }
}

/// Puts what a file calls an annotation, and its index, into its attributes.
pub(crate) type KeepId = dyn Fn(&mut Attributes, &str, usize);

/// Reads the object that stands in `json`. Offsets count code points unless it says otherwise.
pub(crate) fn read_object(
    object: &TextObject<'_>,
    json: &str,
    keep_id: &KeepId,
    place: &Place,
    reading: &mut Reading,
) {
    let (id, place) = &place.called(object.id.as_ref());
    let (list, entities) = match object.entities() {
        Ok(entities) => entities,
        Err(problem) => return reading.refuse(place, problem),
    };
    if object.relations.is_none() {
        reading.note(Note::NoRelationsKey, place, "the text");
    }
    let mut draft = Draft::new(&object.text, object.offsets.unwrap_or_default());
    let ids: Vec<Option<String>> = entities.iter().map(|entity| id_of(entity)).collect();
    let has_ids = ids.iter().any(Option::is_some);
    for (index, (json_entity, id)) in entities.iter().zip(ids).enumerate() {
        let name = match (id, has_ids) {
            (Some(id), _) => Some(id),
            (None, true) => None,
            (None, false) => Some(index.to_string()),
        };
        let field = format!("{list}[{index}]");
        let entity =
            annotation::<TextEntity>(json_entity, index, json, &field, keep_id, place, reading);
        let Some(entity) = entity else {
            if let Some(name) = name.filter(|name| !draft.knows(name)) {
                draft.leave_out(name, &field);
            }
            continue;
        };
        let (origin, state) = entity.maker.origin_and_state(object.model.as_deref());
        let single = || vec![(entity.start, entity.end)];
        let mention = DraftMention {
            id: name,
            said: entity.text.as_deref(),
            origin,
            state,
            attributes: entity.attributes.clone(),
            ..DraftMention::new(&entity.kind, entity.spans.clone().unwrap_or_else(single))
        };
        draft.mention(mention, &field, place, reading);
    }
    for (index, relation) in object.relations.iter().flatten().enumerate() {
        let field = format!("relations[{index}]");
        let Some(relation) =
            annotation::<TextRelation>(relation, index, json, &field, keep_id, place, reading)
        else {
            continue;
        };
        let Some((head, tail)) = relation.arguments() else {
            reading.refuse(place, TextProblem::NoArguments { index });
            continue;
        };
        let (origin, state) = relation.maker().origin_and_state(object.model.as_deref());
        let link = DraftLink {
            origin,
            state,
            attributes: relation.attributes.clone(),
            ..DraftLink::new(&relation.kind, &head, &tail)
        };
        draft.link(link, &field, place, reading);
    }
    draft.finish(id.as_str(), object.notes.clone(), place.clone(), reading);
}

/// An entity or a relation with its further keys; nothing where it cannot be read, which is refused.
fn annotation<'a, T: Extensible + Deserialize<'a>>(
    item: &'a RawValue,
    index: usize,
    whole: &str,
    field: &str,
    keep_id: &KeepId,
    place: &Place,
    reading: &mut Reading,
) -> Option<T> {
    let mut annotation: T = match parse_item(item.get(), whole, field) {
        Ok(annotation) => annotation,
        Err(problem) => {
            reading.refuse_below(place, problem);
            return None;
        }
    };
    annotation.extend(item.get(), field, place, reading);
    if let Some(id) = annotation.id().map(identifier) {
        keep_id(annotation.attributes(), &id, index);
    }
    Some(annotation)
}

/// What a file calls an annotation, even where it cannot be read otherwise.
fn id_of(annotation: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        id: Option<Value>,
    }
    let named: Named = serde_json::from_str(annotation.get()).ok()?;
    named.id.as_ref().map(identifier)
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
        any_document::{Holds, any_annotated, read_one, read_text, written},
        format::Format,
        note::Note,
        reported::{notes, refused},
    };

    #[test]
    fn scores_are_written_as_people_write_them() {
        let text =
            r#"{"text": "Ada", "entities": [{"type": "P", "start": 0, "end": 3, "score": 0.9}]}"#;
        let (files, _) = written(Format::Text, &read_one(Format::Text, &[text]));
        assert!(files[0].contains(r#""score":0.9}"#), "{}", files[0]);
    }

    #[test]
    fn further_keys_are_attributes_and_notes() {
        let text = r#"{"text": "Ada Bo", "entities": [{"type": "P", "start": 0, "end": 3, "foo": 1, "bar": 2, "attributes": {"bar": 3}},
            {"type": "P", "start": 4, "end": 6}], "relations": [{"type": "r", "head": 0, "tail": 1, "foo": true}], "meta": 5}"#;
        let reading = read_text(Format::Json, &[text]);
        let document = &reading.documents[0].document;
        let mention = &document.mentions()[0].attributes;
        assert_eq!((&mention["foo"], &mention["bar"]), (&1.into(), &3.into()));
        assert_eq!(document.links()[0].attributes["foo"], true);
        assert_eq!(document.notes()["meta"], 5);
        assert_eq!(
            notes(&reading),
            [(
                Note::Attribute,
                "bar of entities[0], which stands in `attributes`, too"
            )]
        );
    }

    #[test]
    fn what_an_answer_rejects_is_no_document() {
        let line = |answer: &str| {
            format!(r#"{{"text": "Ada", "entities": [], "relations": [], "answer": "{answer}"}}"#)
        };
        let lines = ["reject", "ignore", "Paris"].map(line).join("\n");
        let reading = read_text(Format::Text, &[lines]);
        assert_eq!(
            notes(&reading),
            [
                (Note::NotAccepted, "the answer is reject"),
                (Note::NotAccepted, "the answer is ignore"),
            ]
        );
        assert_eq!(reading.documents[0].document.notes()["answer"], "Paris");
    }

    #[test]
    fn an_entity_of_the_wrong_shape_is_refused_alone_with_its_relations() {
        let text = "{\"text\": \"Ada Bo\", \"entities\": [\n {\"type\": \"P\", \"start\": 0, \"end\": 3.5},\n [4, 6, \"P\"]],\n \"relations\": [{\"type\": \"r\", \"head\": 0, \"tail\": 1}]}";
        let reading = read_text(Format::Json, &[text]);
        assert_eq!(
            refused(&reading),
            [
                "t, line 2: invalid type: floating point `3.5`, expected a whole number from 0 in entities[0].end at column 37"
            ]
        );
        assert_eq!(notes(&reading), [(Note::RelationOfDropped, "relations[0]")]);
        assert_eq!(reading.documents[0].document.mentions().len(), 1);
    }

    #[test]
    fn a_score_that_is_no_share_is_refused_with_its_entity_but_for_rounding() {
        let entity =
            |score| format!("{{\"type\": \"P\", \"start\": 0, \"end\": 3, \"score\": {score}}}");
        let entities = ["1.0000001", "-1", "3"].map(entity).join(", ");
        let text = format!("{{\"text\": \"Ada\", \"entities\": [{entities}]}}");
        let reading = read_text(Format::Json, &[&text]);
        let told = |index| format!("t, line 1: the score of entities[{index}] is not from 0 to 1");
        assert_eq!(refused(&reading), [told(1), told(2)]);
        assert_eq!(reading.documents[0].document.mentions().len(), 1);
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
