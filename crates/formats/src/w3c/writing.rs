//! A document to its text and a page of annotations.

use std::{collections::HashMap, fmt::Write};

use serde_json::{Map, Value, json};
use spanarc_document::{Attributes, Byte, OffsetMap, Origin, Span, State};

use super::{KEPT_KEYS, default_name, term};
use crate::{
    Offsets,
    annotated::Annotated,
    by_tokens::describe_link,
    json::number,
    naming::{names, without_name},
    note::Note,
    writing::Notes,
};

/// How many characters around a quote are written, as Recogito does.
const AROUND: usize = 10;

/// The text, and a page of all annotations but those that a person rejected, which others would take for valid.
pub(crate) fn write(annotated: &Annotated, notes: &mut Notes<'_>) -> [String; 2] {
    let document = &annotated.document;
    let text = document.text();
    let map = OffsetMap::new(text);
    let source = reference(&annotated.id);
    let mut mentions = Vec::new();
    for mention in document.mentions() {
        if mention.state == State::Rejected {
            notes.add(Note::Rejected, mention.id, annotated.describe(mention));
        } else {
            mentions.push(mention);
        }
    }
    let mut links = Vec::new();
    for link in document.links() {
        if link.state == State::Rejected {
            notes.add(Note::Rejected, link.id, describe_link(annotated, link));
        } else {
            links.push(link);
        }
    }
    let default = |index: usize| match index.checked_sub(mentions.len()) {
        None => default_name('e', index),
        Some(index) => default_name('r', index),
    };
    let is_fit = |id: &str| !id.is_empty() && !id.contains(char::is_whitespace);
    let attributes = mentions.iter().map(|mention| &mention.attributes);
    let all = attributes.chain(links.iter().map(|link| &link.attributes));
    let names = names(all, is_fit, default);
    let mut items = Vec::with_capacity(names.len());
    let mut name_of = HashMap::new();
    for (mention, name) in mentions.iter().zip(&names) {
        name_of.insert(mention.id, name);
        let targets: Vec<_> = (mention.spans.iter())
            .map(|span| json!({"source": source, "selector": selectors(text, &map, span)}))
            .collect();
        let mut item = annotation(name, &mention.kind, &mention.origin, &mention.attributes);
        item["target"] = targets.into();
        complete(&mut item, &mention.origin, mention.state);
        items.push(item);
    }
    for (link, name) in links.iter().zip(&names[mentions.len()..]) {
        let mut item = annotation(name, &link.kind, &link.origin, &link.attributes);
        item["motivation"] = "linking".into();
        let ends = [link.head, link.tail].map(|end| json!({"id": name_of.get(&end)}));
        item["target"] = json!(ends);
        complete(&mut item, &link.origin, link.state);
        items.push(item);
    }
    let mut page = json!({
        "@context": [
            "http://www.w3.org/ns/anno.jsonld",
            {
                "spanarc": "urn:spanarc:",
                term::ATTRIBUTES: {"@type": "@json"},
                term::NORMALIZATION: {"@type": "@json"},
                term::NOTES: {"@type": "@json"},
            },
        ],
        "type": "AnnotationPage",
        term::OFFSETS: Offsets::Utf16,
    });
    if !document.notes().is_empty() {
        page[term::NOTES] = json!(document.notes());
    }
    page["items"] = items.into();
    [text.to_string(), format!("{page:#}\n")]
}

/// A text's file as a reference relative to its annotations.
fn reference(id: &str) -> String {
    let mut reference = String::new();
    for character in id.chars() {
        if character.is_alphanumeric() || "-._~/".contains(character) {
            reference.push(character);
        } else {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                let _ = write!(reference, "%{byte:02X}");
            }
        }
    }
    reference + ".txt"
}

fn selectors(text: &str, map: &OffsetMap, span: Span<Byte>) -> Value {
    // The document's own spans are the text's.
    let (start, end) = Offsets::Utf16.of_byte(map, span).unwrap_or_default();
    let (before, after) = (&text[..span.start], &text[span.end..]);
    let first = before.char_indices().rev().nth(AROUND - 1);
    let prefix = first.map_or(before, |(index, _)| &before[index..]);
    let last = after.char_indices().nth(AROUND);
    let suffix = last.map_or(after, |(index, _)| &after[..index]);
    let exact = &text[span.start..span.end];
    json!([
        {"type": "TextQuoteSelector", "exact": exact, "prefix": prefix, "suffix": suffix},
        {"type": "TextPositionSelector", "start": start, "end": end},
    ])
}

/// An annotation with everything but its target.
fn annotation(name: &str, kind: &str, origin: &Origin, attributes: &Attributes) -> Value {
    let mut bodies = vec![json!({"type": "TextualBody", "purpose": "tagging", "value": kind})];
    let mut item = json!({"id": name, "type": "Annotation"});
    let mut rest = Map::new();
    for (key, value) in without_name(attributes, name).iter() {
        let more = match key.as_str() {
            "note" => comments(value),
            "normalizations" => identities(value),
            "creator" if *origin != Origin::Person || is_software(value) => None,
            key if KEPT_KEYS.contains(&key) => {
                item[key] = value.clone();
                continue;
            }
            _ => None,
        };
        match more {
            Some(more) => bodies.extend(more),
            None => {
                rest.insert(key.clone(), value.clone());
            }
        }
    }
    if !rest.is_empty() {
        item[term::ATTRIBUTES] = rest.into();
    }
    item["body"] = bodies.into();
    item
}

/// Whether a value would be taken for a model.
fn is_software(value: &Value) -> bool {
    super::selectors::list(Some(value))
        .iter()
        .any(|agent| agent.get("type").is_some_and(|kind| kind == "Software"))
}

/// A comment for each note; none where that would be read as something else.
fn comments(notes: &Value) -> Option<Vec<Value>> {
    let comment = |note: &Value| {
        let note = note.as_str()?;
        Some(json!({"type": "TextualBody", "purpose": "commenting", "value": note}))
    };
    match notes {
        Value::Array(notes) if notes.len() > 1 => notes.iter().map(comment).collect(),
        note => Some(vec![comment(note)?]),
    }
}

/// A body for each entry of a knowledge base; none where one has no id.
fn identities(normalizations: &Value) -> Option<Vec<Value>> {
    let identity = |normalization: &Value| {
        let part = |key| normalization.get(key).and_then(Value::as_str);
        let id = part("id").filter(|id| !id.is_empty())?;
        let source = match part("resource") {
            Some(resource) if !resource.is_empty() && !id.contains(':') => {
                format!("{resource}:{id}")
            }
            _ => id.to_owned(),
        };
        let mut body =
            json!({"type": "SpecificResource", "purpose": "identifying", "source": source});
        if *normalization != json!({"resource": "", "id": id, "text": ""}) {
            body[term::NORMALIZATION] = normalization.clone();
        }
        Some(body)
    };
    let list = normalizations.as_array().filter(|list| !list.is_empty())?;
    list.iter().map(identity).collect()
}

/// Adds who made an annotation.
fn complete(item: &mut Value, origin: &Origin, state: State) {
    let usual = match origin {
        Origin::Model { name, score } => {
            item["creator"] = json!({"type": "Software", "name": &**name});
            item[term::SCORE] = number(*score);
            State::Suggested
        }
        Origin::Person => State::Accepted,
    };
    if state != usual {
        item[term::STATE] = json!(state);
    }
}
