//! What an annotator tells its host.

use std::rc::Rc;

use spanarc_document::{Id, Span, Utf16};
use spanarc_protocol::{ModelSummary, Stage};

use crate::{Snapshot, session::TextEdit};

/// Something that happened to a document under work. When it is told, the document is as the event leaves it.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The model is being downloaded.
    Progress {
        /// Bytes so far.
        received: usize,
        /// Bytes in all, when known.
        total: Option<usize>,
    },
    /// The model is loaded. Told again after a worker had to be replaced.
    Ready(Rc<ModelSummary>),
    /// Something went wrong. Text and annotations are as before.
    Failed {
        /// The step that failed.
        stage: Stage,
        /// Why.
        message: Rc<str>,
    },
    /// The model has said something about the text, or a threshold has moved that decides what of it counts.
    Annotated {
        /// Whether it has read all of the present text.
        complete: bool,
    },
    /// A person's step is done. It may have changed the text, the annotations, or both.
    Stepped {
        /// What it was.
        step: Step,
        /// The edit of the text, if it was edited.
        edit: Option<TextEdit>,
        /// The document before it.
        before: Snapshot,
        /// The document after it.
        after: Snapshot,
    },
    /// A person has selected text, or moved the caret.
    Selected {
        /// The selection.
        span: Span<Utf16>,
        /// The annotation that was chosen in the lists, if the selection comes of that.
        chosen: Option<Id>,
    },
}

/// A person's step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An edit of the text.
    Edit,
    /// A command.
    Command,
    /// A step back.
    Undo,
    /// A step forth again.
    Redo,
}

impl Step {
    /// Its name for hosts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Command => "command",
            Self::Undo => "undo",
            Self::Redo => "redo",
        }
    }
}
