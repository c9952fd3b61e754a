//! The text of sentences of tokens: tokens parted by spaces, sentences by line ends.

use spanarc_document::{Byte, Span, Token};

use crate::{
    annotated::{TextToken, TokenSentence},
    place::Place,
};

/// A text in the making.
#[derive(Default)]
pub(crate) struct TokenText {
    pub(crate) text: String,
    pub(crate) sentences: Vec<TokenSentence>,
}

/// A sentence that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenProblem {
    /// No words.
    #[error("tokens is empty")]
    NoTokens,
    /// A word without characters.
    #[error("tokens[{index}] is an empty string")]
    EmptyToken {
        /// Index of the token.
        index: usize,
    },
    /// A mention of no token.
    #[error("{field} covers nothing: start {start} is not below end {end}")]
    EmptySpan {
        /// The mention.
        field: String,
        /// Its first token.
        start: usize,
        /// The token after its last.
        end: usize,
    },
    /// A mention beyond the sentence.
    #[error("{field}.end is {end}, out of range in a sentence of {tokens} tokens")]
    OutOfRange {
        /// The mention.
        field: String,
        /// The token after its last.
        end: usize,
        /// Tokens of the sentence.
        tokens: usize,
    },
}

impl TokenText {
    /// Adds a sentence; its index.
    pub(crate) fn push(
        &mut self,
        id: String,
        place: Place,
        words: Vec<String>,
    ) -> Result<usize, TokenProblem> {
        if words.is_empty() {
            return Err(TokenProblem::NoTokens);
        }
        if let Some(index) = words.iter().position(String::is_empty) {
            return Err(TokenProblem::EmptyToken { index });
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let mut tokens = Vec::with_capacity(words.len());
        for word in words {
            if !tokens.is_empty() {
                self.text.push(' ');
            }
            let start = self.text.len();
            self.text.push_str(&word);
            let span = Span::new(start, self.text.len());
            tokens.push(TextToken { span, word });
        }
        self.sentences.push(TokenSentence { id, place, tokens });
        Ok(self.sentences.len() - 1)
    }

    /// The bytes of a span of a sentence's tokens, which messages call `field`.
    pub(crate) fn bytes(
        &self,
        sentence: usize,
        span: Span<Token>,
        field: &str,
    ) -> Result<Span<Byte>, TokenProblem> {
        let tokens = &self.sentences[sentence].tokens;
        let field = || field.to_owned();
        if span.end > tokens.len() {
            let (end, tokens) = (span.end, tokens.len());
            return Err(TokenProblem::OutOfRange {
                field: field(),
                end,
                tokens,
            });
        }
        if span.is_empty() {
            let (start, end) = (span.start, span.end);
            return Err(TokenProblem::EmptySpan {
                field: field(),
                start,
                end,
            });
        }
        Ok(Span::new(
            tokens[span.start].span.start,
            tokens[span.end - 1].span.end,
        ))
    }
}
