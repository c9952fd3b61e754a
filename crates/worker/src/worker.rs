//! The worker: holds the model, answers the page.

use std::{
    cell::{Cell, RefCell},
    panic,
    rc::Rc,
};

use spanarc_document::{OffsetMap, Span, Utf16};
use spanarc_engine::{Engine, Job, Step};
use spanarc_protocol::{
    self as protocol, AnnotateRequest, AnnotationsReply, Reply, Request, Stage,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::spawn_local;
use web_sys::MessageEvent;

use crate::{
    bundle::{FetchError, Fetched, Source},
    reply,
    scope::{describe, now, post, scope},
    task::give_way,
};

/// Milliseconds between replies on the way, at least.
const REPLY_INTERVAL: f64 = 50.0;

/// The time between replies is at least this many times what a reply costs.
const REPLY_SHARE: f64 = 8.0;

/// Listens to the page. Called once, by the worker's main function.
pub fn start() {
    panic::set_hook(Box::new(|panic| {
        let (stage, id) = DOING.get();
        let message = format!("The annotator has failed: {panic}");
        web_sys::console::error_1(&message.as_str().into());
        post(&Reply::Failed { stage, id, message });
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
    /// What is being done, for the report of a panic.
    static DOING: Cell<(Stage, Option<u32>)> = const { Cell::new((Stage::Load, None)) };
}

#[derive(Default)]
struct Worker {
    engine: RefCell<Option<Engine>>,
    /// The newest request that nobody has begun.
    newest: RefCell<Option<AnnotateRequest>>,
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
            Ok(Request::Annotate(request)) => {
                self.newest.replace(Some(request));
                self.annotate_soon();
            }
            Err(error) => {
                let message = format!("The worker does not understand a message: {error}");
                post(&Reply::Failed {
                    stage: Stage::Annotate,
                    id: None,
                    message,
                });
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
                post(&Reply::Ready {
                    model: reply::summary(&engine, fetched.bytes.len(), fetched.cached),
                });
                self.engine.replace(Some(engine));
                self.annotate_soon();
                source.keep(&fetched).await;
            }
            Err(message) => post(&Reply::Failed {
                stage: Stage::Load,
                id: None,
                message,
            }),
        }
    }

    /// Fetches a bundle and builds the engine.
    async fn build(&self, source: &Source) -> Result<(Engine, Fetched), String> {
        let this = self.loads.get();
        let mut last = f64::NEG_INFINITY;
        let mut progress = |received: usize, total: Option<usize>| {
            if this == self.loads.get()
                && (now() - last >= REPLY_INTERVAL || Some(received) == total)
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
        if self.engine.borrow().is_some() && !self.annotating.replace(true) {
            let worker = Rc::clone(self);
            spawn_local(async move {
                // Messages that have already arrived may hold a newer text.
                worker.pause().await;
                while let Some(request) = worker.newest.take() {
                    worker.annotate(request).await;
                }
                worker.annotating.set(false);
            });
        }
    }

    /// Annotates a text, unless a newer one comes meanwhile.
    async fn annotate(&self, request: AnnotateRequest) {
        let offsets = OffsetMap::new(&request.text);
        let begun = now();
        let Some(mut job) = self.begin(&request, &offsets) else {
            return;
        };
        let mut milliseconds = now() - begun;
        let mut next_reply = begun + REPLY_INTERVAL;
        loop {
            let stepped = now();
            let step = self.step(&request, &mut job);
            milliseconds += now() - stepped;
            let finished = step == Step::Finished;
            let answered = now();
            if finished || answered >= next_reply {
                self.answer(&request, &job, &offsets, milliseconds);
                // Replies for a very long text are slow themselves, on both sides: most of the time is for annotating.
                let cost = now() - answered;
                next_reply = now() + REPLY_INTERVAL.max(REPLY_SHARE * cost);
            }
            if finished {
                return;
            }
            self.pause().await;
            if self.newest.borrow().is_some() {
                return;
            }
        }
    }

    fn begin(&self, request: &AnnotateRequest, offsets: &OffsetMap) -> Option<Job> {
        DOING.set((Stage::Annotate, Some(request.id)));
        let mut engine = self.engine.borrow_mut();
        let engine = engine.as_mut()?;
        let threshold = request
            .relation_threshold
            .unwrap_or(engine.model().relation_threshold());
        engine.set_relation_threshold(threshold);
        // What is on screen is a hint: one that cuts a character or lies outside is no reason to fail.
        let visible = request
            .visible
            .and_then(|visible: Span<Utf16>| offsets.to_byte(visible).ok());
        Some(engine.begin(&request.text, visible))
    }

    /// Runs one sentence. One that fails is reported, and the rest goes on.
    fn step(&self, request: &AnnotateRequest, job: &mut Job) -> Step {
        let mut engine = self.engine.borrow_mut();
        let Some(engine) = engine.as_mut() else {
            return Step::Finished;
        };
        engine.step(job).unwrap_or_else(|error| {
            post(&Reply::Failed {
                stage: Stage::Annotate,
                id: Some(request.id),
                message: error.to_string(),
            });
            if job.done() == job.total() {
                Step::Finished
            } else {
                Step::Unfinished
            }
        })
    }

    fn answer(&self, request: &AnnotateRequest, job: &Job, offsets: &OffsetMap, milliseconds: f64) {
        let engine = self.engine.borrow();
        let Some(engine) = engine.as_ref() else {
            return;
        };
        let (entities, relations) = reply::found(&engine.collect(job), offsets);
        post(&Reply::Annotations(AnnotationsReply {
            id: request.id,
            revision: request.revision,
            done: job.done(),
            total: job.total(),
            entities,
            relations,
            milliseconds,
            words: job.words(),
        }));
    }

    async fn pause(&self) {
        if let Err(reason) = give_way().await {
            web_sys::console::warn_1(
                &format!("The worker cannot pause: {}", describe(&reason)).into(),
            );
        }
    }
}
