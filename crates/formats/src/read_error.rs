//! Why a source, or a line of it, cannot be read.

use std::{io, str::Utf8Error};

use spanarc_document::{ChangeError, OffsetError, SpansError};

use crate::{
    brat::BratProblem,
    cas::CasProblem,
    columns::RowProblem,
    dygie::DygieProblem,
    lines::{is_binary, other_encoding},
    place::Place,
    quoting::quoted,
    text::TextProblem,
    token_text::TokenProblem,
    webanno_tsv::TsvProblem,
};

/// What to do about text in a legacy encoding.
const LEGACY: &str = "; if the file is in a legacy encoding such as windows-1252, convert it: \
                      `iconv -f windows-1252 -t UTF-8`";

/// Why a source cannot be read.
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
    /// A source without a single sentence or document.
    #[error("{name} holds no sentences")]
    Empty {
        /// Name of the source.
        name: String,
    },
    /// One of two files that are a document together.
    #[error("{name}: has no .{ending} file beside it")]
    Lonely {
        /// Name of the file.
        name: String,
        /// Ending of the one that is missing.
        ending: &'static str,
    },
    /// Nothing tells the format.
    #[error("{name}: the format is none of {tried}: {reason}")]
    UnknownFormat {
        /// Name of the source.
        name: String,
        /// The formats that were tried.
        tried: String,
        /// What stands there instead.
        reason: String,
    },
    /// Text that is not UTF-8 but looks like another encoding.
    #[error(
        "{name} is {encoding}, not UTF-8: convert it, for example with `iconv -f {encoding} -t UTF-8`"
    )]
    Encoding {
        /// Name of the source.
        name: String,
        /// Name of the encoding.
        encoding: &'static str,
    },
    /// Bytes that are no text.
    #[error(
        "{name} is a binary file, not text: unpack it if it is an archive; of spaCy's DocBin (.spacy), write `Doc.to_json()` of each document"
    )]
    Binary {
        /// Name of the source.
        name: String,
    },
    /// A line that cannot be read.
    #[error("{place}: {problem}")]
    Line {
        /// The line.
        place: Place,
        /// What is wrong with it.
        problem: LineProblem,
    },
}

impl ReadError {
    /// Why a source that begins so is no text in UTF-8.
    pub fn of_start(name: &str, start: &[u8]) -> Option<Self> {
        let name = name.to_owned();
        match other_encoding(start) {
            Some(encoding) => Some(Self::Encoding { name, encoding }),
            None => is_binary(start).then_some(Self::Binary { name }),
        }
    }
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum LineProblem {
    /// Bytes that are not UTF-8.
    #[error("invalid UTF-8 at byte {}", .0.valid_up_to() + 1)]
    Utf8(Utf8Error),
    /// A file that is read as a whole and is not UTF-8 on this line.
    #[error("invalid UTF-8{LEGACY}")]
    NotText,
    /// Further lines that are not UTF-8, this one the last of them.
    #[error("the last of {lines} more lines of invalid UTF-8{LEGACY}")]
    MoreNotText {
        /// How many.
        lines: usize,
    },
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
    /// A format of two files a document, and one file.
    #[error(
        "a document of the format {format} is two files, a text and its annotations, and this is one file"
    )]
    OneFile {
        /// Name of the format.
        format: &'static str,
    },
    /// A mention or a relation.
    #[error(transparent)]
    Annotation(#[from] AnnotationProblem),
    /// A sentence of tokens.
    #[error(transparent)]
    Tokens(#[from] TokenProblem),
    /// A line of brat's annotations.
    #[error(transparent)]
    Brat(#[from] BratProblem),
    /// A row of columns.
    #[error(transparent)]
    Row(#[from] RowProblem),
    /// A document of sentences with spans counted through the document.
    #[error(transparent)]
    Dygie(#[from] DygieProblem),
    /// A UIMA CAS.
    #[error(transparent)]
    Cas(#[from] CasProblem),
    /// A row or a header of WebAnno TSV.
    #[error(transparent)]
    Tsv(#[from] TsvProblem),
    /// An object that holds a text.
    #[error(transparent)]
    Text(#[from] TextProblem),
    /// Annotations that do not go together.
    #[error(transparent)]
    Document(#[from] ChangeError),
}

/// What is wrong with a mention or a relation. `field` is its path or identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnnotationProblem {
    /// Offsets that are not the text's.
    #[error("{field}: {error}")]
    Offset {
        /// The mention.
        field: String,
        /// Why.
        error: OffsetError,
    },
    /// Pieces that no mention can have.
    #[error("{field}: {error}")]
    Spans {
        /// The mention.
        field: String,
        /// Why.
        error: SpansError,
    },
    /// A mention of white space or invisible characters.
    #[error("{field} ({kind}) covers nothing visible")]
    Blank {
        /// The mention.
        field: String,
        /// Its type.
        kind: String,
    },
    /// The text at the offsets is another than the mention says.
    #[error(
        "{field} is said to be {}, but the text at its offsets, counted in {unit}s, is {}",
        quoted(said),
        quoted(found)
    )]
    OtherText {
        /// The mention.
        field: String,
        /// Name of the offsets' unit.
        unit: &'static str,
        /// What the file says.
        said: String,
        /// What the text says.
        found: String,
    },
    /// A score that is no share.
    #[error("the score of {field} is not from 0 to 1")]
    Score {
        /// The mention or relation.
        field: String,
    },
    /// A type without a name.
    #[error("{field} has an empty type")]
    NoType {
        /// The mention or relation.
        field: String,
    },
    /// An identifier for the second time.
    #[error("{field}: the id {id} is taken by {first}")]
    Repeated {
        /// The annotation.
        field: String,
        /// The identifier.
        id: String,
        /// The annotation that has it.
        first: String,
    },
    /// A relation with a mention that is not there.
    #[error("{field} names {argument}, which is not there")]
    Unknown {
        /// The relation.
        field: String,
        /// The argument.
        argument: String,
    },
    /// A relation of a mention with itself.
    #[error("{field} has {argument} as both arguments")]
    SameArguments {
        /// The relation.
        field: String,
        /// The argument.
        argument: String,
    },
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
