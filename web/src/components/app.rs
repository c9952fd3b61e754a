//! The whole page.

use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use spanarc_annotator::{Annotator, Handle, Snapshot, within_policy};
use spanarc_document::Document;
use yew::prelude::*;

use super::masthead::Masthead;
use crate::{
    address::absolute,
    shipped_models::{SHIPPED_MODELS, ShippedModel},
    stored,
};

/// Where Trunk puts the script that the worker starts with, relative to the page.
const WORKER_SCRIPT: &str = "element/worker_start.js";

/// Where Trunk puts the worker's WebAssembly, relative to the page.
const WORKER_WASM: &str = "worker_bg.wasm";

/// How long typing must pause before the text is stored.
const STORE_AFTER_MS: u32 = 300;

/// The page.
#[component]
pub(crate) fn App() -> Html {
    let chosen = use_state(|| {
        let remembered = stored::model().and_then(|name| ShippedModel::named(&name));
        remembered.unwrap_or(&SHIPPED_MODELS[0])
    });
    let handle = use_memo((), |()| {
        let text = stored::text().unwrap_or_else(|| chosen.example.to_owned());
        Handle::new(Document::new(text))
    });
    let storing = use_mut_ref(|| None::<Timeout>);

    use_effect_with((), {
        let handle = handle.clone();
        move |()| {
            let leaving = web_sys::window().map(|window| {
                let keep = move |_: &Event| stored::keep_text(&handle.text());
                EventListener::new(&window, "pagehide", keep)
            });
            move || drop(leaving)
        }
    });

    let on_change = use_callback((), move |snapshot: Snapshot, ()| {
        let text = snapshot.document.text().clone();
        let keep = Timeout::new(STORE_AFTER_MS, move || stored::keep_text(&text));
        *storing.borrow_mut() = Some(keep);
    });
    let on_replace = use_callback((), {
        let handle = handle.clone();
        move |text: &'static str, ()| {
            handle.replace_text(text);
            handle.focus();
        }
    });
    let on_model = use_callback(*chosen, {
        let (chosen, handle) = (chosen.clone(), handle.clone());
        move |wanted: &'static ShippedModel, last| {
            chosen.set(wanted);
            stored::keep_model(wanted.name);
            if *handle.text() == *last.example {
                handle.replace_text(wanted.example);
            }
        }
    });
    let worker_url: Rc<str> = (*use_memo((), |()| {
        let script = absolute(WORKER_SCRIPT);
        within_policy(&script).map_or(script, Into::into)
    }))
    .clone();

    html! {
        <div class="page">
            <Masthead chosen={*chosen} {on_model} {on_replace} />
            <main>
                <Annotator
                    handle={(*handle).clone()}
                    {worker_url}
                    wasm_url={absolute(WORKER_WASM)}
                    model_url={absolute(&chosen.path())}
                    {on_change}
                />
            </main>
        </div>
    }
}
