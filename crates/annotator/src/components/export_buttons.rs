//! Takes the annotations away: copied, or as a file.

use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::Array;
use spanarc_protocol::ModelSummary;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};
use yew::prelude::*;

use crate::{annotations::Annotations, export, state::View};

/// How long the outcome of copying is shown.
const SAID_FOR_MS: u32 = 2000;

/// What is taken away.
#[derive(Properties, PartialEq)]
pub(crate) struct ExportButtonsProps {
    /// The text.
    pub(crate) text: Rc<str>,
    /// What was found.
    pub(crate) annotations: Rc<Annotations>,
    /// What of it is shown.
    pub(crate) view: View,
    /// The model.
    pub(crate) model: Rc<ModelSummary>,
}

/// Copies or saves what is shown as JSON.
#[component]
pub(crate) fn ExportButtons(props: &ExportButtonsProps) -> Html {
    let said = use_state(|| None::<&'static str>);
    use_effect_with(*said, {
        let said = said.clone();
        move |current| {
            let timer = current.map(|_| Timeout::new(SAID_FOR_MS, move || said.set(None)));
            move || drop(timer)
        }
    });
    let json = {
        let (text, annotations) = (props.text.clone(), props.annotations.clone());
        let (view, model) = (props.view.clone(), props.model.clone());
        move || export::json(&text, &annotations, &view, &model)
    };
    let copy = {
        let (json, said) = (json.clone(), said.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(window) = web_sys::window() else {
                return;
            };
            // Pages that are not served securely have no clipboard, and web-sys does not know that it can be absent.
            let clipboard = js_sys::Reflect::get(&window.navigator(), &"clipboard".into());
            let copied = clipboard
                .ok()
                .filter(JsValue::is_truthy)
                .map(|_| window.navigator().clipboard().write_text(&json()));
            let said = said.clone();
            spawn_local(async move {
                let done = match copied {
                    Some(promise) => JsFuture::from(promise).await.is_ok(),
                    None => false,
                };
                said.set(Some(if done {
                    "Copied"
                } else {
                    "The browser did not allow it"
                }));
            });
        })
    };
    let save = Callback::from(move |_: MouseEvent| {
        let _ = download(&json());
    });
    html! {
        <div class="export">
            <button type="button" class="button" onclick={copy}>{"Copy as JSON"}</button>
            <button type="button" class="button" onclick={save}>{"Download"}</button>
            <span class="export-said" role="status">{said.unwrap_or_default()}</span>
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
