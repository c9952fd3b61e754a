//! `spanarc silver`: the vote of several models on text that nobody has annotated, as a corpus.

use std::{
    collections::HashSet,
    fs,
    io::{self, BufRead, Write},
    path::PathBuf,
};

use anyhow::{Context, Result, bail};
use clap::Args;
use spanarc_corpus::{Sentence, jsonl};
use spanarc_formats::lines::Lines;
use spanarc_segmentation::EngineSegmenter;
use spanarc_train::silver::Ensemble;

use super::device::DeviceArguments;
use crate::files;

/// Sentences that are annotated and written together.
const SENTENCES_AT_ONCE: usize = 1024;

/// What no token holds: tokens hold no white space.
const BETWEEN_TOKENS: &str = " ";

/// Annotate text by the vote of several models, as a corpus to train on
///
/// Each line of the input is running text. Its sentences are written as JSON lines, with the entities and relations that more
/// than half of the models find at their own thresholds; a sentence that occurs again is left out. A
/// configuration's [[auxiliary]] table with head = "main" and relations = true trains on them.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Bundles of the models, two at least: runs that differ in their seeds, say
    #[arg(long = "model", value_name = "BUNDLE", num_args = 1.., required = true)]
    models: Vec<PathBuf>,
    /// Write only sentences in which the models agree on a relation
    #[arg(long)]
    with_relations: bool,
    #[command(flatten)]
    device: DeviceArguments,
    /// Files of text; standard input without any
    #[arg(long = "text", value_name = "FILE", num_args = 1..)]
    files: Vec<PathBuf>,
}

/// Writes the corpus to standard output, and what it holds to standard error.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let texts = arguments.files.iter().map(|path| files::open(path));
    let texts: Vec<_> = texts.collect::<Result<_>>()?;
    let mut voters = HashSet::new();
    for path in &arguments.models {
        if !voters.insert(fs::canonicalize(path).unwrap_or_else(|_| path.clone())) {
            bail!("{} is named twice: each model has one vote", path.display());
        }
    }
    let device = arguments.device.open()?;
    let models = arguments.models.iter();
    let models = models.map(|path| files::model(path, &device));
    let ensemble = Ensemble::new(models.collect::<Result<_>>()?)?;
    let mut silver = Silver {
        segmenter: EngineSegmenter(ensemble.hyphens()),
        ensemble,
        with_relations: arguments.with_relations,
        out: io::stdout().lock(),
        seen: HashSet::new(),
        waiting: Vec::new(),
        written: Counts::default(),
    };
    if arguments.files.is_empty() {
        silver.source(io::stdin().lock(), &files::name(None))?;
    }
    for (path, file) in arguments.files.iter().zip(texts) {
        silver.source(file, &files::name(Some(path)))?;
    }
    silver.annotate()?;
    if silver.seen.is_empty() {
        bail!("the text holds no sentences");
    }
    let Counts {
        sentences,
        entities,
        relations,
    } = silver.written;
    eprintln!(
        "wrote {sentences} of {} sentences: {entities} entities, {relations} relations",
        silver.seen.len()
    );
    Ok(())
}

#[derive(Default)]
struct Counts {
    sentences: usize,
    entities: usize,
    relations: usize,
}

struct Silver<W> {
    ensemble: Ensemble,
    segmenter: EngineSegmenter,
    with_relations: bool,
    out: W,
    /// The tokens of all sentences so far: as much memory as the text takes.
    seen: HashSet<String>,
    waiting: Vec<Sentence>,
    written: Counts,
}

impl<W: Write> Silver<W> {
    fn source(&mut self, source: impl BufRead, name: &str) -> Result<()> {
        let segmenter = self.segmenter;
        for line in Lines::new(source, name) {
            let (line, text) = line?;
            for (number, tokens) in (1..).zip(segmenter.words(&text)) {
                if !self.seen.insert(tokens.join(BETWEEN_TOKENS)) {
                    continue;
                }
                self.waiting.push(Sentence {
                    id: format!("{name}, line {line}, sentence {number}"),
                    tokens,
                    entities: Vec::new(),
                    relations: Vec::new(),
                });
                if self.waiting.len() == SENTENCES_AT_ONCE {
                    self.annotate()?;
                }
            }
        }
        Ok(())
    }

    /// Writes the sentences that wait.
    fn annotate(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        let ids = waiting.first().zip(waiting.last());
        let place = ids.map(|(first, last)| format!("{} to {}", first.id, last.id));
        let voted = match self.with_relations {
            true => self.ensemble.annotate_related(waiting),
            false => self.ensemble.annotate(waiting),
        };
        let voted = voted.context(place.unwrap_or_default())?;
        for sentence in &voted {
            self.written.sentences += 1;
            self.written.entities += sentence.entities.len();
            self.written.relations += sentence.relations.len();
        }
        jsonl::write(&mut self.out, &voted).context("cannot write to standard output")
    }
}
