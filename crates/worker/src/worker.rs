//! Conversations with pages: listens, loads, and gives way to messages between two sentences. Runs in a worker, in a window
//! and in Node.

use std::{
    cell::{Cell, RefCell},
    panic,
    rc::Rc,
    sync::Once,
};

use spanarc_engine::Engine;
use spanarc_protocol::{self as protocol, Reply, Request, Stage, describe};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, MessageEvent, MessagePort};

use crate::{
    bundle::{self, Fetched, Source},
    port::{now, post},
    reply,
    session::Session,
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
    static HOOK: Once = Once::new();
    HOOK.call_once(|| panic::set_hook(Box::new(|panic| report(&panic.to_string()))));
    leave(&port);
    let conversation = Rc::new(Conversation::new(port.clone()));
    let hear = Closure::<dyn Fn(MessageEvent)>::new({
        let conversation = Rc::clone(&conversation);
        move |event: MessageEvent| conversation.hear(event.data())
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
}

impl Conversation {
    fn new(port: MessagePort) -> Self {
        Self {
            port,
            session: RefCell::default(),
            annotating: Cell::default(),
            loads: Cell::default(),
            download: RefCell::default(),
        }
    }

    fn hear(self: &Rc<Self>, data: JsValue) {
        match protocol::from_js(data) {
            Ok(Request::Load { url, bytes, sha256 }) => {
                let this = self.stop_loading();
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
        if let Some(expected) = sha256 {
            let checked = bundle::check("The model", bytes, &expected).await;
            checked.map_err(|error| error.to_string())?;
        }
        if this != self.loads.get() {
            // Another model was asked for meanwhile.
            return Ok(());
        }
        let engine = Engine::from_bundle(bytes).map_err(|error| format!("The model: {error}"))?;
        self.start(engine, bytes.len());
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
            self.start(engine, fetched.bytes.len());
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
        let mut built = Engine::from_bundle(&fetched.bytes);
        if built.is_err() && fetched.cached {
            // Kept by another version of this program, or damaged since.
            source.forget().await;
            fetched = source.fetch(&mut progress).await.map_err(fetch_error)?;
            built = Engine::from_bundle(&fetched.bytes);
        }
        let engine = built.map_err(|error| format!("{}: {error}", source.url))?;
        Ok((engine, fetched))
    }

    /// Annotates with `engine` from now on; `bytes` is the size of its bundle.
    fn start(self: &Rc<Self>, engine: Engine, bytes: usize) {
        let model = reply::summary(&engine, bytes);
        post(&self.port, &Reply::Ready { model });
        self.session.borrow_mut().adopt(engine);
        self.annotate_soon();
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
            });
        }
    }

    fn take_turn(&self) -> bool {
        let mut session = self.session.borrow_mut();
        session.turn(now, |reply| post(&self.port, &reply))
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
