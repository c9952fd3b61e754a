//! The worker: fetches a bundle, holds the model, and answers the page in the messages of [`spanarc_protocol`].
//!
//! [`session`] decides what is annotated and answered when, and what other workers do of it, without a browser; [`worker`] listens,
//! loads and posts.

mod bundle;
mod port;
pub mod reply;
mod secondaries;
mod secondary;
pub mod session;
mod surface;
mod task;
pub mod worker;
