//! Giving way to the worker's other tasks.

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::MessageChannel;

/// Waits until the messages that have arrived meanwhile were handled.
///
/// A message to oneself queues behind them and comes at once; a timer would be held back to 4 ms after a few rounds, and
/// a resolved promise would let nothing through.
pub(crate) async fn give_way() -> Result<(), JsValue> {
    let channel = MessageChannel::new()?;
    let arrival = Promise::new(&mut |resolve, _| channel.port1().set_onmessage(Some(&resolve)));
    channel.port2().post_message(&JsValue::NULL)?;
    JsFuture::from(arrival).await?;
    channel.port1().close();
    Ok(())
}
