//! Conversations with pages: listens, loads, and gives way to messages between two sentences. Runs in a worker, in a window
//! and in Node.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    panic,
    rc::Rc,
    sync::Once,
};

use spanarc_engine::{Engine, EngineError};
use spanarc_kernels::int8;
use spanarc_protocol::{self as protocol, Reply, Request, Stage, describe};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, Blob, MessageEvent, MessagePort};

use crate::{
    bundle::{self, Fetched, Source},
    port::{clear_timeout, now, post, set_timeout},
    reply,
    secondary::{self, Secondary},
    session::{Order, Session},
    task::give_way,
};

/// Milliseconds between two messages about the progress of a download, at least.
const PROGRESS_INTERVAL: f64 = 50.0;

thread_local! {
    static CONVERSATIONS: RefCell<Vec<Listening>> = const { RefCell::new(Vec::new()) };
}

/// A conversation with what hears its requests.
struct Listening {
    conversation: Rc<Conversation>,
    _hear: Closure<dyn Fn(MessageEvent)>,
}

/// Answers the requests that come through `port`, until [`leave`].
pub fn listen(port: MessagePort) {
    static FIRST: Once = Once::new();
    FIRST.call_once(|| {
        panic::set_hook(Box::new(|panic| report(&panic.to_string())));
        int8::prepare();
    });
    leave(&port);
    let conversation = Rc::new(Conversation::new(port.clone()));
    let hear = Closure::<dyn Fn(MessageEvent)>::new({
        let conversation = Rc::clone(&conversation);
        move |event: MessageEvent| conversation.hear(&event)
    });
    port.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    CONVERSATIONS.with_borrow_mut(|all| {
        all.push(Listening {
            conversation,
            _hear: hear,
        });
    });
    post(&port, &Reply::Started);
}

/// Ends the conversation on `port`, if there is one: its download stops, its texts and its model are freed.
pub fn leave(port: &MessagePort) {
    let left = CONVERSATIONS.with_borrow_mut(|all| {
        let index = (all.iter()).position(|listening| listening.conversation.port == *port)?;
        Some(all.swap_remove(index))
    });
    if let Some(Listening { conversation, .. }) = left {
        port.set_onmessage(None);
        conversation.end();
    }
}

/// Tells everybody that the program has failed: nothing in it works any more.
fn report(panic: &str) {
    let message = format!("The annotator has failed: {panic}");
    web_sys::console::error_1(&message.as_str().into());
    CONVERSATIONS.with(|all| {
        for listening in all.try_borrow().iter().flat_map(|all| all.iter()) {
            (listening.conversation).fail(Stage::Load, None, message.clone());
        }
    });
}

struct Conversation {
    port: MessagePort,
    session: RefCell<Session>,
    annotating: Cell<bool>,
    /// Counts requests to load; an older load stops when it sees a newer.
    loads: Cell<u32>,
    download: RefCell<Option<AbortController>>,
    /// How many secondary workers the page allows.
    secondaries_allowed: Cell<u32>,
    /// The model for secondary workers, where any are allowed.
    bundle: RefCell<Option<Blob>>,
    secondaries: RefCell<BTreeMap<u32, Secondary>>,
    alarm: RefCell<Option<Alarm>>,
}

impl Conversation {
    fn new(port: MessagePort) -> Self {
        Self {
            port,
            session: RefCell::default(),
            annotating: Cell::default(),
            loads: Cell::default(),
            download: RefCell::default(),
            secondaries_allowed: Cell::default(),
            bundle: RefCell::default(),
            secondaries: RefCell::default(),
            alarm: RefCell::default(),
        }
    }

    fn hear(self: &Rc<Self>, event: &MessageEvent) {
        match protocol::from_js(event.data()) {
            Ok(Request::Load {
                url,
                bytes,
                sha256,
                secondaries,
            }) => {
                let this = self.stop_loading();
                self.secondaries_allowed.set(secondaries);
                let conversation = Rc::clone(self);
                spawn_local(async move {
                    let loaded = match (bytes, url) {
                        (Some(bytes), _) => conversation.adopt(this, &bytes, sha256).await,
                        (None, Some(url)) => conversation.load(this, url, sha256).await,
                        (None, None) => {
                            Err("A request to load names no model and has none.".into())
                        }
                    };
                    if let Err(message) = loaded
                        && this == conversation.loads.get()
                    {
                        conversation.fail(Stage::Load, None, message);
                    }
                });
            }
            Ok(Request::SecondaryStarted { secondary }) => {
                let port = event.ports().get(0).dyn_into().ok();
                self.secondary_started(secondary, port);
            }
            Ok(Request::SecondaryLost { secondary }) => {
                self.secondaries.borrow_mut().remove(&secondary);
                self.session.borrow_mut().forget_secondary(secondary);
                self.annotate_soon();
            }
            Ok(request) => {
                let surface = request.surface();
                if let Err(error) = self.session.borrow_mut().hear(request) {
                    self.fail(Stage::Edit, surface, error.to_string());
                }
                self.annotate_soon();
            }
            Err(error) => {
                let message = format!("The worker does not understand a message: {error}");
                self.fail(Stage::Annotate, None, message);
            }
        }
    }

    fn end(&self) {
        self.stop_loading();
        self.session.take();
        self.secondaries.take();
        self.bundle.take();
        self.alarm.take();
    }

    /// Makes every load so far an old one; the number of the next.
    fn stop_loading(&self) -> u32 {
        if let Some(download) = self.download.take() {
            download.abort();
        }
        self.loads.set(self.loads.get() + 1);
        self.loads.get()
    }

    async fn adopt(
        self: &Rc<Self>,
        this: u32,
        bytes: &[u8],
        sha256: Option<String>,
    ) -> Result<(), String> {
        if let Some(expected) = &sha256 {
            let checked = bundle::check("The model", bytes, expected).await;
            checked.map_err(|error| error.to_string())?;
        }
        if this != self.loads.get() {
            // Another model was asked for meanwhile.
            return Ok(());
        }
        let engine = engine(bytes, sha256.is_some());
        let engine = engine.map_err(|error| format!("The model: {error}"))?;
        self.start(engine, bytes);
        Ok(())
    }

    async fn load(
        self: &Rc<Self>,
        this: u32,
        url: String,
        sha256: Option<String>,
    ) -> Result<(), String> {
        let controller = AbortController::new().map_err(|error| describe(&error))?;
        let signal = controller.signal();
        self.download.replace(Some(controller));
        let source = Source {
            url,
            sha256,
            signal,
        };
        let (engine, fetched) = self.build(this, &source).await?;
        if this == self.loads.get() {
            self.start(engine, &fetched.bytes);
            source.keep(&fetched).await;
        }
        Ok(())
    }

    /// Fetches a bundle and builds the engine.
    async fn build(&self, this: u32, source: &Source) -> Result<(Engine, Fetched), String> {
        let mut last = f64::NEG_INFINITY;
        let mut progress = |received: usize, total: Option<usize>| {
            if this == self.loads.get()
                && (now() - last >= PROGRESS_INTERVAL || Some(received) == total)
            {
                last = now();
                post(&self.port, &Reply::Progress { received, total });
            }
        };
        let fetch_error = |error: bundle::FetchError| error.to_string();
        let mut fetched = source.fetch(&mut progress).await.map_err(fetch_error)?;
        let mut built = engine(&fetched.bytes, source.sha256.is_some());
        if built.is_err() && fetched.cached {
            // Kept by another version of this program, or damaged since.
            source.forget().await;
            fetched = source.fetch(&mut progress).await.map_err(fetch_error)?;
            built = engine(&fetched.bytes, source.sha256.is_some());
        }
        let engine = built.map_err(|error| format!("{}: {error}", source.url))?;
        Ok((engine, fetched))
    }

    /// Annotates with `engine` from now on; `bundle` is what it was built from.
    fn start(self: &Rc<Self>, engine: Engine, bundle: &[u8]) {
        for secondary in self.session.borrow_mut().stop_secondaries() {
            self.leave_secondary(secondary);
        }
        let allowed = self.secondaries_allowed.get();
        let kept = (allowed > 0)
            .then(|| secondary::keep(bundle).ok())
            .flatten();
        let model = reply::summary(&engine, bundle.len());
        post(&self.port, &Reply::Ready { model });
        {
            let mut session = self.session.borrow_mut();
            session.allow_secondaries(if kept.is_some() { allowed as usize } else { 0 });
            session.adopt(engine);
        }
        self.bundle.replace(kept);
        self.annotate_soon();
    }

    /// A worker that the session has asked for is at the other end of `port`.
    fn secondary_started(self: &Rc<Self>, number: u32, port: Option<MessagePort>) {
        let conversation = Rc::downgrade(self);
        let hear = move |reply| {
            if let Some(conversation) = conversation.upgrade() {
                conversation.hear_secondary(number, reply);
            }
        };
        let started = port.ok_or_else(|| "there is no port to it".into());
        match started.and_then(|port| Secondary::start(port, hear)) {
            Ok(secondary) => {
                self.secondaries.borrow_mut().insert(number, secondary);
            }
            Err(reason) => self.drop_secondary(number, &reason),
        }
    }

    fn hear_secondary(self: &Rc<Self>, number: u32, reply: Result<Reply, String>) {
        match reply {
            Ok(Reply::Started) => {
                let port = self.secondaries.borrow().get(&number).map(Secondary::port);
                let (Some(port), Some(bundle)) = (port, self.bundle.borrow().clone()) else {
                    return;
                };
                let conversation = Rc::clone(self);
                spawn_local(async move {
                    if let Err(error) = secondary::load(port, bundle).await {
                        conversation.drop_secondary(number, &describe(&error));
                    }
                });
            }
            Ok(Reply::Ready { .. }) => self.session.borrow_mut().secondary_ready(number),
            Ok(Reply::Batch { batch, sentences }) => {
                let mut session = self.session.borrow_mut();
                let is_useful = session.secondary_answered(number, batch, &sentences, now());
                drop(session);
                if !is_useful {
                    self.drop_secondary(number, "its answer does not fit");
                }
            }
            Ok(Reply::Failed { message, .. }) => self.drop_secondary(number, &message),
            Err(error) => self.drop_secondary(number, &error),
            Ok(_) => {}
        }
        self.annotate_soon();
    }

    /// Does without a secondary worker that has failed.
    fn drop_secondary(&self, number: u32, reason: &str) {
        web_sys::console::warn_1(&format!("A further worker is given up: {reason}").into());
        self.session.borrow_mut().forget_secondary(number);
        self.leave_secondary(number);
    }

    fn leave_secondary(&self, secondary: u32) {
        self.secondaries.borrow_mut().remove(&secondary);
        post(&self.port, &Reply::StopSecondary { secondary });
    }

    fn annotate_soon(self: &Rc<Self>) {
        if !self.annotating.replace(true) {
            let conversation = Rc::clone(self);
            spawn_local(async move {
                // Messages that have arrived come first: they may change what is annotated.
                conversation.pause().await;
                while conversation.take_turn() {
                    conversation.pause().await;
                }
                conversation.annotating.set(false);
                conversation.set_alarm();
            });
        }
    }

    fn take_turn(&self) -> bool {
        let orders = self.session.borrow_mut().share(now());
        for order in orders {
            match order {
                Order::Leave(secondary) => self.leave_secondary(secondary),
                Order::Send(number, request) => {
                    let secondaries = self.secondaries.borrow();
                    let posted = secondaries.get(&number).map(|s| s.post(&request));
                    drop(secondaries);
                    if let Some(Err(reason)) = posted {
                        self.drop_secondary(number, &reason);
                    }
                }
            }
        }
        let mut session = self.session.borrow_mut();
        session.turn(now, |reply| post(&self.port, &reply))
    }

    /// Goes on when the session must, should nothing be heard until then.
    fn set_alarm(self: &Rc<Self>) {
        let at = self.session.borrow().wakes_at();
        self.alarm.replace(at.map(|at| {
            let conversation = Rc::downgrade(self);
            Alarm::new(at - now(), move || {
                if let Some(conversation) = conversation.upgrade() {
                    conversation.annotate_soon();
                }
            })
        }));
    }

    async fn pause(&self) {
        if let Err(reason) = give_way().await {
            web_sys::console::warn_1(
                &format!("The worker cannot pause: {}", describe(&reason)).into(),
            );
        }
    }

    fn fail(&self, stage: Stage, surface: Option<u32>, message: String) {
        post(
            &self.port,
            &Reply::Failed {
                stage,
                surface,
                message,
            },
        );
    }
}

/// The engine of a bundle; `is_known` if its hash is the expected one.
fn engine(bundle: &[u8], is_known: bool) -> Result<Engine, EngineError> {
    match is_known {
        true => Engine::from_known_bundle(bundle),
        false => Engine::from_bundle(bundle),
    }
}

/// A call of the future; not if this is dropped before.
struct Alarm {
    id: JsValue,
    _ring: Closure<dyn FnMut()>,
}

impl Alarm {
    fn new(milliseconds: f64, ring: impl FnMut() + 'static) -> Self {
        let ring = Closure::<dyn FnMut()>::new(ring);
        let id = set_timeout(ring.as_ref().unchecked_ref(), milliseconds.max(0.0));
        Self { id, _ring: ring }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}
