//! Which format a file has, by its content.

use serde_json::Value;

use crate::{columns, format::Format, lines::other_encoding, read_error::not_utf8};

/// How many lines are looked at below a first line that cannot be read.
const LINES_BELOW: usize = 8;

impl Format {
    /// The format of a file, by its first lines; brat's is told by names. Errors with the reason where nothing fits.
    ///
    /// What begins with `{` or `[` is JSON and told by the keys of its first object that can be read; what begins with `#FORMAT=WebAnno TSV` or
    /// `<` by that; everything else is columns if its first row has more than one.
    pub fn detect(bytes: &[u8]) -> Result<Self, String> {
        if let Some(encoding) = other_encoding(bytes) {
            return Err(format!("the file {}", not_utf8(encoding)));
        }
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        let start = bytes.trim_ascii_start();
        match start {
            [b'[', rest @ ..] if matches!(rest.trim_ascii_start().first(), Some(b'{')) => {
                first_object(rest).map_or(Ok(Self::Spert), |object| of_item(&object))
            }
            [b'[', rest @ ..] if matches!(rest.trim_ascii_start().first(), Some(b']')) => {
                Ok(Self::Spert)
            }
            [b'{', rest @ ..] if matches!(rest.trim_ascii_start().first(), Some(b'"' | b'}')) => {
                let is_line = start
                    .split(|&byte| byte == b'\n')
                    .next()
                    .is_some_and(is_json);
                match first_object(start) {
                    Some(object) => of_object(&object, is_line),
                    None => Ok(of_lines_below(start).unwrap_or(Self::Jsonl)),
                }
            }
            [b'<', ..] => of_xml(start),
            _ if start.starts_with(b"#FORMAT=WebAnno TSV") => Ok(Self::WebannoTsv),
            _ => columns::detect(start),
        }
    }
}

fn is_json(line: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

fn first_object(bytes: &[u8]) -> Option<serde_json::Map<String, Value>> {
    match serde_json::Deserializer::from_slice(bytes)
        .into_iter()
        .next()?
    {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

/// The format of an object a line, the first of which is broken.
fn of_lines_below(start: &[u8]) -> Option<Format> {
    let lines = start.split(|&byte| byte == b'\n').skip(1).take(LINES_BELOW);
    lines
        .filter(|line| line.starts_with(b"{") && is_json(line))
        .filter_map(first_object)
        .find_map(|object| of_object(&object, true).ok())
}

/// The format of an array by its first item.
fn of_item(item: &serde_json::Map<String, Value>) -> Result<Format, String> {
    match of_object(item, true) {
        Ok(Format::Jsonl) | Err(_) => Ok(Format::Spert),
        format => format,
    }
}

/// The format of an object, which stands on one line or goes over several. Where an object may be of several tools, the
/// one is named whose reader keeps most.
fn of_object(object: &serde_json::Map<String, Value>, is_line: bool) -> Result<Format, String> {
    let has = |key: &str| object.contains_key(key);
    let first = |key: &str| object.get(key)?.as_array()?.first();
    let first_has =
        |key: &str, inner: &str| first(key).is_some_and(|item| item.get(inner).is_some());
    let lists = ["entities", "label", "labels", "spans"];
    let is_annotation = || {
        let kind = object.get("type").and_then(Value::as_str);
        kind.is_some_and(|kind| kind.starts_with("Annotation"))
    };
    Ok(if has("%FEATURE_STRUCTURES") || has("%TYPES") {
        Format::CasJson
    } else if !has("text") && object.get("data").is_some_and(Value::is_object) {
        Format::LabelStudio
    } else if has("@context") || has("target") || is_annotation() {
        Format::W3c
    } else if has("sentences") && !has("tokens") {
        Format::Dygie
    } else if has("text") && is_spacy(object) {
        Format::Spacy
    } else if has("text") && is_prodigy(object) {
        Format::Prodigy
    } else if object
        .keys()
        .any(|key| first_has(key, "start") && first_has(key, "labels"))
    {
        // JSON-MIN: a list of regions by the name of its control.
        Format::LabelStudio
    } else if has("tokens") {
        Format::Jsonl
    } else if has("text") {
        let has_offset_keys = lists.iter().any(|key| first_has(key, "start_offset"));
        let has_triples = ["label", "labels"]
            .into_iter()
            .any(|key| first(key).is_some_and(Value::is_array));
        match (is_line, has_offset_keys || has_triples || has("Comments")) {
            (true, true) => Format::Doccano,
            (true, false) => Format::Text,
            (false, _) => Format::Json,
        }
    } else if object.is_empty() {
        Format::Jsonl
    } else {
        let keys: Vec<_> = object
            .keys()
            .take(8)
            .map(|key| format!("`{key}`"))
            .collect();
        return Err(format!("a JSON object with the keys {}", keys.join(", ")));
    })
}

/// Whether an object with a text is a `Doc`: it has `ents`, groups of spans, or tokens without words.
fn is_spacy(object: &serde_json::Map<String, Value>) -> bool {
    let token = object.get("tokens").and_then(|tokens| tokens.get(0));
    object.contains_key("ents")
        || object.get("spans").is_some_and(Value::is_object)
        || token.is_some_and(|token| token.is_object() && token.get("text").is_none())
}

/// Whether an object with a text is an example of Prodigy's: it has an answer, hashes, tokens with words or a list of spans.
fn is_prodigy(object: &serde_json::Map<String, Value>) -> bool {
    let of_objects = |key: &str| {
        let list = object.get(key).and_then(Value::as_array);
        list.is_some_and(|list| list.first().is_none_or(Value::is_object))
    };
    ["answer", "_input_hash", "_task_hash"]
        .into_iter()
        .any(|key| object.contains_key(key))
        || object
            .get("tokens")
            .is_some_and(|tokens| tokens.get(0).is_some_and(Value::is_object))
        || of_objects("spans")
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
    fn every_tool_is_told_by_the_keys_of_its_first_object() {
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
        ];
        for (format, sample) in samples {
            assert_eq!(Format::detect(sample.as_bytes()), Ok(format), "{sample}");
            let marked = format!("\u{feff}\n {sample}");
            assert_eq!(Format::detect(marked.as_bytes()), Ok(format), "{sample}");
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
    fn an_object_of_no_tool_is_refused_with_its_keys() {
        let error = Format::detect(br#"{"name":"Ada","age":3}"#).unwrap_err();
        assert_eq!(error, "a JSON object with the keys `name`, `age`");
    }
}
