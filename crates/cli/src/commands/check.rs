//! `spanarc check`: what a corpus holds, and what is wrong with it.

use std::{
    collections::BTreeMap,
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::notes;
use anyhow::{Result, bail};
use clap::Args;
use spanarc_corpus::{Dropped, LabelSchema, Overlaps, Relation, Sentence};
use spanarc_train::{
    Corpus, RunConfig, TrainError,
    corpus_files::{CorpusFiles, Part},
};

/// Read a corpus as training would, and say what it holds and all that is wrong with it
///
/// Prints the format that was found, counts, labels with the signatures of relations, what was passed over by rule, and
/// every line that is refused with the reason. Exit status 1 if there is one, or if training would refuse the whole.
/// Auxiliary corpora are not read.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The corpus: folder with the parts train and dev, or the training part itself
    #[arg(long, value_name = "PATH")]
    data: PathBuf,
    /// Configuration, whose tables [corpus] and [labels] say how the corpus is read
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Prints the corpus' description and its faults.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let config = match &arguments.config {
        Some(path) => RunConfig::read(path)?,
        None => RunConfig::default(),
    };
    let labels = config.labels.as_ref();
    let mut files = CorpusFiles::read(&arguments.data, &config.corpus, labels)?;
    files.refuse_overlaps(config.corpus.overlaps);
    let mut out = io::stdout().lock();
    write_parts(&mut out, &files)?;
    write_types(&mut out, &files)?;
    write_passed_over(&mut out, &files)?;
    let refused: usize = files.parts().map(|part| part.reading.refused.len()).sum();
    if refused > 0 {
        writeln!(out, "\nRefused")?;
        for error in files.parts().flat_map(|part| &part.reading.refused) {
            writeln!(out, "  {error}")?;
        }
    }
    out.flush()?;
    match refused {
        0 => write_training(
            &mut out,
            &config,
            arguments.config.is_some(),
            &arguments.data,
        ),
        1 => bail!("one line of the corpus is refused"),
        _ => bail!("{refused} lines of the corpus are refused"),
    }
}

/// What training makes of a corpus of which nothing is refused; its errors are those of training.
fn write_training(
    out: &mut impl Write,
    config: &RunConfig,
    is_configured: bool,
    data: &Path,
) -> Result<()> {
    let corpus = Corpus::read_for(config, data)?;
    let mut lines = Vec::new();
    if is_configured {
        match spanarc_train::parts(config, &corpus) {
            // A corpus may be looked at before it has all its parts.
            Err(error @ TrainError::NoDev { .. }) => lines.push(error.to_string()),
            outcome => drop(outcome?),
        }
    }
    let schema = config.labels.clone().unwrap_or_else(|| corpus.schema());
    schema.validate()?;
    if config.corpus.dev_share > 0. {
        let (train, dev) = (corpus.train.len(), corpus.dev.len());
        lines.push(format!(
            "{train} sentences to train on, {dev} cut off as dev"
        ));
    }
    if config.corpus.overlaps == Overlaps::Drop {
        let mut dropped = Dropped::default();
        for sentence in &corpus.train {
            dropped += sentence.clone().drop_overlaps();
        }
        lines.extend((dropped.entities > 0).then(|| super::left_out(dropped)));
    }
    for (part, sentences) in [("train", &corpus.train), ("dev", &corpus.dev)] {
        let outside: usize = sentences.iter().map(|one| outside(&schema, one)).sum();
        if outside > 0 {
            lines.push(format!(
                "{outside} relations of {part} outside the signatures of their types, which the model cannot report"
            ));
        }
    }
    if !lines.is_empty() {
        writeln!(out, "\nIn training")?;
    }
    for line in lines {
        writeln!(out, "  {line}")?;
    }
    Ok(out.flush()?)
}

/// Relations of a sentence whose arguments are of types that the relation's does not join.
fn outside(schema: &LabelSchema, sentence: &Sentence) -> usize {
    let entity_type = |index: usize| schema.entity_index(&sentence.entities[index].kind);
    let allowed = |relation: &&Relation| {
        schema
            .relation_index(&relation.kind)
            .zip(entity_type(relation.head))
            .zip(entity_type(relation.tail))
            .is_some_and(|((kind, head), tail)| schema.allows(kind, head, tail))
    };
    sentence
        .relations
        .iter()
        .filter(|one| !allowed(one))
        .count()
}

fn sentences(part: &Part) -> impl Iterator<Item = &Sentence> {
    let located = part.reading.sentences.iter();
    located.map(|located| &located.sentence)
}

fn write_parts(out: &mut impl Write, files: &CorpusFiles) -> io::Result<()> {
    let parts = [("train", Some(&files.train)), ("dev", files.dev.as_ref())];
    for (name, part) in parts {
        let Some(part) = part else {
            writeln!(out, "{name:5}  none")?;
            continue;
        };
        let count = |holds: fn(&Sentence) -> bool| sentences(part).filter(|one| holds(one)).count();
        let tokens: usize = sentences(part).map(|one| one.tokens.len()).sum();
        writeln!(
            out,
            "{name:5}  {}, format {}: {} sentences in {} documents, {tokens} tokens; {} sentences without entities, {} \
             without relations",
            part.path.display(),
            part.format.name(),
            part.reading.sentences.len(),
            part.reading.documents(),
            count(|one| one.entities.is_empty()),
            count(|one| one.relations.is_empty()),
        )?;
    }
    Ok(())
}

/// How often each type stands in a part.
fn counts<'a>(
    part: Option<&'a Part>,
    kinds: impl Fn(&'a Sentence) -> Vec<&'a str>,
) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for kind in part.into_iter().flat_map(sentences).flat_map(kinds) {
        *counts.entry(kind).or_default() += 1;
    }
    counts
}

fn write_types(out: &mut impl Write, files: &CorpusFiles) -> io::Result<()> {
    let LabelSchema {
        entity_types,
        relation_types,
    } = &files.schema;
    let names = entity_types.iter().map(|kind| &kind.name);
    let names = names.chain(relation_types.iter().map(|kind| &kind.name));
    let width = names.map(|name| name.chars().count()).max().unwrap_or(0);
    let width = width.max("Relation types".len()) + 2;
    let parts = [Some(&files.train), files.dev.as_ref()];
    let [train, dev] = parts.map(|part| {
        counts(part, |one| {
            let entities = one.entities.iter();
            entities.map(|entity| entity.kind.as_str()).collect()
        })
    });
    let of = |counts: &BTreeMap<&str, usize>, name: &str| counts.get(name).copied().unwrap_or(0);
    writeln!(
        out,
        "\n{:width$}  {:>7}  {:>7}",
        "Entity types", "train", "dev"
    )?;
    for kind in entity_types {
        let (train, dev) = (of(&train, &kind.name), of(&dev, &kind.name));
        writeln!(
            out,
            "  {:inner$}  {train:7}  {dev:7}",
            kind.name,
            inner = width - 2
        )?;
    }
    let [train, dev] = parts.map(|part| {
        counts(part, |one| {
            let relations = one.relations.iter();
            relations.map(|relation| relation.kind.as_str()).collect()
        })
    });
    writeln!(
        out,
        "\n{:width$}  {:>7}  {:>7}  from → to",
        "Relation types", "train", "dev"
    )?;
    for kind in relation_types {
        let (train, dev) = (of(&train, &kind.name), of(&dev, &kind.name));
        let signatures = kind.signatures.iter();
        let mut signatures: Vec<_> = signatures
            .map(|signature| format!("{} → {}", signature.head, signature.tail))
            .collect();
        if signatures.is_empty() {
            signatures.push("any → any".to_owned());
        }
        writeln!(
            out,
            "  {:inner$}  {train:7}  {dev:7}  {}",
            kind.name,
            signatures.join(", "),
            inner = width - 2
        )?;
    }
    Ok(())
}

fn write_passed_over(out: &mut impl Write, files: &CorpusFiles) -> io::Result<()> {
    let notes: Vec<_> = files
        .parts()
        .flat_map(|part| part.reading.notes.clone())
        .collect();
    if !notes.is_empty() {
        writeln!(
            out,
            "\nLeft out or changed, by the rules of docs/training.md"
        )?;
    }
    notes::write(out, &notes)
}
