//! What can go wrong in training.

use std::path::{Path, PathBuf};

use crate::pretrained::{WHERE_ELMO_IS_FOUND, WHERE_WORD_VECTORS_ARE_FOUND};

/// Errors of the trainer.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The configuration file is not as it should be.
    #[error("{}: {reason}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What and where.
        reason: String,
    },
    /// The pretrained encoder cannot be used.
    #[error("encoder {}: {reason}", path.display())]
    Encoder {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The configuration asks for an encoder and none was given.
    #[error("the configuration has an [encoder] table, but no encoder was given (--encoder)")]
    NoEncoder,
    /// There is no encoder to be trained on masked words.
    #[error(
        "an auxiliary corpus with head = \"masked-words\" needs an encoder (--encoder) that is fine-tuned (fine_tune in the \
         table [encoder])"
    )]
    NothingPredictsMaskedWords,
    /// There is nothing to choose by.
    #[error(
        "corpus {corpus} has no dev part, by which {chosen}: give it one, have it cut by corpus.dev_share, or set training.keep = \"last\" and \
         training.relation_threshold"
    )]
    NoDev {
        /// Name of the corpus.
        corpus: String,
        /// What would be chosen, as a clause.
        chosen: &'static str,
    },
    /// There is no dev part to train on.
    #[error("training.with_dev is set, and corpus {corpus} has no dev part")]
    NothingToAdd {
        /// Name of the corpus.
        corpus: String,
    },
    /// The bundle to start from is none.
    #[error("{}: {source}", path.display())]
    Start {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Box<spanarc_model::bundle::BundleError>,
    },
    /// Weights of different networks have no mean.
    #[error("{}: a run of another network, or with other labels: `{parameter}` is not the same there", path.display())]
    OtherNetwork {
        /// The bundle.
        path: PathBuf,
        /// Parameter that both do not have, or not in the same meaning.
        parameter: String,
    },
    /// ELMo cannot be used.
    #[error("ELMo {}: {reason}", path.display())]
    Elmo {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The configuration asks for ELMo and none was given.
    #[error(
        "the configuration has an [elmo] table, but no ELMo was given (--elmo). {WHERE_ELMO_IS_FOUND}"
    )]
    NoElmo,
    /// A line of a file of word vectors is not as it should be.
    #[error("{}, line {line}: {reason}", path.display())]
    WordVectors {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why.
        reason: String,
    },
    /// A file of word vectors is of no use for this data.
    #[error("{}: holds no vector of a word of the data", path.display())]
    NoWordVectors {
        /// The file.
        path: PathBuf,
    },
    /// The configuration asks for word vectors and none were given.
    #[error(
        "the configuration has a [words] table, but no word vectors were given (--words). {WHERE_WORD_VECTORS_ARE_FOUND}"
    )]
    NoWords,
    /// A fold's test part would choose what is measured on it.
    #[error(
        "a fold's test part must choose nothing: cross-validation needs training.keep = \"last\", \
         training.relation_threshold, and no training.with_dev"
    )]
    FoldsChooseNothing,
    /// The configuration and the folds both say what the parts of the corpus are.
    #[error(
        "the folds say what is trained on: corpus.train, corpus.dev and corpus.dev_share have no place beside them"
    )]
    FoldsAreTheParts,
    /// What a fold starts from, or learns from besides, holds sentences that the fold is tested on.
    #[error(
        "fold {fold} would learn from {corpus}, which by its name holds what the fold is tested on: {{fold}} in a path names a \
         bundle or a file of each fold, and another corpus of the same name needs another name"
    )]
    LearntFromTestPart {
        /// The fold.
        fold: usize,
        /// Name of the corpus.
        corpus: String,
    },
    /// Dev would be learnt from and choose.
    #[error(
        "the run would learn from {0}, which by its name holds dev, by which it is measured: training.with_dev learns from dev and \
         chooses nothing, and another corpus of the same name needs another name"
    )]
    LearntFromDev(String),
    /// Scores cannot be told from so little.
    #[error(
        "{data}: in one half of it the model finds {found} {what}, too few to tell what its scores mean; {needed} are needed"
    )]
    TooFewToCalibrate {
        /// Name of the data.
        data: String,
        /// `entities` or `relations`.
        what: &'static str,
        /// How many are reported in the half that has fewer.
        found: usize,
        /// How many must be.
        needed: usize,
    },
    /// A run that would count twice in a mean.
    #[error("{}: named twice in average_with", .0.display())]
    AveragedTwice(PathBuf),
    /// Noise that cached states would not follow.
    #[error(
        "word_dropout, case_dropout and fragments must be 0 with ELMo, which reads every sentence once, as it stands"
    )]
    NoiseWithElmo,
    /// The folds do not fit the corpus.
    #[error(transparent)]
    Folds(#[from] crate::cross_validation::FoldsError),
    /// The labels contradict themselves.
    #[error("label schema: {0}")]
    Schema(#[from] spanarc_corpus::SchemaError),
    /// A sentence that cannot be trained on.
    #[error("sentence {id}: {source}{}", way_out(source))]
    Sentence {
        /// The sentence's id.
        id: String,
        /// Why.
        source: spanarc_corpus::TagError,
    },
    /// Training went out of bounds.
    #[error("the loss became {loss} in epoch {epoch}, step {step}: lower the learning rate")]
    Diverged {
        /// The loss.
        loss: f64,
        /// Epoch, from 1.
        epoch: usize,
        /// Step of the epoch, from 1.
        step: usize,
    },
    /// A corpus is not where or what it should be.
    #[error("{}: {reason}", path.display())]
    Corpus {
        /// Its file or folder.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Nothing tells the format of a file.
    #[error(transparent)]
    UnknownFormat(Box<spanarc_formats::ReadError>),
    /// A run was begun on another corpus.
    #[error(
        "{} holds a run with another `{input}` than this one, or with none: its content has changed since the run began",
        path.display()
    )]
    OtherInput {
        /// The run folder.
        path: PathBuf,
        /// Which, by the names of [`InputHashes`](crate::InputHashes).
        input: String,
    },
    /// Lines of a corpus that cannot be trained on or measured by.
    #[error("{}", first_of(.0))]
    Refused(Vec<spanarc_corpus::ReadError>),
    /// The model or its bundle.
    #[error(transparent)]
    Model(#[from] spanarc_model::ModelError),
    /// A bundle could not be written.
    #[error(transparent)]
    Bundle(#[from] spanarc_model::bundle::BundleError),
    /// Predictions cannot be compared with the corpus.
    #[error(transparent)]
    Score(#[from] spanarc_corpus::scoring::ScoreError),
    /// The optimiser.
    #[error(transparent)]
    Optimizer(#[from] crate::optimizer::OptimizerError),
    /// The run folder.
    #[error(transparent)]
    Run(#[from] crate::run_folder::RunFolderError),
    /// A tensor operation.
    #[error("training: {0}")]
    Tensor(#[from] candle_core::Error),
}

/// What to do about it, where a setting helps.
fn way_out(error: &spanarc_corpus::TagError) -> &'static str {
    match error {
        spanarc_corpus::TagError::Overlap { .. } => {
            "; with corpus.overlaps = \"drop\" one of them is left out"
        }
        _ => "",
    }
}

/// The first errors, a line each, and how many there are more.
fn first_of(errors: &[spanarc_corpus::ReadError]) -> String {
    const SHOWN: usize = 5;
    let shown = errors.iter().take(SHOWN).map(ToString::to_string);
    let mut lines: Vec<_> = shown.collect();
    if errors.len() > SHOWN {
        let more = errors.len() - SHOWN;
        lines.push(format!("… and {more} more"));
    }
    lines.join("\n")
}

impl TrainError {
    /// A corpus at `path` that is not what it should be.
    pub fn corpus(path: &Path, reason: String) -> Self {
        Self::Corpus {
            path: path.to_owned(),
            reason,
        }
    }

    /// An I/O error on `path`.
    pub fn io(path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

/// Result with [`TrainError`].
pub type Result<T> = std::result::Result<T, TrainError>;
