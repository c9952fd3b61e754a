//! What a run learns from: sentences to train on, and sentences to choose by.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use spanarc_corpus::{LabelSchema, Reading, Sentence, jsonl, reading::LocatedSentence, scoring};

use crate::{
    config::RunConfig,
    corpus_choice::CorpusChoice,
    corpus_files::{CorpusFiles, Part},
    digest,
    error::{Result, TrainError},
    seed,
};

/// An annotated corpus in memory.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Corpus {
    /// Its name, as the bundle will carry it.
    pub name: String,
    /// Sentences that the weights are fitted to.
    pub train: Vec<Sentence>,
    /// Sentences that choose epoch and threshold; may be empty where a run chooses neither.
    pub dev: Vec<Sentence>,
}

impl Corpus {
    /// Reads the parts `train` and, if it is there, `dev` of a folder ([`CorpusFiles::read`]). A label that `labels`, or
    /// without it the training part, does not hold is an error that names the line.
    pub fn read(folder: &Path, labels: Option<&LabelSchema>) -> Result<Self> {
        let files = CorpusFiles::read(folder, &CorpusChoice::default(), labels)?;
        Self::from_files(files, 0.)
    }

    /// Reads the corpus of a run as its configuration says, with a dev part cut from the training part where it is to be.
    /// Entities to train on that overlap are an error that names the line, unless one of them is to be left out.
    pub fn read_for(config: &RunConfig, data: &Path) -> Result<Self> {
        let mut files = CorpusFiles::read(data, &config.corpus, config.labels.as_ref())?;
        files.refuse_overlaps(config.corpus.overlaps);
        let share = config.corpus.dev_share;
        if share > 0. && files.dev.is_some() {
            let reason = "there is a dev part, and corpus.dev_share would cut another".to_owned();
            return Err(TrainError::corpus(data, reason));
        }
        let corpus = Self::from_files(files, share)?;
        if share > 0. && corpus.dev.is_empty() {
            let reason = "no document can be spared for a dev part (corpus.dev_share): there is one only, or each is the \
                          only one that holds some type";
            return Err(TrainError::corpus(data, reason.to_owned()));
        }
        Ok(corpus)
    }

    fn from_files(files: CorpusFiles, dev_share: f64) -> Result<Self> {
        let train = accepted(files.train.reading)?;
        let (train, dev) = match files.dev {
            Some(dev) => (train, accepted(dev.reading)?),
            None => cut_dev(train, dev_share),
        };
        let sentences = |part: Vec<LocatedSentence>| {
            let located = part.into_iter();
            located.map(|located| located.sentence).collect()
        };
        Ok(Self {
            name: files.name,
            train: sentences(train),
            dev: sentences(dev),
        })
    }

    /// The labels that the training part holds.
    pub fn schema(&self) -> LabelSchema {
        LabelSchema::from_sentences(&self.train)
    }

    /// SHA-256 of both parts, by which a run knows the corpus it began with.
    pub(crate) fn sha256(&self) -> Result<String> {
        sha256(&self.name, &[&self.train, &self.dev])
    }

    /// Refuses sentences with labels that `schema` does not hold.
    pub(crate) fn check(&self, schema: &LabelSchema) -> Result<()> {
        for part in [&self.train, &self.dev] {
            // Scoring looks up every label; the scores themselves say nothing here.
            scoring::score(part, part, schema)?;
        }
        Ok(())
    }
}

/// SHA-256 of these parts of the corpus `name` as JSON lines.
pub(crate) fn sha256(name: &str, parts: &[&[Sentence]]) -> Result<String> {
    let mut bytes = Vec::new();
    for part in parts {
        jsonl::write(&mut bytes, *part)
            .map_err(|error| TrainError::corpus(Path::new(name), error.to_string()))?;
        // A sentence that moves from one part to the other makes another corpus.
        bytes.push(b'\n');
    }
    Ok(digest::sha256(&bytes))
}

/// The sentences of a file, or of a folder of brat's files, read as `choice` says; with labels of the schema only where
/// there is one.
pub fn read_sentences(
    path: &Path,
    choice: &CorpusChoice,
    schema: Option<&LabelSchema>,
) -> Result<Vec<Sentence>> {
    let mut part = Part::read(path.to_owned(), choice)?;
    if let Some(schema) = schema {
        part.reading.check_against(schema);
    }
    part.reading.drop_repeated_relations();
    let located = accepted(part.reading)?.into_iter();
    Ok(located.map(|located| located.sentence).collect())
}

/// The sentences if nothing was refused.
fn accepted(reading: Reading) -> Result<Vec<LocatedSentence>> {
    if reading.refused.is_empty() {
        Ok(reading.sentences)
    } else {
        Err(TrainError::Refused(reading.refused))
    }
}

/// The training part without and the dev part of about `share` of its sentences. Whole documents are drawn: sentences of
/// one are too much alike to be in both. The last to hold a type stays in the training part. The same corpus is cut alike whatever a run's seed, so that runs compare.
fn cut_dev(
    sentences: Vec<LocatedSentence>,
    share: f64,
) -> (Vec<LocatedSentence>, Vec<LocatedSentence>) {
    let mut documents = BTreeMap::<usize, Document>::new();
    for located in &sentences {
        let document = documents.entry(located.document).or_default();
        document.sentences += 1;
        document.types.extend(types(&located.sentence));
    }
    let mut holders = BTreeMap::<(&str, &str), usize>::new();
    for kind in documents.values().flat_map(|document| &document.types) {
        *holders.entry(*kind).or_default() += 1;
    }
    let mut order: Vec<usize> = documents.keys().copied().collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed::derived(
        0, "dev part", 0,
    )));
    let wanted = share * sentences.len() as f64;
    let mut taken = 0;
    let mut dev = BTreeSet::new();
    // One document at least stays to train on.
    for number in order.into_iter().skip(1) {
        if taken as f64 >= wanted {
            break;
        }
        let document = &documents[&number];
        if document.types.iter().any(|kind| holders[kind] == 1) {
            continue;
        }
        for kind in &document.types {
            holders.entry(*kind).and_modify(|count| *count -= 1);
        }
        taken += document.sentences;
        dev.insert(number);
    }
    sentences
        .into_iter()
        .partition(|located| !dev.contains(&located.document))
}

/// What of a document decides whether it may go to the dev part.
#[derive(Default)]
struct Document<'a> {
    sentences: usize,
    types: BTreeSet<(&'static str, &'a str)>,
}

/// The types of a sentence, those of entities and of relations apart.
fn types(sentence: &Sentence) -> impl Iterator<Item = (&'static str, &str)> {
    let entities = sentence.entities.iter();
    let relations = sentence.relations.iter();
    let entities = entities.map(|entity| ("entity", entity.kind.as_str()));
    entities.chain(relations.map(|relation| ("relation", relation.kind.as_str())))
}
