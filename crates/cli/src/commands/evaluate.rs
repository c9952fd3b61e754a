//! `spanarc evaluate`: strict scores of a model on an annotated corpus.

use std::{
    io::{self, Write},
    num::NonZeroUsize,
    path::PathBuf,
};

use anyhow::Result;
use clap::Args;
use spanarc_corpus::scoring::{Averages, ByType, Report, Score};
use spanarc_train::{corpus_files::corpus_name, evaluation, learnt_corpora};

use super::device::DeviceArguments;
use crate::files;

/// Measure a model on an annotated corpus
///
/// The corpus' own tokens are annotated. Entities count as right when boundaries and type match; relations when their
/// type and both arguments match, with the arguments' types (strict) and without (boundaries).
#[derive(Args)]
pub(crate) struct Arguments {
    /// The model's bundle
    #[arg(long, value_name = "BUNDLE")]
    model: PathBuf,
    /// The corpus: a file or a folder of brat's, in any format that training reads
    #[arg(long, value_name = "PATH")]
    data: PathBuf,
    /// Configuration, whose table [corpus] says how the corpus is read
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
    /// Sentences that run at once
    #[arg(long, value_name = "N", default_value = "32")]
    batch: NonZeroUsize,
    /// Score from which a relation holds, instead of the model's own
    #[arg(long, value_name = "SCORE", value_parser = super::probability)]
    threshold: Option<f32>,
    #[command(flatten)]
    device: DeviceArguments,
}

/// Prints the scores, in percent.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let model = files::model(&arguments.model, &arguments.device.open()?)?;
    let schema = model.schema();
    let corpus = files::corpus(&arguments.data, arguments.config.as_deref(), &model)?;
    let name = corpus_name(&arguments.data);
    if learnt_corpora::include(&model.metadata().provenance, &name) {
        eprintln!(
            "{} has learnt from {name}: these scores say nothing about text that is new to it",
            arguments.model.display()
        );
    }
    let threshold = arguments
        .threshold
        .unwrap_or_else(|| model.relation_threshold());
    let predictions = evaluation::predict(&model, &corpus, arguments.batch.get(), threshold)?;
    let report = evaluation::score(&corpus, &predictions, schema, threshold)?;

    let mut out = io::stdout().lock();
    if arguments.json {
        writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        let tokens: usize = corpus.iter().map(|sentence| sentence.tokens.len()).sum();
        writeln!(
            out,
            "{} sentences, {tokens} tokens; relations from {threshold:.2}\n",
            corpus.len()
        )?;
        write_table(&mut out, &report)?;
    }
    Ok(out.flush()?)
}

fn write_table(out: &mut impl Write, report: &Report) -> io::Result<()> {
    let Report {
        entities,
        relations,
        per_type,
    } = report;
    let sections = [
        ("Entities", entities, &per_type.entities),
        (
            "Relations, strict",
            &relations.strict,
            &per_type.relations.strict,
        ),
        (
            "Relations, boundaries only",
            &relations.boundaries,
            &per_type.relations.boundaries,
        ),
    ];
    let names = sections.iter().flat_map(|(_, _, types)| types.keys());
    let width = names
        .map(|name| name.chars().count() + 2)
        .max()
        .unwrap_or_default()
        .max(26);
    for (index, (title, averages, types)) in sections.into_iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        write_section(out, width, title, averages, types)?;
    }
    Ok(())
}

fn write_section(
    out: &mut impl Write,
    width: usize,
    title: &str,
    averages: &Averages,
    types: &ByType,
) -> io::Result<()> {
    writeln!(
        out,
        "{title:width$}  {:>9}  {:>6}  {:>6}  {:>5}  {:>9}  {:>7}",
        "precision", "recall", "F1", "gold", "predicted", "correct"
    )?;
    let score = |name: &str,
                 Score {
                     precision,
                     recall,
                     f1,
                 }| {
        format!(
            "  {name:inner$}  {precision:9.2}  {recall:6.2}  {f1:6.2}",
            inner = width - 2
        )
    };
    for (name, kind) in types {
        let counts = kind.counts;
        let (gold, predicted, correct) = (counts.gold, counts.predicted, counts.correct);
        writeln!(
            out,
            "{}  {gold:5}  {predicted:9}  {correct:7}",
            score(name, kind.score)
        )?;
    }
    writeln!(out, "{}", score("micro", averages.micro))?;
    writeln!(out, "{}", score("macro", averages.macro_))
}
