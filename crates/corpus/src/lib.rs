//! Annotated documents without tensors: typed spans, label schema, tag schemes, JSON lines, strict scoring.
//!
//! No I/O on files of its own: readers take any `BufRead`, writers any `Write`.

pub mod document;
pub mod schema;
pub mod span;
pub mod tags;

pub use document::{Entity, Relation, Sentence};
pub use schema::{EntityType, LabelSchema, RelationType, SchemaError, Signature};
pub use span::{Byte, Char, Span, Token, Unit, Utf16};
pub use tags::{TagError, TagScheme};
