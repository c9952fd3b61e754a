//! The messages between a page and the worker that holds the model.
//!
//! Messages are plain JavaScript objects sent with `postMessage`: `kind` names the message, field names are camelCase,
//! absent options are `undefined`. [`Request`] goes from page to worker, [`Reply`] from worker to page. `messages.d.ts`
//! beside the sources has the same types for TypeScript; it is generated from these.
//!
//! One worker serves any number of *surfaces*: texts that are edited independently, each under a number that the page
//! chooses. A conversation:
//!
//! 1. The page starts the worker and posts `{ kind: "start", wasm }`, where `wasm` is the program: an absolute address, its
//!    bytes, or a `WebAssembly.Module`. The script of the worker (`web/element/worker_start.js`) reads this message, since
//!    nothing else can before the program is there. The worker answers with [`Reply::Started`], or with [`Reply::Failed`] at
//!    stage [`Stage::Load`] when the program cannot be had; then it is of no more use. Messages that come between are kept.
//! 2. The page sends [`Request::Load`] once. The worker answers with [`Reply::Progress`] any number of times, then with
//!    [`Reply::Ready`] once, or with [`Reply::Failed`] at stage [`Stage::Load`]; after that `Load` may be sent again.
//! 3. The page sends the whole text of a surface with [`Request::Open`], before or after `Ready`, and from then on only
//!    what changes, with [`Request::Edit`]. It need not wait for answers: the worker reads all messages that have arrived
//!    between two sentences, and only the newest revision of each surface counts.
//!    While a word is typed, of which nothing is to be shown yet, [`Request::Foresee`] lets the worker read ahead, so that the answer
//!    ([`Reply::Foreseen`]) is there when the word ends.
//! 4. The worker answers each surface with [`Reply::Annotations`], one or more times a revision. A reply holds the sentences
//!    whose answers the surface lacks, and nothing else: sentences that no edit has reached into or adjoined since their
//!    answers were sent are not sent again. The last reply to a revision has `done == total`, and holds no sentences if nothing has changed.
//! 5. An edit that does not fit the worker's text is answered with [`Reply::Failed`] at stage [`Stage::Edit`], and the worker
//!    forgets the surface. The page then sends [`Request::Open`] again.
//!
//! An answer speaks for the range of its sentence: it replaces every entity that reaches into the range, and every relation
//! of such an entity. A page that receives an answer to an older revision carries its ranges through the edits since, and
//! drops those that an edit reached into; the worker sends these anew.
//!
//! # Secondary workers
//!
//! A long text is shared by several workers. The one described above stays the only one that knows texts and revisions; a
//! *secondary* worker has the same model, and answers for single sentences.
//!
//! 1. The page says in [`Request::Load`] how many it allows. When much is left to do, the worker asks for one with
//!    [`Reply::StartSecondary`].
//! 2. The page makes a `MessageChannel`, starts another worker of the same script and posts `{ kind: "attach" }` to it, with one
//!    port; with the other it posts [`Request::SecondaryStarted`] to the first worker. From then on the two talk to each other, and
//!    the first is to the second what a page is to the first: it sends `{ kind: "start", wasm }` with its own
//!    `WebAssembly.Module`, then [`Request::Load`] with its model's bytes, so that nothing is fetched again.
//! 3. The first worker sends [`Request::Annotate`], the second answers with [`Reply::Batch`].
//! 4. When a secondary worker dies, the page sends [`Request::SecondaryLost`], and its sentences are run elsewhere. When it has had
//!    nothing to do for a while, fails or falls silent, the worker sends [`Reply::StopSecondary`].
//!
//! The program runs on the page's own thread as well: its export `listen(port)` begins a conversation on any `MessagePort`, each
//! with a model of its own, and `leave(port)` ends it.
//!
//! Offsets are UTF-16 code units of the text as JavaScript counts them. A lone surrogate is read as U+FFFD, which has the
//! same length.

mod reply;
mod request;
#[cfg(test)]
mod typescript;

pub use reply::{
    AnnotationsReply, FoundEntity, FoundRelation, Label, ModelSummary, Reply, SentenceAnswer, Stage,
};
pub use request::Request;

use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};

/// The message of a JavaScript exception, for people.
pub fn describe(exception: &JsValue) -> String {
    match exception.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => exception
            .as_string()
            .unwrap_or_else(|| format!("{exception:?}")),
    }
}

/// The message as a JavaScript object to post.
pub fn to_js<M: Serialize>(message: &M) -> Result<JsValue, serde_wasm_bindgen::Error> {
    serde_wasm_bindgen::to_value(message)
}

/// The message in the `data` of a received event.
pub fn from_js<M: DeserializeOwned>(data: JsValue) -> Result<M, serde_wasm_bindgen::Error> {
    serde_wasm_bindgen::from_value(data)
}
