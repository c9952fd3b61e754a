//! The page's side of the worker: what to send when, the worker itself, and the sharing of one worker by several surfaces.

mod connection;
mod exchange;
mod news;
mod pool;
mod running;
mod surface;

pub(crate) use news::News;
pub(crate) use pool::Line;
pub(crate) use surface::Draft;
