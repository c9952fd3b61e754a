//! The live annotator: text with its entities and relations as it is typed.
//!
//! A Yew application renders an [`Annotator`]; any other page [`mount`]s one into an element, or into the shadow root of an
//! element of its own ([`mount_in_root`]). Text and annotations live in a
//! [`Handle`], which the host creates and keeps. Several annotators can stand on one page; those that want the same model
//! share a worker. Each lives in a shadow root of its own and leaves no style, listener, identifier or storage outside of
//! it. Hosts style it through custom properties: see `styles/tokens.css`.

mod components;
mod drawing;
mod event;
mod export;
mod formats;
mod handle;
mod hooks;
mod keys;
mod kinds;
mod model_source;
mod mount;
mod palette;
mod scene;
mod schema;
mod session;
mod settings;
mod shown;
mod state;
mod strings;
mod style;
mod surface;
mod view;
mod worker;

pub use components::{Annotator, AnnotatorProps};
pub use event::{Event, Step};
pub use formats::Formats;
pub use handle::Handle;
pub use model_source::{MAX_WORKERS, ModelSource};
pub use mount::{Mounted, mount, mount_in_root};
pub use schema::{EntityType, Mapping, RelationType, Schema, SchemaError};
pub use session::{Snapshot, TextEdit};
pub use settings::{PanelPlace, Settings};
pub use strings::{Plural, Strings};
