//! News of the worker for a surface.

use std::rc::Rc;

use spanarc_protocol::{AnnotationsReply, ModelSummary, Stage};

/// News for one surface. Those about the worker and its model go to every surface that shares it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum News {
    /// The model is being downloaded.
    Progress {
        /// Bytes so far.
        received: usize,
        /// Bytes in all, when known.
        total: Option<usize>,
    },
    /// The model is loaded. Told again after a worker was replaced.
    Ready(Rc<ModelSummary>),
    /// Answers about the text, perhaps about an older state of it. They come in the order of their revisions.
    Answer(AnnotationsReply),
    /// Something went wrong, and the worker lives on.
    Failed {
        /// The step that failed.
        stage: Stage,
        /// Why.
        message: String,
    },
    /// The worker has died. Another one loads the model again, and will answer for the whole text.
    Replaced,
    /// The worker cannot be kept alive; why.
    Lost(String),
}
