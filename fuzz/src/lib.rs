//! What every target does: no bytes make a reader panic, and whatever it makes of them can be written and read again.

#[path = "../../tests/formats/files.rs"]
mod files;

use spanarc_formats::{
    Annotated, Format, Layout, ReadError, Reading, ReadingRules, columns::TagDialect,
};

use crate::files::{framed, read_file, read_two, written};

/// A document is written in every n-th format, so that a run tries many documents.
const STRIDE: usize = 4;

/// Reads the bytes as a file of each format.
pub fn read_as(formats: &[Format], bytes: &[u8]) {
    let _ = Format::detect(bytes);
    for &format in formats {
        let dialects: &[TagDialect] = match format {
            Format::Conll => &[
                TagDialect::Auto,
                TagDialect::Bio,
                TagDialect::Iob1,
                TagDialect::Bilou,
            ],
            _ => &[TagDialect::Auto],
        };
        for &tags in dialects {
            let rules = ReadingRules {
                tags,
                ..ReadingRules::default()
            };
            write_and_read(&read_file(format, "t", bytes, &rules), bytes.len());
        }
    }
}

/// Reads what stands before the first zero byte as a text, and what follows as its annotations, in each format.
pub fn read_pair_as(formats: &[Format], bytes: &[u8]) {
    let zero = bytes.iter().position(|&byte| byte == 0);
    let (text, annotations) = bytes.split_at(zero.unwrap_or(bytes.len()));
    let annotations = annotations.get(1..).unwrap_or_default();
    for &format in formats {
        write_and_read(&read_two(format, "t", text, annotations), bytes.len());
    }
}

/// Makes all messages, writes the first documents in some formats, which `length` chooses, and reads what was written.
fn write_and_read(reading: &Reading, length: usize) {
    for error in &reading.refused {
        let _ = error.to_string();
    }
    for noted in &reading.notes {
        let _ = noted.to_string();
    }
    for document in reading.documents.iter().take(3) {
        for &format in Format::ALL.iter().skip(length % STRIDE).step_by(STRIDE) {
            round_trip(format, document);
        }
    }
}

/// No writer may make what its reader refuses.
fn round_trip(format: Format, document: &Annotated) {
    let (parts, _) = written(format, document.clone());
    let rules = ReadingRules::default();
    let reading = match (format.layout(), parts.as_slice()) {
        (Layout::Files(_), [text, annotations]) => {
            read_two(format, "t", text.as_bytes(), annotations.as_bytes())
        }
        (Layout::Files(_), [file]) => read_file(format, "t", file.as_bytes(), &rules),
        _ => read_file(format, "t", framed(format, &parts).as_bytes(), &rules),
    };
    // A text of little else than zero bytes is taken for UTF-16.
    let is_fault =
        |error: &&ReadError| !matches!(error, ReadError::Empty { .. } | ReadError::Encoding { .. });
    let fault = reading.refused.iter().find(is_fault);
    if let Some(fault) = fault {
        panic!("{}: {fault} in {}", format.name(), parts.join("\n"));
    }
}
