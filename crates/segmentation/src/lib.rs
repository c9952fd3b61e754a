//! Running text to sentences and tokens, by the rules of the engine and without its network. No I/O.

mod abbreviation;
mod segmenter;
pub mod sentence;
pub mod token;

pub use segmenter::EngineSegmenter;
