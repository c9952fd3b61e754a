//! A document to files.

use serde::Serialize;
use spanarc_corpus::Hyphens;
use spanarc_formats::{
    self as formats, Annotated, Discontinuous, Format, Layout, ReadError, Reading, ReadingRules,
    WriteError, WritingRules,
};
use spanarc_segmentation::EngineSegmenter;

use crate::notes;

/// A document in files.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Written {
    pub(crate) files: Vec<WrittenFile>,
    /// What the format cannot hold: a line for each kind.
    pub(crate) notes: Vec<String>,
}

/// A file.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct WrittenFile {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// Why a document cannot be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WritingProblem {
    /// It is no JSON of the format `json`.
    #[error("{}", .0.iter().map(ReadError::to_string).collect::<Vec<_>>().join("\n"))]
    Document(Vec<ReadError>),
    /// The format wants something of it.
    #[error(transparent)]
    Format(#[from] WriteError),
}

/// The endings of a document's files.
pub(crate) fn endings(format: Format) -> Vec<&'static str> {
    match format.layout() {
        Layout::Files(endings) => endings.to_vec(),
        Layout::Lines | Layout::Array => vec![format.ending()],
    }
}

/// Writes the document in `json`, JSON of the format `json`. Its files are called by its id.
pub(crate) fn write(format: Format, json: &str) -> Result<Written, WritingProblem> {
    let mut annotated = document(json)?;
    let mut notes = Vec::new();
    if format.needs_tokens() {
        let segmenter = EngineSegmenter(Hyphens::default());
        annotated.segment(&segmenter, None, Discontinuous::Drop, &mut notes);
    }
    let parts = formats::write(format, &annotated, &WritingRules::default(), &mut notes)?;
    let [before, _, after] = formats::frame(format.layout());
    let name = file_name(&annotated.id);
    let own = endings(format)
        .into_iter()
        .zip(parts)
        .map(|(ending, part)| WrittenFile {
            name: format!("{name}.{ending}"),
            text: format!("{before}{part}{after}"),
        });
    let shared = formats::shared_files(format).into_iter();
    let shared = shared.map(|(name, text)| WrittenFile {
        name: name.to_owned(),
        text,
    });
    Ok(Written {
        files: own.chain(shared).collect(),
        notes: notes::summary(&notes, false),
    })
}

fn document(json: &str) -> Result<Annotated, WritingProblem> {
    let mut reading = Reading::default();
    let rules = ReadingRules::default();
    formats::read(
        Format::Json,
        json.as_bytes(),
        "document",
        &rules,
        &mut |read| {
            reading.documents.extend(read.documents);
            reading.refused.extend(read.refused);
        },
    );
    match reading.documents.pop() {
        Some(document) if reading.refused.is_empty() => Ok(document),
        _ => Err(WritingProblem::Document(reading.refused)),
    }
}

/// What a file of a document can be called on every system.
fn file_name(id: &str) -> String {
    let plain = id.chars().take(100).map(|c| {
        if c.is_alphanumeric() || "-_. ".contains(c) {
            c
        } else {
            '_'
        }
    });
    let plain: String = plain.collect();
    match plain.trim_matches(['.', ' ']) {
        "" => "document".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use spanarc_document::Document;

    use super::*;
    use crate::{reading, sources::File};

    const JSON: &str = r#"{
        "id": "../a:b", "offsets": "utf16", "text": "Ada founded Lumen in Oslo .",
        "entities": [
            {"id": "x", "type": "Person", "start": 0, "end": 3, "origin": "person", "state": "accepted"},
            {"id": "y", "type": "Firm", "start": 12, "end": 17},
            {"id": "z", "type": "Place", "start": 21, "end": 25, "score": 0.5, "model": "m", "state": "accepted"}
        ],
        "relations": [{"type": "founded", "head": "x", "tail": "y"}]
    }"#;

    fn mentions(document: &Document) -> Vec<(String, String)> {
        let mentions = document.mentions().iter();
        let pair = mentions.map(|mention| {
            let words = document.words(&mention.spans).collect();
            (mention.kind.to_string(), words)
        });
        pair.collect()
    }

    #[test]
    fn what_is_written_in_any_format_is_read_again() {
        let expected = mentions(&document(JSON).unwrap().document);
        for format in Format::ALL {
            let written = write(format, JSON).unwrap();
            let files = written.files.iter().map(|file| File {
                name: &file.name,
                bytes: file.text.as_bytes(),
            });
            let read = reading::read(files.collect(), None);
            assert_eq!(read.problems, Vec::<String>::new(), "{format:?}");
            let [read] = &read.documents[..] else {
                panic!("{format:?}: {} documents", read.documents.len());
            };
            let document: Document = serde_json::from_str(&read.document).unwrap();
            assert_eq!(mentions(&document), expected, "{format:?}");
        }
    }

    #[test]
    fn files_are_called_by_the_document_as_far_as_systems_allow() {
        let names = |format| {
            let written = write(format, JSON).unwrap();
            written
                .files
                .into_iter()
                .map(|file| file.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(names(Format::Brat), ["_a_b.txt", "_a_b.ann"]);
        assert_eq!(names(Format::CasXmi), ["_a_b.xmi", "TypeSystem.xml"]);
        assert_eq!(names(Format::LabelStudio), ["_a_b.json"]);
    }

    #[test]
    fn what_a_format_cannot_hold_is_noted() {
        let written = write(Format::Conll, JSON).unwrap();
        assert_eq!(
            written.notes,
            [
                "1 relations left out: founded(Ada, Lumen)",
                "1 attributes, notes and normalisations left out: 1 models' scores"
            ]
        );
    }

    #[test]
    fn a_document_that_is_none_is_refused() {
        let refused = write(
            Format::Brat,
            r#"{"text": "a", "entities": [{"type": "T", "start": 0, "end": 9}]}"#,
        );
        let message = refused.unwrap_err().to_string();
        assert!(
            message.contains("document, line 1: entities[0]"),
            "{message}"
        );
    }
}
