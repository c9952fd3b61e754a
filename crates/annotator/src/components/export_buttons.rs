//! Takes the annotations away: copied, or as a file.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::Array;
use spanarc_protocol::ModelSummary;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};
use yew::prelude::*;

use super::button::Button;
use crate::{export, shown::Shown, strings::use_strings};

/// How long the outcome of copying is shown.
const SAID_FOR_MS: u32 = 2000;

/// What is taken away.
#[derive(Properties, PartialEq)]
pub(crate) struct ExportButtonsProps {
    /// The document, and which of it is shown.
    pub(crate) shown: Shown,
    /// The model, if there is one.
    pub(crate) model: Option<Rc<ModelSummary>>,
}

/// Copies or saves what is shown as JSON.
#[component]
pub(crate) fn ExportButtons(props: &ExportButtonsProps) -> Html {
    let strings = use_strings();
    let copied = use_state(|| None::<bool>);
    use_effect_with(*copied, {
        let copied = copied.clone();
        move |current| {
            let timer = current.map(|_| Timeout::new(SAID_FOR_MS, move || copied.set(None)));
            move || drop(timer)
        }
    });
    let json = {
        let (shown, model) = (props.shown.clone(), props.model.clone());
        move || export::json(&shown, model.as_ref().map(|model| model.name.as_str()))
    };
    let copy = {
        let (json, copied) = (json.clone(), copied.clone());
        Callback::from(move |()| {
            let Some(window) = web_sys::window() else {
                return;
            };
            // Pages that are not served securely have no clipboard, and web-sys does not know that it can be absent.
            let clipboard = js_sys::Reflect::get(&window.navigator(), &"clipboard".into());
            let copying = clipboard
                .ok()
                .filter(JsValue::is_truthy)
                .map(|_| window.navigator().clipboard().write_text(&json()));
            let copied = copied.clone();
            spawn_local(async move {
                let done = match copying {
                    Some(promise) => JsFuture::from(promise).await.is_ok(),
                    None => false,
                };
                copied.set(Some(done));
            });
        })
    };
    let save = Callback::from(move |()| {
        let _ = download(&json());
    });
    let said = (*copied).map(|copied| {
        if copied {
            &strings.copied
        } else {
            &strings.copy_denied
        }
    });
    html! {
        <div class="export">
            <Button class="button" on_press={copy}>{&*strings.copy}</Button>
            <Button class="button" on_press={save}>{&*strings.download}</Button>
            <span class="export-said" role="status">
                if let Some(said) = said {
                    <span key={said.to_string()}>{&**said}</span>
                }
            </span>
        </div>
    }
}

fn download(json: &str) -> Result<(), JsValue> {
    let document = web_sys::window()
        .and_then(|w| w.document())
        .ok_or(JsValue::NULL)?;
    let properties = BlobPropertyBag::new();
    properties.set_type("application/json");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&json.into()), &properties)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let anchor: HtmlAnchorElement = document.create_element("a")?.dyn_into()?;
    anchor.set_href(&url);
    anchor.set_download("annotations.json");
    anchor.click();
    Url::revoke_object_url(&url)
}
