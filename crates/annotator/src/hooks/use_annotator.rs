//! The connection to the worker, fed with the text and heard by the state.

use std::rc::Rc;

use spanarc_document::{Span, Utf16};
use yew::prelude::*;

use crate::{
    state::{Action, AnnotatorState},
    worker::{Connection, Draft},
};

/// What components may ask of the worker.
#[derive(Clone)]
pub(crate) struct Annotator(Connection);

impl Annotator {
    /// Says what is on screen.
    pub(crate) fn look(&self, visible: Span<Utf16>) {
        self.0.look(visible);
    }

    /// Tries again after a failure.
    pub(crate) fn retry(&self) {
        self.0.retry();
    }
}

/// Keeps a worker, made from the module at the absolute address `worker_url`, annotating the text of `state` with the
/// model chosen there.
#[hook]
pub(crate) fn use_annotator(
    state: &UseReducerHandle<AnnotatorState>,
    worker_url: Rc<str>,
) -> Annotator {
    let dispatcher = state.dispatcher();
    let connection = use_memo((), move |()| {
        Connection::new(worker_url.to_string(), move |news| {
            dispatcher.dispatch(Action::Heard(news));
        })
    });
    use_effect_with(state.model_url.clone(), {
        let connection = connection.clone();
        move |url| connection.choose(url.to_string())
    });
    use_effect_with(state.revision, {
        let connection = connection.clone();
        let text = state.text.clone();
        move |&revision| connection.send(Draft { revision, text })
    });
    Annotator((*connection).clone())
}
