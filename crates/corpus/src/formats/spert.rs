//! A JSON array of sentences, as SpERT reads it: `[{"tokens": […], "entities": [{"type", "start", "end"}],
//! "relations": [{"type", "head", "tail"}], "orig_id": …}]`, spans in tokens with `end` exclusive. Line breaks may stand
//! anywhere; further keys are passed over.

use std::sync::Arc;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::Value;

use super::{line_at, utf8};
use crate::{
    document::{Entity, Relation, Sentence},
    json,
    read_error::LineProblem,
    reading::{Place, Reading},
};

#[derive(Deserialize)]
struct Record {
    tokens: Vec<String>,
    entities: Vec<Entity>,
    relations: Vec<Relation>,
    #[serde(default, alias = "id")]
    orig_id: Option<Value>,
}

/// Reads a file. A sentence without `orig_id` or `id` is called by its number in the array, from 1.
pub(super) fn read(bytes: &[u8], source: &Arc<str>, reading: &mut Reading) {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let Some(text) = utf8(bytes, source, reading) else {
        return;
    };
    let place = |position| Place::new(source, line_at(bytes, position));
    let items = match items(text) {
        Ok(items) => items,
        Err((position, problem)) => return reading.refuse(&place(position), problem),
    };
    let (mut line, mut counted) = (1, 0);
    for (index, &(start, item)) in items.iter().enumerate() {
        reading.begin_document();
        line += line_at(&bytes[counted..], start - counted) - 1;
        counted = start;
        let source = Arc::clone(source);
        match json::parse::<Record>(item) {
            Ok(record) => {
                let number = || (index + 1).to_string();
                let sentence = Sentence {
                    id: record
                        .orig_id
                        .map_or_else(number, |id| json::identifier(&id)),
                    tokens: record.tokens,
                    entities: record.entities,
                    relations: record.relations,
                };
                reading.keep(sentence, Place { source, line });
            }
            Err((below, problem)) => {
                let line = line + below;
                reading.refuse(&Place { source, line }, problem);
            }
        }
    }
}

/// The items of the array in `text`, with the bytes where they begin; or where it is no array, and why.
fn items(text: &str) -> Result<Vec<(usize, &str)>, (usize, LineProblem)> {
    let mut items = Vec::new();
    let mut position = after_blank(text, 0);
    let expected = |position: usize, what: &'static str| {
        let column = position - text[..position].rfind('\n').map_or(0, |at| at + 1) + 1;
        let problem = LineProblem::Json {
            message: format!("expected {what}"),
            field: String::new(),
            column,
            keys: Vec::new(),
        };
        (position, problem)
    };
    if !text[position..].starts_with('[') {
        return Err(expected(position, "a JSON array"));
    }
    position = after_blank(text, position + 1);
    if text[position..].starts_with(']') {
        position += 1;
    } else {
        loop {
            let rest = &text[position..];
            let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
            if values.next().is_none_or(|value| value.is_err()) {
                return Err(fault(text, position));
            }
            let end = position + values.byte_offset();
            items.push((position, &text[position..end]));
            position = after_blank(text, end);
            match text[position..].chars().next() {
                Some(',') => position = after_blank(text, position + 1),
                Some(']') => break position += 1,
                _ => return Err(expected(position, "`,` or `]`")),
            }
        }
    }
    position = after_blank(text, position);
    if position < text.len() {
        return Err(expected(position, "nothing after the array"));
    }
    Ok(items)
}

/// Why no JSON value begins at `position`.
fn fault(text: &str, position: usize) -> (usize, LineProblem) {
    match json::parse::<Value>(&text[position..]) {
        Err((below, problem)) => {
            let lines = text[position..].split_inclusive('\n').take(below);
            (position + lines.map(str::len).sum::<usize>(), problem)
        }
        Ok(_) => (position, LineProblem::NotText),
    }
}

fn after_blank(text: &str, position: usize) -> usize {
    text.len() - text[position..].trim_start().len()
}
