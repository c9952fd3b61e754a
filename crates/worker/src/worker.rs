//! The worker in its browser: listens, loads, and gives way to messages between two sentences.

use std::{
    cell::{Cell, RefCell},
    panic,
    rc::Rc,
};

use spanarc_engine::Engine;
use spanarc_protocol::{self as protocol, Reply, Request, Stage};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageEvent;

use crate::{
    bundle::{FetchError, Fetched, Source},
    reply,
    scope::{describe, now, post, scope},
    session::Session,
    task::give_way,
};

/// Milliseconds between two messages about the progress of a download, at least.
const PROGRESS_INTERVAL: f64 = 50.0;

/// Listens to the page. Called once, by the worker's main function.
pub fn start() {
    panic::set_hook(Box::new(|panic| {
        let (stage, surface) = DOING.get();
        let message = format!("The annotator has failed: {panic}");
        web_sys::console::error_1(&message.as_str().into());
        fail(stage, surface, message);
    }));
    let worker = Rc::new(Worker::default());
    let listen =
        Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| worker.hear(event.data()));
    scope().set_onmessage(Some(listen.as_ref().unchecked_ref()));
    // The listener lives as long as the worker.
    listen.forget();
    post(&Reply::Started);
}

thread_local! {
    /// The current step and its surface, for the report of a panic.
    static DOING: Cell<(Stage, Option<u32>)> = const { Cell::new((Stage::Load, None)) };
}

#[derive(Default)]
struct Worker {
    session: RefCell<Session>,
    annotating: Cell<bool>,
    /// Counts requests to load; an older load stops when it sees a newer.
    loads: Cell<u32>,
}

impl Worker {
    fn hear(self: &Rc<Self>, data: JsValue) {
        match protocol::from_js(data) {
            Ok(Request::Load { url, sha256 }) => {
                let worker = Rc::clone(self);
                spawn_local(async move { worker.load(Source { url, sha256 }).await });
            }
            Ok(request) => {
                let surface = request.surface();
                DOING.set((Stage::Annotate, surface));
                if let Err(error) = self.session.borrow_mut().hear(request) {
                    fail(Stage::Edit, surface, error.to_string());
                }
                self.annotate_soon();
            }
            Err(error) => {
                let message = format!("The worker does not understand a message: {error}");
                fail(Stage::Annotate, None, message);
            }
        }
    }

    async fn load(self: Rc<Self>, source: Source) {
        self.loads.set(self.loads.get() + 1);
        let this = self.loads.get();
        let built = self.build(&source).await;
        if this != self.loads.get() {
            return;
        }
        match built {
            Ok((engine, fetched)) => {
                let model = reply::summary(&engine, fetched.bytes.len());
                post(&Reply::Ready { model });
                self.session.borrow_mut().adopt(engine);
                self.annotate_soon();
                source.keep(&fetched).await;
            }
            Err(message) => fail(Stage::Load, None, message),
        }
    }

    /// Fetches a bundle and builds the engine.
    async fn build(&self, source: &Source) -> Result<(Engine, Fetched), String> {
        let this = self.loads.get();
        let mut last = f64::NEG_INFINITY;
        let mut progress = |received: usize, total: Option<usize>| {
            if this == self.loads.get()
                && (now() - last >= PROGRESS_INTERVAL || Some(received) == total)
            {
                last = now();
                post(&Reply::Progress { received, total });
            }
        };
        let fetch_error = |error: FetchError| error.to_string();
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

    fn annotate_soon(self: &Rc<Self>) {
        if !self.annotating.replace(true) {
            let worker = Rc::clone(self);
            spawn_local(async move {
                // Messages that have arrived come first: they may change what is annotated.
                worker.pause().await;
                while worker.take_turn() {
                    worker.pause().await;
                }
                worker.annotating.set(false);
            });
        }
    }

    fn take_turn(&self) -> bool {
        let mut session = self.session.borrow_mut();
        DOING.set((Stage::Annotate, session.next_surface()));
        session.turn(now, |reply| post(&reply))
    }

    async fn pause(&self) {
        if let Err(reason) = give_way().await {
            web_sys::console::warn_1(
                &format!("The worker cannot pause: {}", describe(&reason)).into(),
            );
        }
    }
}

fn fail(stage: Stage, surface: Option<u32>, message: String) {
    post(&Reply::Failed {
        stage,
        surface,
        message,
    });
}
