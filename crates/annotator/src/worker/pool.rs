//! One worker for each model, shared by all surfaces of the page.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use spanarc_document::{Span, Utf16};

use super::{
    connection::{Connection, WeakConnection},
    exchange::Exchange,
    news::News,
    surface::Draft,
};

thread_local! {
    /// The connections in use, by the addresses of the worker's script, its WebAssembly and its model.
    static POOL: RefCell<HashMap<[String; 3], WeakConnection>> = RefCell::default();
}

/// A surface's line to a worker that it shares with all surfaces of the page that want the same model. Dropping it closes
/// the surface; the worker ends a while after the last line.
pub(crate) struct Line {
    connection: Connection,
    surface: u32,
}

impl Line {
    /// A line to the worker that starts with the module at `worker_url`, runs the WebAssembly at `wasm_url` and holds the
    /// model at `model_url`, all of them absolute addresses. It is started unless another surface has it running. News go to
    /// `tell`, never before this returns; a model that is loaded already is news, too.
    pub(crate) fn open(
        worker_url: &str,
        wasm_url: &str,
        model_url: &str,
        tell: impl Fn(News) + 'static,
    ) -> Self {
        let connection = shared([worker_url, wasm_url, model_url]);
        let surface = connection.open(Rc::new(tell));
        Self {
            connection,
            surface,
        }
    }

    /// Hands over a state of the text. Every state counts, in order: what an edit has touched is answered anew.
    pub(crate) fn edited(&self, draft: Draft) {
        self.connection
            .drive(|exchange| exchange.edited(self.surface, draft));
    }

    /// Says what is on screen.
    pub(crate) fn look(&self, visible: Span<Utf16>) {
        self.connection
            .drive(|exchange| exchange.looked(self.surface, visible));
    }

    /// Tries again after a failure, for all surfaces that share the worker.
    pub(crate) fn retry(&self) {
        self.connection.drive(Exchange::retried);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.connection.close(self.surface);
    }
}

fn shared(addresses: [&str; 3]) -> Connection {
    POOL.with_borrow_mut(|pool| {
        pool.retain(|_, connection| connection.upgrade().is_some());
        let key = addresses.map(str::to_owned);
        if let Some(connection) = pool.get(&key).and_then(WeakConnection::upgrade) {
            return connection;
        }
        let [worker_url, wasm_url, model_url] = key.clone();
        let connection = Connection::new(worker_url, wasm_url, model_url);
        pool.insert(key, connection.downgrade());
        connection
    })
}
