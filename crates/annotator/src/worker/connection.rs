//! The worker as a browser object: started, replaced, posted to, watched.

use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    rc::{Rc, Weak},
};

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::Array;
use spanarc_protocol::{self as protocol, Reply, Request};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{
    Blob, BlobPropertyBag, ErrorEvent, MessageEvent, Url, Worker, WorkerOptions, WorkerType,
};

use super::{
    exchange::{Command, Exchange},
    news::News,
};

/// A worker that is kept alive for the surfaces that share it. Clones are the same connection; the worker ends with the
/// last of them.
#[derive(Clone)]
pub(super) struct Connection(Rc<RefCell<Inner>>);

/// A connection that does not keep its worker alive.
pub(super) struct WeakConnection(Weak<RefCell<Inner>>);

struct Inner {
    exchange: Exchange,
    script_url: String,
    /// Commands that are still to be executed. Executing one may cause others: they wait for their turn, so that messages
    /// are posted in the order in which they were decided.
    queue: VecDeque<Command>,
    executing: bool,
    running: Option<Running>,
    watch: Option<Timeout>,
    /// A deferred report of the running worker's death.
    crash_report: Option<Timeout>,
    surfaces: BTreeMap<u32, Listener>,
    next_surface: u32,
}

/// A surface as the connection knows it.
struct Listener {
    tell: Rc<dyn Fn(News)>,
    hold: Option<Timeout>,
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

impl WeakConnection {
    /// The connection, unless its last clone is gone.
    pub(super) fn upgrade(&self) -> Option<Connection> {
        self.0.upgrade().map(Connection)
    }
}

impl Connection {
    /// A connection to a worker that is made from the module at the absolute address `script_url` and loads the model at
    /// the absolute address `model_url`, once there is a surface.
    pub(super) fn new(script_url: String, model_url: String) -> Self {
        Self(Rc::new(RefCell::new(Inner {
            exchange: Exchange::new(model_url),
            script_url,
            queue: VecDeque::new(),
            executing: false,
            running: None,
            watch: None,
            crash_report: None,
            surfaces: BTreeMap::new(),
            next_surface: 0,
        })))
    }

    pub(super) fn downgrade(&self) -> WeakConnection {
        WeakConnection(Rc::downgrade(&self.0))
    }

    /// Lets a surface join; its number. News go to `tell`, never before this returns.
    pub(super) fn open(&self, tell: Rc<dyn Fn(News)>) -> u32 {
        let surface = {
            let mut inner = self.0.borrow_mut();
            let surface = inner.next_surface;
            inner.next_surface += 1;
            let listener = Listener { tell, hold: None };
            inner.surfaces.insert(surface, listener);
            surface
        };
        self.drive(|exchange| exchange.opened(surface));
        surface
    }

    /// Lets a surface leave: it hears nothing more.
    pub(super) fn close(&self, surface: u32) {
        // Dropped at the end: it may own whatever the page put into it.
        let _listener = self.0.borrow_mut().surfaces.remove(&surface);
        self.drive(|exchange| exchange.closed(surface));
    }

    /// Lets something happen, and does what follows from it.
    pub(super) fn drive(&self, event: impl FnOnce(&mut Exchange) -> Vec<Command>) {
        {
            let mut inner = self.0.borrow_mut();
            let commands = event(&mut inner.exchange);
            inner.queue.extend(commands);
            if inner.executing {
                return;
            }
            inner.executing = true;
        }
        while let Some(command) = self.next_command() {
            self.execute(command);
        }
        self.0.borrow_mut().executing = false;
    }

    fn next_command(&self) -> Option<Command> {
        self.0.borrow_mut().queue.pop_front()
    }

    fn execute(&self, command: Command) {
        match command {
            Command::Start => {
                let started = self.start();
                let failure = started.as_ref().err().map(describe);
                let crash_report = failure.map(|why| self.crash_report(why));
                let mut inner = self.0.borrow_mut();
                inner.running = started.ok();
                inner.crash_report = crash_report;
            }
            Command::Stop => self.0.borrow_mut().running = None,
            Command::Post(request) => self.post(&request),
            Command::Watch(milliseconds) => {
                let watch = self.later(milliseconds, |connection| {
                    connection.drive(Exchange::fell_silent)
                });
                self.0.borrow_mut().watch = Some(watch);
            }
            Command::Rest => self.0.borrow_mut().watch = None,
            Command::Hold(surface, milliseconds) => {
                let hold = self.later(milliseconds, move |connection| {
                    connection.drive(|exchange| exchange.rested(surface));
                });
                if let Some(listener) = self.0.borrow_mut().surfaces.get_mut(&surface) {
                    listener.hold = Some(hold);
                }
            }
            Command::Tell(surface, news) => self.tell(surface, news),
            Command::TellSoon(surface, news) => {
                let connection = self.downgrade();
                spawn_local(async move {
                    if let Some(connection) = connection.upgrade() {
                        connection.tell(surface, news);
                    }
                });
            }
            Command::TellAll(news) => {
                let surfaces: Vec<u32> = self.0.borrow().surfaces.keys().copied().collect();
                for surface in surfaces {
                    self.tell(surface, news.clone());
                }
            }
        }
    }

    fn tell(&self, surface: u32, news: News) {
        let listener = self
            .0
            .borrow()
            .surfaces
            .get(&surface)
            .map(|l| l.tell.clone());
        if let Some(tell) = listener {
            tell(news);
        }
    }

    fn post(&self, request: &Request) {
        let posted = self.0.borrow().running.as_ref().map(|running| {
            let message = protocol::to_js(request).map_err(JsValue::from)?;
            running.worker.post_message(&message)
        });
        if let Some(Err(error)) = posted {
            let crash_report = self.crash_report(describe(&error));
            self.0.borrow_mut().crash_report = Some(crash_report);
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
            let connection = self.downgrade();
            EventListener::new(&worker, name, move |event| {
                if let Some(connection) = connection.upgrade() {
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

    fn crash_report(&self, why: String) -> Timeout {
        self.later(0, move |connection| connection.drive(|e| e.died(&why)))
    }

    fn later(&self, milliseconds: u32, act: impl FnOnce(&Self) + 'static) -> Timeout {
        let connection = self.downgrade();
        Timeout::new(milliseconds, move || {
            if let Some(connection) = connection.upgrade() {
                act(&connection);
            }
        })
    }
}

fn describe(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => format!("{error:?}"),
    }
}
