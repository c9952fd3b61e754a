//! Cross-validation: a run a fold, measured on the fold's test part, which chooses nothing.
//!
//! | file of the folder | content |
//! | --- | --- |
//! | `fold-0/`, `fold-1/`, … | run folders; once the run is measured with `test-scores.json`, see [`FoldScores`] |
//! | `cross-validation.json` | scores of the folds measured so far, with their means, see [`Scores`] |

mod folds;
mod scores;

use std::{
    fs, io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use candle_core::Device;
pub use folds::{Folds, FoldsError};
pub use scores::{FoldScores, Scores, Scoring};
use serde::{Serialize, de::DeserializeOwned};
use spanarc_corpus::{Sentence, scoring};
use spanarc_model::{Annotator, bundle::MeasuredScores};

use crate::{
    auxiliary::AuxiliaryChoice,
    config::{Keep, RunConfig},
    corpus::Corpus,
    corpus_files::corpus_name,
    error::{Result, TrainError},
    evaluation,
    inputs::InputComparison,
    learnt_corpora,
    preparation::{Run, RunInput},
    pretrained::PretrainedPaths,
    run_folder::{EpochMetrics, Existing, RunFolder},
    starting_weights, whole_file,
};

const TEST_SCORES: &str = "test-scores.json";

/// Name of the file with all scores.
pub const SCORES: &str = "cross-validation.json";

/// A corpus cut into folds, and where their runs lie.
#[derive(Debug)]
pub struct CrossValidation {
    config: RunConfig,
    name: String,
    sentences: Vec<Sentence>,
    /// In which fold each sentence is tested on.
    folds: Vec<usize>,
    count: usize,
    pretrained: PretrainedPaths,
    out: PathBuf,
}

impl CrossValidation {
    /// Checks that the configuration leaves nothing to choose and that the folds fit. `name` is the corpus'.
    pub fn new(
        config: RunConfig,
        name: String,
        sentences: Vec<Sentence>,
        folds: &Folds,
        pretrained: PretrainedPaths,
        out: &Path,
    ) -> Result<Self> {
        let (training, parts) = (&config.training, &config.corpus);
        let chooses = training.keep != Keep::Last || training.relation_threshold.is_none();
        if chooses || training.with_dev {
            return Err(TrainError::FoldsChooseNothing);
        }
        if parts.train.is_some() || parts.dev.is_some() || parts.dev_share > 0. {
            return Err(TrainError::FoldsAreTheParts);
        }
        let validation = Self {
            name,
            folds: folds.of(&sentences)?,
            count: folds.test.len(),
            sentences,
            pretrained,
            out: out.to_owned(),
            config,
        };
        for fold in 0..validation.count {
            let (corpus, test) = validation.parts(fold);
            let schema = validation.config.labels.clone();
            // A label that only the test part has: known now rather than after the training.
            scoring::score(&test, &test, &schema.unwrap_or_else(|| corpus.schema()))?;
        }
        Ok(validation)
    }

    /// Number of folds.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The run folder of a fold.
    pub fn folder(&self, fold: usize) -> PathBuf {
        self.out.join(format!("fold-{fold}"))
    }

    /// Makes the folders of these folds, once it is known of all what is to become of runs that are in them.
    /// [`Existing::Resume`] takes runs by the same configuration, finished, begun or not, for their own. Folds that were
    /// measured with another configuration are an error, also where they are not to be run: means are of one.
    pub fn open(&self, folds: &[usize], existing: Existing) -> Result<()> {
        let is_measured = |fold: usize| self.folder(fold).join(TEST_SCORES).is_file();
        for &fold in folds {
            if existing != Existing::Resume || !is_measured(fold) {
                self.check_sources(fold)?;
            }
        }
        let mut inputs = InputComparison::new(&self.pretrained);
        let stays = |fold: &usize| existing != Existing::Replace || !folds.contains(fold);
        for fold in (0..self.count).filter(stays) {
            let folder = self.folder(fold);
            if is_measured(fold)
                || existing == Existing::Resume && RunFolder::at(&folder).has_checkpoint()
            {
                self.check_same_run(fold, &mut inputs)?;
            }
        }
        for &fold in folds {
            let folder = self.folder(fold);
            if existing != Existing::Resume {
                RunFolder::open(&folder, existing)?;
            }
            fs::create_dir_all(&folder).map_err(|source| TrainError::io(&folder, source))?;
            if existing != Existing::Resume {
                let scores = folder.join(TEST_SCORES);
                match fs::remove_file(&scores) {
                    Err(source) if source.kind() != io::ErrorKind::NotFound => {
                        return Err(TrainError::io(&scores, source));
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Trains a fold, or goes on with it, and measures it; a fold that is measured stays as it is.
    pub fn run(
        &self,
        fold: usize,
        git_revision: Option<String>,
        device: &Device,
        after_epoch: impl FnMut(&EpochMetrics) -> ControlFlow<()>,
    ) -> Result<FoldScores> {
        let path = self.folder(fold).join(TEST_SCORES);
        if let Some(scores) = read_json(&path)? {
            return Ok(scores);
        }
        let (corpus, test) = self.parts(fold);
        let train_sentences = corpus.train.len();
        let input = RunInput {
            corpus,
            pretrained: self.pretrained.clone(),
            git_revision,
        };
        let config = self.config.of_fold(fold);
        let mut run = Run::prepare(&config, &input, device)?;
        let folder = self.folder(fold);
        let existing = match RunFolder::at(&folder).has_checkpoint() {
            true => Existing::Resume,
            false => Existing::Replace,
        };
        let folder = RunFolder::open(&folder, existing)?;
        folder.write_config(&self.config)?;
        let outcome = run.train(&folder, after_epoch)?;
        let bundle =
            fs::read(&outcome.bundle).map_err(|source| TrainError::io(&outcome.bundle, source))?;
        let (everything, without_overlaps) = self.measure(fold, &bundle, &test)?;
        let scores = FoldScores {
            fold,
            train_sentences,
            test_sentences: test.len(),
            inputs_sha256: run.inputs.clone().with_corpus(&self.with_test(fold))?,
            dropped: run.dropped,
            everything,
            without_overlaps,
        };
        write_json(&path, &scores)?;
        Ok(scores)
    }

    /// Writes `cross-validation.json` from the folds measured so far.
    pub fn collect(&self) -> Result<Scores> {
        let measured = (0..self.count).map(|fold| read_json(&self.folder(fold).join(TEST_SCORES)));
        let folds: Vec<FoldScores> = measured
            .filter_map(Result::transpose)
            .collect::<Result<_>>()?;
        let config = &self.config;
        let scores = Scores::of(&config.name, &self.name, config.seed, self.count, folds);
        write_json(&self.out.join(SCORES), &scores)?;
        Ok(scores)
    }

    /// What a fold trains on, and what it is tested on.
    fn parts(&self, fold: usize) -> (Corpus, Vec<Sentence>) {
        let part = |in_test: bool| {
            let sentences = self.sentences.iter().zip(&self.folds);
            sentences
                .filter(|&(_, &of)| (of == fold) == in_test)
                .map(|(sentence, _)| sentence.clone())
                .collect()
        };
        let corpus = Corpus {
            name: learnt_corpora::without_fold(&self.name, fold),
            train: part(false),
            dev: Vec::new(),
        };
        (corpus, part(true))
    }

    /// By what a fold that is measured is known: its test part is one of its inputs.
    fn with_test(&self, fold: usize) -> Corpus {
        let (corpus, test) = self.parts(fold);
        Corpus {
            dev: test,
            ..corpus
        }
    }

    fn measure(
        &self,
        fold: usize,
        bundle: &[u8],
        test: &[Sentence],
    ) -> Result<(MeasuredScores, MeasuredScores)> {
        let model = Annotator::from_bundle(bundle)?;
        let (schema, threshold) = (model.schema(), model.relation_threshold());
        let predictions = evaluation::predict(&model, test, 16, threshold)?;
        let predicted: Vec<Sentence> = test
            .iter()
            .zip(&predictions)
            .map(|(sentence, found)| evaluation::annotated(sentence, found, schema, threshold))
            .collect();
        let data = format!("{} fold {fold}", self.name);
        let everything = scoring::score(test, &predicted, schema)?;
        let without = scoring::score_without_overlaps(test, &predicted, schema)?;
        Ok((
            evaluation::measured(&data, &everything),
            evaluation::measured(&format!("{data} without overlaps"), &without),
        ))
    }

    /// Refuses what is not there, and what holds this corpus or all of it but another fold: by names, which is as much as
    /// bundles tell.
    fn check_sources(&self, fold: usize) -> Result<()> {
        let config = self.config.of_fold(fold);
        let mut corpora = Vec::new();
        for AuxiliaryChoice { data, .. } in &config.auxiliary {
            fs::metadata(data).map_err(|source| TrainError::io(data, source))?;
            corpora.push(corpus_name(data));
        }
        for bundle in config.start_from.iter().chain(&config.average_with) {
            corpora.extend(starting_weights::corpora(bundle)?);
        }
        let own = learnt_corpora::without_fold(&self.name, fold);
        let holds_test_part = |name: &&String| {
            learnt_corpora::without_role(name) != own && learnt_corpora::holds(name, &self.name)
        };
        match corpora.iter().find(holds_test_part) {
            Some(corpus) => Err(TrainError::LearntFromTestPart {
                fold,
                corpus: corpus.clone(),
            }),
            None => Ok(()),
        }
    }

    fn check_same_run(&self, fold: usize, inputs: &mut InputComparison) -> Result<()> {
        let path = self.folder(fold);
        let folder = RunFolder::at(&path);
        let earlier: RunConfig = folder.read_config()?;
        if earlier != self.config {
            let reason =
                "was begun with another configuration or seed: use that one, or replace all folds with --force"
                    .into();
            return Err(TrainError::Config { path, reason });
        }
        let (begun_with, corpus) = match read_json::<FoldScores>(&path.join(TEST_SCORES))? {
            Some(measured) => (measured.inputs_sha256, self.with_test(fold)),
            None => (folder.read_progress()?.inputs_sha256, self.parts(fold).0),
        };
        let config = self.config.of_fold(fold);
        inputs.check(&path, &config, || Ok(corpus), &begun_with)
    }
}

/// What a file holds; none where it is missing.
fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    match fs::read_to_string(path) {
        Ok(text) => serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| malformed(path, error.to_string())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TrainError::io(path, source)),
    }
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let text =
        serde_json::to_string_pretty(value).map_err(|error| malformed(path, error.to_string()))?;
    whole_file::write(path, (text + "\n").as_bytes()).map_err(|source| TrainError::io(path, source))
}

fn malformed(path: &Path, reason: String) -> TrainError {
    TrainError::Config {
        path: path.to_owned(),
        reason,
    }
}
