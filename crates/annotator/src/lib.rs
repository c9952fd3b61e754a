//! The live annotator: text with its entities and relations as it is typed.

mod annotations;
mod components;
mod export;
mod hooks;
mod labels;
mod measure;
mod palette;
mod scene;
mod state;
mod strings;
mod text;
mod worker;

pub use components::{Annotator, AnnotatorProps};
pub use strings::{Plural, Strings};
