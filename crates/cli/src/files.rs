//! Files named on the command line, with errors that say which.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::{Context, Result};
use spanarc_corpus::{LabelSchema, Sentence, jsonl::Reader};
use spanarc_model::Annotator;

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// A file to be read line by line.
pub(crate) fn open(path: &Path) -> Result<impl BufRead + use<>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    Ok(BufReader::new(file))
}

/// The annotated sentences of a corpus, whose labels must all be known to `schema`.
pub(crate) fn corpus(path: &Path, schema: &LabelSchema) -> Result<Vec<Sentence>> {
    let reader = Reader::new(open(path)?, path.display().to_string());
    Ok(reader.check_against(schema).read_all()?)
}

/// The model in a bundle.
pub(crate) fn model(path: &Path) -> Result<Annotator> {
    let bytes = read(path)?;
    Annotator::from_bundle(&bytes).with_context(|| path.display().to_string())
}

/// Writes a file whole or not at all: into a neighbour first, which then takes its name.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    std::fs::write(&partial, bytes)
        .and_then(|()| std::fs::rename(&partial, path))
        .with_context(|| format!("cannot write {}", path.display()))
}
