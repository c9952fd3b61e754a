//! WebAnno TSV 3.3, as INCEpTION imports and exports it (`webannotsv.adoc` in its user guide): a token a row, with
//! columns for the features of layers.
//!
//! ```text
//! #FORMAT=WebAnno TSV 3.3
//! #T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|value
//! #T_RL=webanno.custom.Relation|value|BT_de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity
//!
//!
//! #Text=Ada Byron met Bob.
//! 1-1   0-3    Ada    Person[1]  _    _
//! 1-2   4-9    Byron  Person[1]  _    _
//! 1-3   10-13  met    _          _    _
//! 1-4   14-18  Bob.   _          _    _
//! 1-4.1 14-17  Bob    Person     met  1-1[1_0]
//! ```
//!
//! Columns are parted by tabs; offsets count UTF-16 units. `*` is an annotation without a value, `_` none; `|` parts
//! several in a row, and `[1]` marks rows of one annotation, which goes from the first to the last of them. Rows such as
//! `1-4.1` are parts of tokens. A relation stands in the row of its target and names that of its source, with the marks of
//! both where they have any (`[1_0]`). `\` escapes what would be read as something else.
//!
//! A file is a document, called as the file is. Layers and features become what they do in [`cas`](crate::cas); chains and
//! slots are noted, by layer. Between two sentences stands a line end, and spaces where the offsets leave more room. Versions
//! 3.0 to 3.2 are read, too. Where the offsets fit the rows only in code points, they are taken for such, which is noted.
//!
//! Written are `NamedEntity` and, if there are relations, `webanno.custom.Relation`. Where two sentences are parted by
//! something else than a line end and spaces, that belongs to the text of the first one. Other text than spaces in front of
//! the first sentence becomes spaces. White space at the ends of a mention is no part of it.
//!
//! Both follow the specification and INCEpTION's own reader and writer. Not verified: an import into a running INCEpTION. It
//! cannot resolve relations with a tenth part of a token, and parts a cell at a `|` after an escaped backslash wrongly.

mod escaping;
mod header;
mod problem;
mod reading;
mod rows;
#[cfg(test)]
mod tests;
mod writing;

pub use problem::TsvProblem;
pub(crate) use reading::read;
pub(crate) use writing::write;
