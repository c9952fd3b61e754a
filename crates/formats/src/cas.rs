//! UIMA CAS, in XMI and in JSON 0.4, with the types of DKPro Core that INCEpTION imports and exports.
//!
//! Offsets count UTF-16 units. A file is one document. Its name is `documentTitle`, else `documentId` of its
//! `DocumentMetaData`, else the file's name; other metadata is ignored.
//!
//! A reader takes the indexed annotations of the initial view, or of the first view where none is called so:
//! - Mentions are `NamedEntity`, its subtypes, and every annotation of a type that is not DKPro Core's. Their type is the
//!   value of `value`, `label` or `type` (in this order, in upper or lower case), else the layer's short name.
//! - Relations are structures with `Governor` and `Dependent`, or with `source` and `target`; the same rule finds their type.
//! - `Sentence` and `Token` give the sentences.
//! - `identifier` becomes a normalisation: `resource:id`, or an IRI. Other primitive features become attributes. The
//!   attribute `layer` names the layer, unless it is one that is written here.
//! - Suggestions of a model are those of INCEpTION's recommenders (`inception_internal_predicted`, `<feature>_score`) and
//!   annotations with `model` and `score`, as they are written here.
//! - Syntax, references to other structures, further views and everything else are noted, once a layer.
//!
//! A writer makes `NamedEntity` and `webanno.custom.Relation` annotations of the types in `TypeSystem.xml`; a relation has the
//! offsets of its `Dependent`. XMI also has `score`, `model`, `state` and `note` where there is something to say. JSON has
//! not: INCEpTION ignores unknown features in XMI, but fails on them in JSON. Characters that XML 1.0 cannot hold, such as
//! U+0007, become spaces.

mod annotation;
mod json;
pub(crate) mod model;
mod problem;
mod reading;
#[cfg(test)]
mod tests;
pub(crate) mod types;
mod writing;
mod xmi;

use std::sync::Arc;

pub use problem::CasProblem;
pub(crate) use reading::read;
pub(crate) use types::type_system;
pub(crate) use writing::{Features, structures};

use crate::{annotated::Annotated, place::Place, reading::Reading, writing::Notes};

pub(crate) fn read_xmi(text: &str, source: &Arc<str>, reading: &mut Reading) {
    match xmi::parse(text) {
        Ok(cas) => read(&cas, source, reading),
        Err((line, problem)) => reading.refuse(&Place::new(source, line), problem),
    }
}

pub(crate) fn read_json(text: &str, source: &Arc<str>, reading: &mut Reading) {
    match json::parse(text) {
        Ok(cas) => read(&cas, source, reading),
        Err((line, problem)) => reading.refuse(&Place::new(source, line), problem),
    }
}

pub(crate) fn write_xmi(annotated: &Annotated, notes: &mut Notes<'_>) -> String {
    let cas = structures(annotated, Features::All, &|_| true, notes);
    xmi::print(&cas, notes)
}

pub(crate) fn write_json(annotated: &Annotated, notes: &mut Notes<'_>) -> String {
    json::print(&structures(annotated, Features::Layer, &|_| true, notes))
}
