//! UIMA CAS, in XMI and in JSON 0.4, with the types of DKPro Core that INCEpTION imports and exports.
//!
//! Offsets count UTF-16 units. A file is a document, which has the name in its `DocumentMetaData` (`documentTitle`, else
//! `documentId`), else that of the file.
//!
//! Read is the initial view, else the first; of it, what is indexed.
//! - Mentions are `NamedEntity`, its subtypes, and every other annotation that is no type of DKPro Core. Their type is the
//!   feature `value`, `label` or `type` (in this order, in upper or lower case), else the short name of the layer.
//! - Relations are structures with `Governor` and `Dependent`, or `source` and `target`; their type is found likewise.
//! - Sentences are `Sentence` and `Token`.
//! - `identifier` becomes a normalisation, `resource:id` or an IRI; other primitive features become attributes by their
//!   names. `layer` is the layer, unless it is the one that is written here.
//! - A model's are annotations of INCEpTION's recommenders (`inception_internal_predicted`, `<feature>_score`) and those with
//!   the features `model` and `score` that are written here.
//! - Syntax and everything else is noted, by layer.
//!
//! Written are `NamedEntity` and `webanno.custom.Relation`, as in [`type_system`]; a relation has the offsets of its
//! `Dependent`. XMI has the features `score`, `model`, `state` and `note` beside, where there is something to say: INCEpTION
//! ignores features in XMI that its project lacks, but does not read JSON with such, so that JSON goes without.
//! What XML 1.0 cannot hold (U+0007) becomes a space.

mod annotation;
mod json;
mod model;
mod problem;
mod reading;
#[cfg(test)]
mod tests;
mod types;
mod writing;
mod xmi;

use std::sync::Arc;

pub use problem::CasProblem;
pub(crate) use types::type_system;

use crate::{annotated::Annotated, place::Place, reading::Reading, writing::Notes};

pub(crate) fn read_xmi(text: &str, source: &Arc<str>, reading: &mut Reading) {
    match xmi::parse(text) {
        Ok(cas) => reading::read(&cas, source, reading),
        Err((line, problem)) => reading.refuse(&Place::new(source, line), problem),
    }
}

pub(crate) fn read_json(text: &str, source: &Arc<str>, reading: &mut Reading) {
    match json::parse(text) {
        Ok(cas) => reading::read(&cas, source, reading),
        Err((line, problem)) => reading.refuse(&Place::new(source, line), problem),
    }
}

pub(crate) fn write_xmi(annotated: &Annotated, notes: &mut Notes<'_>) -> String {
    let cas = writing::structures(annotated, writing::Features::All, notes);
    xmi::print(&cas, notes)
}

pub(crate) fn write_json(annotated: &Annotated, notes: &mut Notes<'_>) -> String {
    json::print(&writing::structures(
        annotated,
        writing::Features::Layer,
        notes,
    ))
}
