//! Files to documents.

use serde::Serialize;
use spanarc_formats::{
    self as formats, Annotated, Format, Layout, ReadError, Reading, ReadingRules, WritingRules,
};

use crate::{
    notes,
    sources::{File, Source, sources},
};

/// Code points of a text that tell it from others in a list.
const BEGINNING: usize = 80;

/// What files hold.
#[derive(Debug, Serialize)]
pub(crate) struct ReadFiles {
    pub(crate) documents: Vec<ReadDocument>,
    /// What could not be read, by file and line.
    pub(crate) problems: Vec<String>,
    /// What was left out or changed by rule: a line for each kind.
    pub(crate) notes: Vec<String>,
}

/// A document of a file.
#[derive(Debug, Serialize)]
pub(crate) struct ReadDocument {
    /// What its own file is called, or the document in a file of several.
    pub(crate) name: String,
    /// Name of the format; absent for text without annotations.
    pub(crate) format: Option<&'static str>,
    /// How its text begins.
    pub(crate) beginning: String,
    /// JSON of the format `json`, in UTF-16 code units.
    pub(crate) json: String,
    /// JSON of a [`spanarc_document::Document`].
    pub(crate) document: String,
}

/// Reads all that `files` hold. Files that cannot be read are among the problems, beside what the others hold.
pub(crate) fn read(files: Vec<File>, format: Option<Format>) -> ReadFiles {
    let (mut documents, mut all) = (Vec::new(), Reading::default());
    for source in sources(&files, format) {
        let (format, file, reading) = read_source(&source);
        let is_alone = reading.documents.len() == 1;
        let has_own_files = format.is_none_or(|format| matches!(format.layout(), Layout::Files(_)));
        for mut annotated in reading.documents {
            if is_alone && has_own_files {
                annotated.id = file.stem().to_owned();
            }
            documents.extend(read_document(&annotated, format));
        }
        all.refused.extend(reading.refused);
        all.notes.extend(reading.notes);
    }
    ReadFiles {
        documents,
        problems: all.refused.iter().map(ReadError::to_string).collect(),
        notes: notes::summary(&all.notes, true),
    }
}

fn read_source<'a>(source: &Source<'a>) -> (Option<Format>, File<'a>, Reading) {
    let mut reading = Reading::default();
    match *source {
        Source::Pair {
            format,
            text,
            annotations,
        } => {
            formats::read_pair(
                format,
                annotations.stem(),
                named(text),
                named(annotations),
                &mut reading,
            );
            (Some(format), annotations, reading)
        }
        Source::Text(text) => {
            // brat's reader says what is wrong with a text.
            let none = File { bytes: b"", ..text };
            formats::read_pair(
                Format::Brat,
                text.stem(),
                named(text),
                named(none),
                &mut reading,
            );
            (None, text, reading)
        }
        Source::Whole(file, format) => {
            match format.map_or_else(|| Format::detect(file.bytes), Ok) {
                Ok(format) => {
                    let rules = ReadingRules::default();
                    formats::read(format, file.bytes, file.name, &rules, &mut |read| {
                        reading.documents.extend(read.documents);
                        reading.refused.extend(read.refused);
                        reading.notes.extend(read.notes);
                    });
                    (Some(format), file, reading)
                }
                Err(reason) => {
                    let name = file.name.to_owned();
                    let tried = Format::ALL.map(Format::name).join(", ");
                    reading.refused.push(ReadError::UnknownFormat {
                        name,
                        tried,
                        reason,
                    });
                    (None, file, reading)
                }
            }
        }
    }
}

fn named<'a>(file: File<'a>) -> formats::File<'a> {
    formats::File {
        name: file.name,
        bytes: file.bytes,
    }
}

fn read_document(annotated: &Annotated, format: Option<Format>) -> Option<ReadDocument> {
    let json = formats::write(
        Format::Json,
        annotated,
        &WritingRules::default(),
        &mut Vec::new(),
    );
    Some(ReadDocument {
        name: annotated.id.clone(),
        format: format.map(Format::name),
        beginning: annotated.document.text().chars().take(BEGINNING).collect(),
        json: json.ok()?.pop()?,
        document: serde_json::to_string(&annotated.document).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use spanarc_document::Document;

    use super::*;

    fn read_all(files: &[(&str, &str)]) -> ReadFiles {
        let files = files.iter().map(|(name, text)| File {
            name,
            bytes: text.as_bytes(),
        });
        read(files.collect(), None)
    }

    fn names(read: &ReadFiles) -> Vec<&str> {
        let documents = read.documents.iter();
        documents.map(|document| &*document.name).collect()
    }

    #[test]
    fn documents_of_their_own_files_are_called_by_these_and_others_by_their_source() {
        let read = read_all(&[
            ("a.txt", "Ada left."),
            ("a.ann", "T1\tP 0 3\tAda\n"),
            ("b.txt", "Bo."),
            (
                "c.jsonl",
                "{\"id\": \"x\", \"text\": \"\", \"entities\": []}\n{\"text\": \"\", \"entities\": []}\n",
            ),
            (
                "d.json",
                "{\n\"text\": \"Cy\", \"entities\": [], \"relations\": []}",
            ),
        ]);
        assert_eq!(read.problems, Vec::<String>::new());
        assert_eq!(names(&read), ["a", "b", "x", "2", "d"]);
        let formats: Vec<_> = read
            .documents
            .iter()
            .map(|document| document.format)
            .collect();
        assert_eq!(
            formats,
            [Some("brat"), None, Some("text"), Some("text"), Some("json")]
        );
        assert_eq!(
            read.notes,
            ["2 documents without the key `relations`: the first is the text (c.jsonl, line 1)"]
        );
    }

    #[test]
    fn a_document_is_told_in_both_ways() {
        let read = read_all(&[("a.txt", "👍 Ada"), ("a.ann", "T1\tP 2 5\tAda\n")]);
        let [read] = &read.documents[..] else {
            panic!("{read:?}");
        };
        let document: Document = serde_json::from_str(&read.document).unwrap();
        let extent = document.mentions()[0].spans.extent();
        assert_eq!((extent.start, extent.end), (5, 8), "bytes");
        let json: serde_json::Value = serde_json::from_str(&read.json).unwrap();
        assert_eq!(
            (&json["entities"][0]["start"], &json["offsets"]),
            (&3.into(), &"utf16".into())
        );
    }

    #[test]
    fn files_that_cannot_be_read_are_told_beside_what_the_others_hold() {
        let read = read_all(&[
            ("a.png", "\u{1}PNG"),
            ("b.ann", "T1\tP 0 1\ta\n"),
            ("c.txt", "c"),
        ]);
        assert_eq!(names(&read), ["c"]);
        let [first, second] = &read.problems[..] else {
            panic!("{:?}", read.problems);
        };
        assert!(
            first.starts_with("a.png: the format is none of brat, "),
            "{first}"
        );
        assert!(
            second.starts_with("b.ann, line 1: a document of the format brat is two files"),
            "{second}"
        );
    }
}
