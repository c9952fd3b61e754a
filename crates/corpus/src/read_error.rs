//! Why a corpus, or a line of it, cannot be read.

use std::{io, str::Utf8Error};

use crate::{
    document::{Sentence, SentenceError},
    formats::{brat::BratProblem, columns::RowProblem, dygie::DygieProblem, text::TextLineProblem},
    offsets::OffsetError,
    raw_text::TextProblem,
    reading::{Annotation, Fault},
    schema::LabelSchema,
};

/// Why a corpus cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The source itself failed.
    #[error("{name}: cannot read line {line}")]
    Io {
        /// Name of the source.
        name: String,
        /// Line, from 1.
        line: usize,
        /// What the source said.
        #[source]
        error: io::Error,
    },
    /// A source without a single sentence.
    #[error("{name} holds no sentences")]
    Empty {
        /// Name of the source.
        name: String,
    },
    /// A line that is no valid sentence.
    #[error("{name}, line {line}: {problem}")]
    Line {
        /// Name of the source.
        name: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: LineProblem,
    },
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum LineProblem {
    /// Bytes that are not UTF-8.
    #[error("invalid UTF-8 at byte {}", .0.valid_up_to() + 1)]
    Utf8(Utf8Error),
    /// A file that is read as a whole and is not UTF-8 on this line.
    #[error("invalid UTF-8")]
    NotText,
    /// Malformed JSON, a missing field or one of the wrong type.
    #[error("{message}{}{}", at(field, *column), there_are(keys))]
    Json {
        /// The parser's words, without position.
        message: String,
        /// Path of the field, as `entities[1].start`; empty at the top.
        field: String,
        /// Column, from 1; 0 when unknown.
        column: usize,
        /// Where a field is missing: the keys that stand there in its place.
        keys: Vec<String>,
    },
    /// Spans or arguments that do not exist.
    #[error(transparent)]
    Sentence(#[from] SentenceError),
    /// A type that the schema does not know.
    #[error("{field} is {name:?}, which the label schema does not know; it knows {known}")]
    UnknownType {
        /// Path of the field.
        field: String,
        /// The type's name.
        name: String,
        /// The schema's types of that kind.
        known: String,
    },
    /// Two entities that share a token, where that cannot be.
    #[error(
        "{first} and {second} overlap, which tags cannot express: `overlaps = \"drop\"` keeps one of them"
    )]
    Overlap {
        /// The one that begins first, by index, type and words.
        first: String,
        /// The other one.
        second: String,
    },
    /// Offsets that are not the text's.
    #[error("{field}: {error}")]
    Offset {
        /// Path of the annotation.
        field: String,
        /// Why.
        error: OffsetError,
    },
    /// Annotations of a text that cannot become tokens' ones.
    #[error(transparent)]
    Text(#[from] TextProblem),
    /// A line of a brat annotation file.
    #[error(transparent)]
    Brat(#[from] BratProblem),
    /// A row of columns.
    #[error(transparent)]
    Row(#[from] RowProblem),
    /// A document of sentences with spans counted through the document.
    #[error(transparent)]
    Dygie(#[from] DygieProblem),
    /// A line that holds a text.
    #[error(transparent)]
    TextLine(#[from] TextLineProblem),
}

fn at(field: &str, column: usize) -> String {
    let field = if field.is_empty() {
        String::new()
    } else {
        format!(" in {field}")
    };
    let column = if column == 0 {
        String::new()
    } else {
        format!(" at column {column}")
    };
    field + &column
}

fn there_are(keys: &[String]) -> String {
    if keys.is_empty() {
        return String::new();
    }
    let keys: Vec<_> = keys.iter().map(|key| format!("`{key}`")).collect();
    format!("; the keys there are {}", keys.join(", "))
}

/// Refuses a sentence with a type that the schema does not hold.
pub(crate) fn check_types(sentence: &Sentence, schema: &LabelSchema) -> Result<(), Fault> {
    let unknown = |field, name: &str, known: Vec<&str>, annotation| {
        let problem = LineProblem::UnknownType {
            field,
            name: name.to_owned(),
            known: known.join(", "),
        };
        Err(Fault {
            annotation,
            problem,
        })
    };
    for (index, entity) in sentence.entities.iter().enumerate() {
        if schema.entity_index(&entity.kind).is_none() {
            let known = schema
                .entity_types
                .iter()
                .map(|kind| kind.name.as_str())
                .collect();
            let field = format!("entities[{index}].type");
            return unknown(field, &entity.kind, known, Annotation::Entity(index));
        }
    }
    for (index, relation) in sentence.relations.iter().enumerate() {
        if schema.relation_index(&relation.kind).is_none() {
            let known = schema
                .relation_types
                .iter()
                .map(|kind| kind.name.as_str())
                .collect();
            let field = format!("relations[{index}].type");
            return unknown(field, &relation.kind, known, Annotation::Relation(index));
        }
    }
    Ok(())
}
