//! JSON lines: one sentence an object, `{"id", "tokens": […], "entities": [{"type","start","end"}],
//! "relations": [{"type","head","tail"}]}`, spans in tokens with `end` exclusive.
//!
//! Reading accepts a byte-order mark, CRLF, blank lines and unknown keys; everything else that is not as
//! documented is an error that names the source, the line and the field.

use std::{
    io::{self, BufRead, Write},
    str::Utf8Error,
};

use crate::{
    document::{Sentence, SentenceError},
    schema::LabelSchema,
};

/// Why a corpus cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The source itself failed.
    #[error("{name}: cannot read line {line}")]
    Io {
        /// Name of the source.
        name: String,
        /// Line, from 1.
        line: usize,
        /// What the source said.
        #[source]
        error: io::Error,
    },
    /// A source without a single sentence.
    #[error("{name} holds no sentences")]
    Empty {
        /// Name of the source.
        name: String,
    },
    /// A line that is no valid sentence.
    #[error("{name}, line {line}: {problem}")]
    Line {
        /// Name of the source.
        name: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: LineProblem,
    },
}

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
pub enum LineProblem {
    /// Bytes that are not UTF-8.
    #[error("invalid UTF-8 at byte {}", .0.valid_up_to() + 1)]
    Utf8(Utf8Error),
    /// Malformed JSON, a missing field or one of the wrong type.
    #[error("{message}{}", at(field, *column))]
    Json {
        /// The parser's words, without position.
        message: String,
        /// Path of the field, as `entities[1].start`; empty at the top.
        field: String,
        /// Column, from 1; 0 when unknown.
        column: usize,
    },
    /// Spans or arguments that do not exist.
    #[error(transparent)]
    Sentence(#[from] SentenceError),
    /// A type that the schema does not know.
    #[error("{field} is {name:?}, which the label schema does not know; it knows {known}")]
    UnknownType {
        /// Path of the field.
        field: String,
        /// The type's name.
        name: String,
        /// The schema's types of that kind.
        known: String,
    },
}

fn at(field: &str, column: usize) -> String {
    let field = if field.is_empty() {
        String::new()
    } else {
        format!(" in {field}")
    };
    let column = if column == 0 {
        String::new()
    } else {
        format!(" at column {column}")
    };
    field + &column
}

/// Reads sentences one by one.
///
/// A faulty line yields an error and reading may go on; a source without any line yields [`ReadError::Empty`].
#[derive(Debug)]
pub struct Reader<'schema, R> {
    source: R,
    name: String,
    schema: Option<&'schema LabelSchema>,
    line: usize,
    any: bool,
    done: bool,
}

impl<'schema, R: BufRead> Reader<'schema, R> {
    /// A reader over a source; `name` stands for it in errors.
    pub fn new(source: R, name: impl Into<String>) -> Self {
        Self {
            source,
            name: name.into(),
            schema: None,
            line: 0,
            any: false,
            done: false,
        }
    }

    /// Refuses types that the schema does not hold.
    #[must_use]
    pub fn check_against<'other>(self, schema: &'other LabelSchema) -> Reader<'other, R> {
        let Self {
            source,
            name,
            line,
            any,
            done,
            ..
        } = self;
        Reader {
            source,
            name,
            schema: Some(schema),
            line,
            any,
            done,
        }
    }

    /// All sentences, or the first error.
    pub fn read_all(self) -> Result<Vec<Sentence>, ReadError> {
        self.collect()
    }

    fn parse(&self, bytes: &[u8]) -> Result<Sentence, LineProblem> {
        let text = std::str::from_utf8(bytes).map_err(LineProblem::Utf8)?;
        let mut json = serde_json::Deserializer::from_str(text);
        let sentence: Sentence = serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let field = error.path().to_string();
            let field = if matches!(field.as_str(), "." | "?") {
                String::new()
            } else {
                field
            };
            json_problem(error.inner(), field)
        })?;
        json.end()
            .map_err(|error| json_problem(&error, String::new()))?;
        sentence.validate()?;
        if let Some(schema) = self.schema {
            check_types(&sentence, schema)?;
        }
        Ok(sentence)
    }
}

impl<R: BufRead> Iterator for Reader<'_, R> {
    type Item = Result<Sentence, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut bytes = Vec::new();
        while !self.done {
            bytes.clear();
            self.line += 1;
            let name = || self.name.clone();
            match self.source.read_until(b'\n', &mut bytes) {
                Ok(0) => {
                    self.done = true;
                    return (!self.any).then(|| Err(ReadError::Empty { name: name() }));
                }
                Ok(_) => {}
                Err(error) => {
                    self.done = true;
                    return Some(Err(ReadError::Io {
                        name: name(),
                        line: self.line,
                        error,
                    }));
                }
            }
            let mut line = bytes.as_slice();
            if self.line == 1 {
                line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
            }
            line = line.trim_ascii_end();
            if line.is_empty() {
                continue;
            }
            self.any = true;
            let sentence = self.parse(line);
            return Some(sentence.map_err(|problem| ReadError::Line {
                name: name(),
                line: self.line,
                problem,
            }));
        }
        None
    }
}

fn json_problem(error: &serde_json::Error, field: String) -> LineProblem {
    let message = error.to_string();
    // serde_json counts lines within the one line it was given.
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = message
        .strip_suffix(&position)
        .unwrap_or(&message)
        .to_owned();
    LineProblem::Json {
        message,
        field,
        column: error.column(),
    }
}

fn check_types(sentence: &Sentence, schema: &LabelSchema) -> Result<(), LineProblem> {
    let unknown = |field, name: &str, known: Vec<&str>| {
        Err(LineProblem::UnknownType {
            field,
            name: name.to_owned(),
            known: known.join(", "),
        })
    };
    for (index, entity) in sentence.entities.iter().enumerate() {
        if schema.entity_index(&entity.kind).is_none() {
            let known = schema
                .entity_types
                .iter()
                .map(|kind| kind.name.as_str())
                .collect();
            return unknown(format!("entities[{index}].type"), &entity.kind, known);
        }
    }
    for (index, relation) in sentence.relations.iter().enumerate() {
        if schema.relation_index(&relation.kind).is_none() {
            let known = schema
                .relation_types
                .iter()
                .map(|kind| kind.name.as_str())
                .collect();
            return unknown(format!("relations[{index}].type"), &relation.kind, known);
        }
    }
    Ok(())
}

/// Writes sentences, one object a line.
pub fn write<'a>(
    mut target: impl Write,
    sentences: impl IntoIterator<Item = &'a Sentence>,
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
                "invalid value: integer `-1`, expected usize in entities[0].end at column 105",
            ),
            (
                "\"start\": 3, ",
                "",
                "missing field `start` in entities[1] at column 132",
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
                "missing field `tokens` at column 203",
            ),
            ("}]}", "}]", "EOF while parsing an object at column 203"),
            ("}]}", "}]} {}", "trailing characters at column 206"),
            (
                "{\"id\": \"a\"",
                "\"a\"",
                "invalid type: string \"a\", expected struct Sentence at column 3",
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

    #[test]
    fn types_unknown_to_the_schema_are_named_with_line_and_field() {
        let schema = LabelSchema::from_sentences(&read(GOOD).unwrap());
        let check = |text: &str| {
            let reader = Reader::new(text.as_bytes(), "x.jsonl").check_against(&schema);
            reader.read_all().map_err(|error| error.to_string())
        };
        assert!(check(GOOD).is_ok());
        assert_eq!(
            check(&GOOD.replace("Loc", "City")).unwrap_err(),
            "x.jsonl, line 1: entities[1].type is \"City\", which the label schema does not know; it knows Loc, Peop"
        );
        assert_eq!(
            check(&GOOD.replace("Live_In", "Born_In")).unwrap_err(),
            "x.jsonl, line 1: relations[0].type is \"Born_In\", which the label schema does not know; it knows Live_In"
        );
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
