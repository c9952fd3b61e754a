//! A document, which of its annotations are shown, and how their types look: what all parts of the annotator read.

use std::rc::Rc;

use spanarc_document::{Document, Link, Mention, Span, Spans, Utf16};

use crate::{kinds::Kinds, session::Snapshot, view::View};

/// What is shown. Cheap to clone and to compare.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    /// Text and annotations.
    pub(crate) snapshot: Snapshot,
    /// Which annotations are shown.
    pub(crate) view: Rc<View>,
    /// The types of the model, once it is there, and of the document.
    pub(crate) kinds: Rc<Kinds>,
}

impl Shown {
    /// The document.
    pub(crate) fn document(&self) -> &Document {
        &self.snapshot.document
    }

    /// The mentions that are shown, in text order.
    pub(crate) fn mentions(&self) -> impl Iterator<Item = &Mention> {
        self.view.mentions(self.document())
    }

    /// The links that are shown, in no order that readers know.
    pub(crate) fn links(&self) -> impl Iterator<Item = &Link> {
        self.view.links(self.document())
    }

    /// Where `spans` are, from first to last, as the browser counts.
    pub(crate) fn extent(&self, spans: &Spans) -> Span<Utf16> {
        self.snapshot.utf16(spans.extent())
    }

    /// The words of `spans`; three dots stand for what lies between the pieces of a discontinuous mention.
    pub(crate) fn words(&self, spans: &Spans) -> Rc<str> {
        let pieces: Vec<&str> = self.document().words(spans).collect();
        pieces.join(" \u{2026} ").into()
    }
}
