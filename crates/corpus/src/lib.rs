//! Annotated documents without tensors: typed spans, label schema, tag schemes, corpora in several formats, strict
//! scoring.
//!
//! No I/O on files of its own: readers take any `BufRead`, writers any `Write`. What files hold is read by `spanarc-formats`.
//!
//! ```
//! use spanarc_corpus::{LabelSchema, TagScheme, jsonl, score};
//!
//! let file = r#"{"id": "1", "tokens": ["Ada", "moved", "to", "New", "York"],
//!     "entities": [{"type": "Peop", "start": 0, "end": 1}, {"type": "Loc", "start": 3, "end": 5}],
//!     "relations": [{"type": "Live_In", "head": 0, "tail": 1}]}"#.replace('\n', " ");
//! let gold = jsonl::read(file.as_bytes(), "example.jsonl")?;
//!
//! let schema = LabelSchema::from_sentences(&gold);
//! assert_eq!(schema.entity_types[0].name, "Loc");
//! assert_eq!(schema.relation_types[0].signatures[0].head, "Peop");
//!
//! let spans: Vec<_> = gold[0]
//!     .entities
//!     .iter()
//!     .filter_map(|entity| Some((schema.entity_index(&entity.kind)?, entity.span)))
//!     .collect();
//! let tags = TagScheme::Bio.encode(&spans, gold[0].tokens.len())?;
//! assert_eq!(tags, [3, 0, 0, 1, 2]); // B-Peop O O B-Loc I-Loc
//! assert_eq!(TagScheme::Bio.decode(&tags), spans);
//!
//! let mut predicted = gold.clone();
//! predicted[0].entities[1].span.start = 4; // "York"
//! let report = score(&gold, &predicted, &schema)?;
//! assert_eq!(report.entities.micro.f1, 50.0);
//! assert_eq!(report.relations.strict.micro.f1, 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod document;
pub mod exchange;
mod hyphens;
pub mod jsonl;
pub mod overlaps;
pub mod read_error;
pub mod reading;
pub mod schema;
pub mod scoring;
pub mod sentences;
pub mod tags;
mod type_name;

pub use document::{Entity, Relation, Sentence, SentenceError};
pub use hyphens::{Hyphens, is_hyphen};
pub use overlaps::{Dropped, Overlaps};
pub use read_error::{ReadError, SentenceProblem};
pub use reading::Reading;
pub use schema::{EntityType, LabelSchema, RelationType, SchemaError, Signature};
pub use scoring::{Report, Scorer, score};
pub use sentences::{Discontinuous, SentenceRules, Suggestions};
pub use spanarc_document::{
    Byte, Char, OffsetError, OffsetMap, Span, TextUnit, Token, Unit, Utf16, offsets, span,
};
pub use spanarc_formats::{Format, ReadingRules, Segmenter};
pub use tags::{TagError, TagScheme};
pub use type_name::TypeNameError;
