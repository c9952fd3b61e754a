//! Every format read from small corpora of our own.

mod brat;
mod columns;
mod json_lines;
mod properties;

use spanarc_formats::Note;

use super::*;
use crate::{Byte, Sentence, Span};

/// A line is a sentence, what stands between spaces is a token.
struct Plain;

impl Segmenter for Plain {
    fn sentences(&self, text: &str) -> Vec<Span<Byte>> {
        pieces(text, &['\n'])
    }

    fn tokens(&self, sentence: &str) -> Vec<(Span<Byte>, String)> {
        let words = pieces(sentence, &[' ', '\n']).into_iter();
        words
            .map(|span| (span, sentence[span.start..span.end].to_owned()))
            .collect()
    }
}

/// The parts of a text between separators of one byte that are not empty.
fn pieces(text: &str, separators: &[char]) -> Vec<Span<Byte>> {
    let mut found = Vec::new();
    let mut start = 0;
    for part in text.split(separators) {
        if !part.is_empty() {
            found.push(Span::new(start, start + part.len()));
        }
        start += part.len() + 1;
    }
    found
}

/// Reads a file as what it is found to be.
fn read_detected(text: &str) -> (Format, Reading) {
    let format = Format::detect(text.as_bytes()).unwrap();
    (format, read_as(format, text, &SentenceRules::default()))
}

fn read_as(format: Format, text: &str, rules: &SentenceRules) -> Reading {
    let mut reading = Reading::default();
    read(format, text.as_bytes(), "x", rules, &Plain, &mut reading);
    reading
}

/// A sentence on one line: its tokens, then its entities and relations by their words.
fn shown(sentence: &Sentence) -> String {
    let words = |index: usize| {
        let span = sentence.entities[index].span;
        sentence.tokens[span.start..span.end].join(" ")
    };
    let entities = sentence.entities.iter().enumerate();
    let mut parts: Vec<String> = entities
        .map(|(index, entity)| format!("{}={}", entity.kind, words(index)))
        .collect();
    parts.extend(sentence.relations.iter().map(|relation| {
        let (head, tail) = (words(relation.head), words(relation.tail));
        format!("{}({head}, {tail})", relation.kind)
    }));
    format!("{} | {}", sentence.tokens.join(" "), parts.join("; "))
}

fn sentences(reading: &Reading) -> Vec<String> {
    let located = reading.sentences.iter();
    located.map(|located| shown(&located.sentence)).collect()
}

fn places(reading: &Reading) -> Vec<(String, usize)> {
    let located = reading.sentences.iter();
    located
        .map(|located| (located.place.to_string(), located.document))
        .collect()
}

fn refused(reading: &Reading) -> Vec<String> {
    reading.refused.iter().map(ToString::to_string).collect()
}

/// How often something was noted.
fn notes(reading: &Reading) -> Vec<(Note, usize)> {
    let mut counts = std::collections::BTreeMap::new();
    for noted in &reading.notes {
        *counts.entry(noted.note).or_default() += 1;
    }
    counts.into_iter().collect()
}
