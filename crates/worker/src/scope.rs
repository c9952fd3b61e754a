//! The worker's global object, and what it is used for.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::DedicatedWorkerGlobalScope;

use spanarc_protocol::{self as protocol, Reply};

pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Sends a reply to the page.
pub(crate) fn post(reply: &Reply) {
    let posted = protocol::to_js(reply)
        .map_err(JsValue::from)
        .and_then(|message| scope().post_message(&message));
    if let Err(reason) = posted {
        web_sys::console::error_1(
            &format!("The page cannot be told: {}", describe(&reason)).into(),
        );
    }
}

/// Milliseconds on a steady clock.
pub(crate) fn now() -> f64 {
    scope()
        .performance()
        .map_or_else(js_sys::Date::now, |clock| clock.now())
}

/// The message of a JavaScript exception.
pub(crate) fn describe(reason: &JsValue) -> String {
    match reason.dyn_ref::<js_sys::Error>() {
        Some(error) => String::from(error.message()),
        None => reason.as_string().unwrap_or_else(|| format!("{reason:?}")),
    }
}
