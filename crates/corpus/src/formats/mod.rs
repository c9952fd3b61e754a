//! Corpora in the formats of others, read as sentences of tokens.
//!
//! A format is told by its first lines ([`Format::detect`]); brat's, which is two files a document, by their names.
//! Every reader goes on after a fault, so that [`Reading::refused`] holds all of them.

pub mod brat;
pub mod columns;
pub mod dygie;
pub mod spert;
pub mod text;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    jsonl,
    lines::Lines,
    raw_text::Segmenter,
    read_error::{LineProblem, ReadError},
    reading::{Place, Reading},
};

/// How a corpus is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Our JSON lines, a sentence a line ([`jsonl`]).
    Jsonl,
    /// A JSON array of sentences, as SpERT reads it ([`spert`]).
    Spert,
    /// JSON lines, a document of tokenised sentences a line, as SciERC and DyGIE++ have it ([`dygie`]).
    Dygie,
    /// JSON lines, a text with character offsets a line, as Doccano and spaCy have it ([`text`]).
    Text,
    /// Columns with a tag for each token ([`columns`]).
    Conll,
    /// Columns with tags and the heads of relations ([`columns`]).
    Multihead,
    /// Standoff: texts (`.txt`) with annotation files (`.ann`) beside them ([`brat`]).
    Brat,
}

impl Format {
    /// The format of a file that is not brat's, by its first lines.
    ///
    /// A `[` before a `{` begins an array, and is `Spert`. An object is `Jsonl`, unless it has no `tokens` and has
    /// `sentences` (`Dygie`) or `text` (`Text`). Everything else is columns: `Multihead` where the first row has five and
    /// the last two are lists in brackets, else `Conll`.
    pub fn detect(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let start = bytes.trim_ascii_start();
        match start {
            [b'[', rest @ ..] if matches!(rest.trim_ascii_start().first(), Some(b'{' | b']')) => {
                Self::Spert
            }
            [b'{', rest @ ..] if matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}')) => {
                Self::of_object(start)
            }
            _ => columns::detect(start),
        }
    }

    fn of_object(start: &[u8]) -> Self {
        let mut values = serde_json::Deserializer::from_slice(start).into_iter();
        let Some(Ok(serde_json::Value::Object(object))) = values.next() else {
            return Self::Jsonl;
        };
        let has = |key| object.contains_key(key);
        match (has("tokens"), has("sentences"), has("text")) {
            (false, true, _) => Self::Dygie,
            (false, false, true) => Self::Text,
            _ => Self::Jsonl,
        }
    }
}

/// What is decided by rule where a corpus says more or something else than sentences with tags can.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadingRules {
    /// What becomes of entities in several pieces.
    pub discontinuous: Discontinuous,
    /// How tags of columns are meant.
    pub tags: columns::TagDialect,
    /// The column of the words, from 1; the first where it is not given.
    pub word_column: Option<usize>,
    /// The column of the tags, from 1; the last where it is not given.
    pub tag_column: Option<usize>,
}

/// What becomes of an entity in several pieces, which tags cannot express.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Discontinuous {
    /// It is an error.
    #[default]
    Refuse,
    /// It is left out, and relations with it are.
    Drop,
    /// It is taken to be the text from its first piece to its last.
    Cover,
}

/// Reads a file of any format but [`Format::Brat`], which is two files a document: [`brat::read`].
///
/// `name` stands for the file in errors. A file without a sentence is refused.
pub fn read(
    format: Format,
    bytes: &[u8],
    name: &str,
    rules: &ReadingRules,
    segmenter: &dyn Segmenter,
    reading: &mut Reading,
) {
    let source: Arc<str> = name.into();
    let before = (reading.sentences.len(), reading.refused.len());
    match format {
        Format::Jsonl => read_jsonl(bytes, &source, reading),
        Format::Spert => spert::read(bytes, &source, reading),
        Format::Dygie => dygie::read(bytes, &source, reading),
        Format::Text => text::read(bytes, &source, segmenter, reading),
        Format::Conll | Format::Multihead => {
            columns::read(bytes, &source, format, rules, reading);
        }
        Format::Brat => reading.refuse(&Place::new(&source, 1), brat::BratProblem::OneFile),
    }
    if before == (reading.sentences.len(), reading.refused.len()) {
        let name = name.to_owned();
        reading.refused.push(ReadError::Empty { name });
    }
}

fn read_jsonl(bytes: &[u8], source: &Arc<str>, reading: &mut Reading) {
    let mut reader = jsonl::Reader::new(bytes, Arc::clone(source));
    while let Some(outcome) = reader.next() {
        reading.begin_document();
        match outcome {
            Ok(sentence) => reading.keep(sentence, Place::new(source, reader.line())),
            Err(error) => reading.refused.push(error),
        }
    }
}

/// The text of a file that is read as a whole; the line of what is not UTF-8.
fn utf8<'a>(bytes: &'a [u8], source: &Arc<str>, reading: &mut Reading) -> Option<&'a str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let place = Place::new(source, line_at(bytes, error.valid_up_to()));
            reading.refuse(&place, LineProblem::NotText);
            None
        }
    }
}

/// Hands on each line that is not blank, without white space at its end; lines that are no text are refused.
fn each_line(
    bytes: &[u8],
    source: &Arc<str>,
    reading: &mut Reading,
    mut read: impl FnMut(&Place, &str, &mut Reading),
) {
    for line in Lines::new(bytes, Arc::clone(source)) {
        match line {
            Ok((_, line)) if line.trim_ascii().is_empty() => {}
            Ok((number, line)) => {
                read(&Place::new(source, number), line.trim_ascii_end(), reading);
            }
            Err(error) => reading.refused.push(error),
        }
    }
}

/// The line, from 1, on which the byte `position` lies.
fn line_at(bytes: &[u8], position: usize) -> usize {
    let before = &bytes[..position.min(bytes.len())];
    1 + before.iter().filter(|&&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests;
