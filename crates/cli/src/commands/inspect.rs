//! `spanarc inspect`: what is in a bundle.

use std::{
    collections::HashSet,
    io::{self, Write},
    path::PathBuf,
};

use anyhow::{Context, Result};
use clap::Args;
use serde::Serialize;
use spanarc_model::bundle::{Bundle, BundleMetadata, EstimatedScores};
use spanarc_train::{markdown::grouped, statistics::ScoreStatistics};

use crate::files;

/// Show what is in a bundle
#[derive(Args)]
pub(crate) struct Arguments {
    /// The bundle
    bundle: PathBuf,
    /// Print JSON instead of text
    #[arg(long)]
    json: bool,
    /// Print the model card, Markdown, instead
    #[arg(long, conflicts_with = "json")]
    card: bool,
}

#[derive(Serialize)]
struct Inspection<'a> {
    /// Size of the file.
    bytes: usize,
    /// Weights, without the scales of quantised ones.
    parameters: usize,
    /// Word pieces, if the network has an encoder.
    word_pieces: Option<usize>,
    metadata: &'a BundleMetadata,
    tensors: Vec<TensorEntry<'a>>,
}

#[derive(Serialize)]
struct TensorEntry<'a> {
    name: &'a str,
    dtype: String,
    shape: Vec<usize>,
    bytes: usize,
}

/// Prints labels, network, provenance, scores and tensors. The bundle's hashes are checked, no network is built.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let file = files::read(&arguments.bundle)?;
    if arguments.card {
        return Ok(write!(
            io::stdout(),
            "{}",
            files::model_card(&arguments.bundle, &file)?
        )?);
    }
    let bundle = Bundle::parse(&file).with_context(|| arguments.bundle.display().to_string())?;
    let tensors: Vec<_> = bundle
        .tensors()
        .map(|(name, tensor)| TensorEntry {
            name,
            dtype: match tensor.dtype.to_string() {
                // Bytes are two weights each.
                bytes if bytes == "U8" => "4-bit".to_owned(),
                other => other,
            },
            shape: tensor.matrix_shape(),
            bytes: tensor.bytes.len(),
        })
        .collect();
    let parameters: HashSet<&str> = bundle.parameter_names().collect();
    let weights = tensors
        .iter()
        .filter(|tensor| parameters.contains(tensor.name));
    let inspection = Inspection {
        bytes: file.len(),
        parameters: weights
            .map(|tensor| tensor.shape.iter().product::<usize>())
            .sum(),
        word_pieces: (bundle.vocabularies().pieces).map(|pieces| pieces.lines().count()),
        metadata: bundle.metadata(),
        tensors,
    };

    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&inspection)?)?;
    } else {
        write_text(&mut out, &inspection)?;
    }
    Ok(out.flush()?)
}

fn write_text(out: &mut impl Write, inspection: &Inspection) -> Result<()> {
    let metadata = inspection.metadata;
    writeln!(out, "{} ({})", metadata.name, metadata.language)?;
    writeln!(
        out,
        "  size                {} bytes",
        grouped(inspection.bytes as u64)
    )?;
    writeln!(
        out,
        "  parameters          {}",
        grouped(inspection.parameters as u64)
    )?;
    if let Some(trained) = metadata.trainable_parameters {
        writeln!(out, "  trained             {}", grouped(trained))?;
    }
    if let Some(pieces) = inspection.word_pieces {
        writeln!(out, "  word pieces         {}", grouped(pieces as u64))?;
    }
    writeln!(out, "  relation threshold  {}", metadata.relation_threshold)?;

    writeln!(out, "\nEntity types")?;
    for kind in &metadata.schema.entity_types {
        writeln!(out, "  {}  {}", kind.color, kind.name)?;
    }
    writeln!(out, "\nRelation types")?;
    for kind in &metadata.schema.relation_types {
        let signature = |signature: &spanarc_corpus::Signature| {
            format!("{} → {}", signature.head, signature.tail)
        };
        let signatures: Vec<_> = kind.signatures.iter().map(signature).collect();
        let signatures = if signatures.is_empty() {
            "any".into()
        } else {
            signatures.join(", ")
        };
        writeln!(out, "  {}  {}: {signatures}", kind.color, kind.name)?;
    }
    for (title, value) in [
        ("Network", serde_json::to_value(&metadata.network)?),
        ("Provenance", serde_json::to_value(&metadata.provenance)?),
    ] {
        writeln!(out, "\n{title}")?;
        write_fields(out, &value, "")?;
    }
    if !metadata.scores.is_empty() {
        writeln!(
            out,
            "\nScores, F1 in percent    entities micro   macro   relations micro   macro"
        )?;
    }
    for scores in &metadata.scores {
        writeln!(
            out,
            "  {:24} {:13.2} {:7.2} {:17.2} {:7.2}",
            scores.data,
            scores.entity_micro_f1,
            scores.entity_macro_f1,
            scores.relation_micro_f1,
            scores.relation_macro_f1
        )?;
    }
    if !metadata.estimated_scores.is_empty() {
        writeln!(out, "\nScores of other models, trained on less, mean ± sd")?;
    }
    for EstimatedScores { source, scores } in &metadata.estimated_scores {
        if let Some(scores) = ScoreStatistics::of(scores) {
            let [entity_micro, entity_macro, relation_micro, relation_macro] =
                scores.all().map(|figure| figure.to_string());
            writeln!(
                out,
                "  {source}\n  {:24} {entity_micro:>13} {entity_macro:>15} {relation_micro:>17} {relation_macro:>15}",
                "",
            )?;
        }
    }
    writeln!(out, "\nTensors")?;
    let width = inspection
        .tensors
        .iter()
        .map(|tensor| tensor.name.len())
        .max()
        .unwrap_or(0);
    for TensorEntry {
        name,
        dtype,
        shape,
        bytes,
    } in &inspection.tensors
    {
        let shape = format!("{shape:?}");
        writeln!(
            out,
            "  {name:width$}  {dtype:4}  {shape:14}  {:>12} bytes",
            grouped(*bytes as u64)
        )?;
    }
    Ok(())
}

/// One line a leaf: its path and its value; the values of a list have the same path.
fn write_fields(out: &mut impl Write, value: &serde_json::Value, path: &str) -> io::Result<()> {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                write_fields(out, value, &path)?;
            }
            Ok(())
        }
        serde_json::Value::Null => writeln!(out, "  {path:28}  none"),
        serde_json::Value::String(text) => writeln!(out, "  {path:28}  {text}"),
        serde_json::Value::Array(values) => values
            .iter()
            .try_for_each(|value| write_fields(out, value, path)),
        value => writeln!(out, "  {path:28}  {value}"),
    }
}
