//! A worker as a browser object: started in whichever way the page allows, watched, stopped.
//!
//! `web/element/worker_channel.js` does the same for the annotator without an interface.

use std::{cell::RefCell, rc::Rc};

use gloo_events::EventListener;
use js_sys::{Array, Function, Object, Reflect};
use spanarc_protocol::{self as protocol, Reply, describe};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{
    Blob, BlobPropertyBag, ErrorEvent, Event, MessageEvent, MessagePort,
    SecurityPolicyViolationEvent, SecurityPolicyViolationEventDisposition, Url, Worker,
    WorkerOptions, WorkerType,
};

/// The script of a worker whose own script lies at another origin, as a JavaScript module that exports it.
const BOOTSTRAP: &str = include_str!("../../../../web/element/worker_bootstrap.js");

/// Directives that can forbid a worker's script.
const DIRECTIVES: [&str; 5] = [
    "worker-src",
    "child-src",
    "script-src",
    "script-src-elem",
    "default-src",
];

/// How long the report of a violation may come after the error that it causes.
pub(super) const REPORT_MS: u32 = 50;

/// What is heard of a worker.
pub(super) enum Heard {
    Reply(Reply),
    /// It has died; why.
    Died(String),
    /// Its script cannot be loaded, or fails before it listens; why. Perhaps the report of a violation follows.
    NotStarted(String),
    /// The page's policy forbids it; why.
    Forbidden(String),
}

/// A worker with the listeners that hear it; both end together.
pub(super) struct Running {
    worker: Worker,
    _script: Script,
    _listeners: [EventListener; 3],
    _starting: Rc<RefCell<Option<EventListener>>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

impl Running {
    /// Starts a worker of the module at the absolute address `worker_url`. Nothing is heard before this returns. The error is for
    /// people.
    pub(super) fn start(
        worker_url: &str,
        first: FirstMessage,
        hear: Rc<dyn Fn(Heard)>,
    ) -> Result<Self, String> {
        let why = |error: JsValue| cannot_start(worker_url, &describe(&error));
        let script = Script::new(worker_url).map_err(why)?;
        let starting = Rc::new(RefCell::new(watch_policy(worker_url, &script, &hear)));
        let worker = new_worker(&script).map_err(|reason| cannot_start(worker_url, &reason))?;
        let listeners = listen(&worker, worker_url, &starting, &hear);
        first.post(&worker).map_err(why)?;
        Ok(Self {
            worker,
            _script: script,
            _listeners: listeners,
            _starting: starting,
        })
    }

    pub(super) fn post(&self, message: &JsValue) -> Result<(), JsValue> {
        self.worker.post_message(message)
    }

    /// Posts a message with a port that goes over to the worker.
    pub(super) fn hand_over(&self, message: &JsValue, port: &MessagePort) -> Result<(), JsValue> {
        (self.worker).post_message_with_transfer(message, &Array::of1(port))
    }
}

fn cannot_start(worker_url: &str, reason: &str) -> String {
    format!("The annotator's worker at {worker_url} cannot be started: {reason}")
}

/// What a worker's script is told first.
pub(super) struct FirstMessage {
    fields: Vec<(&'static str, JsValue)>,
    port: Option<MessagePort>,
}

impl FirstMessage {
    /// Start the program at the absolute address `wasm_url`, and listen to the page.
    pub(super) fn start(wasm_url: &str) -> Self {
        Self {
            fields: vec![("kind", "start".into()), ("wasm", wasm_url.into())],
            port: None,
        }
    }

    /// Take all further messages, the program's too, through `port`.
    pub(super) fn attach(port: MessagePort) -> Self {
        Self {
            fields: vec![("kind", "attach".into())],
            port: Some(port),
        }
    }

    fn post(self, worker: &Worker) -> Result<(), JsValue> {
        let message = Object::new();
        for (name, value) in &self.fields {
            Reflect::set(&message, &(*name).into(), value)?;
        }
        let ports: Array = self.port.into_iter().collect();
        worker.post_message_with_transfer(&message, &ports)
    }
}

fn listen(
    worker: &Worker,
    worker_url: &str,
    starting: &Rc<RefCell<Option<EventListener>>>,
    hear: &Rc<dyn Fn(Heard)>,
) -> [EventListener; 3] {
    let unreadable = |error| Heard::Died(format!("The annotator's answer cannot be read{error}"));
    let message = EventListener::new(worker, "message", {
        let (starting, hear) = (Rc::clone(starting), Rc::clone(hear));
        move |event| {
            starting.take();
            let data = event.dyn_ref::<MessageEvent>().map(MessageEvent::data);
            hear(match protocol::from_js::<Reply>(data.unwrap_or_default()) {
                Ok(reply) => Heard::Reply(reply),
                Err(error) => unreadable(format!(": {error}")),
            });
        }
    });
    let message_error = EventListener::new(worker, "messageerror", {
        let hear = Rc::clone(hear);
        move |_| hear(unreadable(".".into()))
    });
    let error = EventListener::new(worker, "error", {
        let (starting, hear) = (Rc::clone(starting), Rc::clone(hear));
        let worker_url = worker_url.to_owned();
        move |event| {
            // Scripts that cannot be fetched give an event without a message.
            let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message);
            let message = message.filter(|message| !message.is_empty());
            if starting.borrow().is_some() {
                let reason = message.unwrap_or_else(|| "its script cannot be loaded".into());
                hear(Heard::NotStarted(cannot_start(&worker_url, &reason)));
            } else {
                let reason = message.unwrap_or_else(|| "it gave no reason".into());
                hear(Heard::Died(format!("The annotator has failed: {reason}")));
            }
        }
    });
    [message, message_error, error]
}

/// Listens until the worker has started: a worker that is forbidden only fails, without a reason.
fn watch_policy(
    worker_url: &str,
    script: &Script,
    hear: &Rc<dyn Fn(Heard)>,
) -> Option<EventListener> {
    let document = web_sys::window()?.document()?;
    let (worker_url, names, hear) = (worker_url.to_owned(), script.names(), Rc::clone(hear));
    let note = move |event: &Event| {
        let Some(violation) = event.dyn_ref::<SecurityPolicyViolationEvent>() else {
            return;
        };
        let (directive, blocked) = (violation.effective_directive(), violation.blocked_uri());
        if violation.disposition() == SecurityPolicyViolationEventDisposition::Enforce
            && DIRECTIVES.contains(&directive.as_str())
            && names.contains(&blocked)
        {
            let blocked = if blocked == "blob" { "blob:" } else { &blocked };
            let reason = format!("the Content-Security-Policy lacks {directive} {blocked}");
            hear(Heard::Forbidden(cannot_start(&worker_url, &reason)));
        }
    };
    Some(EventListener::new(
        &document,
        "securitypolicyviolation",
        note,
    ))
}

/// The address of a blob that starts the module at the absolute address `worker_url`.
///
/// A worker made from an address has the Content-Security-Policy that the server sends with it, and a static server sends
/// none; one made from a blob has the page's, so that the model can send nothing elsewhere either.
fn within_policy(worker_url: &str) -> Result<String, JsValue> {
    let text = BOOTSTRAP.split('`').nth(1).unwrap_or_default();
    let address = serde_json::Value::from(worker_url);
    let text = format!("const WORKER = {address};{text}");
    let properties = BlobPropertyBag::new();
    properties.set_type("text/javascript");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &properties)?;
    Url::create_object_url_with_blob(&blob)
}

/// The address of a script that a worker can be made of.
struct Script {
    url: String,
    is_ours: bool,
}

impl Script {
    /// The one at `worker_url`, unless it lies at another origin.
    fn new(worker_url: &str) -> Result<Self, JsValue> {
        let url = Url::new(worker_url)?;
        let window = web_sys::window().ok_or("there is no window")?;
        // Not the address's: in a sandboxed frame it is another.
        let origin = Reflect::get(&window, &"origin".into())?.as_string();
        if url.protocol() == "blob:" || origin == Some(url.origin()) {
            return Ok(Self {
                url: worker_url.to_owned(),
                is_ours: false,
            });
        }
        Ok(Self {
            url: within_policy(worker_url)?,
            is_ours: true,
        })
    }

    /// What a report of a violation may call it. Reports leave out what may be secret: a fragment, all but the origin of what
    /// was redirected, all but the scheme of a blob.
    fn names(&self) -> Vec<String> {
        let Ok(url) = Url::new(&self.url) else {
            return Vec::new();
        };
        if url.protocol() == "blob:" {
            return vec!["blob".into()];
        }
        url.set_hash("");
        vec![url.href(), url.origin()]
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if self.is_ours {
            let _ = Url::revoke_object_url(&self.url);
        }
    }
}

#[wasm_bindgen]
extern "C" {
    type TrustedTypePolicyFactory;

    #[wasm_bindgen(thread_local_v2, js_name = trustedTypes)]
    static TRUSTED_TYPES: Option<TrustedTypePolicyFactory>;

    #[wasm_bindgen(method, catch, js_name = createPolicy)]
    fn create_policy(
        this: &TrustedTypePolicyFactory,
        name: &str,
        rules: &Object,
    ) -> Result<TrustedTypePolicy, JsValue>;

    #[derive(Clone)]
    type TrustedTypePolicy;

    #[wasm_bindgen(method, js_name = createScriptURL)]
    fn create_script_url(this: &TrustedTypePolicy, url: &str) -> JsValue;
}

thread_local! {
    /// The Trusted Types policy: nothing where there are no Trusted Types, an error where the page forbids it.
    static POLICY: Result<Option<TrustedTypePolicy>, JsValue> = policy();
}

fn policy() -> Result<Option<TrustedTypePolicy>, JsValue> {
    TRUSTED_TYPES.with(|factory| {
        let Some(factory) = factory else {
            return Ok(None);
        };
        let rules = Object::new();
        let same = Closure::<dyn Fn(String) -> String>::new(|url| url).into_js_value();
        Reflect::set(&rules, &"createScriptURL".into(), &same)?;
        factory.create_policy("spanarc", &rules).map(Some)
    })
}

/// A worker of `script`; the error is for people.
fn new_worker(script: &Script) -> Result<Worker, String> {
    let url = script.url.as_str();
    let options = WorkerOptions::new();
    // In a sandboxed frame Chromium makes no module worker of a blob; ours needs no module.
    if !script.is_ours {
        options.set_type(WorkerType::Module);
    }
    let make = |script: JsValue| -> Result<Worker, JsValue> {
        let constructor: Function =
            Reflect::get(&js_sys::global(), &"Worker".into())?.dyn_into()?;
        Reflect::construct(&constructor, &Array::of2(&script, &options))?.dyn_into()
    };
    POLICY.with(|policy| match policy {
        Ok(Some(policy)) => make(policy.create_script_url(url)).map_err(|error| describe(&error)),
        Ok(None) => make(url.into()).map_err(|error| describe(&error)),
        // It matters only where the page demands Trusted Types.
        Err(_) => make(url.into())
            .map_err(|_| "the Content-Security-Policy lacks trusted-types spanarc".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_of_a_blob_is_the_text_that_javascript_exports() {
        let parts: Vec<&str> = BOOTSTRAP.split('`').collect();
        assert_eq!(parts.len(), 3);
        assert!(parts[0].ends_with("export const BOOTSTRAP = "));
        assert!(parts[1].contains("import(WORKER)"));
        // What a template would change.
        assert!(!parts[1].contains(['\\', '$']));
    }
}
