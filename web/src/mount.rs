//! Annotators for pages that are not ours, from JavaScript.
#![allow(unreachable_pub, reason = "JavaScript reaches it")]

use spanarc_annotator::{AnnotatorProps, Handle, Mounted, mount};
use spanarc_document::Document;
use wasm_bindgen::{JsError, prelude::wasm_bindgen};
use web_sys::Element;
use yew::Callback;

use crate::address::absolute;

/// An annotator that stands in an element.
#[wasm_bindgen]
pub struct MountedAnnotator {
    handle: Handle,
    mounted: Option<Mounted>,
}

/// Puts an annotator into `parent`, with a worker that starts with the module at `worker_url`, the WebAssembly at
/// `wasm_url` and the model at `model_url`, all relative to the page, and with `text` to begin with.
#[wasm_bindgen(js_name = mountAnnotator)]
pub fn mount_annotator(
    parent: Element,
    worker_url: &str,
    wasm_url: &str,
    model_url: &str,
    text: &str,
) -> MountedAnnotator {
    let handle = Handle::new(Document::new(text));
    let props = AnnotatorProps {
        handle: handle.clone(),
        worker_url: absolute(worker_url),
        wasm_url: absolute(wasm_url),
        model_url: absolute(model_url),
        on_change: Callback::noop(),
    };
    MountedAnnotator {
        handle,
        mounted: Some(mount(parent, props)),
    }
}

#[wasm_bindgen]
impl MountedAnnotator {
    /// The document as JSON: `text`, `mentions`, `links`; offsets are bytes.
    pub fn document(&self) -> String {
        // Strings and numbers only: nothing here can fail to serialise.
        serde_json::to_string(&*self.handle.snapshot().document).unwrap_or_default()
    }

    /// Puts `text` in the place of all there is.
    #[wasm_bindgen(js_name = replaceText)]
    pub fn replace_text(&self, text: &str) {
        self.handle.replace_text(text);
    }

    /// Does what a person can do to a document: a command as JSON, such as `{"add_mention": {"kind": "Loc", "spans":
    /// [{"start": 0, "end": 4}]}}`; offsets are bytes. Throws when the command or the document does not allow it.
    pub fn perform(&self, command: &str) -> Result<(), JsError> {
        self.handle.perform(&serde_json::from_str(command)?)?;
        Ok(())
    }

    /// Takes the annotator away. Called twice it does nothing.
    pub fn unmount(&mut self) {
        if let Some(mounted) = self.mounted.take() {
            mounted.unmount();
        }
    }
}
