//! Brat's standoff format (<https://brat.nlplab.org/standoff.html>): a text, and beside it a file of annotations.
//!
//! ```text
//! T1 → Method 0 7 → Parsers
//! T2 → Task 12 18;27 31 → depend tree
//! R1 → Used_For Arg1:T1 Arg2:T2
//! A1 → Certainty T1 High
//! N1 → Reference T1 Wikipedia:534366 → Parsing
//! #1 → AnnotatorNotes T1 → check this
//! ```
//!
//! (`→` is a tab.) Offsets count Unicode code points of the text as the file holds it. Text-bound annotations (`T`) are
//! mentions, binary relations (`R`) links, of which the first argument, `Arg1`, is the head. Attributes (`A`, `M`),
//! normalisations (`N`) and notes (`#`) of both are kept as attributes; the triggers of events are mentions like others. Events
//! (`E`) and equivalences (`*`) are left out with a note.
//!
//! Brat cuts a mention where a line ends; such pieces are read as one. Where the text begins with a byte-order mark, offsets
//! may count it: the way that fits the words of the mentions is taken.

mod line;
mod read;
mod write;

pub use line::BratProblem;
pub(crate) use read::read;
pub(crate) use write::write;

#[cfg(test)]
mod tests;
