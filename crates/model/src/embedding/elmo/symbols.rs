//! What ELMo reads of a word: its bytes between marks, in a row of fixed length (bilm-tf, `UnicodeCharsVocabulary`).

/// Rows of the symbol embedding: 256 bytes and five marks.
pub const SYMBOLS: usize = 261;

const SENTENCE_START: u32 = 256;
const SENTENCE_END: u32 = 257;
const WORD_START: u32 = 258;
const WORD_END: u32 = 259;
const PADDING: u32 = 260;

/// A word's UTF-8 bytes between the marks of its start and end, filled up to `length` symbols; bytes that do not fit are
/// cut. `length` is at least 3.
pub fn of_word(word: &str, length: usize) -> Vec<u32> {
    row(word.bytes().map(u32::from), length)
}

/// What stands before and after a sentence, each a word of one mark.
pub fn of_sentence_bounds(length: usize) -> [Vec<u32>; 2] {
    [SENTENCE_START, SENTENCE_END].map(|mark| row([mark].into_iter(), length))
}

fn row(symbols: impl Iterator<Item = u32>, length: usize) -> Vec<u32> {
    let mut row = vec![WORD_START];
    row.extend(symbols.take(length.saturating_sub(2)));
    row.push(WORD_END);
    row.resize(length, PADDING);
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_its_bytes_between_marks() {
        assert_eq!(of_word("aé", 7), [258, 97, 195, 169, 259, 260, 260]);
        assert_eq!(of_word("", 4), [258, 259, 260, 260]);
        assert_eq!(of_sentence_bounds(3), [[258, 256, 259], [258, 257, 259]]);
    }

    #[test]
    fn a_long_word_is_cut_and_keeps_its_end_mark() {
        assert_eq!(of_word("abcdef", 5), [258, 97, 98, 99, 259]);
    }
}
