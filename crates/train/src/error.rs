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
    #[error("the configuration has an [encoder] table, but no encoder was given")]
    NoEncoder,
    /// There is nothing to choose by.
    #[error(
        "corpus {corpus} has no dev part, by which {chosen}: give it one (dev.jsonl), or set training.keep = \"last\" and \
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
        loss: f32,
        /// Epoch, from 1.
        epoch: usize,
        /// Step of the epoch, from 1.
        step: usize,
    },
    /// The corpus is malformed.
    #[error(transparent)]
    Corpus(Box<spanarc_corpus::ReadError>),
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

impl From<spanarc_corpus::ReadError> for TrainError {
    // In a box, since it is larger than all others, and results carry the size of the largest.
    fn from(error: spanarc_corpus::ReadError) -> Self {
        Self::Corpus(Box::new(error))
    }
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

impl TrainError {
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
