//! A sentence to tokens, as the words of the training corpus are (CoNLL04: Penn Treebank with house rules).
//!
//! - Punctuation stands alone, also inside numbers (`1,500` is `1` `,` `500`, `4:45` is `4` `:` `45`); runs of periods
//!   and of hyphens are one token.
//! - An apostrophe starts a new token and keeps what follows: `didn` `'t`, `Mary` `'s`, `O` `'Brien`.
//! - Hyphenated words (unless the corpus splits them, see [`Hyphens`]), amounts (`$62.50`), decimals, initials and
//!   abbreviations (`F.`, `U.S.`, `Calif.`) stay whole;
//!   the period that ends the sentence stands alone unless it belongs to an abbreviation.
//! - Addresses of pages and mailboxes stay whole. Each emoji and each Chinese or Japanese character stands alone.

use spanarc_corpus::{Byte, Hyphens, Span, is_hyphen};
use unicode_segmentation::UnicodeSegmentation;

use crate::abbreviation::abbreviation;

/// The most characters of a word that the model sees.
const MAX_WORD: usize = 64;

/// A word of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Where it is in the text that was split.
    pub span: Span<Byte>,
    /// The model's input: typographic characters replaced by those of the corpus, invisible ones left out.
    /// Never empty.
    pub word: String,
}

/// The tokens of `sentence` in order. White space and invisible characters belong to none.
pub fn tokens(sentence: &str, hyphens: Hyphens) -> Vec<Token> {
    let mut found = Vec::new();
    let mut start = 0;
    for chunk in sentence.split_inclusive(is_separator) {
        let word = chunk.trim_end_matches(is_separator);
        let span = Span::new(start, start + word.len());
        split_chunk(sentence, span, hyphens, &mut found);
        start += chunk.len();
    }
    found
}

/// Splits what stands between white space.
fn split_chunk(sentence: &str, chunk: Span<Byte>, hyphens: Hyphens, found: &mut Vec<Token>) {
    let mut start = chunk.start;
    let mut in_word = false;
    while start < chunk.end {
        let rest = &sentence[start..chunk.end];
        let before = sentence[chunk.start..start].chars().next_back();
        // An address is looked for once, at the first letter: a chunk can be endless.
        let address = if in_word { None } else { address_length(rest) };
        let length =
            address.unwrap_or_else(|| token_length(rest, &sentence[start..], before, hyphens));
        in_word |= rest.starts_with(is_word);
        let word = model_word(&rest[..length]);
        if !word.is_empty() {
            found.push(Token {
                span: Span::new(start, start + length),
                word,
            });
        }
        start += length;
    }
}

/// Length in bytes of a page's or mailbox's address at the start of `text`.
fn address_length(text: &str) -> Option<usize> {
    if !text.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let address = text.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '/');
    let address = &address[..address
        .find(|c: char| "<>\"“”".contains(c))
        .unwrap_or(address.len())];
    let page = address.starts_with("www.")
        || address.starts_with("http://")
        || address.starts_with("https://");
    let mailbox = address.split_once('@').is_some_and(|(user, host)| {
        let name = |part: &str| {
            part.chars()
                .all(|c| c.is_alphanumeric() || "._-+".contains(c))
        };
        name(user) && name(host) && host.contains('.')
    });
    (page || mailbox).then_some(address.len())
}

/// Length in bytes of the first token of `chunk`, which is not empty; `rest` goes on to the end of the sentence, and
/// `before` is what stands right before.
fn token_length(chunk: &str, rest: &str, before: Option<char>, hyphens: Hyphens) -> usize {
    let after_word = before.is_some_and(is_word);
    let ends_compound = hyphens == Hyphens::Split && before.is_some_and(is_hyphen);
    let mut characters = chunk.char_indices().peekable();
    let Some((_, first)) = characters.next() else {
        return 0;
    };
    let second = characters.peek().map(|&(_, c)| c);
    if is_standalone_letter(first) {
        return first.len_utf8();
    }
    let starts_word = is_word(first)
        || (is_apostrophe(first)
            && second.is_some_and(is_word)
            && (after_word || starts_clitic(chunk)))
        || (first == '.' && !after_word && second.is_some_and(char::is_numeric))
        || (matches!(first, '$' | '£' | '€' | '¥') && second.is_some_and(char::is_numeric));
    if !starts_word {
        return match first {
            '.' | '-' => chunk.find(|c| c != first).unwrap_or(chunk.len()),
            _ => chunk
                .graphemes(true)
                .next()
                .map_or(first.len_utf8(), str::len),
        };
    }
    let mut end = chunk.len();
    let mut previous = first;
    while let Some((position, c)) = characters.next() {
        let next = characters.peek().map(|&(_, c)| c);
        let joins = is_word(c) && !is_standalone_letter(c)
            // "U.S.-led"
            || (previous.is_uppercase() && c == '.' && next == Some('-'))
            || next.is_some_and(|next| {
                is_word(next) && joins_words(&chunk[..position], c, next, hyphens)
            });
        if !joins {
            end = position;
            break;
        }
        previous = c;
    }
    let word = &chunk[..end];
    if rest[end..].starts_with('.')
        && !rest[end + 1..].starts_with('.')
        && keeps_period(word, &rest[end + 1..], ends_compound)
    {
        end += 1;
    }
    end
}

/// Whether `connector` between `word` and `next` joins them to one token.
fn joins_words(word: &str, connector: char, next: char, hyphens: Hyphens) -> bool {
    let previous = word.chars().next_back();
    match connector {
        // "Boston.He" misses a space, "Ph.D" does not.
        '.' => !(next.is_uppercase() && word.len() > 2 && previous.is_some_and(char::is_lowercase)),
        _ if hyphens == Hyphens::Split
            && is_hyphen(connector)
            && (next.is_alphabetic() || is_mark(next))
            && word
                .trim_end_matches(is_mark)
                .ends_with(char::is_alphabetic) =>
        {
            false
        }
        '-' | '‐' | '‑' | '_' | '&' | '@' | '+' => {
            previous.is_some_and(|c| is_word(c) || c == '.')
        }
        '–' => previous.is_some_and(char::is_numeric) && next.is_numeric(),
        _ => false,
    }
}

/// Whether the apostrophe that `chunk` starts with belongs to what follows although no word stands before; otherwise it
/// is a quotation mark.
fn starts_clitic(chunk: &str) -> bool {
    const CLITICS: [&str; 14] = [
        "s", "t", "d", "m", "n", "ll", "re", "ve", "em", "tis", "twas", "til", "cause", "clock",
    ];
    let rest = chunk.trim_start_matches(is_apostrophe);
    rest.starts_with(char::is_numeric)
        || CLITICS.iter().any(|clitic| {
            rest.strip_prefix(clitic)
                .is_some_and(|tail| !tail.starts_with(is_word))
        })
}

/// Whether the period between `word`, the end of a compound perhaps, and `after` belongs to the word.
fn keeps_period(word: &str, after: &str, ends_compound: bool) -> bool {
    let following = after.trim_start_matches(|c: char| is_separator(c) || "\"'”’»)]}`".contains(c));
    if abbreviation(word, following).is_some() {
        // At the end of a sentence the corpus keeps it with "N.Y." only: "of Burlington , Vt .", "vitamin C .".
        return !following.is_empty() || word.contains('.');
    }
    // A period in the midst of a sentence marks an abbreviation: the splitter ended no sentence there. It looked at compounds
    // as a whole, though, which are none.
    !ends_compound
        && word.chars().all(char::is_alphabetic)
        && after
            .trim_start_matches(is_separator)
            .starts_with(|c: char| c.is_lowercase() || ",;:".contains(c))
}

/// The word as the model knows it.
fn model_word(text: &str) -> String {
    let mut word = String::with_capacity(text.len());
    let visible = text
        .chars()
        .filter(|&c| !c.is_control() && !is_invisible(c));
    for c in visible.take(MAX_WORD) {
        match c {
            '‘' if text.len() == c.len_utf8() => word.push('`'),
            '’' | '‘' | '‛' | 'ʼ' | '′' => word.push('\''),
            '“' | '”' | '„' | '‟' | '«' | '»' | '″' => word.push('"'),
            '‐' | '‑' | '−' => word.push('-'),
            '–' if text.len() > '–'.len_utf8() => word.push('-'),
            '–' | '—' | '―' => word.push_str("--"),
            '…' => word.push_str("..."),
            _ => word.push(c),
        }
    }
    word
}

/// Characters that separate tokens.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}' | '\u{2060}' | '\u{feff}')
}

/// Joiners, direction marks, soft hyphens and variation selectors: seen by nobody, so not by the model either.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ')
}

/// Letters, digits, and the marks and joiners that stand inside words.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

/// Combining marks that `char::is_alphanumeric` leaves out, and the invisible characters that scripts need in words.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{65f}'
        | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{ad}' | '\u{200c}' | '\u{200d}')
}

/// Characters of scripts written without spaces, each a token (as in BERT's tokeniser).
fn is_standalone_letter(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        split_with(text, Hyphens::Joined)
    }

    fn split_with(text: &str, hyphens: Hyphens) -> Vec<&str> {
        tokens(text, hyphens)
            .iter()
            .map(|token| &text[token.span.start..token.span.end])
            .collect()
    }

    fn words(text: &str) -> Vec<String> {
        tokens(text, Hyphens::Joined)
            .into_iter()
            .map(|token| token.word)
            .collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(split(text).join(" "), expected);
    }

    #[test]
    fn punctuation_stands_alone() {
        check(
            "\"Go,\" she (Mary) said: no; why?!",
            "\" Go , \" she ( Mary ) said : no ; why ? !",
        );
        check("and/or 10%", "and / or 10 %");
    }

    #[test]
    fn apostrophes_start_a_token() {
        check(
            "Mary's didn't O'Brien pandas' '50s 'tis",
            "Mary 's didn 't O 'Brien pandas ' '50s 'tis",
        );
        check(
            "Mary’s don’t ‘We must’ 'We must'",
            "Mary ’s don ’t ‘ We must ’ ' We must '",
        );
    }

    #[test]
    fn numbers_break_at_commas_and_colons_but_not_at_decimal_points() {
        check(
            "$62.50 1,500 4:45 3.9 10-12",
            "$62.50 1 , 500 4 : 45 3.9 10-12",
        );
    }

    #[test]
    fn hyphenated_words_stay_whole_and_dashes_stand_alone() {
        check(
            "U.S.-led self-propelled -- ITAR-TASS--no word—word x - y",
            "U.S.-led self-propelled -- ITAR-TASS -- no word — word x - y",
        );
    }

    #[test]
    fn hyphens_between_letters_part_the_words_of_a_corpus_that_splits_there() {
        let text =
            "U.S.-led lithium-induced 5-fluorouracil 40-year-old state‐of-the-art B-12 -- x--y";
        let expected = "U.S.-led lithium - induced 5-fluorouracil 40-year - old state ‐ of - the - art B-12 -- x -- y";
        assert_eq!(split_with(text, Hyphens::Split).join(" "), expected);
        let marked = "cafe\u{301}-induced drug\u{ad}-related non\u{2011}\u{ad}toxic";
        let expected = "cafe\u{301} - induced drug\u{ad} - related non \u{2011} \u{ad}toxic";
        assert_eq!(split_with(marked, Hyphens::Split).join(" "), expected);
        let sentence = "it was drug-induced. then an anti-U.S. talk";
        let expected = "it was drug - induced . then an anti - U.S. talk";
        assert_eq!(split_with(sentence, Hyphens::Split).join(" "), expected);
    }

    #[test]
    fn the_final_period_stands_alone_and_that_of_an_abbreviation_does_not() {
        check(
            "Sen. Robert F. Kennedy of the U.S. left.",
            "Sen. Robert F. Kennedy of the U.S. left .",
        );
        check(
            "Aiken, S.C., and Conn., at 3 p.m.",
            "Aiken , S.C. , and Conn. , at 3 p.m.",
        );
        check("She left Boston.)", "She left Boston . )");
        check("Vitamin C.", "Vitamin C .");
        check(
            "Dr. rer. nat. Ulla Stein of the Inst. of Botany, cf. Tab. 2 (var. nova).",
            "Dr. rer. nat. Ulla Stein of the Inst. of Botany , cf. Tab. 2 ( var. nova ) .",
        );
        check("She lives in Calif.", "She lives in Calif .");
        check("She lives in the U.S.", "She lives in the U.S.");
        check("J. R. Hale, Ph.D.", "J. R. Hale , Ph.D.");
        check("nails, etc. -- and soap", "nails , etc. -- and soap");
        check("a .38-caliber gun", "a .38-caliber gun");
        check("wait... and ..", "wait ... and ..");
    }

    #[test]
    fn a_missing_space_after_a_period_does_not_join_words() {
        check("in Boston.He left", "in Boston . He left");
    }

    #[test]
    fn addresses_stay_whole() {
        check(
            "(see https://example.com/a?b=c,d.)",
            "( see https://example.com/a?b=c,d . )",
        );
        check(
            "mail mary.jones@example.com, now",
            "mail mary.jones@example.com , now",
        );
        check("AT&T R&D @mary #tag", "AT&T R&D @ mary # tag");
    }

    #[test]
    fn emoji_and_chinese_characters_stand_alone_and_accents_stay_in_words() {
        check(
            "Zoë👩‍👩‍👧👍🏽 Ångström e\u{301}te\u{301} 北京 서울",
            "Zoë 👩‍👩‍👧 👍🏽 Ångström e\u{301}te\u{301} 北 京 서울",
        );
    }

    #[test]
    fn the_model_is_given_the_characters_of_the_corpus() {
        assert_eq!(
            words("“Mary’s” 1914–18 — so… co\u{ad}op"),
            [
                "\"", "Mary", "'s", "\"", "1914-18", "--", "so", "...", "coop"
            ]
        );
    }

    #[test]
    fn invisible_characters_are_no_tokens() {
        check(
            "\u{feff}Mary\u{200b}Jones\u{a0}left \u{fe0f} \u{200d}",
            "Mary Jones left",
        );
    }

    #[test]
    fn the_model_sees_only_the_start_of_an_endless_word() {
        let found = tokens(&"a".repeat(100_000), Hyphens::Joined);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].word.len(), MAX_WORD);
    }
}
