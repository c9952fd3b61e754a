//! JSON lines: one sentence an object, `{"id", "tokens": […], "entities": [{"type","start","end"}],
//! "relations": [{"type","head","tail"}]}`, spans in tokens with `end` exclusive.
//!
//! Reading accepts a byte-order mark, CRLF, blank lines and unknown keys; everything else that is not as
//! documented is an error that names the source, the line and the field.

use std::io::{self, BufRead, Write};

use spanarc_formats::{Format, Segmenter};

use serde::Serialize;

use crate::{
    Byte, Span,
    document::Sentence,
    read_error::ReadError,
    reading::Reading,
    sentences::{self, SentenceRules},
};

/// All sentences, or the first error; `name` stands for the source in errors.
pub fn read(source: impl BufRead, name: &str) -> Result<Vec<Sentence>, ReadError> {
    let mut reading = Reading::default();
    let rules = SentenceRules::default();
    sentences::read(
        Format::Jsonl,
        source,
        name,
        &rules,
        &NoSegmenter,
        &mut reading,
    );
    match reading.refused.into_iter().next() {
        Some(error) => Err(error),
        None => Ok(reading
            .sentences
            .into_iter()
            .map(|located| located.sentence)
            .collect()),
    }
}

/// Sentences of tokens need none.
struct NoSegmenter;

impl Segmenter for NoSegmenter {
    fn sentences(&self, _text: &str) -> Vec<Span<Byte>> {
        Vec::new()
    }

    fn tokens(&self, _sentence: &str) -> Vec<(Span<Byte>, String)> {
        Vec::new()
    }
}

/// Writes sentences, or what holds more of them than a sentence does, one object a line.
pub fn write<'a, S: Serialize + 'a>(
    mut target: impl Write,
    sentences: impl IntoIterator<Item = &'a S>,
) -> io::Result<()> {
    for sentence in sentences {
        serde_json::to_writer(&mut target, sentence)?;
        target.write_all(b"\n")?;
    }
    target.flush()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Entity, Relation, Span};

    const GOOD: &str = r#"{"id": "a", "tokens": ["Ada", "lives", "in", "Oslo"], "entities": [{"type": "Peop", "start": 0, "end": 1}, {"type": "Loc", "start": 3, "end": 4}], "relations": [{"type": "Live_In", "head": 0, "tail": 1}]}"#;

    fn read(bytes: impl AsRef<[u8]>) -> Result<Vec<Sentence>, ReadError> {
        super::read(bytes.as_ref(), "x.jsonl")
    }

    fn message(bytes: impl AsRef<[u8]>) -> String {
        read(bytes).unwrap_err().to_string()
    }

    #[test]
    fn a_sentence_is_read_and_written_as_the_same_object() {
        let sentences = read(GOOD).unwrap();
        assert_eq!(sentences[0].tokens[3], "Oslo");
        assert_eq!(sentences[0].entities[1].span, crate::Span::new(3, 4));
        let mut written = Vec::new();
        write(&mut written, &sentences).unwrap();
        assert!(written.ends_with(b"}\n"));
        let value = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&written), value(GOOD.as_bytes()));
    }

    #[test]
    fn a_byte_order_mark_crlf_blank_lines_and_unknown_keys_are_accepted() {
        let extra = GOOD.replacen("\"id\"", "\"source\": {\"page\": 3}, \"id\"", 1);
        let text = format!("\u{feff}{GOOD}\r\n\r\n   \n{extra}");
        let sentences = read(text).unwrap();
        assert_eq!(sentences.len(), 2);
        assert_eq!(sentences[0], sentences[1]);
    }

    #[test]
    fn a_source_without_sentences_is_an_error() {
        for empty in ["", "\n\r\n  \n", "\u{feff}"] {
            assert_eq!(message(empty), "x.jsonl holds no sentences");
        }
    }

    #[test]
    fn faults_are_named_with_line_and_field() {
        let cases = [
            (
                "\"end\": 1",
                "\"end\": 5",
                "entities[0].end is 5, out of range in a sentence of 4 tokens",
            ),
            (
                "\"Peop\"",
                "\"a\\tb\"",
                "entities[0].type has a name with the control character '\\t': \"a\\tb\"",
            ),
            (
                "\"end\": 1",
                "\"end\": 0",
                "entities[0] covers nothing: start 0 is not below end 0",
            ),
            (
                "\"end\": 1",
                "\"end\": -1",
                "invalid value: integer `-1`, expected a whole number from 0 in entities[0].end at column 105",
            ),
            (
                "\"start\": 3, ",
                "",
                "missing field `start` in entities[1] at column 132; the keys there are `type`, `end`",
            ),
            (
                "\"tail\": 1",
                "\"tail\": 2",
                "relations[0] names 2, which is not there",
            ),
            (
                "\"tail\": 1",
                "\"tail\": 0",
                "relations[0] has 0 as both arguments",
            ),
            (
                "[\"Ada\", \"lives\", \"in\", \"Oslo\"]",
                "[]",
                "tokens is empty",
            ),
            ("\"in\"", "\"\"", "tokens[2] is an empty string"),
            (
                "\"in\"",
                "null",
                "invalid type: null, expected a string in tokens[2] at column 43",
            ),
            (
                "\"tokens\"",
                "\"words\"",
                "missing field `tokens` at column 203; the keys there are `id`, `words`, `entities`, `relations`",
            ),
            (
                "}]}",
                "}]",
                "is not JSON: EOF while parsing an object at column 203",
            ),
            (
                "}]}",
                "}]} {}",
                "there is something behind the end of the JSON at column 206",
            ),
            (
                "{\"id\": \"a\"",
                "\"a\"",
                "invalid type: string \"a\", expected an object with id, tokens, entities and relations at column 3",
            ),
        ];
        for (old, new, problem) in cases {
            let text = format!("{GOOD}\n\n{}\n", GOOD.replacen(old, new, 1));
            assert_eq!(message(text), format!("x.jsonl, line 3: {problem}"));
        }
    }

    #[test]
    fn invalid_utf8_is_named_with_its_place() {
        let mut text = format!("{GOOD}\n").into_bytes();
        text.extend(b"{\"id\": \"\xff\"}");
        assert_eq!(message(text), "x.jsonl, line 2: invalid UTF-8 at byte 9");
    }

    fn any_sentence() -> impl Strategy<Value = Sentence> {
        let span = (0usize..6, 1usize..7).prop_map(|(start, len)| Span::new(start, start + len));
        let entity = ("\\PC{0,4}[a-z]", span).prop_map(|(kind, span)| Entity { kind, span });
        let relation =
            ("\\PC{0,4}[a-z]", 0usize..3, 1usize..3).prop_map(|(kind, head, step)| Relation {
                kind,
                head,
                tail: (head + step) % 3,
            });
        let tokens = prop::collection::vec("(\\PC|[\\\\\"\r\n\u{2028}]){0,5}[a-z]", 12);
        let entities = prop::collection::vec(entity, 3);
        (
            ".{0,4}",
            tokens,
            entities,
            prop::collection::vec(relation, 0..4),
        )
            .prop_map(|(id, tokens, entities, relations)| Sentence {
                id,
                tokens,
                entities,
                relations,
            })
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_back(sentences in prop::collection::vec(any_sentence(), 1..4)) {
            let mut written = Vec::new();
            write(&mut written, &sentences).unwrap();
            prop_assert_eq!(written.iter().filter(|&&byte| byte == b'\n').count(), sentences.len());
            prop_assert_eq!(read(&written).unwrap(), sentences);
        }

        #[test]
        fn no_bytes_make_the_reader_panic(
            mut bytes in Just(GOOD.as_bytes().to_vec()),
            edits in prop::collection::vec((0..GOOD.len(), any::<u8>()), 1..4),
        ) {
            for (at, byte) in edits {
                bytes[at] = byte;
            }
            for sentence in read(bytes).into_iter().flatten() {
                prop_assert_eq!(sentence.validate(), Ok(()));
            }
        }
    }
}
