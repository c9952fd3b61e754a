//! UIMA CAS, in XMI and in JSON.

use std::sync::Arc;

use crate::{annotated::Annotated, reading::Reading, writing::Notes};

pub(crate) fn read_xmi(_text: &str, _source: &Arc<str>, _reading: &mut Reading) {}

pub(crate) fn read_json(_text: &str, _source: &Arc<str>, _reading: &mut Reading) {}

pub(crate) fn write_xmi(_annotated: &Annotated, _notes: &mut Notes<'_>) -> String {
    String::new()
}

pub(crate) fn write_json(_annotated: &Annotated, _notes: &mut Notes<'_>) -> String {
    String::new()
}

/// The type system of what is written.
pub(crate) fn type_system() -> String {
    String::new()
}
