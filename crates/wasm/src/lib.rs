//! What a page and the worker that holds the model share.
//!
//! Without its feature `engine` this crate is only [`protocol`], which a page needs to talk to the worker.

pub mod protocol;
