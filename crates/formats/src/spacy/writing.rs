//! Documents to objects.

use std::{cmp::Reverse, collections::BTreeMap};

use serde_json::{Map, Value, json};
use spanarc_document::{Attributes, Byte, Mention, OffsetMap, Origin, Span, State};

use super::{GROUP, MAKER_KEYS, RELATIONS};
use crate::{
    Offsets,
    annotated::{Annotated, TokenSentence},
    covering::{CoverToken, Covered, covered, relation},
    json::{number, number_or_string},
    writing::Notes,
};

/// A line.
pub(crate) fn write(
    annotated: &Annotated,
    sentences: &[TokenSentence],
    notes: &mut Notes<'_>,
) -> String {
    let document = &annotated.document;
    let text = document.text();
    let map = OffsetMap::new(text);
    // The document's own spans are the text's.
    let offsets = |span: Span<Byte>| {
        let (start, end) = Offsets::Char.of_byte(&map, span).unwrap_or_default();
        json!({"start": start, "end": end})
    };
    let Covered {
        view,
        tokens,
        ranges,
    } = covered(annotated, sentences, &map, notes);
    let mut attributes = Map::new();
    for ((mention, _), range) in view.mentions.iter().zip(&ranges) {
        let mut values = json!({});
        complete(&mut values, &mention.origin, mention.state);
        let group = group(mention).map(|_| "group");
        add(&mut values, &mention.attributes, group.as_slice(), |key| {
            notes.add_attribute(mention.id, key);
        });
        for (name, value) in values.as_object().into_iter().flatten() {
            let list = attributes.entry(name).or_insert_with(|| json!([]));
            if let Some(list) = list.as_array_mut() {
                let [start, end, label] = ["start", "end", "label"].map(|key| &range[key]);
                list.push(json!({"start": start, "end": end, "label": label, "value": value}));
            }
        }
    }
    let relations = view.links.iter().map(|(link, head, tail)| {
        let mut relation = relation(link, [&ranges[*head], &ranges[*tail]], "token_start");
        complete(&mut relation, &link.origin, link.state);
        let taken = ["head", "child", "head_span", "child_span", "label"];
        add(&mut relation, &link.attributes, &taken, |key| {
            notes.add_attribute(link.id, key);
        });
        relation
    });
    let relations: Vec<Value> = relations.collect();
    let (ents, groups) = lists(&view.mentions, offsets);
    let token_objects = tokens.iter().enumerate().map(|(id, token)| {
        let mut object = offsets(token.span);
        object["id"] = id.into();
        object
    });
    let mut object = json!({
        "id": number_or_string(&annotated.id),
        "text": &**text,
        "ents": ents,
        "sents": sents(sentences, &tokens).into_iter().map(offsets).collect::<Vec<_>>(),
        "tokens": token_objects.collect::<Vec<_>>(),
    });
    if !groups.is_empty() {
        object["spans"] = groups.into();
    }
    object[RELATIONS] = relations.into();
    let mut own = document.notes().clone();
    if let Some(cats) = own.get("cats").filter(|cats| is_cats(cats)) {
        object["cats"] = cats.clone();
        own.remove("cats");
    }
    if !own.is_empty() {
        object["notes"] = json!(own);
    }
    if !attributes.is_empty() {
        object["span_attributes"] = attributes.into();
    }
    format!("{object}\n")
}

/// Entities, none of which overlaps another, and groups of spans.
fn lists(
    mentions: &[(&Mention, Span<Byte>)],
    offsets: impl Fn(Span<Byte>) -> Value,
) -> (Vec<Value>, Map<String, Value>) {
    let object = |(mention, span): &(&Mention, Span<Byte>)| {
        let mut object = offsets(*span);
        object["label"] = (&*mention.kind).into();
        object["kb_id"] = knowledge(&mention.attributes).into();
        object
    };
    let mut groups = Map::new();
    let mut add = |group: String, mention: &(&Mention, Span<Byte>)| {
        let list = groups.entry(group).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(object(mention));
        }
    };
    for mention in mentions {
        if let Some(group) = group(mention.0) {
            add(group.to_owned(), mention);
        }
    }
    let ungrouped: Vec<_> = (mentions.iter())
        .filter(|(mention, _)| group(mention).is_none())
        .collect();
    let flat = flat(&ungrouped);
    if flat.len() < ungrouped.len() {
        for mention in &ungrouped {
            add(GROUP.to_owned(), mention);
        }
    }
    (flat.into_iter().map(object).collect(), groups)
}

/// The group of spans that a mention comes from.
fn group(mention: &Mention) -> Option<&str> {
    mention.attributes.get("group")?.as_str()
}

/// The longest mentions of which none overlaps another, in text order.
fn flat<'a, 'm>(mentions: &[&'a (&'m Mention, Span<Byte>)]) -> Vec<&'a (&'m Mention, Span<Byte>)> {
    let mut by_length = mentions.to_vec();
    by_length.sort_by_key(|(_, span)| (Reverse(span.len()), span.start));
    // By their starts: what is taken neither reaches into what begins behind it nor is reached.
    let mut taken = BTreeMap::new();
    for mention in by_length {
        let span = mention.1;
        let before = taken.range(..span.end).next_back();
        let is_free = before.is_none_or(|(_, (end, _))| *end <= span.start);
        if is_free {
            taken.insert(span.start, (span.end, mention));
        }
    }
    taken.into_values().map(|(_, mention)| mention).collect()
}

/// The entry of a knowledge base that a mention names first.
fn knowledge(attributes: &Attributes) -> &str {
    let normalizations = attributes.get("normalizations");
    let first = normalizations.and_then(|list| list.get(0)?.get("id")?.as_str());
    first.unwrap_or_default()
}

/// The sentences as stretches of whole tokens that leave none out.
fn sents(sentences: &[TokenSentence], tokens: &[CoverToken]) -> Vec<Span<Byte>> {
    let starts: Vec<usize> = (sentences.iter())
        .filter(|sentence| !sentence.tokens.is_empty())
        .map(|sentence| {
            let start = sentence.extent().start;
            tokens.partition_point(|token| token.span.start < start)
        })
        .collect();
    let ends = starts.iter().skip(1).copied().chain([tokens.len()]);
    let firsts = std::iter::once(0).chain(starts.iter().skip(1).copied());
    let ranges = firsts.zip(ends).filter(|(first, end)| first < end);
    ranges
        .filter(|_| !starts.is_empty())
        .map(|(first, end)| Span::new(tokens[first].span.start, tokens[end - 1].span.end))
        .collect()
}

/// Whether spaCy takes a value for categories with their probabilities.
fn is_cats(value: &Value) -> bool {
    let cats = value.as_object();
    cats.is_some_and(|cats| cats.values().all(Value::is_number))
}

/// Adds who made an annotation.
fn complete(values: &mut Value, origin: &Origin, state: State) {
    let usual = match origin {
        Origin::Model { name, score } => {
            values["score"] = number(*score);
            if !name.is_empty() {
                values["model"] = (&**name).into();
            }
            State::Suggested
        }
        Origin::Person => State::Accepted,
    };
    if state != usual {
        values["state"] = json!(state);
    }
}

/// Adds attributes; `left_out` gets the keys that stand for something else. `taken` ones are said elsewhere.
fn add(
    values: &mut Value,
    attributes: &Attributes,
    taken: &[&str],
    mut left_out: impl FnMut(&str),
) {
    for (key, value) in attributes.iter() {
        if MAKER_KEYS.contains(&key.as_str()) {
            left_out(key);
        } else if !taken.contains(&key.as_str()) {
            values[key] = value.clone();
        }
    }
}
