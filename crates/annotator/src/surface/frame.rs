//! What is done right before the next frame is drawn, or right after.

use std::{cell::Cell, rc::Rc};

use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::Window;

/// How long a frame may be in coming; milliseconds.
const UNSEEN_MS: u32 = 250;

/// A call before the next frame; not if this is dropped before.
pub(crate) struct NextFrame {
    window: Window,
    id: i32,
    _call: Closure<dyn FnMut()>,
}

impl NextFrame {
    /// Nothing where there is no window.
    pub(crate) fn new(call: impl FnOnce() + 'static) -> Option<Self> {
        let window = web_sys::window()?;
        let call = Closure::once(call);
        let id = (window.request_animation_frame(call.as_ref().unchecked_ref())).ok()?;
        Some(Self {
            window,
            id,
            _call: call,
        })
    }
}

impl Drop for NextFrame {
    fn drop(&mut self) {
        let _ = self.window.cancel_animation_frame(self.id);
    }
}

/// Calls in a task of its own after the next frame, which lays out what there is by then; or after a while, since a page that nobody
/// sees has no frames.
pub(crate) fn after_frame(call: impl FnOnce() + 'static) {
    let call = Rc::new(Cell::new(Some(call)));
    let once = move || {
        if let Some(call) = call.take() {
            call();
        }
    };
    Timeout::new(UNSEEN_MS, once.clone()).forget();
    let task = Closure::once_into_js(move || Timeout::new(0, once).forget());
    if let Some(window) = web_sys::window() {
        let _ = window.request_animation_frame(task.unchecked_ref());
    }
}
