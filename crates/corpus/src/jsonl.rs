//! JSON lines: one sentence an object, `{"id", "tokens": […], "entities": [{"type","start","end"}],
//! "relations": [{"type","head","tail"}]}`, spans in tokens with `end` exclusive.
//!
//! Reading accepts a byte-order mark, CRLF, blank lines and unknown keys; everything else that is not as
//! documented is an error that names the source, the line and the field.

use std::{
    io::{self, BufRead, Write},
    sync::Arc,
};

use serde::Serialize;

use crate::{
    document::Sentence,
    json,
    lines::Lines,
    read_error::{LineProblem, ReadError},
};

/// Reads sentences one by one.
///
/// A faulty line yields an error and reading may go on; a source without any line yields [`ReadError::Empty`].
#[derive(Debug)]
pub struct Reader<R> {
    lines: Lines<R>,
    any: bool,
}

impl<R: BufRead> Reader<R> {
    /// A reader over a source; `name` stands for it in errors.
    pub fn new(source: R, name: impl Into<Arc<str>>) -> Self {
        Self {
            lines: Lines::new(source, name),
            any: false,
        }
    }

    /// All sentences, or the first error.
    pub fn read_all(self) -> Result<Vec<Sentence>, ReadError> {
        self.collect()
    }

    /// The number, from 1, of the line that was read last.
    pub fn line(&self) -> usize {
        self.lines.number()
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Sentence, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(line) = self.lines.by_ref().find(|line| {
            !line
                .as_ref()
                .is_ok_and(|(_, line)| line.trim_ascii_end().is_empty())
        }) else {
            let name = self.lines.name().to_string();
            let empty = !std::mem::replace(&mut self.any, true);
            return empty.then_some(Err(ReadError::Empty { name }));
        };
        self.any = true;
        Some(line.and_then(|(number, line)| {
            parse(line.trim_ascii_end()).map_err(|problem| self.lines.error(number, problem))
        }))
    }
}

fn parse(line: &str) -> Result<Sentence, LineProblem> {
    let sentence: Sentence = json::parse(line).map_err(|(_, problem)| problem)?;
    sentence.validate()?;
    Ok(sentence)
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
        Reader::new(bytes.as_ref(), "x.jsonl").read_all()
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
    fn reading_goes_on_after_a_faulty_line() {
        let text = format!("{GOOD}\n{{\n{GOOD}\n");
        let outcomes: Vec<_> = Reader::new(text.as_bytes(), "x.jsonl")
            .map(|s| s.is_ok())
            .collect();
        assert_eq!(outcomes, [true, false, true]);
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
                "missing field `start` in entities[1] at column 132; the keys there are `end`, `type`",
            ),
            (
                "\"tail\": 1",
                "\"tail\": 2",
                "relations[0].tail is 2, out of range in a sentence of 2 entities",
            ),
            (
                "\"tail\": 1",
                "\"tail\": 0",
                "relations[0] has entity 0 as both head and tail",
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
                "missing field `tokens` at column 203; the keys there are `entities`, `id`, `relations`, `words`",
            ),
            (
                "}]}",
                "}]",
                "is not JSON: EOF while parsing an object at column 203",
            ),
            (
                "}]}",
                "}]} {}",
                "is not JSON: trailing characters at column 206",
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
        let entity = (".{1,5}", span).prop_map(|(kind, span)| Entity { kind, span });
        let relation = (".{1,5}", 0usize..3, 1usize..3).prop_map(|(kind, head, step)| Relation {
            kind,
            head,
            tail: (head + step) % 3,
        });
        let tokens = prop::collection::vec("(\\PC|[\\\\\"\r\n\u{2028}]){1,6}", 12);
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
            for sentence in Reader::new(bytes.as_slice(), "x.jsonl").flatten() {
                prop_assert_eq!(sentence.validate(), Ok(()));
            }
        }
    }
}
