//! The page's side of the worker: when to send what, and the worker itself.

mod connection;
mod exchange;

pub(crate) use connection::Connection;
pub(crate) use exchange::{Draft, News};
