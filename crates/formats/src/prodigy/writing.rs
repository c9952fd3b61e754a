//! Documents to lines.

use serde_json::{Map, Value, json};
use spanarc_document::{Attributes, Id, OffsetMap, Origin, State};

use super::LINE_KEYS;
use crate::{
    Offsets,
    annotated::{Annotated, TokenSentence},
    covering::{Covered, covered, relation},
    json::{number, number_or_string},
    note::Note,
    writing::Notes,
};

/// Keys of a span that no attribute can have.
const SPAN_KEYS: [&str; 9] = [
    "start",
    "end",
    "token_start",
    "token_end",
    "label",
    "text",
    "answer",
    "score",
    "state",
];

/// Keys of a relation that no attribute can have.
const RELATION_KEYS: [&str; 8] = [
    "head",
    "child",
    "head_span",
    "child_span",
    "label",
    "color",
    "score",
    "state",
];

/// A line.
pub(crate) fn write(
    annotated: &Annotated,
    sentences: &[TokenSentence],
    notes: &mut Notes<'_>,
) -> String {
    let document = &annotated.document;
    let text = document.text();
    let map = OffsetMap::new(text);
    let Covered {
        view,
        tokens,
        ranges,
    } = covered(annotated, sentences, &map, notes);
    let is_suggested = (view.mentions.iter()).any(|(mention, _)| mention.is_suggestion())
        || view.links.iter().any(|(link, ..)| link.is_suggestion());
    let is_accepted = !is_suggested && !view.mentions.is_empty();
    let spans = view.mentions.iter().zip(&ranges);
    let spans = spans.map(|((mention, _), range)| {
        let mut span = range.clone();
        complete(&mut span, &mention.origin, mention.state, is_accepted);
        add(
            &mut span,
            &mention.attributes,
            &SPAN_KEYS,
            mention.id,
            notes,
        );
        span
    });
    let spans: Vec<Value> = spans.collect();
    let relations = view.links.iter().map(|(link, head, tail)| {
        let mut relation = relation(link, [&ranges[*head], &ranges[*tail]], "token_end");
        complete(&mut relation, &link.origin, link.state, is_accepted);
        add(
            &mut relation,
            &link.attributes,
            &RELATION_KEYS,
            link.id,
            notes,
        );
        relation
    });
    let relations: Vec<Value> = relations.collect();
    let tokens = tokens.iter().enumerate().map(|(id, token)| {
        let (start, end) = Offsets::Char.of_byte(&map, token.span).unwrap_or_default();
        let word = &text[token.span.start..token.span.end];
        json!({"text": word, "start": start, "end": end, "id": id, "ws": token.space})
    });
    let mut line = json!({
        "id": number_or_string(&annotated.id),
        "text": &**text,
        "tokens": tokens.collect::<Vec<_>>(),
        "spans": spans,
        "relations": relations,
    });
    if is_accepted {
        line["answer"] = "accept".into();
    }
    for (key, value) in document.notes().iter() {
        if LINE_KEYS.contains(&key.as_str()) || key.starts_with('_') {
            notes.add_whole(Note::Attribute, key);
        } else {
            line[key] = value.clone();
        }
    }
    format!("{line}\n")
}

/// Adds who made an annotation, in a line that a person accepted or not.
fn complete(value: &mut Value, origin: &Origin, state: State, is_accepted: bool) {
    let usual = match origin {
        Origin::Model { name, score } => {
            value["score"] = number(*score);
            if !name.is_empty() {
                value["source"] = (&**name).into();
            }
            if is_accepted {
                State::Accepted
            } else {
                State::Suggested
            }
        }
        Origin::Person => State::Accepted,
    };
    if state != usual {
        value["state"] = json!(state);
    }
}

/// Adds attributes as further keys.
fn add(value: &mut Value, attributes: &Attributes, taken: &[&str], id: Id, notes: &mut Notes<'_>) {
    let is_model = value.get("score").is_some();
    let mut rest = Map::new();
    for (key, attribute) in attributes.iter() {
        if taken.contains(&key.as_str()) || is_model && key == "source" {
            notes.add_attribute(id, key);
        } else {
            rest.insert(key.clone(), attribute.clone());
        }
    }
    if let Some(object) = value.as_object_mut() {
        object.extend(rest);
    }
}
