//! The invented documents of `documents.jsonl`, and folders of them in any format. Included where `files.rs` is.

use std::{fs, io, path::Path};

use spanarc_formats::{Annotated, Format, Layout, ReadingRules, shared_files};

use crate::files::{framed, read_file, written};

/// Documents called by what they try.
pub(crate) fn documents() -> Vec<Annotated> {
    let lines = include_bytes!("documents.jsonl");
    let rules = ReadingRules::default();
    read_file(Format::Text, "documents.jsonl", lines, &rules).documents
}

/// Writes documents as files of a format into a folder: a file or two for each, called by its id, or one for all, `all`.
pub(crate) fn write_files(
    format: Format,
    documents: &[Annotated],
    folder: &Path,
) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let parts = documents
        .iter()
        .map(|document| written(format, document.clone()).0);
    let Layout::Files(endings) = format.layout() else {
        let name = format!("all.{}", format.ending());
        let parts: Vec<String> = parts.map(|part| part.concat()).collect();
        return fs::write(folder.join(name), framed(format, &parts));
    };
    for (name, text) in shared_files(format) {
        fs::write(folder.join(name), text)?;
    }
    for (document, parts) in documents.iter().zip(parts) {
        for (ending, part) in endings.iter().zip(parts) {
            fs::write(folder.join(format!("{}.{ending}", document.id)), part)?;
        }
    }
    Ok(())
}
