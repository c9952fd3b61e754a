//! doccano's JSON lines, in code points.
//!
//! ```json
//! {"id": 7, "text": "Ada met Bo.", "entities": [{"id": 11, "label": "Peop", "start_offset": 0, "end_offset": 3}, …],
//!  "relations": [{"id": 3, "from_id": 11, "to_id": 12, "type": "knows"}], "Comments": [{"id": 1, "comment": "Which Bo?"}]}
//! {"id": 7, "text": "Ada met Bo.", "label": [[0, 3, "Peop"], [8, 10, "Peop"]], "Comments": []}
//! ```
//!
//! The first is an export with relations, the second one without; older ones say `labels`, and those of late 2021 `data` for
//! the text. Comments and further keys, which doccano calls metadata, are the document's notes (`note` and their own names) and
//! are written back.
//!
//! doccano (1.8.4) cannot import lines of which some have metadata that others lack.
//!
//! doccano takes every entity of an import for a label: what a person rejected is not written, a model's suggestions are, and
//! say by the keys `score`, `model` and `state` what they are. doccano ignores these and `attributes`; ids are whole numbers.
//! Further keys of entities and relations are their attributes.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use spanarc_document::{Attributes, OffsetMap};

use crate::{
    Offsets,
    annotated::Annotated,
    by_spans::by_spans,
    json::{number_or_string, parse},
    naming::{keep, names, without_name},
    note::Note,
    place::Place,
    read_error::LineProblem,
    reading::Reading,
    text::{TextProblem, complete, read_object, value::TextObject},
    unknown_keys::further,
    writing::Notes,
};

/// The keys of a line that are no metadata.
const KEYS: [&str; 7] = [
    "id",
    "text",
    "entities",
    "label",
    "labels",
    "relations",
    COMMENTS,
];

/// The key of the comments.
const COMMENTS: &str = "Comments";

#[derive(Deserialize)]
struct DoccanoObject<'a> {
    #[serde(default)]
    id: Option<Value>,
    #[serde(borrow)]
    entities: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    label: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    labels: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    relations: Option<Vec<&'a RawValue>>,
    #[serde(default, rename = "Comments")]
    comments: Vec<Value>,
}

/// Reads a line; a text without an id is called by its number.
pub(crate) fn read_line(place: &Place, line: &str, reading: &mut Reading) {
    let parsed = text_of(line).and_then(|text| Ok((text, parse::<DoccanoObject<'_>>(line)?)));
    let ((key, text), object) = match parsed {
        Ok(parsed) => parsed,
        Err(problem) => return reading.refuse_below(place, problem),
    };
    let mut notes: Attributes = further(line, &KEYS).collect();
    notes.remove(key);
    if !object.comments.is_empty() {
        let comments = object.comments.into_iter().map(comment);
        notes.insert("note".to_owned(), comments.collect());
    }
    let object = TextObject {
        id: object.id,
        text,
        entities: object.entities,
        label: object.label,
        labels: object.labels,
        relations: object.relations,
        notes,
        ..TextObject::default()
    };
    let lacks_list = matches!(object.entities(), Err(TextProblem::NoList));
    if lacks_list && object.notes.get("annotations").is_some_and(are_numbered) {
        return reading.refuse(place, TextProblem::NumberedLabels);
    }
    let keep_id = |attributes: &mut Attributes, id: &str, index: usize| {
        keep(attributes, id, &index.to_string());
    };
    read_object(&object, line, &keep_id, place, reading);
}

/// The text with its key: a `data` beside a `text` is metadata.
fn text_of(line: &str) -> Result<(&'static str, String), (usize, LineProblem)> {
    #[derive(Deserialize)]
    struct Text {
        text: String,
    }
    #[derive(Deserialize)]
    struct Data {
        data: String,
    }
    parse::<Text>(line)
        .map(|object| ("text", object.text))
        .or_else(|problem| {
            let data = parse::<Data>(line).map_err(|_| problem)?;
            Ok(("data", data.data))
        })
}

/// Whether annotations have numbers as labels, as older exports do unless they are asked for names.
fn are_numbered(annotations: &Value) -> bool {
    let mut annotations = annotations.as_array().into_iter().flatten();
    annotations
        .any(|annotation| annotation["start_offset"].is_u64() && annotation["label"].is_u64())
}

/// A comment, which exports with relations wrap in an object.
fn comment(comment: Value) -> Value {
    match comment {
        Value::Object(mut object) => object.remove("comment").unwrap_or(Value::Object(object)),
        comment => comment,
    }
}

/// A line.
pub(crate) fn write(annotated: &Annotated, notes: &mut Notes<'_>) -> String {
    let document = &annotated.document;
    let map = OffsetMap::new(document.text());
    let view = by_spans(annotated, notes);
    let by_index = |index: usize| index.to_string();
    let mentions = view.mentions.iter().map(|(mention, _)| &mention.attributes);
    let mention_names = names(mentions, is_number, by_index);
    let links = view.links.iter().map(|(link, ..)| &link.attributes);
    let link_names = names(links, is_number, by_index);
    let entities = view.mentions.iter().zip(&mention_names);
    let entities = entities.map(|((mention, span), name)| {
        // The document's own spans are the text's.
        let (start, end) = Offsets::Char.of_byte(&map, *span).unwrap_or_default();
        let mut entity = json!({
            "id": number_or_string(name),
            "label": &*mention.kind,
            "start_offset": start,
            "end_offset": end,
        });
        let attributes = without_name(&mention.attributes, name);
        complete(&mut entity, &mention.origin, mention.state, &attributes);
        entity
    });
    let entities: Vec<Value> = entities.collect();
    let relations = view.links.iter().zip(&link_names);
    let relations = relations.map(|((link, head, tail), name)| {
        let mut relation = json!({
            "id": number_or_string(name),
            "from_id": number_or_string(&mention_names[*head]),
            "to_id": number_or_string(&mention_names[*tail]),
            "type": &*link.kind,
        });
        let attributes = without_name(&link.attributes, name);
        complete(&mut relation, &link.origin, link.state, &attributes);
        relation
    });
    let relations: Vec<Value> = relations.collect();
    let mut object = json!({
        "id": number_or_string(&annotated.id),
        "text": &**document.text(),
        "entities": entities,
        "relations": relations,
        COMMENTS: comments(document.notes().get("note")),
    });
    for (key, value) in document.notes().iter() {
        if KEYS.contains(&key.as_str()) {
            notes.add_whole(Note::Attribute, key);
        } else if key != "note" {
            object[key] = value.clone();
        }
    }
    format!("{object}\n")
}

fn comments(note: Option<&Value>) -> Vec<Value> {
    let comments = match note {
        None => &[],
        Some(Value::Array(comments)) => comments.as_slice(),
        Some(comment) => std::slice::from_ref(comment),
    };
    let comments = comments.iter().enumerate();
    comments
        .map(|(id, comment)| json!({"id": id, "comment": comment}))
        .collect()
}

/// Whether doccano takes it for an id.
fn is_number(id: &str) -> bool {
    number_or_string(id).is_number()
}

#[cfg(test)]
mod tests;
