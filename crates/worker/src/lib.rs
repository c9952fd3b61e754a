//! The worker: fetches a bundle, holds the model, and answers the page in the messages of [`spanarc_protocol`].
//!
//! [`session`] decides what is annotated and answered when, without a browser; [`worker`] listens, loads and posts.

mod bundle;
mod port;
pub mod reply;
pub mod session;
mod surface;
mod task;
pub mod worker;
