//! The whole page.

use std::{cell::RefCell, rc::Rc};

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{JSON, Reflect};
use spanarc_document::utf16_len;
use wasm_bindgen::JsCast;
use yew::prelude::*;

use super::masthead::Masthead;
use crate::{
    annotator_element::AnnotatorElement,
    shipped_models::{SHIPPED_MODELS, ShippedModel},
    stored,
};

/// How long work must pause before it is stored.
const STORE_AFTER_MS: u32 = 300;

/// The page: the element `<spanarc-annotator>` with a frame around it.
#[component]
pub(crate) fn App() -> Html {
    let chosen = use_state(|| {
        let remembered = stored::model().and_then(|name| ShippedModel::named(&name));
        remembered.unwrap_or(&SHIPPED_MODELS[0])
    });
    let annotator = use_node_ref();
    let element = {
        let annotator = annotator.clone();
        move || Some(annotator.get()?.unchecked_into::<AnnotatorElement>())
    };

    use_effect_with((), {
        let (element, chosen) = (element.clone(), *chosen);
        move |()| {
            let listeners = element().map(|element| {
                let text = restore(&element).unwrap_or_else(|| {
                    let text = stored::text().unwrap_or_else(|| chosen.example.to_owned());
                    element.set_value(&text);
                    text
                });
                listen(element, text)
            });
            move || drop(listeners)
        }
    });

    let on_replace = use_callback((), {
        let element = element.clone();
        move |text: &'static str, ()| {
            if let Some(element) = element() {
                replace(&element, text);
                // What was never shown cannot have been clicked away.
                let _ = element.select(0, 0);
            }
        }
    });
    let on_model = use_callback(*chosen, {
        let chosen = chosen.clone();
        move |wanted: &'static ShippedModel, last| {
            chosen.set(wanted);
            stored::keep_model(wanted.name);
            if let Some(element) = element()
                && element.value().as_deref() == Some(last.example)
            {
                replace(&element, wanted.example);
            }
        }
    });

    html! {
        <div class="page">
            <Masthead chosen={*chosen} {on_model} {on_replace} />
            <main>
                <spanarc-annotator ref={annotator} model={chosen.path()} />
            </main>
        </div>
    }
}

/// Puts a text in the place of all there is, as one step to undo.
fn replace(element: &AnnotatorElement, text: &str) {
    let length = utf16_len(&element.value().unwrap_or_default());
    if element.replace_text(0, length, text).is_err() {
        // Not loaded yet, so that there is nothing to undo.
        element.set_value(text);
    }
    keep(element);
}

/// Brings back what the last visit left, and gives its text.
fn restore(element: &AnnotatorElement) -> Option<String> {
    let document = JSON::parse(&stored::document()?).ok()?;
    // Until the element's class is defined, it does not refuse what has none.
    let text = Reflect::get(&document, &"text".into()).ok()?.as_string()?;
    element.set_annotations(&document).ok()?;
    Some(text)
}

/// Stores text and annotations.
fn keep(element: &AnnotatorElement) {
    let document = JSON::stringify(&element.annotations()).ok();
    // Undefined until the class is.
    let document = document.and_then(|json| json.as_string());
    if let Some(text) = element.value() {
        stored::keep(document.as_deref(), &text);
    }
}

/// Stores what a person does some time after it is done, and when the page is left. Where nothing was done, nothing is: another window
/// may have stored newer work.
fn listen(element: AnnotatorElement, text: String) -> (Vec<EventListener>, Option<EventListener>) {
    // The text that is stored with its annotations; none while something is to be stored. Events may be behind the text.
    let kept = Rc::new(RefCell::new(Some(text)));
    let keep = {
        let (element, kept) = (element.clone(), kept.clone());
        move || {
            let text = element.value();
            if kept.replace(text.clone()) != text {
                keep(&element);
            }
        }
    };
    let leaving = web_sys::window().map(|window| {
        let keep = keep.clone();
        EventListener::new(&window, "pagehide", move |_| keep())
    });
    let storing = Rc::new(RefCell::new(None::<Timeout>));
    let working = ["input", "change"].map(|event| {
        let (keep, storing, kept) = (keep.clone(), storing.clone(), kept.clone());
        EventListener::new(&element, event, move |_| {
            kept.take();
            let timeout = Timeout::new(STORE_AFTER_MS, keep.clone());
            // Replaces, and so ends, the one before.
            drop(storing.replace(Some(timeout)));
        })
    });
    (working.into(), leaving)
}
