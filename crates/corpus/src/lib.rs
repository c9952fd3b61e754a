//! Annotated documents without tensors: typed spans, label schema, tag schemes, JSON lines, strict scoring.
//!
//! No I/O on files of its own: readers take any `BufRead`, writers any `Write`.

pub mod document;
pub mod jsonl;
pub mod offsets;
pub mod schema;
pub mod scoring;
pub mod span;
pub mod tags;

pub use document::{Entity, Relation, Sentence, SentenceError};
pub use offsets::{OffsetError, OffsetMap, TextUnit};
pub use schema::{EntityType, LabelSchema, RelationType, SchemaError, Signature};
pub use scoring::{Report, Scorer, score};
pub use span::{Byte, Char, Span, Token, Unit, Utf16};
pub use tags::{TagError, TagScheme};
