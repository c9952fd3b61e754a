//! Prodigy's JSON lines, in code points.
//!
//! ```json
//! {"text": "Ada met Bo.", "tokens": [{"text": "Ada", "start": 0, "end": 3, "id": 0, "ws": true}, …],
//!  "spans": [{"start": 0, "end": 3, "token_start": 0, "token_end": 0, "label": "PERSON"}, …],
//!  "relations": [{"head": 0, "child": 2, "head_span": {"start": 0, "end": 3, "token_start": 0, "token_end": 0,
//!    "label": "PERSON"}, "child_span": {…}, "label": "knows"}], "answer": "accept"}
//! ```
//!
//! `token_end` is inclusive; `head` and `child` are the last tokens of their spans.
//!
//! **Reading.** Only what was accepted, or has no answer, is a document; what was rejected or ignored is noted. Where each line
//! answers for one mention only (`_is_binary`, or a view that is not `manual`), that is noted. A relation's arguments are the
//! spans at the offsets of `head_span` and `child_span`, else those that end at the tokens or else hold them; relations of
//! tokens without a span are noted. A span with a `score` is a model's (`source`), accepted with the answer or suggested without
//! one. Further keys of spans and relations are their attributes, those of the line the document's notes; keys that begin with
//! `_`, which Prodigy makes anew, and `tokens` are not kept.
//!
//! **Writing.** The answer is `accept` where a person stands behind everything, and missing where something is only suggested or
//! nothing is annotated. `state` says what a person decided where neither answer nor score does.

mod arguments;
mod reading;
mod writing;

pub(crate) use arguments::{Arguments, SpanRange};
pub(crate) use reading::read_line;
pub(crate) use writing::write;

/// Keys of a line that no note can have.
const LINE_KEYS: [&str; 6] = ["id", "text", "tokens", "spans", "relations", "answer"];

#[cfg(test)]
mod tests;
