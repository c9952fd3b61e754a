//! BERT's basic tokenisation of a word: what is folded away, and where it is cut whatever the vocabulary.
//!
//! The general categories come from the crate that `tokenizers` takes them from, with the tables of Unicode 8, so that the
//! same characters count as marks and punctuation here as where the encoder was trained.

use unicode_categories::UnicodeCategories;
use unicode_normalization::UnicodeNormalization;

/// Control characters removed and Chinese characters set apart by spaces; in lower case and without accents, when
/// `lowercase` is set.
pub(super) fn fold(word: &str, lowercase: bool) -> String {
    let kept = word.chars().filter(|&c| !is_removed(c));
    if !lowercase {
        return kept.flat_map(apart).collect();
    }
    if word.is_ascii() {
        return kept.map(|c| c.to_ascii_lowercase()).collect();
    }
    // Character by character, as BERT has it: a sigma that ends a word is like any other.
    kept.flat_map(apart)
        .nfd()
        .filter(|c| !c.is_mark_nonspacing())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Runs between white space, every punctuation mark a run of its own.
pub(super) fn runs(folded: &str) -> impl Iterator<Item = &str> {
    folded.split_whitespace().flat_map(|text| {
        let mut rest = text;
        std::iter::from_fn(move || {
            let first = rest.chars().next()?;
            let length = match is_punctuation(first) {
                true => first.len_utf8(),
                false => rest.find(is_punctuation).unwrap_or(rest.len()),
            };
            let run;
            (run, rest) = rest.split_at(length);
            Some(run)
        })
    })
}

fn is_removed(c: char) -> bool {
    // White space of ASCII stays, since it separates.
    !matches!(c, '\t' | '\n' | '\r') && (c == '\u{fffd}' || c.is_other())
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation() || c.is_punctuation()
}

/// A Chinese character between spaces, any other as it is.
fn apart(c: char) -> impl Iterator<Item = char> {
    let space = is_chinese(c).then_some(' ');
    space.into_iter().chain([c]).chain(space)
}

/// The blocks that BERT takes for Chinese: they hold no kana and no Hangul, whose words have spaces between them.
fn is_chinese(c: char) -> bool {
    matches!(
        u32::from(c),
        0x4E00..=0x9FFF
            | 0x3400..=0x4DBF
            | 0x20000..=0x2A6DF
            | 0x2A700..=0x2B73F
            | 0x2B740..=0x2B81F
            | 0x2B920..=0x2CEAF
            | 0xF900..=0xFAFF
            | 0x2F800..=0x2FA1F
    )
}
