//! JSON lines of documents, as SciERC is published and DyGIE++ reads it: `{"doc_key", "sentences": [[token, …], …],
//! "ner": [[[start, end, type], …], …], "relations": [[[start, end, start, end, type], …], …]}`.
//!
//! `ner` and `relations` have a list for each sentence; tokens are counted through the whole document, and `end` is
//! inclusive. `relations` may be missing; further keys (`clusters`, events) are noted.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Value, json};
use spanarc_document::{Attributes, Span, Token};

use crate::{
    Offsets,
    annotated::{Annotated, TokenSentence},
    by_tokens::{Discontinuous, by_tokens, describe_link},
    draft::{Draft, DraftLink, DraftMention},
    json::{identifier, parse},
    note::Note,
    place::Place,
    read_error::LineProblem,
    reading::Reading,
    token_text::TokenText,
    unknown_keys::{Keys, note_unknown},
    writing::Notes,
};

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DygieProblem {
    /// Not a list for each sentence.
    #[error("{field} has {found} lists for {sentences} sentences")]
    Lists {
        /// `ner` or `relations`.
        field: &'static str,
        /// How many there are.
        found: usize,
        /// Sentences of the document.
        sentences: usize,
    },
    /// A span beyond its sentence.
    #[error(
        "{field} is {first}..={last}, and its sentence has the document's tokens {}..={}",
        sentence.start, sentence.end.saturating_sub(1)
    )]
    Outside {
        /// Path of the span.
        field: String,
        /// Its first token.
        first: usize,
        /// Its last token.
        last: usize,
        /// The sentence.
        sentence: Span<Token>,
    },
    /// A relation of a span that is no entity.
    #[error("{field} has {first}..={last} as an argument, which `ner` does not hold")]
    NoEntity {
        /// Path of the relation.
        field: String,
        /// First token of the argument.
        first: usize,
        /// Last token of the argument.
        last: usize,
    },
}

/// First token, last token, type.
type EntityTuple = (usize, usize, String);

/// First and last token of the head, those of the tail, type.
type RelationTuple = (usize, usize, usize, usize, String);

#[derive(Deserialize)]
struct DygieObject {
    #[serde(alias = "id")]
    doc_key: Value,
    sentences: Vec<Vec<String>>,
    ner: Option<Vec<Vec<EntityTuple>>>,
    relations: Option<Vec<Vec<RelationTuple>>>,
}

const KEYS: Keys = Keys {
    owner: "documents",
    known: &["doc_key", "id", "sentences", "ner", "relations"],
    lists: &[],
};

/// Reads a line, a document. Sentences get the ids `doc_key:1`, `doc_key:2`, …
pub(crate) fn read_line(place: &Place, line: &str, reading: &mut Reading) {
    match parse::<DygieObject>(line) {
        Ok(object) => {
            note_unknown(line, &KEYS, place, reading);
            let id = || identifier(&object.doc_key);
            match (&object.ner, &object.relations) {
                (None, _) => reading.note(Note::Unannotated, place, id()),
                (Some(_), None) => reading.note(Note::NoRelationsKey, place, id()),
                (Some(_), Some(_)) => {}
            }
            if let Err(problem) = read(object, place, reading) {
                reading.refuse(place, problem);
            }
        }
        Err(problem) => reading.refuse_below(place, problem),
    }
}

fn read(object: DygieObject, place: &Place, reading: &mut Reading) -> Result<(), LineProblem> {
    let sentences = object.sentences.len();
    let ner = object.ner.unwrap_or_else(|| vec![Vec::new(); sentences]);
    let relations = object
        .relations
        .unwrap_or_else(|| vec![Vec::new(); sentences]);
    for (field, found) in [("ner", ner.len()), ("relations", relations.len())] {
        if found != sentences {
            return Err(DygieProblem::Lists {
                field,
                found,
                sentences,
            }
            .into());
        }
    }
    let id = identifier(&object.doc_key);
    let mut text = TokenText::default();
    let (mut ranges, mut indices) = (Vec::new(), Vec::new());
    let mut start = 0;
    for (number, words) in object.sentences.into_iter().enumerate() {
        ranges.push(Span::<Token>::new(start, start + words.len()));
        start += words.len();
        indices.push(text.sentences.len());
        if !words.is_empty() {
            text.push(format!("{id}:{}", number + 1), place.clone(), words)?;
        }
    }
    let mut draft = Draft::new(&text.text, Offsets::Byte);
    for (number, (entities, &range)) in ner.iter().zip(&ranges).enumerate() {
        for (index, (first, last, kind)) in entities.iter().enumerate() {
            let field = format!("ner[{number}][{index}]");
            let span = match within(range, *first, *last, &field) {
                Ok(span) => text.bytes(indices[number], span, &field)?,
                Err(problem) => {
                    reading.refuse(place, problem);
                    continue;
                }
            };
            let key = key(*first, *last);
            let is_first = !entities[..index]
                .iter()
                .any(|(f, l, _)| (f, l) == (first, last));
            let mention = DraftMention {
                // Relations name spans: of several mentions there they mean the first.
                id: is_first.then_some(key),
                ..DraftMention::new(kind, [(span.start, span.end)])
            };
            draft.mention(mention, &field, place, reading);
        }
    }
    for (number, (relations, &range)) in relations.iter().zip(&ranges).enumerate() {
        for (index, (head_first, head_last, tail_first, tail_last, kind)) in
            relations.iter().enumerate()
        {
            let field = format!("relations[{number}][{index}]");
            let known = &ner[number];
            let argument = |&first: &usize, &last: &usize| {
                within(range, first, last, &field)?;
                let is_known = known.iter().any(|&(f, l, _)| (f, l) == (first, last));
                let field = field.clone();
                is_known
                    .then(|| key(first, last))
                    .ok_or(DygieProblem::NoEntity { field, first, last })
            };
            match argument(head_first, head_last)
                .and_then(|head| Ok((head, argument(tail_first, tail_last)?)))
            {
                Ok((head, tail)) => {
                    draft.link(DraftLink::new(kind, &head, &tail), &field, place, reading);
                }
                Err(problem) => reading.refuse(place, problem),
            }
        }
    }
    draft.finish_sentences(
        id,
        text.sentences.clone(),
        Attributes::default(),
        place.clone(),
        reading,
    );
    Ok(())
}

/// What relations call the mention of these tokens.
fn key(first: usize, last: usize) -> String {
    format!("{first}..={last}")
}

/// A span of the document as one of the sentence.
fn within(
    sentence: Span<Token>,
    first: usize,
    last: usize,
    field: &str,
) -> Result<Span<Token>, DygieProblem> {
    if sentence.start <= first && first <= last && last < sentence.end {
        return Ok(Span::new(first - sentence.start, last + 1 - sentence.start));
    }
    let field = field.to_owned();
    Err(DygieProblem::Outside {
        field,
        first,
        last,
        sentence,
    })
}

/// A line.
pub(crate) fn write(
    annotated: &Annotated,
    sentences: &[TokenSentence],
    notes: &mut Notes<'_>,
) -> String {
    let views = by_tokens(annotated, sentences, Discontinuous::Drop, notes);
    let (mut tokens, mut ner, mut relations) = (Vec::new(), Vec::new(), Vec::new());
    let mut start = 0;
    for view in &views {
        let bounds = |span: Span<Token>| (start + span.start, start + span.end - 1);
        let entities = view.mentions.iter().map(|(mention, span)| {
            let (first, last) = bounds(*span);
            json!([first, last, &*mention.kind])
        });
        ner.push(entities.collect::<Value>());
        // Relations name spans, and mean the first mention there.
        let mut first_at = HashMap::new();
        for (index, (_, span)) in view.mentions.iter().enumerate() {
            first_at.entry(*span).or_insert(index);
        }
        let mut links = Vec::new();
        for (link, head, tail) in &view.links {
            let [head_span, tail_span] = [*head, *tail].map(|index| view.mentions[index].1);
            let is_first = (first_at[&head_span], first_at[&tail_span]) == (*head, *tail);
            if head_span == tail_span {
                notes.add(Note::Relation, link.id, describe_link(annotated, link));
                continue;
            }
            if !is_first {
                notes.add(Note::RelationMoved, link.id, describe_link(annotated, link));
            }
            let ((first, last), (tail_first, tail_last)) = (bounds(head_span), bounds(tail_span));
            links.push(json!([first, last, tail_first, tail_last, &*link.kind]));
        }
        relations.push(Value::from(links));
        let words = view.sentence.tokens.iter().map(|token| token.word.as_str());
        tokens.push(words.collect::<Value>());
        start += view.sentence.tokens.len();
    }
    let object =
        json!({"doc_key": annotated.id, "sentences": tokens, "ner": ner, "relations": relations});
    format!("{object}\n")
}

#[cfg(test)]
mod tests {
    use crate::{
        any_document::{read_one, read_text},
        format::Format::Dygie,
        note::Note,
        reported::{mentions, notes},
    };

    #[test]
    fn an_empty_sentence_has_no_tokens_to_count() {
        let line = r#"{"doc_key": "a", "sentences": [["Ada", "met"], [], ["Bo"]],
            "ner": [[[0, 0, "P"]], [], [[2, 2, "P"]]], "relations": [[], [], []]}"#;
        let annotated = read_one(Dygie, &[line.replace('\n', "")]);
        assert_eq!(mentions(&annotated), [("P", "Ada"), ("P", "Bo")]);
    }

    #[test]
    fn a_document_without_entities_is_one_that_nobody_has_annotated() {
        let reading = read_text(Dygie, &[r#"{"doc_key": "a", "sentences": [["Ada"]]}"#]);
        assert_eq!(reading.documents.len(), 1);
        assert_eq!(notes(&reading), [(Note::Unannotated, "a")]);
    }
}
