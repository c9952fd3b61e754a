//! The worker: fetches a bundle, holds the model, and answers the page in the messages of [`spanarc_protocol`].

mod bundle;
pub mod reply;
mod scope;
mod task;
pub mod worker;
