//! Annotated documents from and to the formats of annotation tools. Bytes in, bytes out: no files, no tensors.
//!
//! - A reader makes [`Annotated`] documents, goes on after a fault, and says by line what is refused and what was left out
//!   by rule ([`Reading`]).
//! - A writer makes text of a document and notes what its format cannot hold ([`write`]).
//! - Formats of tokens keep their sentences ([`TokenSentence`]); running text gets sentences from a segmenter elsewhere.
//!
//! Offsets are bytes in documents. Each format counts its own unit, which its module names.

pub mod annotated;
#[cfg(test)]
mod any_document;
pub mod brat;
mod by_spans;
pub mod by_tokens;
pub mod cas;
pub mod columns;
mod covering;
mod detecting;
pub mod doccano;
mod draft;
pub mod dygie;
pub mod format;
mod json;
pub mod jsonl;
pub mod label_studio;
pub mod lines;
mod lost_text;
mod naming;
pub mod note;
pub mod place;
pub mod prodigy;
mod quoting;
pub mod read;
pub mod read_error;
pub mod reading;
#[cfg(test)]
mod reported;
pub mod segmenting;
mod source;
pub mod spacy;
pub mod spert;
pub mod text;
mod token_text;
mod type_names;
mod unknown_keys;
pub mod w3c;
pub mod webanno_tsv;
pub mod writing;

pub use annotated::{Annotated, TextToken, TokenSentence};
pub use by_tokens::{Discontinuous, SentenceView};
pub use format::{Format, Layout};
pub use note::{Note, Noted};
pub use place::Place;
pub use read::{File, ReadingRules, read, read_pair};
pub use read_error::{AnnotationProblem, LineProblem, ReadError};
pub use reading::Reading;
pub use segmenting::Segmenter;
pub use spanarc_document::Offsets;
pub use token_text::TokenProblem;
pub use writing::{WriteError, WritingRules, frame, shared_files, write};
