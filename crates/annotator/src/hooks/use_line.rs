//! The line to the worker, fed by the handle and heard by the state.

use std::rc::Rc;

use yew::prelude::*;

use crate::{
    handle::Handle,
    state::{Action, AnnotatorState},
    worker::{Line, News},
};

/// Keeps a worker annotating the document of `handle`; the addresses of its script, its WebAssembly and its model are absolute.
#[hook]
pub(crate) fn use_line(
    state: &UseReducerHandle<AnnotatorState>,
    handle: &Handle,
    worker_url: &Rc<str>,
    wasm_url: &Rc<str>,
    model_url: &Rc<str>,
) {
    let first = use_mut_ref(|| true);
    use_effect_with((worker_url.clone(), wasm_url.clone(), model_url.clone()), {
        let (dispatcher, handle) = (state.dispatcher(), handle.clone());
        move |(worker_url, wasm_url, model_url)| {
            if !first.replace(false) {
                handle.forget_suggestions();
                dispatcher.dispatch(Action::ModelChosen);
            }
            let listener = handle.downgrade();
            let model = Rc::new(std::cell::RefCell::new(None));
            let line = Line::open(worker_url, wasm_url, model_url, move |news| {
                match &news {
                    News::Ready(ready) => drop(model.replace(Some(ready.clone()))),
                    News::Answer(reply) => {
                        let model = model.borrow().clone();
                        if let (Some(handle), Some(model)) = (listener.upgrade(), model) {
                            handle.answered(reply, &model);
                        }
                    }
                    _ => {}
                }
                dispatcher.dispatch(Action::Heard(news));
            });
            handle.connect(Some(line));
            move || handle.connect(None)
        }
    });
}
