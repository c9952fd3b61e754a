//! What a page and the worker that holds the model share, and the worker itself.
//!
//! Without its feature `engine` this crate is only [`protocol`], which a page needs to talk to the worker.

pub mod protocol;

#[cfg(feature = "engine")]
mod bundle;
#[cfg(feature = "engine")]
pub mod reply;
#[cfg(feature = "engine")]
mod scope;
#[cfg(feature = "engine")]
mod task;
#[cfg(feature = "engine")]
pub mod worker;
