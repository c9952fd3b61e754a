//! What files of a format hold, and the files made of a document. Included by the tests against other tools' libraries, by the
//! example that writes seeds for fuzzing, and by the fuzz targets.

use spanarc_document::{Byte, Span};
use spanarc_formats::{
    Annotated, Discontinuous, File, Format, Noted, Reading, ReadingRules, Segmenter, WritingRules,
    frame, read, read_pair, write,
};

/// What a file holds.
pub(crate) fn read_file(format: Format, name: &str, bytes: &[u8], rules: &ReadingRules) -> Reading {
    let mut reading = Reading::default();
    read(format, bytes, name, rules, &mut |part| {
        reading.documents.extend(part.documents);
        reading.refused.extend(part.refused);
        reading.notes.extend(part.notes);
    });
    reading
}

/// What a text and the annotations beside it hold.
pub(crate) fn read_two(format: Format, name: &str, text: &[u8], annotations: &[u8]) -> Reading {
    let mut reading = Reading::default();
    let [text, annotations] =
        [("the text", text), (name, annotations)].map(|(name, bytes)| File { name, bytes });
    read_pair(format, name, text, annotations, &mut reading);
    reading
}

/// What a format makes of a document, one text for each of its files, with what they cannot hold. A document in a file with
/// others stands there without what frames them. Text is cut into tokens where the format needs that.
pub(crate) fn written(format: Format, mut document: Annotated) -> (Vec<String>, Vec<Noted>) {
    let mut notes = Vec::new();
    if format.needs_tokens() {
        document.segment(&LinesOfWords, None, Discontinuous::Drop, &mut notes);
    }
    let parts = write(format, &document, &WritingRules::default(), &mut notes);
    (parts.unwrap_or_default(), notes)
}

/// A file of documents of a format that has all of them in one.
pub(crate) fn framed(format: Format, parts: &[String]) -> String {
    let [before, between, after] = frame(format.layout());
    format!("{before}{}{after}", parts.join(between))
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

/// The stretches between characters of a kind that are more than white space.
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
