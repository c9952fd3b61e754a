//! The documents of `documents.jsonl`, and the files that formats make of them. Included by the tests against the libraries of
//! other tools and by the example that writes seeds for fuzzing.

use std::{fs, io, path::Path};

use spanarc_document::{Byte, Span};
use spanarc_formats::{
    Annotated, Discontinuous, File, Format, Layout, Noted, Reading, ReadingRules, Segmenter,
    WritingRules, frame, read, read_pair, shared_files, write,
};

/// Invented documents, each called by what it tries.
pub(crate) fn documents() -> Vec<Annotated> {
    read_file(
        Format::Text,
        "documents.jsonl",
        include_bytes!("documents.jsonl"),
    )
    .documents
}

/// What a file holds.
pub(crate) fn read_file(format: Format, name: &str, bytes: &[u8]) -> Reading {
    let mut reading = Reading::default();
    read(format, bytes, name, &ReadingRules::default(), &mut |part| {
        reading.documents.extend(part.documents);
        reading.refused.extend(part.refused);
        reading.notes.extend(part.notes);
    });
    reading
}

/// What a text and the annotations beside it hold.
pub(crate) fn read_files(format: Format, text: File<'_>, annotations: File<'_>) -> Reading {
    let mut reading = Reading::default();
    read_pair(format, annotations.name, text, annotations, &mut reading);
    reading
}

/// A document, cut into tokens where the format needs that, as what stands in its files, with what these cannot hold.
pub(crate) fn written(format: Format, mut document: Annotated) -> (Vec<String>, Vec<Noted>) {
    let mut notes = Vec::new();
    if format.needs_tokens() {
        document.segment(&LinesOfWords, None, Discontinuous::Drop, &mut notes);
    }
    let parts = write(format, &document, &WritingRules::default(), &mut notes);
    (parts.unwrap_or_default(), notes)
}

/// Writes documents as files of a format into a folder: a file or two for each, called by its id, or one for all, `all`.
pub(crate) fn write_files(
    format: Format,
    documents: &[Annotated],
    folder: &Path,
) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut parts = documents
        .iter()
        .map(|document| written(format, document.clone()).0);
    let Layout::Files(endings) = format.layout() else {
        let [before, between, after] = frame(format.layout());
        let all = parts
            .map(|part| part.concat())
            .collect::<Vec<_>>()
            .join(between);
        return fs::write(
            folder.join(format!("all.{}", format.ending())),
            format!("{before}{all}{after}"),
        );
    };
    for (name, text) in shared_files(format) {
        fs::write(folder.join(name), text)?;
    }
    parts
        .by_ref()
        .zip(documents)
        .try_for_each(|(parts, document)| {
            endings.iter().zip(parts).try_for_each(|(ending, part)| {
                fs::write(folder.join(format!("{}.{ending}", document.id)), part)
            })
        })
}

/// Sentences are lines, tokens what white space parts.
struct LinesOfWords;

impl Segmenter for LinesOfWords {
    fn sentences(&self, text: &str) -> Vec<Span<Byte>> {
        parts(text, |character| character == '\n')
    }

    fn tokens(&self, sentence: &str) -> Vec<(Span<Byte>, String)> {
        let words = parts(sentence, char::is_whitespace).into_iter();
        words
            .map(|span| (span, sentence[span.start..span.end].to_owned()))
            .collect()
    }
}

fn parts(text: &str, is_between: fn(char) -> bool) -> Vec<Span<Byte>> {
    let pieces = text.split_inclusive(is_between).scan(0, |start, piece| {
        let span = Span::new(*start, *start + piece.trim_end_matches(is_between).len());
        *start += piece.len();
        Some(span)
    });
    pieces
        .filter(|span| !text[span.start..span.end].trim().is_empty())
        .collect()
}
