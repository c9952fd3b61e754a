//! The line to the worker, fed by the handle and heard by the state.

use std::{cell::RefCell, rc::Rc};

use spanarc_protocol::{ModelSummary, Stage};
use yew::prelude::*;

use crate::{
    ModelSource,
    event::Event,
    handle::Handle,
    state::{Action, AnnotatorState},
    worker::{Line, News},
};

/// Keeps a worker annotating the document of `handle` with `model`.
#[hook]
pub(crate) fn use_line(
    state: &UseReducerHandle<AnnotatorState>,
    handle: &Handle,
    model: &Option<ModelSource>,
) {
    let first = use_mut_ref(|| true);
    use_effect_with(model.clone(), {
        let (dispatcher, handle) = (state.dispatcher(), handle.clone());
        move |source| {
            if !first.replace(false) {
                handle.forget_suggestions();
                dispatcher.dispatch(Action::ModelChosen {
                    any: source.is_some(),
                });
            }
            let listener = handle.downgrade();
            let line = source.as_ref().map(|source| {
                let model = RefCell::new(None);
                Line::open(source, move |news| {
                    if let Some(handle) = listener.upgrade() {
                        pass_on(&handle, &model, &news);
                    }
                    dispatcher.dispatch(Action::Heard(news));
                })
            });
            handle.connect(line);
            move || handle.connect(None)
        }
    });
}

/// Tells `handle`, and through it the host, what the worker said; `model` is the loaded one.
fn pass_on(handle: &Handle, model: &RefCell<Option<Rc<ModelSummary>>>, news: &News) {
    let failed = |stage, message: &str| {
        let message = message.into();
        handle.announce(Event::Failed { stage, message });
    };
    match news {
        News::Progress { received, total } => handle.announce(Event::Progress {
            received: *received,
            total: *total,
        }),
        News::Ready(ready) => {
            model.replace(Some(ready.clone()));
            handle.adopt_threshold(ready.relation_threshold);
            handle.announce(Event::Ready(ready.clone()));
        }
        News::Answer(reply) => {
            let model = model.borrow().clone();
            if let Some(model) = model {
                handle.answered(reply, &model);
            }
        }
        News::Failed { stage, message } => failed(*stage, message),
        News::Lost(message) => failed(Stage::Load, message),
        News::Replaced => {}
    }
}
