//! A Yew application that uses the annotator as a component.

use spanarc_annotator::{Annotator, Handle, ModelSource, Settings, Snapshot};
use spanarc_document::{Document, State};
use wasm_bindgen::JsValue;
use yew::prelude::*;

fn main() {
    yew::Renderer::<App>::new().render();
}

#[component]
fn App() -> Html {
    // The document outlives renderings, and would outlive the annotator.
    let handle = use_state(|| Handle::new(Document::new("")));
    let model = use_state(|| model().ok());
    let settings = use_state(|| Settings {
        placeholder: Some("Write about people and places.".into()),
        ..Settings::default()
    });
    let found = use_state(String::new);
    let on_change = {
        let found = found.clone();
        use_callback((), move |snapshot, ()| found.set(list(&snapshot)))
    };
    html! {
        <main>
            <h1>{"Who, where?"}</h1>
            <Annotator
                handle={(*handle).clone()}
                model={(*model).clone()}
                settings={(*settings).clone()}
                {on_change}
            />
            <output>{&*found}</output>
        </main>
    }
}

/// Where Trunk puts model and worker, beside the page.
fn model() -> Result<ModelSource, JsValue> {
    let document = web_sys::window().and_then(|window| window.document());
    let base = document.and_then(|document| document.base_uri().ok()?);
    let base = base.ok_or("there is no page")?;
    let beside = |path| Ok::<_, JsValue>(web_sys::Url::new_with_base(path, &base)?.href().into());
    Ok(ModelSource {
        url: beside("models/news.safetensors")?,
        worker_url: beside("worker.js")?,
        wasm_url: beside("worker.wasm")?,
        workers: None,
    })
}

fn list(snapshot: &Snapshot) -> String {
    let document = &snapshot.document;
    let kept = (document.mentions().iter()).filter(|mention| mention.state != State::Rejected);
    let lines = kept.map(|mention| {
        let words: String = document.words(&mention.spans).collect();
        format!("{words}: {}", mention.kind)
    });
    lines.collect::<Vec<_>>().join(", ")
}
