//! What tells the formats of JSON apart: keys with values of the right kind.

use serde_json::{Map, Value};

use crate::format::Format;

pub(super) type Object = Map<String, Value>;

type Mark = fn(&Object) -> bool;

/// What an object of a format has, surest first: a later mark may stand in files of the formats before it. Answers come before
/// what they answer for, since what was rejected must not be read as valid.
pub(super) const MARKS: [(Format, Mark); 16] = [
    (Format::CasJson, is_cas),
    (Format::LabelStudio, is_task),
    (Format::LabelStudio, has_regions),
    (Format::Prodigy, has_answer),
    (Format::Doccano, is_of_doccano),
    (Format::W3c, is_annotation),
    (Format::Spacy, is_doc),
    (Format::Prodigy, is_example),
    (Format::Dygie, has_sentences),
    (Format::Jsonl, is_sentence),
    (Format::LabelStudio, is_exported),
    (Format::Text, has_entities),
    (Format::Prodigy, |object| {
        has_text(object) && is_list(object, "spans")
    }),
    (Format::Doccano, has_labels),
    (Format::Text, has_text),
    (Format::Jsonl, Object::is_empty),
];

fn is_cas(object: &Object) -> bool {
    object.contains_key("%FEATURE_STRUCTURES") || object.contains_key("%TYPES")
}

fn is_task(object: &Object) -> bool {
    !has_text(object) && object.get("data").is_some_and(Value::is_object)
}

/// Whether it is a task of JSON-MIN, with a list of regions by the name of their control.
fn has_regions(object: &Object) -> bool {
    object.keys().any(|key| {
        first(object, key)
            .is_some_and(|item| item.get("start").is_some() && item["labels"].is_array())
    })
}

fn has_answer(object: &Object) -> bool {
    let answer = object.get("answer").and_then(Value::as_str);
    let has_number = |key| object.get(key).is_some_and(Value::is_number);
    matches!(answer, Some("accept" | "reject" | "ignore"))
        || has_number("_input_hash")
        || has_number("_task_hash")
}

/// Whether it has comments, triples as labels, or entities whose offsets are called as doccano calls them.
fn is_of_doccano(object: &Object) -> bool {
    let is_triple = |item: &Value| item.get(0).is_some_and(Value::is_number);
    let has_offset = |item: &Value| item.get("start_offset").is_some();
    let any_first = |keys: &[&str], is: fn(&Value) -> bool| {
        keys.iter().any(|key| first(object, key).is_some_and(is))
    };
    has_text_or_data(object)
        && (is_list(object, "Comments")
            || any_first(&["label", "labels"], is_triple)
            || any_first(
                &["entities", "label", "labels", "spans", "annotations"],
                has_offset,
            ))
}

fn is_annotation(object: &Object) -> bool {
    let kind = object.get("type").and_then(Value::as_str);
    let context = object.get("@context").map(Value::to_string);
    let selects =
        |target: &Value| target.get("selector").is_some() || target.get("source").is_some();
    kind.is_some_and(|kind| kind.starts_with("Annotation"))
        || context.is_some_and(|context| context.contains("w3.org/ns/anno"))
        || object.get("target").is_some_and(selects)
        || first(object, "target").is_some_and(selects)
}

/// Whether it is a `Doc`, with entities, groups of spans, or tokens without words.
fn is_doc(object: &Object) -> bool {
    let token = first(object, "tokens");
    has_text(object)
        && (is_list(object, "ents")
            || object.get("spans").is_some_and(Value::is_object)
            || token.is_some_and(|token| token.is_object() && token.get("text").is_none()))
}

/// Whether it has tokens with words, or spans with labels.
fn is_example(object: &Object) -> bool {
    let has = |list, key| first(object, list).is_some_and(|item| item.get(key).is_some());
    has_text(object) && (has("tokens", "text") || has("spans", "label"))
}

fn has_sentences(object: &Object) -> bool {
    let sentences = object.get("sentences").and_then(Value::as_array);
    sentences.is_some_and(|list| list.first().is_none_or(Value::is_array))
        && (!has_text(object) || object.contains_key("doc_key"))
}

fn is_sentence(object: &Object) -> bool {
    let tokens = object.get("tokens").and_then(Value::as_array);
    let may_be_words = |list: &Vec<Value>| list.is_empty() || list.iter().any(Value::is_string);
    tokens.is_some_and(may_be_words) && (!has_text(object) || is_list(object, "entities"))
}

/// Whether it may be a task of JSON-MIN without labels.
fn is_exported(object: &Object) -> bool {
    object.contains_key("annotator") && object.contains_key("annotation_id")
}

fn has_entities(object: &Object) -> bool {
    let is_entity = |item: &Value| item.is_object() || item.is_array();
    let lists = ["entities", "label", "labels", "spans"];
    has_text(object) && (lists.iter()).any(|list| first(object, list).is_some_and(is_entity))
}

fn has_labels(object: &Object) -> bool {
    has_text_or_data(object) && (is_list(object, "label") || is_list(object, "labels"))
}

fn has_text(object: &Object) -> bool {
    object.get("text").is_some_and(Value::is_string)
}

/// Exports of late 2021 call the text `data`.
fn has_text_or_data(object: &Object) -> bool {
    has_text(object) || object.get("data").is_some_and(Value::is_string)
}

fn is_list(object: &Object, key: &str) -> bool {
    object.get(key).is_some_and(Value::is_array)
}

fn first<'a>(object: &'a Object, key: &str) -> Option<&'a Value> {
    object.get(key)?.as_array()?.first()
}
