//! The connection to the worker, fed with the text and heard by the state.

use spanarc_corpus::{Span, Utf16};
use yew::prelude::*;

use crate::{
    state::{Action, AppState},
    worker::{Connection, Draft},
};

/// Where Trunk puts the worker's loader, relative to the page.
const WORKER_SCRIPT: &str = "worker_loader.js";

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

/// Keeps a worker annotating the text of `state` with the model chosen there.
#[hook]
pub(crate) fn use_annotator(state: &UseReducerHandle<AppState>) -> Annotator {
    let dispatcher = state.dispatcher();
    let connection = use_memo((), move |()| {
        Connection::new(absolute(WORKER_SCRIPT), move |news| {
            dispatcher.dispatch(Action::Heard(news));
        })
    });
    use_effect_with(state.chosen, {
        let connection = connection.clone();
        move |chosen| connection.choose(absolute(&chosen.path()))
    });
    use_effect_with(state.revision, {
        let connection = connection.clone();
        let text = state.text.clone();
        move |&revision| connection.send(Draft { revision, text })
    });
    Annotator((*connection).clone())
}

/// `path` resolved against the page's address: a worker made from a blob has no address to resolve against.
fn absolute(path: &str) -> String {
    let base = (web_sys::window())
        .and_then(|window| window.document())
        .and_then(|document| document.base_uri().ok().flatten())
        .unwrap_or_default();
    web_sys::Url::new_with_base(path, &base).map_or_else(|_| path.to_owned(), |url| url.href())
}
