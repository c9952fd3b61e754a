//! Raw text to annotations: sentences, tokens, cache, model. No I/O; one code path for command line and browser.

mod annotations;
mod cache;
mod engine;
mod fragment;
mod model;

pub use annotations::{Annotations, FoundEntity, FoundRelation};
pub use engine::{Engine, EngineError, RELATION_FLOOR};
pub use model::SentenceModel;
pub use spanarc_segmentation::{sentence, token};
