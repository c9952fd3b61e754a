//! What the guide to formats, `docs/formats.md`, says: what each format can hold, and what its files look like. And that nothing
//! is lost without a note.

#![allow(clippy::expect_used, clippy::unwrap_used)]

mod content;
#[allow(dead_code)] // What the tests against other tools take besides.
#[path = "../../../../tests/formats/documents.rs"]
mod documents;
mod examples;
#[path = "../../../../tests/formats/files.rs"]
mod files;

use content::Content;
use spanarc_formats::{Annotated, Format, Layout, Note, Noted, Reading, ReadingRules};

use crate::{
    documents::documents,
    files::{framed, read_file, read_two, written},
};

const GUIDE: &str = include_str!("../../../../docs/formats.md");

/// The columns of the guide's table, and the document that tries each.
const COLUMNS: [(&str, &str); 14] = [
    ("nested", "nested"),
    ("overlapping", "crossing"),
    ("in pieces", "discontinuous"),
    ("relations", "relations"),
    ("across sentences", "across-sentences"),
    ("notes", "note"),
    ("words and flags", "attribute"),
    ("any JSON", "any-attribute"),
    ("normalisations", "normalisation"),
    ("of relations", "relation-attributes"),
    ("of documents", "document-notes"),
    ("suggestions", "suggested"),
    ("accepted ones", "accepted"),
    ("rejected", "rejected"),
];

/// A document as it comes back from a format's files, with what was noted on the way.
fn there_and_back(format: Format, document: &Annotated) -> (Reading, Vec<Noted>) {
    let (parts, mut notes) = written(format, document.clone());
    let rules = ReadingRules::default();
    let reading = match (format.layout(), parts.as_slice()) {
        (Layout::Files(_), [text, annotations]) => {
            read_two(format, "t", text.as_bytes(), annotations.as_bytes())
        }
        (Layout::Files(_), [file]) => read_file(format, "t", file.as_bytes(), &rules),
        _ => read_file(format, "t", framed(format, &parts).as_bytes(), &rules),
    };
    let refused: Vec<_> = reading.refused.iter().map(ToString::to_string).collect();
    let name = format.name();
    assert!(refused.is_empty(), "{name}, {}: {refused:?}", document.id);
    notes.extend(reading.notes.iter().cloned());
    (reading, notes)
}

#[test]
fn what_a_format_cannot_hold_is_noted() {
    let is_loss = |noted: &Noted| {
        let harmless = [
            Note::SentencesJoined,
            Note::TokenCut,
            Note::Unannotated,
            Note::NoRelationsKey,
        ];
        !harmless.contains(&noted.note)
    };
    let mut silent = Vec::new();
    for document in documents() {
        for format in Format::ALL {
            let (reading, notes) = there_and_back(format, &document);
            let lost =
                Content::of(std::slice::from_ref(&document)) != Content::of(&reading.documents);
            if lost && !notes.iter().any(is_loss) {
                silent.push((format.name(), document.id.clone()));
            }
        }
    }
    assert_eq!(silent, []);
}

#[test]
fn related_mentions_that_nothing_tells_apart_are_left_out_with_a_note_where_places_are_names() {
    let twins = br#"{"text": "Ada left.", "entities": [[0, 3, "Person"], {"type": "Person", "start": 0, "end": 3}],
        "relations": [{"type": "is", "head": 0, "tail": 1}]}"#;
    let reading = read_file(Format::Json, "t", twins, &ReadingRules::default());
    for format in Format::ALL {
        let (read, notes) = there_and_back(format, &reading.documents[0]);
        let links = read
            .documents
            .iter()
            .map(|document| document.document.links().len());
        assert_eq!(
            links.sum::<usize>() == 0,
            !notes.is_empty(),
            "{}",
            format.name()
        );
    }
}

#[test]
fn the_table_says_what_comes_back() {
    let documents = documents();
    let document = |id: &str| documents.iter().find(|document| document.id == id).unwrap();
    let mut table = format!(
        "| format | {} | text |\n|{}\n",
        COLUMNS.map(|(name, _)| name).join(" | "),
        " --- |".repeat(COLUMNS.len() + 2)
    );
    for format in Format::ALL {
        let holds = COLUMNS.map(|(_, id)| {
            let document = document(id);
            let (reading, _) = there_and_back(format, document);
            Content::of(std::slice::from_ref(document)) == Content::of(&reading.documents)
        });
        let (reading, _) = there_and_back(format, document("lines"));
        let text = matches!(reading.documents.as_slice(), [one] if one.document.text() == document("lines").document.text());
        let marks = holds.map(|holds| if holds { "yes" } else { "–" });
        let text = if text { "exact" } else { "tokens" };
        table += &format!("| `{}` | {} | {text} |\n", format.name(), marks.join(" | "));
    }
    assert!(
        GUIDE.contains(&table),
        "docs/formats.md should say:\n{table}"
    );
}
