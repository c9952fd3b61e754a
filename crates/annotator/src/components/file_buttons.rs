//! Brings documents in from files, and takes the annotations away: copied, or as files.

use gloo_timers::callback::Timeout;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Event, HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::button::Button;
use crate::{
    formats::{FORMATS, JSON},
    hooks::{Files, listed, use_event},
    strings::use_strings,
};

/// How long the outcome of copying is shown.
const SAID_FOR_MS: u32 = 2000;

/// What the buttons work on.
#[derive(Properties, PartialEq)]
pub(crate) struct FileButtonsProps {
    /// What can be done with files.
    pub(crate) files: Files,
    /// Whether no other text may be opened.
    pub(crate) read_only: bool,
}

/// Opens files; copies what is shown as JSON, or saves it in any format.
#[component]
pub(crate) fn FileButtons(props: &FileButtonsProps) -> Html {
    let strings = use_strings();
    let copied = use_state(|| None::<bool>);
    use_effect_with(*copied, {
        let copied = copied.clone();
        move |current| {
            let timer = current.map(|_| Timeout::new(SAID_FOR_MS, move || copied.set(None)));
            move || drop(timer)
        }
    });
    let copy = {
        let (json, copied) = (props.files.json.clone(), copied.clone());
        Callback::from(move |()| {
            let Some(window) = web_sys::window() else {
                return;
            };
            // Pages that are not served securely have no clipboard, and web-sys does not know that it can be absent.
            let clipboard = js_sys::Reflect::get(&window.navigator(), &"clipboard".into());
            let copying = clipboard
                .ok()
                .filter(JsValue::is_truthy)
                .map(|_| window.navigator().clipboard().write_text(&json.text()));
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
    let format = use_state(|| JSON);
    let select = use_node_ref();
    let chosen = format.clone();
    use_event(&select, "change", move |event: &Event| {
        let select = event.target_dyn_into::<HtmlSelectElement>();
        let wanted = select.map(|select| select.value());
        let known = FORMATS
            .into_iter()
            .find(|(name, _)| wanted.as_deref() == Some(*name));
        if let Some((name, _)) = known {
            chosen.set(name);
        }
    });
    let export = {
        let (format, on_export) = (format.clone(), props.files.on_export.clone());
        Callback::from(move |()| on_export.emit(*format))
    };
    let input = use_node_ref();
    let on_open = props.files.on_open.clone();
    use_event(&input, "change", move |event: &Event| {
        let Some(input) = event.target_dyn_into::<HtmlInputElement>() else {
            return;
        };
        let files = input
            .files()
            .map(|files| listed(&files))
            .unwrap_or_default();
        // The same file may be chosen again.
        input.set_value("");
        if !files.is_empty() {
            on_open.emit(files);
        }
    });
    let pick = {
        let input = input.clone();
        Callback::from(move |()| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                input.click();
            }
        })
    };
    let has_formats = props.files.has_formats;
    let said = (*copied).map(|copied| {
        if copied {
            &strings.copied
        } else {
            &strings.copy_denied
        }
    });
    html! {
        <div class="export">
            <Button class="button" hidden={!has_formats} disabled={props.read_only} on_press={pick}>{&*strings.open}</Button>
            <input ref={input} type="file" multiple=true hidden=true data-testid="files" />
            <Button class="button" on_press={copy}>{&*strings.copy}</Button>
            <span class="export-as">
                <Button class="button" on_press={export}>{&*strings.export}</Button>
                <select ref={select} class="button" aria-label={strings.export_format.clone()} hidden={!has_formats} translate="no">
                    {for FORMATS.iter().map(|&(name, title)| html! {
                        <option value={name} selected={name == *format}>{title}</option>
                    })}
                </select>
            </span>
            <span class="export-said" role="status">
                if let Some(said) = said {
                    <span key={said.to_string()}>{&**said}</span>
                }
            </span>
        </div>
    }
}
