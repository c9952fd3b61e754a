//! Running text to sentences and tokens as the engine cuts it, so that a model meets the words in training that it will
//! meet in use.

use spanarc_corpus::{Byte, Hyphens, Segmenter, Span};
use spanarc_engine::{sentence, token};

/// The engine's rules, hyphenated words being one token.
#[derive(Debug, Clone, Copy, Default)]
pub struct EngineSegmenter;

impl Segmenter for EngineSegmenter {
    fn sentences(&self, text: &str) -> Vec<Span<Byte>> {
        sentence::sentences(text, Hyphens::Joined)
    }

    fn tokens(&self, sentence: &str) -> Vec<(Span<Byte>, String)> {
        let tokens = token::tokens(sentence, Hyphens::Joined).into_iter();
        tokens.map(|token| (token.span, token.word)).collect()
    }
}
