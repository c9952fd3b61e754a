//! JSON lines of documents, as SciERC is published and DyGIE++ reads it: `{"doc_key", "sentences": [[token, …], …],
//! "ner": [[[start, end, type], …], …], "relations": [[[start, end, start, end, type], …], …]}`.
//!
//! `ner` and `relations` have a list for each sentence; tokens are counted through the whole document, and `end` is
//! inclusive. `relations` may be missing; further keys (`clusters`, events) are passed over.

use std::sync::Arc;

use serde::Deserialize;

use super::each_line;
use crate::{
    document::{Entity, Relation, Sentence},
    json,
    reading::{Note, Place, Reading},
    span::{Span, Token},
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
struct Document {
    doc_key: String,
    sentences: Vec<Vec<String>>,
    ner: Vec<Vec<EntityTuple>>,
    relations: Option<Vec<Vec<RelationTuple>>>,
}

/// Reads a file. Sentences get the ids `doc_key:1`, `doc_key:2`, …
pub(super) fn read(bytes: &[u8], source: &Arc<str>, reading: &mut Reading) {
    each_line(bytes, source, reading, |place, line, reading| {
        reading.begin_document();
        match json::parse::<Document>(line) {
            Ok(document) => document.read(place, reading),
            Err((_, problem)) => reading.refuse(place, problem),
        }
    });
}

impl Document {
    fn read(self, place: &Place, reading: &mut Reading) {
        let sentences = self.sentences.len();
        let relations = self.relations.unwrap_or_else(|| {
            reading.note(Note::NoRelationsKey);
            vec![Vec::new(); sentences]
        });
        for (field, found) in [("ner", self.ner.len()), ("relations", relations.len())] {
            if found != sentences {
                let problem = DygieProblem::Lists {
                    field,
                    found,
                    sentences,
                };
                return reading.refuse(place, problem);
            }
        }
        let mut start = 0;
        let parts = self.sentences.into_iter().zip(self.ner).zip(relations);
        for (number, ((tokens, entities), relations)) in parts.enumerate() {
            let span = Span::new(start, start + tokens.len());
            start = span.end;
            let annotations = read_entities(number, span, entities)
                .and_then(|found| Ok((read_relations(number, span, &found, relations)?, found)));
            match annotations {
                Ok((relations, entities)) => {
                    let sentence = Sentence {
                        id: format!("{}:{}", self.doc_key, number + 1),
                        tokens,
                        entities,
                        relations,
                    };
                    reading.keep(sentence, place.clone());
                }
                Err(problem) => reading.refuse(place, problem),
            }
        }
    }
}

/// A span of the document as one of the sentence.
fn within(
    sentence: Span<Token>,
    first: usize,
    last: usize,
    field: impl FnOnce() -> String,
) -> Result<Span<Token>, DygieProblem> {
    if sentence.start <= first && first <= last && last < sentence.end {
        return Ok(Span::new(first - sentence.start, last + 1 - sentence.start));
    }
    Err(DygieProblem::Outside {
        field: field(),
        first,
        last,
        sentence,
    })
}

fn read_entities(
    number: usize,
    sentence: Span<Token>,
    entities: Vec<EntityTuple>,
) -> Result<Vec<Entity>, DygieProblem> {
    let entities = entities.into_iter().enumerate();
    entities
        .map(|(index, (first, last, kind))| {
            let field = || format!("ner[{number}][{index}]");
            let span = within(sentence, first, last, field)?;
            Ok(Entity { kind, span })
        })
        .collect()
}

fn read_relations(
    number: usize,
    sentence: Span<Token>,
    entities: &[Entity],
    relations: Vec<RelationTuple>,
) -> Result<Vec<Relation>, DygieProblem> {
    let relations = relations.into_iter().enumerate();
    relations
        .map(
            |(index, (head_first, head_last, tail_first, tail_last, kind))| {
                let field = || format!("relations[{number}][{index}]");
                let argument = |first, last| {
                    let span = within(sentence, first, last, field)?;
                    let mut spans = entities.iter().map(|entity| entity.span);
                    spans
                        .position(|entity| entity == span)
                        .ok_or_else(|| DygieProblem::NoEntity {
                            field: field(),
                            first,
                            last,
                        })
                };
                Ok(Relation {
                    head: argument(head_first, head_last)?,
                    tail: argument(tail_first, tail_last)?,
                    kind,
                })
            },
        )
        .collect()
}
