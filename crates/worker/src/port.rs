//! The way to the page, and what every global object has: that of a window, of a worker, of Node.

use std::{cell::RefCell, rc::Rc};

use js_sys::{Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{
    EventTarget, MessagePort, Request, SecurityPolicyViolationEvent,
    SecurityPolicyViolationEventDisposition, Url,
};

use spanarc_protocol::{self as protocol, Reply, describe};

use crate::task::give_way;

#[wasm_bindgen]
extern "C" {
    /// Fetches through whatever global object there is.
    #[wasm_bindgen(catch)]
    pub(crate) fn fetch(request: &Request) -> Result<Promise, JsValue>;

    /// Milliseconds on a steady clock.
    #[wasm_bindgen(js_namespace = performance)]
    pub(crate) fn now() -> f64;

    /// Calls after some milliseconds. What comes back is a number in browsers, an object in Node.
    #[wasm_bindgen(js_name = setTimeout)]
    pub(crate) fn set_timeout(ring: &js_sys::Function, milliseconds: f64) -> JsValue;

    /// Takes back what [`set_timeout`] has returned.
    #[wasm_bindgen(js_name = clearTimeout)]
    pub(crate) fn clear_timeout(id: &JsValue);
}

/// Sends a reply to the page.
pub(crate) fn post(port: &MessagePort, reply: &Reply) {
    let posted = protocol::to_js(reply)
        .map_err(JsValue::from)
        .and_then(|message| port.post_message(&message));
    if let Err(reason) = posted {
        web_sys::console::error_1(
            &format!("The page cannot be told: {}", describe(&reason)).into(),
        );
    }
}

/// Hears what the Content-Security-Policy forbids, for as long as it lives. A forbidden fetch fails without a reason.
pub(crate) struct PolicyWatch {
    place: Option<EventTarget>,
    note: Closure<dyn Fn(SecurityPolicyViolationEvent)>,
    /// Directives, each with what it does not allow.
    violations: Rc<RefCell<Vec<(String, String)>>>,
}

/// How many tasks later than the failed fetch the report of its violation may come.
const REPORT_TASKS: usize = 5;

impl PolicyWatch {
    pub(crate) fn new() -> Self {
        let global = js_sys::global();
        let document = Reflect::get(&global, &"document".into()).ok();
        // There is neither in Node.
        let place = (document.and_then(|document| document.dyn_into::<EventTarget>().ok()))
            .or_else(|| global.dyn_into().ok());
        let violations = Rc::new(RefCell::new(Vec::new()));
        let note = Closure::<dyn Fn(SecurityPolicyViolationEvent)>::new({
            let violations = Rc::clone(&violations);
            move |event: SecurityPolicyViolationEvent| {
                if event.disposition() == SecurityPolicyViolationEventDisposition::Enforce {
                    let violation = (event.effective_directive(), event.blocked_uri());
                    violations.borrow_mut().push(violation);
                }
            }
        });
        let watch = Self {
            place,
            note,
            violations,
        };
        if let Some(place) = &watch.place {
            let _ = place.add_event_listener_with_callback(VIOLATION, watch.listener());
        }
        watch
    }

    /// Why the policy has forbidden to fetch from `url`, if it has.
    pub(crate) async fn objection(&self, url: &str) -> Option<String> {
        self.place.as_ref()?;
        // What was redirected is reported by its origin only.
        let origin = Url::new(url).ok()?.origin();
        for _ in 0..REPORT_TASKS {
            let _ = give_way().await;
            let violations = self.violations.borrow();
            let ours = |(directive, blocked): &&(String, String)| {
                ["connect-src", "default-src"].contains(&directive.as_str())
                    && (blocked == url || *blocked == origin)
            };
            if let Some((directive, blocked)) = violations.iter().find(ours) {
                return Some(format!(
                    "the Content-Security-Policy lacks {directive} {blocked}"
                ));
            }
        }
        None
    }

    fn listener(&self) -> &js_sys::Function {
        self.note.as_ref().unchecked_ref()
    }
}

const VIOLATION: &str = "securitypolicyviolation";

impl Drop for PolicyWatch {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            let _ = place.remove_event_listener_with_callback(VIOLATION, self.listener());
        }
    }
}
