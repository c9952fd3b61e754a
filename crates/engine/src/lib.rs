//! Raw text to annotations: sentences, tokens, cache, model. No I/O; one code path for command line and browser.

mod abbreviation;
mod annotations;
mod cache;
mod engine;
mod fragment;
mod model;
pub mod sentence;
pub mod token;

pub use annotations::{Annotations, FoundEntity, FoundRelation};
pub use engine::{Engine, EngineError, RELATION_FLOOR};
pub use model::SentenceModel;
