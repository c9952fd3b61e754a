//! Words to word pieces of an encoder's vocabulary, as BERT cuts them (Devlin et al. 2019; the longest piece first, as in
//! Wu et al. 2016). `tests/word_pieces.rs` compares the result with that of Hugging Face's `tokenizers`, which made
//! the worker's program 2 MB larger before compression.

mod basic;

use std::collections::HashMap;

use crate::{
    config::EncoderKind,
    error::{ModelError, Result},
};

/// Pieces of one word that are read; no word of a language has as many, but a pasted URL may.
const MAX_PIECES: usize = 32;

/// Longest run of letters that is cut into pieces, in characters.
const MAX_RUN: usize = 100;

/// Precedes pieces that do not start a run.
const CONTINUATION: &str = "##";

/// A word-piece vocabulary in use.
#[derive(Debug)]
pub struct WordPieces {
    starting: HashMap<Box<str>, u32>,
    /// Without their `##`, so that the rest of a word can be looked up as it is.
    continuing: HashMap<Box<str>, u32>,
    lowercase: bool,
    unknown: u32,
    start: u32,
    end: u32,
}

impl WordPieces {
    /// From a vocabulary of one piece a line, its id being the line's index. `lowercase` also strips accents. MPNet's
    /// vocabulary is BERT's with other marks of start and end.
    pub fn new(vocabulary: &str, kind: EncoderKind, lowercase: bool) -> Result<Self> {
        let lines = vocabulary.lines().count();
        let mut starting = HashMap::with_capacity(lines);
        let mut continuing = HashMap::with_capacity(lines / 4);
        for (line, id) in vocabulary.lines().zip(0..) {
            match line.strip_prefix(CONTINUATION) {
                Some(rest) if !rest.is_empty() => continuing.insert(rest.into(), id),
                _ => starting.insert(line.into(), id),
            };
        }
        let special = |name: &str| {
            (starting.get(name).copied())
                .ok_or_else(|| ModelError::Vocabulary(format!("lacks {name}")))
        };
        let (start, end) = match kind {
            EncoderKind::Bert | EncoderKind::DistilBert => ("[CLS]", "[SEP]"),
            EncoderKind::Mpnet => ("<s>", "</s>"),
        };
        Ok(Self {
            unknown: special("[UNK]")?,
            start: special(start)?,
            end: special(end)?,
            starting,
            continuing,
            lowercase,
        })
    }

    /// Ids of a word's pieces: at least one (`[UNK]` when nothing of the word is left), at most 32.
    pub fn ids(&self, word: &str) -> Vec<u32> {
        let mut ids = Vec::new();
        let folded = basic::fold(word, self.lowercase);
        for run in basic::runs(&folded) {
            self.cut(run, &mut ids);
            if ids.len() >= MAX_PIECES {
                break;
            }
        }
        ids.truncate(MAX_PIECES);
        if ids.is_empty() {
            ids.push(self.unknown);
        }
        ids
    }

    /// Appends the pieces of a run, or the unknown one where a part of it is in no piece.
    fn cut(&self, run: &str, ids: &mut Vec<u32>) {
        let before = ids.len();
        if run.chars().count() > MAX_RUN {
            return ids.push(self.unknown);
        }
        let (mut pieces, mut rest) = (&self.starting, run);
        while !rest.is_empty() {
            let Some((id, length)) = longest(pieces, rest) else {
                ids.truncate(before);
                return ids.push(self.unknown);
            };
            ids.push(id);
            (pieces, rest) = (&self.continuing, &rest[length..]);
        }
    }

    /// Id of the piece that starts an encoder window.
    pub fn start(&self) -> u32 {
        self.start
    }

    /// Id of the piece that ends one.
    pub fn end(&self) -> u32 {
        self.end
    }
}

/// The longest piece that `text` starts with, and its length in bytes.
fn longest(pieces: &HashMap<Box<str>, u32>, text: &str) -> Option<(u32, usize)> {
    let ends = text
        .char_indices()
        .rev()
        .map(|(start, last)| start + last.len_utf8());
    ends.filter_map(|end| Some((*pieces.get(&text[..end])?, end)))
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOCABULARY: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nbos\n##ton\ncafe\n.\nu\ns\n";

    #[test]
    fn words_are_cut_greedily_and_folded() -> Result<()> {
        let pieces = WordPieces::new(VOCABULARY, EncoderKind::Bert, true)?;
        assert_eq!(pieces.ids("Boston"), [4, 5]);
        assert_eq!(pieces.ids("CAFÉ"), [6]);
        assert_eq!(pieces.ids("U.S."), [8, 7, 9, 7]);
        assert_eq!(pieces.ids("zebra"), [1]);
        Ok(())
    }

    #[test]
    fn a_word_of_nothing_is_unknown_and_a_monster_is_cut() -> Result<()> {
        let pieces = WordPieces::new(VOCABULARY, EncoderKind::Bert, true)?;
        assert_eq!(pieces.ids(""), [1]);
        assert_eq!(pieces.ids("\u{200b}\u{0}"), [1]);
        assert_eq!(pieces.ids(&".".repeat(5000)).len(), MAX_PIECES);
        Ok(())
    }

    #[test]
    fn a_vocabulary_without_special_pieces_is_refused_by_name() {
        for (kind, missing) in [
            (EncoderKind::Bert, "[CLS]"),
            (EncoderKind::DistilBert, "[CLS]"),
            (EncoderKind::Mpnet, "<s>"),
        ] {
            for (vocabulary, missing) in [("a\nb", "[UNK]"), ("[UNK]\nb", missing)] {
                let error = WordPieces::new(vocabulary, kind, true)
                    .map(|_| ())
                    .unwrap_err()
                    .to_string();
                assert!(error.contains(missing), "{error}");
            }
        }
    }

    #[test]
    fn windows_start_and_end_with_the_marks_of_the_architecture() -> Result<()> {
        let vocabulary = "<s>\n</s>\n[UNK]\n[CLS]\n[SEP]";
        let marks = |kind| -> Result<[u32; 2]> {
            let pieces = WordPieces::new(vocabulary, kind, true)?;
            Ok([pieces.start(), pieces.end()])
        };
        assert_eq!(marks(EncoderKind::Bert)?, [3, 4]);
        assert_eq!(marks(EncoderKind::DistilBert)?, [3, 4]);
        assert_eq!(marks(EncoderKind::Mpnet)?, [0, 1]);
        Ok(())
    }
}
