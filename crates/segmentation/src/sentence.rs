//! Raw text to sentences.
//!
//! Sentences are what is cached, so boundaries must not move when the text changes elsewhere. Each decision therefore
//! looks only at the word before a candidate and the word after it (past a dash), and of a short number at whether a sentence
//! begins with it, which may be an item of a list. A line break always ends a sentence. Only a sentence beyond [`MAX_TOKENS`] is cut by counting, from its own start.

use spanarc_corpus::{Byte, Hyphens, Span};

use crate::{
    abbreviation::{abbreviation, is_interrupted},
    token::tokens,
};

/// The most tokens in a sentence; a longer one is cut. Real sentences hardly ever reach it.
pub const MAX_TOKENS: usize = 150;

/// A cut sentence is cut after a comma or the like if one is found this far before [`MAX_TOKENS`].
const CUT_WINDOW: usize = 50;

/// The sentences of `text` in order, without the white space around them. Together they cover all else. None has more than
/// [`MAX_TOKENS`] tokens, as they are with `hyphens`.
pub fn sentences(text: &str, hyphens: Hyphens) -> Vec<Span<Byte>> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive([
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ]) {
        split_line(
            text,
            Span::new(start, start + line.trim_end().len()),
            hyphens,
            &mut found,
        );
        start += line.len();
    }
    found
}

fn split_line(text: &str, line: Span<Byte>, hyphens: Hyphens, found: &mut Vec<Span<Byte>>) {
    let mut start = line.end - text[line.start..line.end].trim_start().len();
    let mut position = start;
    while let Some(offset) = text[position..line.end].find(is_terminal) {
        let terminal = position + offset;
        let end = terminal + run_length(&text[terminal..line.end], is_terminal);
        let after = end + closing_length(&text[end..line.end]);
        if ends_sentence(
            &text[start..terminal],
            &text[terminal..after],
            &text[after..line.end],
        ) {
            push(text, Span::new(start, after), hyphens, found);
            start = line.end - text[after..line.end].trim_start().len();
        }
        position = after;
    }
    push(text, Span::new(start, line.end), hyphens, found);
}

/// Whether a sentence ends after `terminal` (a run of periods and the like with the closing quotes after it), which
/// stands between `before` (from the start of the sentence) and `after`.
fn ends_sentence(before: &str, terminal: &str, after: &str) -> bool {
    if terminal.contains(['。', '！', '？', '｡', '।']) {
        return true;
    }
    let opening = after.trim_start();
    if opening.len() == after.len() || opening.is_empty() {
        return opening.is_empty();
    }
    // "etc. – and": a dash hides the next word.
    let dash = run_length(opening, |c| "-–—".contains(c));
    let opening = match dash {
        0 => opening,
        _ => opening[dash..].trim_start(),
    };
    let opening = opening.trim_start_matches(is_opening);
    let Some(next) = opening
        .chars()
        .next()
        .filter(|&c| !is_terminal(c) && !",;:)]}".contains(c))
    else {
        return false;
    };
    let word = before
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or(before)
        .trim_start_matches(is_opening);
    let kind = abbreviation(word, opening);
    if next.is_lowercase() {
        // Hasty typing ("in paris. then he"), unless the word could be an abbreviation or the sentence a quotation.
        let plain = word.len() > 2 && word.chars().all(char::is_alphabetic);
        return terminal == "." && plain && kind.is_none();
    }
    if is_interrupted(word, opening) {
        return false;
    }
    if !(terminal.starts_with('.') && terminal[1..].chars().all(|c| !is_terminal(c))) {
        return true;
    }
    if before.len() <= 3 && before.chars().all(|c| c.is_ascii_digit()) {
        // The number of a list item: "1. Introduction".
        return false;
    }
    kind.is_none_or(|kind| kind.ends_before(opening))
}

/// Adds the sentence in `span` without white space around it, in pieces if it is too long.
fn push(text: &str, span: Span<Byte>, hyphens: Hyphens, found: &mut Vec<Span<Byte>>) {
    let untrimmed = &text[span.start..span.end];
    let sentence = untrimmed.trim_start();
    let start = span.end - sentence.len();
    let sentence = sentence.trim_end();
    if sentence.is_empty() {
        return;
    }
    let mut rest = start;
    // A token is at least a byte, so most sentences need no counting.
    if sentence.len() > MAX_TOKENS {
        let tokens = tokens(sentence, hyphens);
        let words: Vec<&str> = tokens
            .iter()
            .map(|token| &sentence[token.span.start..token.span.end])
            .collect();
        let mut first = first_piece(&words);
        while first < tokens.len() {
            let end = start + tokens[first].span.start;
            found.push(Span::new(rest, rest + text[rest..end].trim_end().len()));
            rest = end;
            first += first_piece(&words[first..]);
        }
    }
    found.push(Span::new(rest, start + sentence.len()));
}

/// How many words the first piece of a sentence takes, which is all where they are not too many.
pub fn first_piece(words: &[&str]) -> usize {
    if words.len() <= MAX_TOKENS {
        return words.len();
    }
    let is_pause = |word: &&str| matches!(*word, "," | ";" | ":" | "--" | "—" | "、" | "，" | "；");
    match words[..MAX_TOKENS].iter().rposition(is_pause) {
        Some(index) if index + CUT_WINDOW >= MAX_TOKENS => index + 1,
        _ => MAX_TOKENS,
    }
}

/// Length in bytes of the closing quotes, brackets and reference marks ("[12]") that `text` starts with.
fn closing_length(text: &str) -> usize {
    let mut length = 0;
    loop {
        let rest = &text[length..];
        let closing = run_length(rest, |c| "\"'”’»›)]}」』）】".contains(c));
        let reference = reference_length(&rest[closing..]);
        if closing + reference == 0 {
            return length;
        }
        length += closing + reference;
    }
}

fn reference_length(text: &str) -> usize {
    let digits = text
        .strip_prefix('[')
        .map_or(0, |inner| run_length(inner, |c| c.is_ascii_digit()));
    if (1..=4).contains(&digits) && text[1 + digits..].starts_with(']') {
        digits + 2
    } else {
        0
    }
}

/// Length in bytes of the run of matching characters at the start of `text`.
fn run_length(text: &str, matches: impl Fn(char) -> bool) -> usize {
    text.find(|c| !matches(c)).unwrap_or(text.len())
}

fn is_terminal(c: char) -> bool {
    matches!(
        c,
        '.' | '!' | '?' | '…' | '‼' | '⁇' | '⁈' | '⁉' | '。' | '！' | '？' | '｡' | '।'
    )
}

fn is_opening(c: char) -> bool {
    "\"'`“”„‘’«»‹([{-–—*•「『（【".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text, Hyphens::Joined)
            .into_iter()
            .map(|span| &text[span.start..span.end])
            .collect()
    }

    #[test]
    fn periods_question_and_exclamation_marks_end_sentences() {
        assert_eq!(
            split("Mary left Boston. Did she? Yes!  She did."),
            ["Mary left Boston.", "Did she?", "Yes!", "She did."]
        );
    }

    #[test]
    fn closing_quotes_and_brackets_stay_with_the_sentence_that_they_close() {
        assert_eq!(
            split("“He was shot.” Police came."),
            ["“He was shot.”", "Police came."]
        );
        assert_eq!(
            split("(He left.) \"Go,\" she said."),
            ["(He left.)", "\"Go,\" she said."]
        );
        assert_eq!(
            split("\"Go!\" she said. She ran."),
            ["\"Go!\" she said.", "She ran."]
        );
    }

    #[test]
    fn titles_and_initials_do_not_end_a_sentence() {
        for text in [
            "Mr. Smith met Sen. Robert F. Kennedy of N.Y. Monday.",
            "Gov. W. Dale Nelson of Aiken, S.C., was there on Jan. 5 at 3 p.m. Tuesday.",
            "Acme Inc. Chairman J. R. Doe paid $3.50 for No. 5 ... and left.",
        ] {
            assert_eq!(split(text), [text]);
        }
    }

    #[test]
    fn an_abbreviation_before_a_common_opening_word_ends_a_sentence() {
        assert_eq!(
            split("She lives in the U.S. He lives in Calif. The end."),
            ["She lives in the U.S.", "He lives in Calif.", "The end."]
        );
    }

    #[test]
    fn a_period_before_a_small_letter_ends_a_sentence_only_after_a_plain_word() {
        assert_eq!(
            split("i met ann in paris. then she left"),
            ["i met ann in paris.", "then she left"]
        );
        for text in [
            "\"He left.\" she said",
            "Yahoo! executives at 3 p.m. on Jan. first",
            "the Univ. of X, ed. by Y",
        ] {
            assert_eq!(split(text), [text]);
        }
    }

    #[test]
    fn line_breaks_end_sentences_and_blank_lines_are_nothing() {
        assert_eq!(
            split("\n\n  Boston\r\nParis \n \nRome\n"),
            ["Boston", "Paris", "Rome"]
        );
    }

    #[test]
    fn numbers_of_list_items_and_references_are_not_sentences() {
        assert_eq!(split("1. Mary. 2. John."), ["1. Mary.", "2. John."]);
        assert_eq!(
            split("He was born in Boston.[1][23] She was not."),
            ["He was born in Boston.[1][23]", "She was not."]
        );
    }

    #[test]
    fn chinese_and_japanese_sentences_end_without_a_space() {
        assert_eq!(
            split("我住在北京。他在上海。"),
            ["我住在北京。", "他在上海。"]
        );
    }

    #[test]
    fn white_space_holds_no_sentence() {
        assert!(split("").is_empty());
        assert!(split(" \t\n\u{a0}\u{3000}").is_empty());
    }

    #[test]
    fn a_long_sentence_is_cut_after_a_comma_or_at_the_limit() {
        let long = format!("{}, {}", ["word"; 120].join(" "), ["word"; 200].join(" "));
        let lengths: Vec<usize> = split(&long)
            .iter()
            .map(|piece| tokens(piece, Hyphens::Joined).len())
            .collect();
        assert_eq!(lengths, [121, 150, 50]);
    }
}
