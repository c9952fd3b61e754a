//! `spanarc quantize`: the same model with int8 weights.

use std::{
    ffi::OsStr,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use clap::Args;
use spanarc_model::{
    Annotator,
    bundle::{self, Bundle},
};
use spanarc_train::evaluation;

use crate::files;

/// Write a model with its large matrices as int8
///
/// The scores in the bundle are left out of the result, being those of other weights; with --data they are measured anew.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The bundle to quantise
    #[arg(long, value_name = "BUNDLE")]
    model: PathBuf,
    /// The bundle to write
    #[arg(long, value_name = "BUNDLE")]
    out: PathBuf,
    /// Corpora, JSON lines, on which the result is measured; the scores become part of it
    #[arg(long, value_name = "FILE")]
    data: Vec<PathBuf>,
    /// Name of the model in the result, instead of the bundle's own
    #[arg(long)]
    name: Option<String>,
    /// What a user of the model should know, such as its origin and licence
    #[arg(long)]
    note: Option<String>,
}

/// Writes the quantised bundle whole or not at all.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let file = files::read(&arguments.model)?;
    let place = || arguments.model.display().to_string();
    let bundle = Bundle::parse(&file).with_context(place)?;
    let quantized = bundle::quantize(&bundle).with_context(place)?;
    let quantized = described(&quantized, arguments).with_context(place)?;
    files::write(&arguments.out, &quantized)?;
    let (from, to) = (file.len(), quantized.len());
    writeln!(
        io::stdout(),
        "{}: {to} bytes, {from} before",
        arguments.out.display()
    )?;
    Ok(())
}

/// The quantised bundle with its scores and what the caller says of it.
fn described(quantized: &[u8], arguments: &Arguments) -> Result<Vec<u8>> {
    let model = Annotator::from_bundle(quantized)?;
    let mut metadata = model.metadata().clone();
    for path in &arguments.data {
        let corpus = files::corpus(path, model.schema())?;
        let threshold = model.relation_threshold();
        let predictions = evaluation::predict(&model, &corpus, 32, threshold)?;
        let report = evaluation::score(&corpus, &predictions, model.schema(), threshold)?;
        let measured = evaluation::measured(&corpus_name(path), &report);
        metadata
            .scores
            .retain(|scores| scores.data != measured.data);
        metadata.scores.push(measured);
    }
    if let Some(name) = &arguments.name {
        metadata.name.clone_from(name);
    }
    if arguments.note.is_some() {
        metadata.provenance.note.clone_from(&arguments.note);
    }
    Ok(bundle::with_metadata(
        &Bundle::parse(quantized)?,
        &metadata,
    )?)
}

/// `conll04 dev` for `…/conll04/dev.jsonl`.
pub(super) fn corpus_name(path: &Path) -> String {
    let part = |name: Option<&OsStr>| name.map(|name| name.to_string_lossy().into_owned());
    let folder = part(path.parent().and_then(Path::file_name));
    folder
        .into_iter()
        .chain(part(path.file_stem()))
        .collect::<Vec<_>>()
        .join(" ")
}
