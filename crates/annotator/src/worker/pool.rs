//! One worker for each model, shared by all surfaces of the page.

use std::{cell::RefCell, collections::HashMap, rc::Rc};

use spanarc_document::{Span, Utf16};

use crate::ModelSource;

use super::{
    connection::{Connection, WeakConnection},
    exchange::Exchange,
    news::News,
    surface::Draft,
};

thread_local! {
    /// The connections in use.
    static POOL: RefCell<HashMap<ModelSource, WeakConnection>> = RefCell::default();
}

/// A surface's line to a worker that it shares with all surfaces of the page that want the same model. Dropping it closes
/// the surface; the worker ends a while after the last line.
pub(crate) struct Line {
    connection: Connection,
    surface: u32,
}

impl Line {
    /// A line to the worker of `source`. It is started unless another surface has it running. News go to `tell`, never before
    /// this returns; a model that is loaded already is news, too.
    pub(crate) fn open(source: &ModelSource, tell: impl Fn(News) + 'static) -> Self {
        let connection = shared(source);
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

fn shared(source: &ModelSource) -> Connection {
    POOL.with_borrow_mut(|pool| {
        pool.retain(|_, connection| connection.upgrade().is_some());
        if let Some(connection) = pool.get(source).and_then(WeakConnection::upgrade) {
            return connection;
        }
        let connection = Connection::new(source.clone());
        pool.insert(source.clone(), connection.downgrade());
        connection
    })
}
