//! Which format a file has, by its content.

mod marks;

use std::iter;

use marks::{MARKS, Object};
use serde::de::IgnoredAny;

use crate::{columns, format::Format, read_error::ReadError};

/// How much of a file of JSON is looked at, in bytes; its first object is in any case.
const LOOKED_AT: usize = 1 << 20;

/// How many keys of an unknown object are named.
const NAMED: usize = 8;

impl Format {
    /// The format of a file, by its beginning; brat's is told by names. Errors with the reason where nothing fits.
    ///
    /// What begins with `{` or `[` is JSON and told by the keys of its first objects, since some of them may lack what tells the
    /// format; what begins with `#FORMAT=WebAnno TSV` or `<` by that; everything else is columns if its first row has more than
    /// one.
    pub fn detect(bytes: &[u8]) -> Result<Self, String> {
        if let Some(error) = ReadError::of_start("the file", bytes) {
            return Err(error.to_string());
        }
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let start = bytes.trim_ascii_start();
        match start {
            [b'[', rest @ ..] if matches!(rest.trim_ascii_start().first(), Some(b'{')) => {
                of_array(rest)
            }
            [b'[', rest @ ..] if matches!(rest.trim_ascii_start().first(), Some(b']')) => {
                Ok(Self::Spert)
            }
            [b'{', rest @ ..] if matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}')) => {
                of_objects(start)
            }
            [b'<', ..] => of_xml(start),
            _ if start.starts_with(b"#FORMAT=WebAnno TSV") => Ok(Self::WebannoTsv),
            _ => columns::detect(start),
        }
    }
}

/// The format of an array, by its items.
fn of_array(items: &[u8]) -> Result<Format, String> {
    let objects = objects(values(items));
    if objects.is_empty() {
        // Its reader says what is wrong with the JSON.
        return Ok(Format::Spert);
    }
    match told(&objects)? {
        Format::Jsonl => Ok(Format::Spert),
        format => Ok(format),
    }
}

/// The format of an object a line, or of objects over several lines.
fn of_objects(start: &[u8]) -> Result<Format, String> {
    let lines = || start.split(|&byte| byte == b'\n');
    let is_line = lines().next().is_some_and(is_json);
    let long = if is_line {
        Vec::new()
    } else {
        objects(values(start))
    };
    // A first line may only be torn.
    let is_long = !long.is_empty();
    let objects = if is_long { long } else { objects(lines()) };
    if objects.is_empty() {
        // As above.
        return Ok(Format::Jsonl);
    }
    match told(&objects)? {
        Format::Text if is_long => Ok(Format::Json),
        format => Ok(format),
    }
}

fn is_json(line: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(line).is_ok()
}

/// The values that stand one after another, with or without commas, until one is broken.
fn values(mut rest: &[u8]) -> impl Iterator<Item = &[u8]> {
    iter::from_fn(move || {
        rest = rest.trim_ascii_start();
        rest = rest.strip_prefix(b",").unwrap_or(rest);
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        let (value, after) = rest.split_at(values.byte_offset());
        rest = after;
        Some(value)
    })
}

/// The objects among the values in the part of a file that is looked at. Those that cannot be read tell nothing.
fn objects<'a>(values: impl Iterator<Item = &'a [u8]>) -> Vec<Object> {
    let seen = values.scan(0, |seen, value| {
        let is_near = *seen < LOOKED_AT;
        *seen += value.len();
        is_near.then_some(value)
    });
    seen.filter_map(|value| serde_json::from_slice(value).ok())
        .collect()
}

/// The format of which an object has the surest mark.
fn told(objects: &[Object]) -> Result<Format, String> {
    let found = (MARKS.iter()).find(|(_, is_marked)| objects.iter().any(is_marked));
    found.map(|(format, _)| *format).ok_or_else(|| {
        let keys = objects.iter().take(1).flat_map(Object::keys).take(NAMED);
        let keys: Vec<_> = keys.map(|key| format!("`{key}`")).collect();
        format!("a JSON object with the keys {}", keys.join(", "))
    })
}

fn of_xml(start: &[u8]) -> Result<Format, String> {
    let head = &start[..start.len().min(4096)];
    let head = String::from_utf8_lossy(head);
    if head.contains("http://www.omg.org/XMI") || head.contains("<xmi:XMI") {
        Ok(Format::CasXmi)
    } else {
        Err("XML, but no XMI of a UIMA CAS".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::format::Format::{self, *};

    #[test]
    fn every_tool_is_told_by_the_keys_of_its_objects() {
        let samples = [
            (
                Doccano,
                r#"{"id":1,"text":"Ada","entities":[{"id":1,"label":"P","start_offset":0,"end_offset":3}],"relations":[]}"#,
            ),
            (
                Doccano,
                r#"{"id":1,"text":"Ada","label":[[0,3,"P"]],"Comments":[]}"#,
            ),
            (
                Doccano,
                r#"{"id":1,"text":"Ada","meta":{},"annotation_approver":null,"labels":[[0,3,"P"]]}"#,
            ),
            (
                Doccano,
                r#"{"id":1,"text":"Ada","entities":[],"relations":[],"Comments":[]}"#,
            ),
            (
                Text,
                r#"{"id":1,"text":"Ada","entities":[{"type":"P","start":0,"end":3}],"relations":[]}"#,
            ),
            (Text, r#"{"text":"Ada","entities":[[0,3,"P"]]}"#),
            (Text, r#"{"text":"Ada","entities":[],"relations":[]}"#),
            (Json, "{\n  \"text\": \"Ada\",\n  \"entities\": []\n}"),
            (
                LabelStudio,
                r#"[{"id":1,"data":{"text":"Ada"},"annotations":[]}]"#,
            ),
            (LabelStudio, r#"{"data":{"text":"Ada"},"predictions":[]}"#),
            (
                LabelStudio,
                r#"[{"id":1,"text":"Ada","label":[{"start":0,"end":3,"text":"Ada","labels":["P"]}]}]"#,
            ),
            (
                Prodigy,
                r#"{"text":"May is cold.","spans":[{"start":0,"end":3,"label":"P"}],"answer":"reject"}"#,
            ),
            (
                Prodigy,
                r#"{"text":"May","tokens":[{"text":"May","start":0,"end":3,"id":0,"ws":false}],"spans":[]}"#,
            ),
            (Prodigy, r#"{"text":"May","_input_hash":1,"_task_hash":2}"#),
            (
                Prodigy,
                r#"{"text":"May","spans":[{"start":0,"end":3,"label":"P"}]}"#,
            ),
            (Text, r#"{"text":"May","spans":[[0,3,"P"]]}"#),
            (
                Spacy,
                r#"{"text":"May","ents":[],"tokens":[{"id":0,"start":0,"end":3}]}"#,
            ),
            (
                Spacy,
                r#"[{"text":"May","tokens":[{"id":0,"start":0,"end":3}]}]"#,
            ),
            (Spacy, r#"{"text":"May","spans":{"sc":[]}}"#),
            (
                W3c,
                r#"[{"@context":"http://www.w3.org/ns/anno.jsonld","type":"Annotation","target":"a"}]"#,
            ),
            (W3c, r#"{"type":"AnnotationPage","items":[]}"#),
            (CasJson, r#"{"%TYPES":{},"%FEATURE_STRUCTURES":[]}"#),
            (
                Dygie,
                r#"{"doc_key":"a","sentences":[["Ada"]],"ner":[[]],"relations":[[]]}"#,
            ),
            (
                Jsonl,
                r#"{"id":"1","tokens":["Ada"],"entities":[],"relations":[]}"#,
            ),
            (
                Spert,
                r#"[{"tokens":["Ada"],"entities":[],"relations":[],"orig_id":1}]"#,
            ),
            (Spert, "[]"),
            (
                LabelStudio,
                r#"[{"letter":"Nobody.","id":1,"annotator":1,"annotation_id":4}]"#,
            ),
            (Doccano, r#"{"id":1,"text":"Nobody.","label":[]}"#),
            (Doccano, r#"{"id":1,"text":"Fine.","label":["positive"]}"#),
        ];
        for (format, sample) in samples {
            assert_eq!(Format::detect(sample.as_bytes()), Ok(format), "{sample}");
            let marked = format!("\u{feff}\n {sample}");
            assert_eq!(Format::detect(marked.as_bytes()), Ok(format), "{sample}");
        }
    }

    #[test]
    fn the_first_objects_may_lack_what_tells_their_format() {
        let region = r#"{"start":0,"end":3,"text":"Ada","labels":["P"]}"#;
        let samples = [
            (
                LabelStudio,
                format!(r#"[{{"letter":"Nobody.","id":1}},{{"letter":"Ada","id":2,"ner":[{region}]}}]"#),
            ),
            (
                LabelStudio,
                format!(r#"[{{"text":"Nobody.","id":1}},{{"text":"Ada","id":2,"label":[{region}]}}]"#),
            ),
            (
                Prodigy,
                "{\"text\":\"Nobody.\",\"meta\":{}}\n{\"text\":\"Ada\",\"spans\":[],\"answer\":\"reject\"}".to_owned(),
            ),
            (
                Doccano,
                "{\"text\":\"Nobody.\"}\n{\"text\":\"Ada\",\"labels\":[[0,3,\"P\"]]}".to_owned(),
            ),
            (
                Jsonl,
                r#"{"tokens":[1999,"was"],"entities":[],"relations":[]}"#.to_owned(),
            ),
            (
                Spert,
                r#"[{"orig_id":1},{"tokens":["Ada"],"entities":[],"relations":[]}]"#.to_owned(),
            ),
        ];
        for (format, sample) in samples {
            assert_eq!(Format::detect(sample.as_bytes()), Ok(format), "{sample}");
        }
    }

    #[test]
    fn metadata_called_as_another_tool_s_keys_tell_nothing() {
        for metadata in [
            r#""answer":"Paris""#,
            r#""target":"Paris""#,
            r#""tokens":["Ada"]"#,
            r#""sentences":1"#,
            r#""ents":2,"spans":[]"#,
        ] {
            for comments in ["", r#","Comments":[]"#] {
                let line =
                    format!(r#"{{"id":1,"text":"Ada",{metadata},"label":[[0,3,"P"]]{comments}}}"#);
                assert_eq!(Format::detect(line.as_bytes()), Ok(Doccano), "{line}");
            }
        }
    }

    #[test]
    fn an_answer_goes_before_what_it_answers_for() {
        for annotations in [
            r#""label":[[0,3,"P"]]"#,
            r#""entities":[{"type":"P","start":0,"end":3}]"#,
        ] {
            let line = format!(r#"{{"text":"Ada",{annotations},"answer":"reject"}}"#);
            assert_eq!(Format::detect(line.as_bytes()), Ok(Prodigy), "{line}");
        }
    }

    #[test]
    fn a_broken_first_line_is_skipped() {
        let good = br#"{"id":1,"text":"Ada","label":[[0,3,"P"]],"Comments":[]}"#;
        for broken in [
            &b"{\"id\":0,\"text\":\"Zo\xeb\"}"[..],
            b"{\"id\":0,\"text\":\"\0\"}",
            b"{\"id\":",
        ] {
            let lines = [broken, b"", good].join(&b'\n');
            assert_eq!(Format::detect(&lines), Ok(Doccano));
        }
    }

    #[test]
    fn another_encoding_is_named() {
        let units = "\u{feff}<xmi:XMI/>".encode_utf16();
        let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
        assert_eq!(
            Format::detect(&bytes).unwrap_err(),
            "the file is UTF-16LE, not UTF-8: convert it, for example with `iconv -f UTF-16LE -t UTF-8`"
        );
    }

    #[test]
    fn a_binary_file_is_called_one() {
        let archive = b"PK\x03\x04\x14\0\0\0\x08\0\x9c\xeb\\\x96letters.jsonl";
        let packed = b"x\x9c\xeb\x5c\x5e\x96\x5a\x54\x9c\x99\x9f\xb7\xd8\x40\xcf\x70\0\x07\x10";
        for bytes in [&archive[..], packed] {
            let error = Format::detect(bytes).unwrap_err();
            assert!(error.starts_with("the file is a binary file"), "{error}");
        }
        let legacy = b"Zo\xeb\tB-P\nmet\tO\n";
        assert_eq!(Format::detect(legacy), Ok(Conll));
    }

    #[test]
    fn an_object_of_no_tool_is_refused_with_its_keys() {
        let object = r#"{"name":"Ada","age":3}"#;
        for sample in [object.to_owned(), format!("[{object}, {object}]")] {
            let error = Format::detect(sample.as_bytes()).unwrap_err();
            assert_eq!(error, "a JSON object with the keys `name`, `age`");
        }
    }
}
