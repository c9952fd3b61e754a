//! The way to a secondary worker: this worker is to it what a page is to this one.

use js_sys::{Array, Object, Reflect, Uint8Array};
use spanarc_protocol::{self as protocol, Reply, Request, describe};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, MessageEvent, MessagePort};

/// A port to a secondary worker, with what hears it; both end together.
pub(crate) struct Secondary {
    port: MessagePort,
    _hear: Closure<dyn Fn(MessageEvent)>,
}

impl Secondary {
    /// Starts the program at the other end of `port`. Nothing is heard before this returns; errors are for people.
    pub(crate) fn start(
        port: MessagePort,
        hear: impl Fn(Result<Reply, String>) + 'static,
    ) -> Result<Self, String> {
        let hear = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            hear(protocol::from_js(event.data()).map_err(|error| error.to_string()));
        });
        port.set_onmessage(Some(hear.as_ref().unchecked_ref()));
        let message = message("start", "wasm", &wasm_bindgen::module());
        let posted = message.and_then(|message| port.post_message(&message));
        let started = Self { port, _hear: hear };
        posted.map_err(|error| describe(&error))?;
        Ok(started)
    }

    /// Sends a request.
    pub(crate) fn post(&self, request: &Request) -> Result<(), String> {
        let message = protocol::to_js(request).map_err(|error| error.to_string())?;
        let posted = self.port.post_message(&message);
        posted.map_err(|error| describe(&error))
    }

    /// The port, for [`load`].
    pub(crate) fn port(&self) -> MessagePort {
        self.port.clone()
    }
}

impl Drop for Secondary {
    fn drop(&mut self) {
        self.port.set_onmessage(None);
        self.port.close();
    }
}

/// What a secondary worker loads its model from: outside of the program's memory, and where the browser may put it on a disk.
pub(crate) fn keep(bundle: &[u8]) -> Result<Blob, JsValue> {
    Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bundle)))
}

/// Has the worker at the other end of `port` load a kept model.
pub(crate) async fn load(port: MessagePort, bundle: Blob) -> Result<(), JsValue> {
    let bytes = JsFuture::from(bundle.array_buffer()).await?;
    let message = message("load", "bytes", &Uint8Array::new(&bytes))?;
    port.post_message_with_transferable(&message, &Array::of1(&bytes))
}

/// A message with one field, whose value is a JavaScript object that is not copied.
fn message(kind: &str, name: &str, value: &JsValue) -> Result<JsValue, JsValue> {
    let message = Object::new();
    Reflect::set(&message, &"kind".into(), &kind.into())?;
    Reflect::set(&message, &name.into(), value)?;
    Ok(message.into())
}
