//! The results page: records of runs and published figures in, Markdown out.
//!
//! Run folders are large; what is kept of them in a repository are their small files, collected by [`collect`]. The
//! layout below a folder of records, one folder an experiment:
//!
//! | file | content |
//! | --- | --- |
//! | `published.toml` | corpora and published figures, see [`Published`] |
//! | `EXPERIMENT/experiment.toml` | title, extra data, what it is compared with, see [`Description`] |
//! | `EXPERIMENT/…/summary.json`, `config.toml` | of each run: at the top, below `seed-1/`, or below `VARIANT/seed-1/` |
//! | `EXPERIMENT/…/cross-validation.json` | beside `fold-0/`, `fold-1/`, …, which are runs: at the top, or below `seed-1/` |
//! | `EXPERIMENT/ablation.json` | the report of an ablation, runs included |
//! | `EXPERIMENT/table.md`, `trials.jsonl`, `plot.svg` | of a search for settings |

mod collecting;
mod comparison;
mod experiment;
mod page;
mod published;
mod reading;
#[cfg(test)]
mod tests;

use std::{
    io,
    path::{Path, PathBuf},
};

pub use collecting::collect;
pub use experiment::{
    Content, CrossValidationRecord, Description, Experiment, Group, GroupScores, RunRecord,
};
pub use page::render;
pub use published::{ComparedCorpus, Published, PublishedScores};

use crate::{error::TrainError, run_folder::RunFolderError, study::StudyError};

/// What goes wrong with records; every error names the path.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// The system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file or folder is not as it should be.
    #[error("{}: {reason}", path.display())]
    Malformed {
        /// File or folder.
        path: PathBuf,
        /// What and where.
        reason: String,
    },
    /// A run's own file.
    #[error(transparent)]
    Run(#[from] RunFolderError),
    /// The scores of a cross-validation.
    #[error(transparent)]
    CrossValidation(#[from] TrainError),
    /// The report of an ablation.
    #[error(transparent)]
    Ablation(#[from] StudyError),
}

impl ResultsError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }

    fn no_experiment(path: &Path, other: &str) -> Self {
        let reason = format!("is compared with {other}, which is no experiment");
        Self::malformed(path, reason)
    }

    fn malformed(path: &Path, reason: impl ToString) -> Self {
        Self::Malformed {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// Everything that a results page is made of.
#[derive(Debug, Clone)]
pub struct Records {
    /// Published figures and the corpora that they are of.
    pub published: Published,
    /// Our experiments, by name.
    pub experiments: Vec<Experiment>,
}

impl Records {
    /// Reads a folder of records.
    pub fn read(folder: &Path) -> Result<Self, ResultsError> {
        let published = Published::read(&folder.join("published.toml"))?;
        let experiments: Vec<Experiment> = reading::subfolders(folder)?
            .iter()
            .map(|path| Experiment::read(path))
            .collect::<Result<_, _>>()?;
        for experiment in &experiments {
            if let Some(other) = &experiment.description.compared_with
                && !experiments.iter().any(|one| one.name == *other)
            {
                let path = folder.join(&experiment.name);
                return Err(ResultsError::no_experiment(&path, other));
            }
        }
        Ok(Self {
            published,
            experiments,
        })
    }
}
