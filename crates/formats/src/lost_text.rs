//! Text that formats of tokens do not hold: what tokens are written without, and what belongs to none.
//!
//! A token is written as a model is given it, so that training sees what use does.

use std::collections::BTreeSet;

use crate::{
    annotated::{Annotated, TokenSentence},
    draft::is_visible,
    note::Note,
    quoting::quoted,
    writing::Notes,
};

/// Notes tokens that are written otherwise than the text has them, and characters other than white space beside tokens.
pub(crate) fn note_lost_text(
    annotated: &Annotated,
    sentences: &[TokenSentence],
    notes: &mut Notes<'_>,
) {
    let text = &**annotated.document.text();
    let mut reader = Passing {
        text,
        byte: 0,
        char: 0,
    };
    for token in sentences.iter().flat_map(|sentence| &sentence.tokens) {
        reader.note_gap(token.span.start, notes);
        let (found, place) = reader.pass(token.span.end);
        if found != token.word {
            let missing =
                characters(found.chars().filter(|&character| {
                    !is_visible(character) && !token.word.contains(character)
                }));
            let without = if missing.is_empty() {
                String::new()
            } else {
                format!(", without {missing}")
            };
            let (found, word) = (quoted(found), quoted(&token.word));
            let subject = format!("{found} is written {word}{without} ({place})");
            notes.add_whole(Note::TokenChanged, subject);
        }
    }
    reader.note_gap(text.len(), notes);
}

/// A text that is passed from front to end.
struct Passing<'a> {
    text: &'a str,
    byte: usize,
    /// The same in code points.
    char: usize,
}

impl<'a> Passing<'a> {
    /// The text up to a byte, and its place.
    fn pass(&mut self, end: usize) -> (&'a str, String) {
        let passed = self.text.get(self.byte..end).unwrap_or_default();
        let start = self.char;
        self.byte = self.byte.max(end);
        self.char += passed.chars().count();
        (passed, format!("code points {start}..{}", self.char))
    }

    fn note_gap(&mut self, end: usize, notes: &mut Notes<'_>) {
        let (gap, place) = self.pass(end);
        let lost = characters(gap.chars().filter(|character| !character.is_whitespace()));
        if !lost.is_empty() {
            notes.add_whole(Note::OutsideTokens, format!("{lost} ({place})"));
        }
    }
}

/// Characters by number, each once: many of them do not show.
fn characters(all: impl Iterator<Item = char>) -> String {
    let all: BTreeSet<char> = all.collect();
    let numbers = all
        .iter()
        .map(|&character| format!("U+{:04X}", u32::from(character)));
    numbers.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use spanarc_document::{Byte, Span};

    use crate::{
        annotated::{TextToken, TokenSentence},
        any_document::{Words, read_one, written},
        by_tokens::Discontinuous,
        format::Format,
        note::Note,
        segmenting::Segmenter,
    };

    /// Leaves joiners out of words, and words of nothing else out, as the engine does.
    struct WithoutJoiners;

    impl Segmenter for WithoutJoiners {
        fn sentences(&self, text: &str) -> Vec<Span<Byte>> {
            Words.sentences(text)
        }

        fn tokens(&self, sentence: &str) -> Vec<(Span<Byte>, String)> {
            let tokens = Words.tokens(sentence).into_iter();
            let plain =
                tokens.map(|(span, word)| (span, word.replace(['\u{200d}', '\u{200f}'], "")));
            plain.filter(|(_, word)| !word.is_empty()).collect()
        }
    }

    #[test]
    fn a_mention_is_where_its_visible_characters_are() {
        let text = r#"{"text": "met \u200fBo\u202c", "entities": [{"type": "P", "start": 4, "end": 8}], "relations": []}"#;
        let mut annotated = read_one(Format::Json, &[text]);
        let tokens = [(Span::new(0, 3), "met"), (Span::new(7, 9), "Bo")];
        let tokens = tokens.map(|(span, word)| TextToken {
            span,
            word: word.to_owned(),
        });
        annotated.sentences = Some(vec![TokenSentence {
            id: "1".to_owned(),
            place: annotated.place.clone(),
            tokens: tokens.into(),
        }]);
        let (files, notes) = written(Format::Conll, &annotated);
        assert!(
            files[0].contains("Bo\tB-P") || files[0].contains("Bo B-P"),
            "{files:?}"
        );
        assert!(notes.iter().all(|noted| noted.note == Note::OutsideTokens));
    }

    #[test]
    fn characters_that_no_token_holds_are_noted_in_every_format_of_tokens() {
        let text = r#"{"text": "Ada 👩\u200d💻 met \u200f Bo", "entities": [], "relations": []}"#;
        let mut annotated = read_one(Format::Json, &[text]);
        annotated.segment(&WithoutJoiners, None, Discontinuous::Drop, &mut Vec::new());
        for format in [
            Format::Conll,
            Format::Multihead,
            Format::Spert,
            Format::Dygie,
            Format::Jsonl,
        ] {
            let (_, notes) = written(format, &annotated);
            let notes: Vec<_> = notes
                .iter()
                .map(|noted| (noted.note, noted.subject.as_str()))
                .collect();
            assert_eq!(
                notes,
                [
                    (
                        Note::TokenChanged,
                        "\"👩\u{200d}💻\" is written \"👩💻\", without U+200D (code points 4..7)"
                    ),
                    (Note::OutsideTokens, "U+200F (code points 11..14)"),
                ]
            );
        }
    }
}
