//! The program that holds the model; `web/element/worker_start.js` starts it in a worker. See `spanarc_protocol`.
#![allow(unreachable_pub, reason = "JavaScript reaches it")]

use wasm_bindgen::prelude::wasm_bindgen;
use web_sys::MessagePort;

/// Nothing runs until somebody calls [`listen`].
fn main() {}

/// Answers the requests that come through `port`: a worker's global object, or a `MessagePort`. Every port is a
/// conversation of its own, with its own model.
#[wasm_bindgen]
pub fn listen(port: MessagePort) {
    spanarc_worker::worker::listen(port);
}

/// Ends the conversation on `port`: stops its download and frees its model. The port itself stays open.
#[wasm_bindgen]
pub fn leave(port: &MessagePort) {
    spanarc_worker::worker::leave(port);
}
