//! A JSON array of sentences, as SpERT reads it: `[{"tokens": […], "entities": [{"type", "start", "end"}],
//! "relations": [{"type", "head", "tail"}], "orig_id": …}]`, spans in tokens with `end` exclusive. Line breaks may stand
//! anywhere; further keys are noted.

use std::sync::Arc;

use crate::{
    annotated::{Annotated, TokenSentence},
    by_tokens::{Discontinuous, by_tokens},
    json::items,
    jsonl::{self, object},
    place::Place,
    reading::Reading,
    unknown_keys::UnknownKeys,
    writing::Notes,
};

/// Reads a file. A sentence without `orig_id` or `id` is called by its number in the array, from 1.
pub(crate) fn read(text: &str, source: &Arc<str>, reading: &mut Reading) {
    let items = match items(text) {
        Ok(items) => items,
        Err((line, problem)) => return reading.refuse(&Place::new(source, line), problem),
    };
    let mut unknown = UnknownKeys::default();
    for (index, item) in items.iter().enumerate() {
        let place = item.place(source, index);
        jsonl::read(&place, item.text, &mut unknown, reading);
    }
    unknown.note(reading);
}

/// The items of a document's sentences, parted by commas.
pub(crate) fn write(
    annotated: &Annotated,
    sentences: &[TokenSentence],
    notes: &mut Notes<'_>,
) -> String {
    let views = by_tokens(annotated, sentences, Discontinuous::Drop, notes);
    let items = views.iter().map(|view| object(view, "orig_id").to_string());
    items.collect::<Vec<_>>().join(",\n")
}
