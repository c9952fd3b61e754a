//! What holds for every text.

mod toy;

use proptest::prelude::*;
use spanarc_corpus::Hyphens;
use spanarc_engine::{
    Engine,
    sentence::{MAX_TOKENS, sentences},
    token::tokens,
};
use toy::Toy;

fn split(text: &str, hyphens: Hyphens) -> Vec<&str> {
    sentences(text, hyphens)
        .into_iter()
        .map(|span| &text[span.start..span.end])
        .collect()
}

fn any_hyphens() -> impl Strategy<Value = Hyphens> {
    prop::sample::select(vec![Hyphens::Joined, Hyphens::Split])
}

/// Text rich in what splitters stumble over, controls and stray characters included.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Z]{1,6}",
        1 => "[0-9]{1,4}",
        3 => Just(" ".to_string()),
        3 => "[.!?…]{1,3}",
        2 => "[\"'`“”‘’()\\[\\],:;$@/&_–—-]{1,2}",
        1 => prop::sample::select(vec!["Mr.", "U.S.", "Inc.", "No.", "p.m.", "rer.", "3. Mai", "\n", "\r\n", "\u{a0}", "\u{200d}", "👩‍👩‍👧", "京", "。", "\u{fffd}", "e\u{301}", "[1]"])
            .prop_map(String::from),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..80).prop_map(|pieces| pieces.concat())
}

/// A sentence that starts with a capital and ends with a period after a plain word.
fn plain_sentence() -> impl Strategy<Value = String> {
    "[A-Z][a-z]{2,6}( [a-z]{4,8}| Mr\\. Jones| U\\.S\\. troops| well-known| [a-z]{4}-U\\.S\\. troops| 3\\.5|,| [A-Z][a-z]{3,7}){0,12} verylast[.!?]"
}

/// A word that may stand beside the end of a sentence, abbreviations and what decides about them among them.
fn any_word() -> impl Strategy<Value = String> {
    const WORDS: &str = "Dr. rer. Inc. No. no. p.m. Sat. Fig. cf. v. U.S. Biol. St. min. The He Mai FC II S1 Tuesday DR. Yahoo! \
        (Tab. etc.) … CONCLUSION:";
    prop_oneof![
        "[A-Za-z]{1,5}\\.?",
        "[A-Z]\\.|[0-9]{1,3}\\.?|[a-z]\\.[a-z]\\.",
        prop::sample::select(WORDS.split(' ').collect::<Vec<_>>()).prop_map(String::from),
    ]
}

proptest! {
    #[test]
    fn the_words_beside_a_place_decide_whether_a_sentence_ends_there(
        [before, after] in [any_word(), any_word()],
        contexts in prop::array::uniform2((prop::collection::vec(any_word(), 0..6), prop::collection::vec(any_word(), 0..6))),
    ) {
        let ends = contexts.map(|(first, last)| {
            // A number that opens a sentence would be that of a list.
            let start = format!("{} the {before}", first.join(" "));
            let text = format!("{start} {after} {}", last.join(" "));
            sentences(&text, Hyphens::Joined).iter().any(|span| span.end == start.len())
        });
        prop_assert_eq!(ends[0], ends[1]);
    }

    #[test]
    fn sentences_are_in_order_and_cover_all_but_white_space(text in any_text(), hyphens in any_hyphens()) {
        let mut end = 0;
        for span in sentences(&text, hyphens) {
            prop_assert!(span.start >= end && span.end > span.start);
            prop_assert!(text[end..span.start].trim().is_empty());
            let sentence = &text[span.start..span.end];
            prop_assert_eq!(sentence, sentence.trim());
            prop_assert!(tokens(sentence, hyphens).len() <= MAX_TOKENS);
            end = span.end;
        }
        prop_assert!(text[end..].trim().is_empty());
    }

    #[test]
    fn tokens_are_in_order_and_hold_no_white_space(text in any_text(), hyphens in any_hyphens()) {
        let mut end = 0;
        for token in tokens(&text, hyphens) {
            prop_assert!(token.span.start >= end && token.span.end > token.span.start);
            prop_assert!(!text[token.span.start..token.span.end].contains(char::is_whitespace));
            prop_assert!(!token.word.is_empty());
            prop_assert!(!text[end..token.span.start].contains(char::is_alphanumeric));
            end = token.span.end;
        }
        prop_assert!(!text[end..].contains(char::is_alphanumeric));
    }

    #[test]
    fn lines_do_not_influence_each_other(first in any_text(), second in any_text(), hyphens in any_hyphens()) {
        let both = format!("{first}\n{second}");
        let (first, second) = (split(&first, hyphens), split(&second, hyphens));
        prop_assert_eq!(split(&both, hyphens), [first, second].concat());
    }

    #[test]
    fn editing_a_sentence_leaves_the_others_alone(
        before in prop::collection::vec(plain_sentence(), 0..4),
        edited in (plain_sentence(), plain_sentence()),
        after in prop::collection::vec(plain_sentence(), 0..4),
        hyphens in any_hyphens(),
    ) {
        let text = |sentence: &str| [&before[..], &[sentence.to_string()], &after[..]].concat().join(" ");
        let (old, new) = (text(&edited.0), text(&edited.1));
        let (old, new) = (split(&old, hyphens), split(&new, hyphens));
        prop_assert_eq!(&old[..before.len()], &before[..]);
        prop_assert_eq!(&new[..before.len()], &before[..]);
        prop_assert_eq!(&old[old.len() - after.len()..], &after[..]);
        prop_assert_eq!(&new[new.len() - after.len()..], &after[..]);
    }

    #[test]
    fn a_warm_engine_and_a_fresh_one_agree(texts in prop::collection::vec(any_text(), 1..4)) {
        let mut warm = Engine::new(Toy::new());
        for text in &texts {
            let expected = Engine::new(Toy::new()).annotate(text).unwrap();
            prop_assert_eq!(warm.annotate(text).unwrap(), expected);
        }
    }
}
