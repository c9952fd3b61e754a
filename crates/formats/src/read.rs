//! Reading a file of any format.

use std::{io::BufRead, sync::Arc};

use crate::{
    brat, cas, columns, doccano, dygie,
    format::Format,
    json::{each_value, spans_lines},
    jsonl, label_studio,
    place::Place,
    prodigy,
    read_error::{LineProblem, ReadError},
    reading::Reading,
    source::{each_line, refuse_encoding, utf8},
    spacy, spert, text, w3c, webanno_tsv,
};

/// What is decided by rule where a file can be read in several ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadingRules {
    /// How tags of columns are meant.
    pub tags: columns::TagDialect,
    /// The column of the words, from 1; found where it is not given.
    pub word_column: Option<usize>,
    /// The column of the tags, from 1; the last where it is not given.
    pub tag_column: Option<usize>,
}

/// A file: what stands for it in errors, and its bytes.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// What stands for it in errors.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Reads a source of any format but those of two files a document ([`read_pair`]); `name` stands for it in errors.
///
/// `each` gets what was read as it is read: after each line where a line is a document, else once. A source without a document
/// is refused.
pub fn read(
    format: Format,
    mut source: impl BufRead,
    name: &str,
    rules: &ReadingRules,
    each: &mut dyn FnMut(Reading),
) {
    let name: Arc<str> = name.into();
    let mut reading = Reading::default();
    let start = source.fill_buf().map(<[u8]>::to_vec).unwrap_or_default();
    if refuse_encoding(&start, &name, &mut reading) {
        return each(reading);
    }
    let mut any = false;
    let mut hand_on = |reading: &mut Reading| {
        any |= !reading.is_empty();
        each(std::mem::take(reading));
    };
    match value_reader(format) {
        Some(read_value) if !spans_lines(&start) => {
            each_line(source, &name, &mut reading, |place, line, reading| {
                read_value(place, line, reading);
                hand_on(reading);
            });
        }
        _ => read_whole(format, source, &name, rules, &mut reading),
    }
    hand_on(&mut reading);
    if !any {
        let name = name.to_string();
        reading.refused.push(ReadError::Empty { name });
        each(reading);
    }
}

type ValueReader = fn(&Place, &str, &mut Reading);

/// The reader of a format of which each JSON object is a document by itself. Files usually hold an object a line; arrays, and
/// objects over several lines, are read too.
fn value_reader(format: Format) -> Option<ValueReader> {
    match format {
        Format::Dygie => Some(dygie::read_line),
        Format::Jsonl => Some(jsonl::read_line),
        Format::Text | Format::Json => Some(text::read_line),
        Format::Doccano => Some(doccano::read_line),
        Format::Prodigy => Some(prodigy::read_line),
        Format::Spacy => Some(spacy::read_line),
        _ => None,
    }
}

fn read_whole(
    format: Format,
    mut source: impl BufRead,
    name: &Arc<str>,
    rules: &ReadingRules,
    reading: &mut Reading,
) {
    let mut bytes = Vec::new();
    if let Err(error) = source.read_to_end(&mut bytes) {
        let line = crate::source::line_at(&bytes, bytes.len());
        let name = name.to_string();
        return reading.refused.push(ReadError::Io { name, line, error });
    }
    if matches!(format, Format::Conll | Format::Multihead) {
        return columns::read(&bytes, name, format, rules, reading);
    }
    let Some(text) = utf8(&bytes, name, reading) else {
        return;
    };
    if let Some(read_value) = value_reader(format) {
        return each_value(text, name, reading, read_value);
    }
    match format {
        Format::Spert => spert::read(text, name, reading),
        Format::LabelStudio => label_studio::read(text, name, reading),
        Format::WebannoTsv => webanno_tsv::read(text, name, reading),
        Format::CasXmi => cas::read_xmi(text, name, reading),
        Format::CasJson => cas::read_json(text, name, reading),
        Format::Brat | Format::W3c => reading.refuse(
            &Place::new(name, 1),
            LineProblem::OneFile {
                format: format.name(),
            },
        ),
        _ => {}
    }
}

/// Reads a document of two files, brat's or W3C's: a text and its annotations.
pub fn read_pair(
    format: Format,
    id: &str,
    text: File<'_>,
    annotations: File<'_>,
    reading: &mut Reading,
) {
    let source: Arc<str> = text.name.into();
    if refuse_encoding(text.bytes, &source, reading) {
        return;
    }
    let Some(content) = utf8(text.bytes, &source, reading) else {
        return;
    };
    match format {
        Format::W3c => w3c::read(id, content, &source, annotations, reading),
        _ => {
            let has_mark = text.bytes.len() > content.len();
            brat::read(id, content, has_mark, &source, annotations, reading);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{
        any_document::{Holds, any_annotated, read_one, read_text, written},
        format::Format::{Doccano, Json, Jsonl, LabelStudio, Prodigy, Spacy, Text},
        reported::refused,
    };

    #[test]
    fn formats_of_lines_are_read_from_arrays_and_indented_objects_with_the_lines_of_their_items() {
        let object = "{\n  \"text\": \"Ada\",\n  \"label\": [\n    [0, 3, \"P\"]\n  ]\n}";
        for text in [
            format!("[\n{object},\n{object}]"),
            format!("\u{feff}\n{object}\n{object}"),
        ] {
            let reading = read_text(Doccano, &[text]);
            assert!(reading.refused.is_empty(), "{:?}", reading.refused);
            let lines: Vec<_> = reading
                .documents
                .iter()
                .map(|read| read.place.line)
                .collect();
            assert_eq!(lines, [2, 8]);
        }
        let sentence = r#"[{"id": "a", "tokens": ["Ada"], "entities": [], "relations": []}]"#;
        assert_eq!(read_one(Jsonl, &[sentence]).id, "a");
    }

    #[test]
    fn a_broken_line_ends_nothing() {
        let line = r#"{"text": "Ada", "entities": [], "relations": []}"#;
        for format in [Text, Json, Doccano] {
            let text = format!("{line}\n{{\"text\": \"\\ud83d\", \"entities\": []}}\n{line}\n");
            let reading = read_text(format, &[text]);
            assert_eq!(reading.documents.len(), 2);
            let error = reading.refused[0].to_string();
            assert!(error.starts_with("t, line 2: is not JSON: "), "{error}");
        }
    }

    #[test]
    fn an_error_of_an_indented_object_is_on_its_own_line() {
        let text = "{\n  \"text\": \"Ada\",\n  \"entities\": [\n    {\"type\": \"P\", \"start\": -1, \"end\": 3}\n  ]\n}";
        let reading = read_text(Json, &[text]);
        let error = reading.refused[0].to_string();
        assert!(error.starts_with("t, line 4: "), "{error}");
        assert!(error.contains("entities[0]"), "{error}");
    }

    #[test]
    fn an_item_of_an_array_on_one_line_is_named_by_its_index_and_id() {
        let task = |id: usize, end: &str| {
            format!(
                r#"{{"id": {id}, "data": {{"text": "Ada"}}, "annotations": [{{"result": [{{"type": "labels", "value": {{"start": 0, "end": {end}, "labels": ["P"]}}}}]}}]}}"#
            )
        };
        let text = format!("[{}, {}]", task(11, "3"), task(12, "99"));
        assert_eq!(
            refused(&read_text(LabelStudio, &[text])),
            [
                "t, line 1, [1] (id 12): annotations[0].result[0]: char position 99 is out of range in a text of length 3"
            ]
        );
    }

    #[test]
    fn a_span_of_the_wrong_shape_is_refused_alone() {
        let spans =
            r#"[{"start": 0, "end": 3, "label": "P"}, {"start": -1, "end": 3, "label": "P"}]"#;
        for (format, list) in [(Prodigy, "spans"), (Spacy, "ents")] {
            let text = format!(r#"{{"text": "Ada", "{list}": {spans}}}"#);
            let reading = read_text(format, &[text]);
            let errors = refused(&reading);
            assert_eq!(errors.len(), 1);
            assert!(
                errors[0].contains(&format!(" in {list}[1].start")),
                "{errors:?}"
            );
            assert_eq!(reading.documents[0].document.mentions().len(), 1);
        }
    }

    #[test]
    fn a_column_is_one_of_the_line_and_not_of_the_item() {
        let text = r#"[{"text": "Ada", "ents": []}, {"text": 7}]"#;
        let error = refused(&read_text(Spacy, &[text])).remove(0);
        assert!(error.starts_with("t, line 1, [1]: "), "{error}");
        assert!(error.ends_with(" in text at column 40"), "{error}");
    }

    #[test]
    fn documents_without_ids_are_called_by_their_numbers_in_an_array() {
        let text = r#"[{"text": "Ada", "ents": []}, {"text": "Bo", "ents": []}]"#;
        let reading = read_text(Spacy, &[text]);
        let ids: Vec<_> = reading.documents.iter().map(|read| &read.id).collect();
        assert_eq!(ids, ["1", "2"]);
    }

    proptest! {
        #[test]
        fn what_the_page_saves_is_read_as_lines_too(annotated in any_annotated(Holds::ALL)) {
            let (files, _) = written(Json, &annotated);
            prop_assert_eq!(read_one(Text, &files).document, annotated.document);
        }
    }
}
