//! The whole page.

use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use spanarc_annotator::Annotator;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::masthead::Masthead;
use crate::{
    shipped_models::{SHIPPED_MODELS, ShippedModel},
    stored,
};

/// Where Trunk puts the worker's loader, relative to the page.
const WORKER_SCRIPT: &str = "worker_loader.js";

/// How long typing must pause before the text is stored.
const STORE_AFTER_MS: u32 = 300;

/// The page.
#[component]
pub(crate) fn App() -> Html {
    let chosen = use_state(|| {
        let remembered = stored::model().and_then(|name| ShippedModel::named(&name));
        remembered.unwrap_or(&SHIPPED_MODELS[0])
    });
    let initial = use_memo((), |()| -> Rc<str> {
        stored::text().as_deref().unwrap_or(chosen.example).into()
    });
    let textarea = use_node_ref();
    let storing = use_mut_ref(|| None::<Timeout>);

    use_effect_with(textarea.clone(), |textarea| {
        let textarea = textarea.clone();
        let leaving = web_sys::window().map(|window| {
            EventListener::new(&window, "pagehide", move |_| {
                // What was rendered may be behind.
                if let Some(textarea) = textarea.cast::<HtmlTextAreaElement>() {
                    stored::keep_text(&textarea.value());
                }
            })
        });
        move || drop(leaving)
    });

    let on_text = use_callback((), move |text: Rc<str>, ()| {
        let keep = Timeout::new(STORE_AFTER_MS, move || stored::keep_text(&text));
        *storing.borrow_mut() = Some(keep);
    });
    let on_replace = use_callback((), {
        let textarea = textarea.clone();
        move |text: &'static str, ()| {
            if let Some(textarea) = textarea.cast::<HtmlTextAreaElement>() {
                replace_text(&textarea, text);
            }
        }
    });
    let on_model = use_callback(*chosen, {
        let (chosen, textarea) = (chosen.clone(), textarea.clone());
        let on_replace = on_replace.clone();
        move |wanted: &'static ShippedModel, last| {
            chosen.set(wanted);
            stored::keep_model(wanted.name);
            // The text as it stands: what was rendered may be behind, and nothing that was typed may be replaced.
            let text = (textarea.cast::<HtmlTextAreaElement>()).map(|textarea| textarea.value());
            if text.as_deref() == Some(last.example) {
                on_replace.emit(wanted.example);
            }
        }
    });

    html! {
        <div class="page">
            <Masthead chosen={*chosen} {on_model} {on_replace} />
            <Annotator
                worker_url={absolute(WORKER_SCRIPT)}
                model_url={absolute(&chosen.path())}
                initial={(*initial).clone()}
                {textarea}
                {on_text}
            />
        </div>
    }
}

/// `path` resolved against the page's address: a worker made from a blob has no address to resolve against.
fn absolute(path: &str) -> Rc<str> {
    let base = (web_sys::window())
        .and_then(|window| window.document())
        .and_then(|document| document.base_uri().ok().flatten())
        .unwrap_or_default();
    web_sys::Url::new_with_base(path, &base).map_or_else(|_| path.into(), |url| url.href().into())
}

/// Replaces all text the way a person would, so that it can be undone.
fn replace_text(textarea: &HtmlTextAreaElement, text: &str) {
    let _ = textarea.focus();
    textarea.select();
    let document = web_sys::window().and_then(|window| window.document());
    let html_document = document.and_then(|document| {
        wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlDocument>(document).ok()
    });
    let command = if text.is_empty() {
        "delete"
    } else {
        "insertText"
    };
    let done = html_document
        .map(|document| document.exec_command_with_show_ui_and_value(command, false, text));
    if !matches!(done, Some(Ok(true))) && textarea.value() != text {
        textarea.set_value(text);
        if let Ok(event) = web_sys::InputEvent::new("input") {
            let _ = textarea.dispatch_event(&event);
        }
    }
    let _ = textarea.set_selection_range(0, 0);
}
