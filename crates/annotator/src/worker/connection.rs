//! The worker as a browser object: started, replaced, posted to, watched.

use std::{
    cell::RefCell,
    rc::{Rc, Weak},
};

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::Array;
use spanarc_document::{Span, Utf16};
use spanarc_protocol::{self as protocol, Reply};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    Blob, BlobPropertyBag, ErrorEvent, MessageEvent, Url, Worker, WorkerOptions, WorkerType,
};

use super::exchange::{Command, Draft, Exchange, News};

/// A worker that is kept alive. Clones are the same connection; the worker ends with the last of them.
#[derive(Clone)]
pub(crate) struct Connection(Rc<RefCell<Inner>>);

struct Inner {
    exchange: Exchange,
    script_url: String,
    running: Option<Running>,
    watch: Option<Timeout>,
    /// Tells of a death once what is at hand is done; of no worker but the one that runs.
    obituary: Option<Timeout>,
    tell: Rc<dyn Fn(News)>,
}

/// A worker with the listeners that hear it; both end together.
struct Running {
    worker: Worker,
    bootstrap_url: String,
    _listeners: [EventListener; 3],
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.terminate();
        let _ = Url::revoke_object_url(&self.bootstrap_url);
    }
}

/// The script that a worker starts with.
///
/// A worker made from an address has the Content-Security-Policy that the server sends with it, and a static server sends
/// none; one made from a blob has the page's, so that the model can send nothing elsewhere either. A module that cannot be
/// imported is only a rejected promise, which no page hears of; an uncaught error is one it does.
fn bootstrap(script_url: &str) -> String {
    let script_url = serde_json::Value::from(script_url);
    format!("import({script_url}).catch((error) => setTimeout(() => {{ throw error; }}));")
}

impl Connection {
    /// A connection to a worker made from the module at the absolute address `script_url`, once a model is chosen. News go
    /// to `tell`.
    pub(crate) fn new(script_url: String, tell: impl Fn(News) + 'static) -> Self {
        Self(Rc::new(RefCell::new(Inner {
            exchange: Exchange::default(),
            script_url,
            running: None,
            watch: None,
            obituary: None,
            tell: Rc::new(tell),
        })))
    }

    /// Starts a worker with the model at an absolute address; whatever another one was doing is over.
    pub(crate) fn choose(&self, model_url: String) {
        self.drive(|exchange| exchange.chose(model_url));
    }

    /// Tries again after the page was told of a failure.
    pub(crate) fn retry(&self) {
        self.drive(Exchange::retried);
    }

    /// Hands over a state of the text.
    pub(crate) fn send(&self, draft: Draft) {
        self.drive(|exchange| exchange.edited(draft));
    }

    /// Says what is on screen.
    pub(crate) fn look(&self, visible: Span<Utf16>) {
        self.drive(|exchange| exchange.looked(visible));
    }

    fn drive(&self, event: impl FnOnce(&mut Exchange) -> Vec<Command>) {
        let commands = event(&mut self.0.borrow_mut().exchange);
        for command in commands {
            self.execute(command);
        }
    }

    fn execute(&self, command: Command) {
        match command {
            Command::Start => {
                let started = self.start();
                let failure = started.as_ref().err().map(describe);
                let obituary = failure.map(|why| self.obituary(why));
                let mut inner = self.0.borrow_mut();
                inner.running = started.ok();
                inner.obituary = obituary;
            }
            Command::Stop => self.0.borrow_mut().running = None,
            Command::Post(request) => {
                let mut inner = self.0.borrow_mut();
                let posted = inner.running.as_ref().map(|running| {
                    let message = protocol::to_js(&request).map_err(JsValue::from)?;
                    running.worker.post_message(&message)
                });
                if let Some(Err(error)) = posted {
                    inner.obituary = Some(self.obituary(describe(&error)));
                }
            }
            Command::Watch(milliseconds) => {
                let watch = self.later(milliseconds, |connection| {
                    connection.drive(Exchange::fell_silent)
                });
                self.0.borrow_mut().watch = Some(watch);
            }
            Command::Rest => self.0.borrow_mut().watch = None,
            Command::Tell(news) => {
                let tell = self.0.borrow().tell.clone();
                tell(news);
            }
        }
    }

    fn start(&self) -> Result<Running, JsValue> {
        let script = bootstrap(&self.0.borrow().script_url);
        let properties = BlobPropertyBag::new();
        properties.set_type("text/javascript");
        let blob =
            Blob::new_with_str_sequence_and_options(&Array::of1(&script.into()), &properties)?;
        let bootstrap_url = Url::create_object_url_with_blob(&blob)?;
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&bootstrap_url, &options)?;

        let hear = |name: &'static str, react: fn(&Connection, &web_sys::Event)| {
            let inner = Rc::downgrade(&self.0);
            EventListener::new(&worker, name, move |event| {
                if let Some(connection) = Self::alive(&inner) {
                    react(&connection, event);
                }
            })
        };
        let listeners = [
            hear("message", |connection, event| {
                let data = event
                    .dyn_ref::<MessageEvent>()
                    .map(MessageEvent::data)
                    .unwrap_or_default();
                match protocol::from_js::<Reply>(data) {
                    Ok(reply) => connection.drive(|e| e.replied(reply)),
                    Err(error) => {
                        let why = format!("The annotator's answer cannot be read: {error}");
                        connection.drive(|e| e.died(&why));
                    }
                }
            }),
            hear("messageerror", |connection, _| {
                connection.drive(|e| e.died("The annotator's answer cannot be read."));
            }),
            hear("error", |connection, event| {
                // Scripts that cannot be fetched give an event without a message.
                let message = event.dyn_ref::<ErrorEvent>().map(ErrorEvent::message);
                let why = message.filter(|m| !m.is_empty());
                let why = why.unwrap_or_else(|| "The annotator's program cannot be loaded.".into());
                connection.drive(|e| e.died(&why));
            }),
        ];
        Ok(Running {
            worker,
            bootstrap_url,
            _listeners: listeners,
        })
    }

    fn obituary(&self, why: String) -> Timeout {
        self.later(0, move |connection| connection.drive(|e| e.died(&why)))
    }

    fn later(&self, milliseconds: u32, act: impl FnOnce(&Self) + 'static) -> Timeout {
        let inner = Rc::downgrade(&self.0);
        Timeout::new(milliseconds, move || {
            if let Some(connection) = Self::alive(&inner) {
                act(&connection);
            }
        })
    }

    fn alive(inner: &Weak<RefCell<Inner>>) -> Option<Self> {
        inner.upgrade().map(Self)
    }
}

fn describe(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => format!("{error:?}"),
    }
}
