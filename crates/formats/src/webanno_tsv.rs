//! WebAnno TSV 3.3.

use std::sync::Arc;

use crate::{
    annotated::{Annotated, TokenSentence},
    reading::Reading,
    writing::Notes,
};

pub(crate) fn read(_text: &str, _source: &Arc<str>, _reading: &mut Reading) {}

pub(crate) fn write(
    _annotated: &Annotated,
    _sentences: &[TokenSentence],
    _notes: &mut Notes<'_>,
) -> String {
    String::new()
}
