//! Files named on the command line, with errors that say which.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::{Context, Result};
use spanarc_corpus::Sentence;
use spanarc_model::Annotator;
use spanarc_train::{
    Device, RunConfig, corpus::read_sentences, corpus_choice::CorpusChoice, model_card, whole_file,
};

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// A file to be read line by line.
pub(crate) fn open(path: &Path) -> Result<impl BufRead + use<>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    Ok(BufReader::new(file))
}

/// What a file is called in messages and identifiers; without one, standard input is read.
pub(crate) fn name(path: Option<&Path>) -> String {
    path.map_or("standard input".to_owned(), |path| {
        path.display().to_string()
    })
}

/// The annotated sentences of a corpus, whose labels must all be known to `model`, read by the rules of a configuration, if one
/// is named. Running text is split as the model's own corpus was.
pub(crate) fn corpus(
    path: &Path,
    config: Option<&Path>,
    model: &Annotator,
) -> Result<Vec<Sentence>> {
    let rules = match config {
        Some(config) => RunConfig::read(config)?.corpus,
        None => CorpusChoice::default(),
    };
    let choice = CorpusChoice {
        hyphens: model.metadata().hyphens,
        ..rules
    };
    Ok(read_sentences(path, &choice, Some(model.schema()))?)
}

/// The model in a bundle, on a device.
pub(crate) fn model(path: &Path, device: &Device) -> Result<Annotator> {
    let bytes = read(path)?;
    Annotator::from_bundle_on(&bytes, device).with_context(|| path.display().to_string())
}

/// The model card of the bundle at `path`, whose content is given.
pub(crate) fn model_card(path: &Path, content: &[u8]) -> Result<String> {
    let name = path.file_name().unwrap_or(path.as_os_str());
    model_card::render(&name.to_string_lossy(), content).with_context(|| path.display().to_string())
}

/// Writes a file whole or not at all.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    whole_file::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
