//! The element `<spanarc-annotator>` as the frame uses it; `web/element/annotator_element.js` is its class.
#![allow(unreachable_pub, reason = "wasm-bindgen writes it so")]

use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// The element. Before its class is defined, properties that are set wait for it, and methods throw.
    #[wasm_bindgen(extends = web_sys::Element)]
    #[derive(Debug, Clone)]
    pub type AnnotatorElement;

    /// The text. Absent until the class is defined or the text was set.
    #[wasm_bindgen(method, getter)]
    pub fn value(this: &AnnotatorElement) -> Option<String>;

    /// Puts a text in the place of all there is.
    #[wasm_bindgen(method, setter)]
    pub fn set_value(this: &AnnotatorElement, text: &str);

    /// Text and annotations as JSON has them. Undefined until the class is defined or they were set.
    #[wasm_bindgen(method, getter)]
    pub fn annotations(this: &AnnotatorElement) -> JsValue;

    /// Puts a text with annotations in the place of all there is. Errors where they do not fit.
    #[wasm_bindgen(method, setter, catch)]
    pub fn set_annotations(this: &AnnotatorElement, annotations: &JsValue) -> Result<(), JsValue>;

    /// Replaces a part of the text, in UTF-16 code units, as a person does. Errors until the program is loaded.
    #[wasm_bindgen(method, catch, js_name = replaceText)]
    pub fn replace_text(
        this: &AnnotatorElement,
        start: usize,
        end: usize,
        text: &str,
    ) -> Result<(), JsValue>;

    /// Selects a part of the text, in UTF-16 code units, puts the keyboard there and scrolls to it.
    #[wasm_bindgen(method, catch)]
    pub fn select(this: &AnnotatorElement, start: usize, end: usize) -> Result<(), JsValue>;
}
