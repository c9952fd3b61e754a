//! `spanarc silver`: the vote of several models on text that nobody has annotated, as a corpus.

use std::{
    collections::HashSet,
    io::{self, BufRead, Write},
    path::PathBuf,
};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;
use spanarc_corpus::{Sentence, jsonl};
use spanarc_formats::lines::Lines;
use spanarc_segmentation::EngineSegmenter;
use spanarc_train::{
    named_twice,
    silver::{Ensemble, ProbableSentence, Selection},
};

use super::device::DeviceArguments;
use crate::files;

/// Sentences that are annotated and written together.
const SENTENCES_AT_ONCE: usize = 1024;

/// What no token holds: tokens hold no white space.
const BETWEEN_TOKENS: &str = " ";

/// Annotate text by the vote of several models, as a corpus to train on
///
/// Each line of the input is running text. Its sentences are written as JSON lines, with the entities and relations that more
/// than half of the models find at their own thresholds, or by the mean of the models' probabilities; a sentence that occurs
/// again is left out. A configuration's [[auxiliary]] table with head = "main" and relations = true trains on them.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Bundles of the models, two at least: runs that differ in their seeds, say
    #[arg(long = "model", value_name = "BUNDLE", num_args = 1.., required = true)]
    models: Vec<PathBuf>,
    /// Write only sentences in which the models agree on a relation
    #[arg(long)]
    with_relations: bool,
    /// Write the models' mean probabilities, a key `p` in each object, of all relations from 0.05 on: not to be trained on as it is
    #[arg(long, conflicts_with = "with_relations")]
    probabilities: bool,
    /// Write only sentences that hold a relation and that the models are sure of by their mean probabilities
    #[arg(long, conflicts_with_all = ["with_relations", "probabilities"])]
    select: bool,
    /// With --select: a relation holds from this mean probability on
    #[arg(long, value_name = "P", default_value_t = 0.5, requires = "select", value_parser = probability)]
    relation_from: f64,
    /// With --select: leave out sentences with a relation nearer than this to --relation-from
    #[arg(long, value_name = "P", default_value_t = 0.1, requires = "select", value_parser = probability)]
    margin: f64,
    /// With --select: least mean probability of the tag of a sentence's least certain token
    #[arg(long, value_name = "P", default_value_t = 0.5, requires = "select", value_parser = probability)]
    token_from: f64,
    #[command(flatten)]
    device: DeviceArguments,
    /// Files of text; standard input without any
    #[arg(long = "text", value_name = "FILE", num_args = 1..)]
    files: Vec<PathBuf>,
}

impl Arguments {
    fn output(&self) -> Output {
        match (self.probabilities, self.select, self.with_relations) {
            (true, ..) => Output::Probabilities,
            (_, true, _) => Output::Selected(Selection {
                relation: self.relation_from,
                margin: self.margin,
                token: self.token_from,
            }),
            (.., true) => Output::RelatedVote,
            _ => Output::Vote,
        }
    }
}

fn probability(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(p) if (0. ..=1.).contains(&p) => Ok(p),
        _ => Err("is not a number from 0 to 1".to_owned()),
    }
}

/// Which sentences are written, and what of them.
#[derive(Clone, Copy)]
enum Output {
    Vote,
    RelatedVote,
    Probabilities,
    Selected(Selection),
}

/// Writes the corpus to standard output, and what it holds to standard error.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let texts = arguments.files.iter().map(|path| files::open(path));
    let texts: Vec<_> = texts.collect::<Result<_>>()?;
    if let Some(path) = named_twice(&arguments.models) {
        bail!("{} is named twice: each model has one vote", path.display());
    }
    let device = arguments.device.open()?;
    let models = arguments.models.iter();
    let models = models.map(|path| files::model(path, &device));
    let ensemble = Ensemble::new(models.collect::<Result<_>>()?)?;
    let mut silver = Silver {
        segmenter: EngineSegmenter(ensemble.hyphens()),
        ensemble,
        output: arguments.output(),
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
    output: Output,
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
        let at = || place.unwrap_or_default();
        let sentences = match self.output {
            Output::Vote => self.ensemble.annotate(waiting).with_context(at)?,
            Output::RelatedVote => self.ensemble.annotate_related(waiting).with_context(at)?,
            Output::Probabilities => {
                let sentences = self.ensemble.probabilities(waiting).with_context(at)?;
                let counts = |sentence: &ProbableSentence| {
                    (sentence.entities.len(), sentence.relations.len())
                };
                return self.write(&sentences, counts);
            }
            Output::Selected(by) => {
                let sentences = self.ensemble.probabilities(waiting).with_context(at)?;
                let selected = sentences.into_iter();
                selected
                    .filter_map(|sentence| sentence.selected(by))
                    .collect()
            }
        };
        self.write(&sentences, |sentence: &Sentence| {
            (sentence.entities.len(), sentence.relations.len())
        })
    }

    /// Writes sentences, of which `counts` tells entities and relations.
    fn write<S: Serialize>(
        &mut self,
        sentences: &[S],
        counts: impl Fn(&S) -> (usize, usize),
    ) -> Result<()> {
        for (entities, relations) in sentences.iter().map(counts) {
            self.written.sentences += 1;
            self.written.entities += entities;
            self.written.relations += relations;
        }
        jsonl::write(&mut self.out, sentences).context("cannot write to standard output")
    }
}
