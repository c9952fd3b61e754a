//! `spanarc quantize`: the same model with int8 weights.

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use anyhow::{Context, Result};
use clap::Args;
use spanarc_model::bundle::{self, Bundle};

use crate::files;

/// Write a model with its large matrices as int8
///
/// The scores in the bundle are left out of the result, being those of other weights: see `spanarc evaluate`.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The bundle to quantise
    #[arg(long, value_name = "BUNDLE")]
    model: PathBuf,
    /// The bundle to write
    #[arg(long, value_name = "BUNDLE")]
    out: PathBuf,
}

/// Writes the quantised bundle whole or not at all.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let file = files::read(&arguments.model)?;
    let place = || arguments.model.display().to_string();
    let bundle = Bundle::parse(&file).with_context(place)?;
    let quantized = bundle::quantize(&bundle).with_context(place)?;
    files::write(&arguments.out, &quantized)?;
    let (from, to) = (file.len(), quantized.len());
    writeln!(
        io::stdout(),
        "{}: {to} bytes, {from} before",
        arguments.out.display()
    )?;
    Ok(())
}
