//! Running text to sentences and tokens as the engine cuts it, so that a model meets the words in training that it will
//! meet in use.

use spanarc_corpus::{Byte, Hyphens, Segmenter, Span};

use crate::{sentence, token};

/// The engine's rules, by what becomes of hyphenated words.
#[derive(Debug, Clone, Copy, Default)]
pub struct EngineSegmenter(pub Hyphens);

impl EngineSegmenter {
    /// The words of each sentence of a text that has any.
    pub fn words<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Vec<String>> + 'a {
        let sentences = self.sentences(text).into_iter();
        sentences
            .map(|span| {
                let tokens = self.tokens(&text[span.start..span.end]).into_iter();
                tokens.map(|(_, word)| word).collect::<Vec<_>>()
            })
            .filter(|words| !words.is_empty())
    }
}

impl Segmenter for EngineSegmenter {
    fn sentences(&self, text: &str) -> Vec<Span<Byte>> {
        sentence::sentences(text, self.0)
    }

    fn tokens(&self, sentence: &str) -> Vec<(Span<Byte>, String)> {
        let tokens = token::tokens(sentence, self.0).into_iter();
        tokens.map(|token| (token.span, token.word)).collect()
    }
}
