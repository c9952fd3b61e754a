//! brat

use std::sync::Arc;

use crate::{annotated::Annotated, read::File, reading::Reading, writing::Notes};

pub(crate) fn read(
    _id: &str,
    _text: &str,
    _source: &Arc<str>,
    _annotations: File<'_>,
    _reading: &mut Reading,
) {
}

pub(crate) fn write(_annotated: &Annotated, _notes: &mut Notes<'_>) -> [String; 2] {
    Default::default()
}
