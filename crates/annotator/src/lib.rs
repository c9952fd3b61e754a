//! The live annotator: text with its entities and relations as it is typed.
//!
//! A Yew application renders an [`Annotator`]; any other page [`mount`]s one into an element. Text and annotations live in a
//! [`Handle`], which the host creates and keeps. Several annotators can stand on one page; those that want the same model
//! share a worker. Each lives in a shadow root of its own and leaves no style, listener, identifier or storage outside of
//! it. Hosts style it through custom properties: see `styles/tokens.css`.

mod components;
mod drawing;
mod export;
mod handle;
mod hooks;
mod keys;
mod kinds;
mod mount;
mod palette;
mod scene;
mod session;
mod shown;
mod state;
mod strings;
mod style;
mod surface;
mod view;
mod worker;

pub use components::{Annotator, AnnotatorProps};
pub use handle::Handle;
pub use mount::{Mounted, mount};
pub use session::Snapshot;
pub use strings::{Plural, Strings};
pub use worker::within_policy;
