//! `spanarc evaluate`: strict scores of a model on an annotated corpus.

use std::{
    io::{self, Write},
    num::NonZeroUsize,
    path::PathBuf,
};

use anyhow::Result;
use clap::Args;
use serde::Serialize;
use spanarc_corpus::scoring::{Averages, ByType, Report, Score};
use spanarc_train::{
    corpus_files::corpus_name,
    evaluation,
    half_typed::{self, Steadiness},
    learnt_corpora,
};

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
    /// The corpus: a file or a folder of brat's, in any format that training reads; several are measured as one
    #[arg(long, value_name = "PATH", required = true)]
    data: Vec<PathBuf>,
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
    /// Annotate the sentences in lower case
    #[arg(long)]
    lowercase: bool,
    /// Let the network read every beginning of every sentence too, word by word, and count the labels that are taken back
    #[arg(long)]
    typing: bool,
    #[command(flatten)]
    device: DeviceArguments,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Measured<'a> {
    #[serde(flatten)]
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    typing: Option<Steadiness>,
}

/// Prints the scores, in percent.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let model = files::model(&arguments.model, &arguments.device.open()?)?;
    let schema = model.schema();
    let mut corpus = Vec::new();
    for path in &arguments.data {
        corpus.extend(files::corpus(path, arguments.config.as_deref(), &model)?);
        let name = corpus_name(path);
        if learnt_corpora::include(&model.metadata().provenance, &name) {
            eprintln!(
                "{} has learnt from {name}: these scores say nothing about text that is new to it",
                arguments.model.display()
            );
        }
    }
    if arguments.lowercase {
        for token in corpus.iter_mut().flat_map(|sentence| &mut sentence.tokens) {
            *token = token.to_lowercase();
        }
    }
    let threshold = arguments
        .threshold
        .unwrap_or_else(|| model.relation_threshold());
    let predictions = evaluation::predict(&model, &corpus, arguments.batch.get(), threshold)?;
    let report = evaluation::score(&corpus, &predictions, schema, threshold)?;
    let typing = match arguments.typing {
        true => Some(half_typed::steadiness(&model, &corpus, threshold)?),
        false => None,
    };

    let mut out = io::stdout().lock();
    if arguments.json {
        let measured = Measured {
            report: &report,
            typing,
        };
        writeln!(out, "{}", serde_json::to_string_pretty(&measured)?)?;
    } else {
        let tokens: usize = corpus.iter().map(|sentence| sentence.tokens.len()).sum();
        writeln!(
            out,
            "{} sentences, {tokens} tokens; relations from {threshold:.2}\n",
            corpus.len()
        )?;
        write_table(&mut out, &report)?;
        if let Some(Steadiness {
            entities,
            relations,
        }) = typing
        {
            writeln!(out, "\nWhile typing, word by word        shown  taken back")?;
            for (name, labels) in [("entities", entities), ("relations", relations)] {
                let (shown, back) = (labels.shown, labels.taken_back);
                writeln!(out, "  {name:28}  {shown:7}  {back:10}")?;
            }
        }
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
