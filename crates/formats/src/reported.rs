//! Documents, refusals and notes in the short form in which tests compare them.

use spanarc_document::Mention;

use crate::{annotated::Annotated, by_tokens::describe_link, note::Note, reading::Reading};

/// What was refused, as messages.
pub(crate) fn refused(reading: &Reading) -> Vec<String> {
    reading.refused.iter().map(ToString::to_string).collect()
}

/// What was noted, and of what.
pub(crate) fn notes(reading: &Reading) -> Vec<(Note, &str)> {
    let notes = reading.notes.iter();
    notes.map(|noted| (noted.note, &*noted.subject)).collect()
}

/// Type and words of mentions, from the first piece to the last.
pub(crate) fn mentions(annotated: &Annotated) -> Vec<(&str, &str)> {
    let document = &annotated.document;
    let words = |mention: &Mention| {
        let extent = mention.spans.extent();
        document.text().get(extent.start..extent.end)
    };
    let mentions = document.mentions().iter();
    mentions
        .map(|mention| (&*mention.kind, words(mention).unwrap_or_default()))
        .collect()
}

/// Type and words of links.
pub(crate) fn links(annotated: &Annotated) -> Vec<String> {
    let links = annotated.document.links().iter();
    links.map(|link| describe_link(annotated, link)).collect()
}
