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
