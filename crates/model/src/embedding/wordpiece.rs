//! Words to word pieces of an encoder's vocabulary, as BERT cuts them.

use tokenizers::{
    NormalizerWrapper, PreTokenizerWrapper, Tokenizer,
    models::{bpe::Vocab, wordpiece::WordPiece as Model},
    normalizers::BertNormalizer,
    pre_tokenizers::bert::BertPreTokenizer,
};

use crate::error::{ModelError, Result};

/// Pieces of one word that are read; no word of a language has as many, but a pasted URL may.
const MAX_PIECES: usize = 32;

/// A word-piece vocabulary in use.
#[derive(Debug)]
pub struct WordPieces {
    tokenizer: Tokenizer,
    unknown: u32,
    start: u32,
    end: u32,
}

impl WordPieces {
    /// From a vocabulary of one piece a line, its id being the line's index. `lowercase` also strips accents.
    pub fn new(vocabulary: &str, lowercase: bool) -> Result<Self> {
        let pieces: Vocab = vocabulary
            .lines()
            .zip(0..)
            .map(|(piece, id)| (piece.to_owned(), id))
            .collect();
        let special = |name: &str| {
            pieces
                .get(name)
                .copied()
                .ok_or_else(|| ModelError::Vocabulary(format!("lacks {name}")))
        };
        let (unknown, start, end) = (special("[UNK]")?, special("[CLS]")?, special("[SEP]")?);
        let failed = |error: tokenizers::Error| ModelError::Vocabulary(error.to_string());
        let model = Model::builder()
            .vocab(pieces)
            .unk_token("[UNK]".into())
            .build()
            .map_err(failed)?;
        let mut tokenizer = Tokenizer::new(model);
        let normalizer = BertNormalizer::new(true, true, None, lowercase);
        tokenizer
            .with_normalizer(Some(NormalizerWrapper::BertNormalizer(normalizer)))
            .map_err(failed)?;
        tokenizer.with_pre_tokenizer(Some(PreTokenizerWrapper::BertPreTokenizer(
            BertPreTokenizer,
        )));
        Ok(Self {
            tokenizer,
            unknown,
            start,
            end,
        })
    }

    /// Ids of a word's pieces: at least one (`[UNK]` when nothing of the word is left), at most 32.
    pub fn ids(&self, word: &str) -> Vec<u32> {
        let mut ids = match self.tokenizer.encode_fast(word, false) {
            Ok(encoding) => encoding.get_ids().to_vec(),
            Err(_) => Vec::new(),
        };
        ids.truncate(MAX_PIECES);
        if ids.is_empty() {
            ids.push(self.unknown);
        }
        ids
    }

    /// Id of `[CLS]`, which starts an encoder window.
    pub fn start(&self) -> u32 {
        self.start
    }

    /// Id of `[SEP]`, which ends one.
    pub fn end(&self) -> u32 {
        self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOCABULARY: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nbos\n##ton\ncafe\n.\nu\ns\n";

    #[test]
    fn words_are_cut_greedily_and_folded() -> Result<()> {
        let pieces = WordPieces::new(VOCABULARY, true)?;
        assert_eq!(pieces.ids("Boston"), [4, 5]);
        assert_eq!(pieces.ids("CAFÉ"), [6]);
        assert_eq!(pieces.ids("U.S."), [8, 7, 9, 7]);
        assert_eq!(pieces.ids("zebra"), [1]);
        Ok(())
    }

    #[test]
    fn a_word_of_nothing_is_unknown_and_a_monster_is_cut() -> Result<()> {
        let pieces = WordPieces::new(VOCABULARY, true)?;
        assert_eq!(pieces.ids(""), [1]);
        assert_eq!(pieces.ids("\u{200b}\u{0}"), [1]);
        assert_eq!(pieces.ids(&".".repeat(5000)).len(), MAX_PIECES);
        Ok(())
    }

    #[test]
    fn a_vocabulary_without_special_pieces_is_refused_by_name() {
        let error = WordPieces::new("a\nb", true)
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(error.contains("[UNK]"), "{error}");
    }
}
