//! The folder that a run leaves behind.
//!
//! | file | content |
//! | --- | --- |
//! | `config.toml` | the resolved configuration |
//! | `metrics.jsonl` | one object an epoch, see [`EpochMetrics`] |
//! | `curves.svg` | losses and dev scores over epochs |
//! | `last.safetensors` | weights, optimiser state and progress, from which `--resume` goes on, see [`Checkpoint`] |
//! | `best.safetensors` | bundle of the epoch that was best on dev, or of the last where that is to be kept |
//! | `best.card.md` | its model card, written when the run ends or pauses, see [`model_card`] |
//! | `summary.json` | what the run came to, written at the same time, see [`RunSummary`] |
//! | `.lock` | empty; locked by the process that trains there |
//!
//! All but `metrics.jsonl` appear whole or not at all, see [`whole_file`], so that a run that is killed, or a full disk,
//! leaves the earlier state intact. To `metrics.jsonl` a line is appended an epoch; one that was cut off is passed over.

mod checkpoint;
mod curves;
mod metrics;
mod summary;

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

pub use checkpoint::{Checkpoint, Progress};
pub use curves::learning_curves;
pub use metrics::EpochMetrics;
use serde::{Serialize, de::DeserializeOwned};
use spanarc_model::bundle::Bundle;
pub use summary::RunSummary;

use crate::{
    folder_lock::{FolderLock, InUse},
    model_card, whole_file,
};

pub(crate) const CONFIG: &str = "config.toml";
const METRICS: &str = "metrics.jsonl";
const CURVES: &str = "curves.svg";
const LAST: &str = "last.safetensors";
const BEST: &str = "best.safetensors";
const CARD: &str = "best.card.md";
pub(crate) const SUMMARY: &str = "summary.json";

/// What goes wrong with a run folder; every error names the path.
#[derive(Debug, thiserror::Error)]
pub enum RunFolderError {
    /// The system refused.
    #[error("{}: {doing}: {source}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// Why it failed.
        source: io::Error,
    },
    /// The folder holds a run.
    #[error("{} holds a run already: continue it with --resume or replace it with --force", path.display())]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds a run that cannot go on.
    #[error("{} holds a run already, without `{LAST}` to go on from: replace it with --force", path.display())]
    Remains {
        /// The folder.
        path: PathBuf,
    },
    /// Two runs would write the same files.
    #[error("{} is in use: another process trains there", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing to go on from.
    #[error("{} holds no run to resume: `{LAST}` is missing", path.display())]
    NothingToResume {
        /// The folder.
        path: PathBuf,
    },
    /// A file of the folder cannot be understood.
    #[error("{}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
}

/// What to do with a run that is in the folder already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// Err, and touch nothing.
    #[default]
    Refuse,
    /// Keep it, to go on from its last checkpoint.
    Resume,
    /// Remove its files; other files stay.
    Replace,
}

/// The folder of a run.
#[derive(Debug, Clone)]
pub struct RunFolder {
    path: PathBuf,
    /// None in a folder that is only read from.
    lock: Option<FolderLock>,
}

impl RunFolder {
    /// A folder to read from, as it is.
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            lock: None,
        }
    }

    /// Makes the folder, and those above it, where they are missing, and keeps other processes from training there.
    pub fn open(path: &Path, existing: Existing) -> Result<Self, RunFolderError> {
        let mut folder = Self::at(path);
        // A configuration alone is what a run leaves that failed before the end of its first epoch.
        let occupied = [METRICS, LAST, BEST]
            .iter()
            .any(|name| folder.file(name).exists());
        match existing {
            Existing::Refuse if occupied => {
                return Err(match folder.has_checkpoint() {
                    true => RunFolderError::Exists { path: folder.path },
                    false => RunFolderError::Remains { path: folder.path },
                });
            }
            Existing::Resume if !folder.has_checkpoint() => {
                return Err(RunFolderError::NothingToResume { path: folder.path });
            }
            _ => {}
        }
        fs::create_dir_all(path)
            .map_err(|source| io_error(path, "making the run folder", source))?;
        folder.lock = FolderLock::of(path).map_err(|InUse| RunFolderError::InUse {
            path: path.to_owned(),
        })?;
        if existing == Existing::Replace {
            for name in [CONFIG, METRICS, CURVES, LAST, BEST, CARD, SUMMARY] {
                folder.remove(name)?;
            }
        }
        // Without a lock they may be another process', which is writing them.
        if folder.lock.is_some() {
            whole_file::remove_leftovers(path)
                .map_err(|source| io_error(path, "removing what a killed run left", source))?;
        }
        Ok(folder)
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the best bundle is, or will be.
    pub fn best(&self) -> PathBuf {
        self.file(BEST)
    }

    /// Where the resolved configuration is, or will be.
    pub fn config(&self) -> PathBuf {
        self.file(CONFIG)
    }

    /// Writes the resolved configuration.
    pub fn write_config(&self, config: &impl Serialize) -> Result<(), RunFolderError> {
        let path = self.file(CONFIG);
        let text = toml::to_string_pretty(config).map_err(|error| malformed(&path, error))?;
        write_whole(&path, text.as_bytes())
    }

    /// Whether a run has been started here.
    pub fn has_config(&self) -> bool {
        self.file(CONFIG).exists()
    }

    /// Reads the configuration.
    pub fn read_config<T: DeserializeOwned>(&self) -> Result<T, RunFolderError> {
        let path = self.file(CONFIG);
        let text =
            fs::read_to_string(&path).map_err(|source| io_error(&path, "reading", source))?;
        toml::from_str(&text).map_err(|error| malformed(&path, error))
    }

    /// Appends an epoch to the metrics and draws the learning curves anew.
    pub fn record(&self, epoch: &EpochMetrics) -> Result<(), RunFolderError> {
        let path = self.file(METRICS);
        let mut line = serde_json::to_string(epoch).map_err(|error| malformed(&path, error))?;
        line.push('\n');
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|source| io_error(&path, "opening", source))?;
        file.write_all(line.as_bytes())
            .map_err(|source| io_error(&path, "appending an epoch", source))?;
        self.draw()
    }

    /// The recorded epochs, in order. A last line that was cut off when the run was killed is left out.
    pub fn metrics(&self) -> Result<Vec<EpochMetrics>, RunFolderError> {
        let path = self.file(METRICS);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(io_error(&path, "reading", source)),
        };
        metrics::parse(&text).map_err(|reason| malformed(&path, reason))
    }

    /// Drops the records after `epoch`: what a resumed run repeats.
    pub fn forget_after(&self, epoch: usize) -> Result<(), RunFolderError> {
        let mut epochs = self.metrics()?;
        epochs.retain(|metrics| metrics.epoch <= epoch);
        let path = self.file(METRICS);
        let mut text = String::new();
        for metrics in &epochs {
            text += &serde_json::to_string(metrics).map_err(|error| malformed(&path, error))?;
            text.push('\n');
        }
        write_whole(&path, text.as_bytes())?;
        self.draw()
    }

    /// Replaces the bundle of the best epoch.
    pub fn write_best(&self, bundle: &[u8]) -> Result<(), RunFolderError> {
        write_whole(&self.best(), bundle)
    }

    /// Errs where the bundle of the best epoch is gone or damaged: a run that goes on may not write another.
    pub fn check_best(&self) -> Result<(), RunFolderError> {
        let parsed = Bundle::parse(&self.read_best()?).map(|_| ());
        parsed.map_err(|error| malformed(&self.best(), error))
    }

    fn read_best(&self) -> Result<Vec<u8>, RunFolderError> {
        let path = self.best();
        fs::read(&path).map_err(|source| io_error(&path, "reading", source))
    }

    /// Describes the bundle of the best epoch, if there is one.
    pub fn write_card(&self) -> Result<(), RunFolderError> {
        let path = self.best();
        if !path.exists() {
            return Ok(());
        }
        let card = model_card::render(BEST, &self.read_best()?)
            .map_err(|error| malformed(&path, error))?;
        write_whole(&self.file(CARD), card.as_bytes())
    }

    /// Replaces the last checkpoint.
    pub fn write_last(&self, checkpoint: &Checkpoint) -> Result<(), RunFolderError> {
        checkpoint.write(&self.file(LAST))
    }

    /// Whether there is a checkpoint to go on from.
    pub fn has_checkpoint(&self) -> bool {
        self.file(LAST).exists()
    }

    /// Reads the last checkpoint.
    pub fn read_last(&self) -> Result<Checkpoint, RunFolderError> {
        Checkpoint::read(&self.file(LAST))
    }

    /// How far the run had come at the last checkpoint.
    pub fn read_progress(&self) -> Result<Progress, RunFolderError> {
        checkpoint::read_progress(&self.file(LAST))
    }

    /// Removes the last checkpoint of a run that nobody will go on with.
    pub fn remove_last(&self) -> Result<(), RunFolderError> {
        self.remove(LAST)
    }

    /// Writes what the run came to.
    pub fn write_summary(&self, summary: &RunSummary) -> Result<(), RunFolderError> {
        let path = self.file(SUMMARY);
        let mut text =
            serde_json::to_string_pretty(summary).map_err(|error| malformed(&path, error))?;
        text.push('\n');
        write_whole(&path, text.as_bytes())
    }

    /// What the run came to; none where it has not ended.
    pub fn summary(&self) -> Result<Option<RunSummary>, RunFolderError> {
        let path = self.file(SUMMARY);
        match fs::read_to_string(&path) {
            Ok(text) => summary::parse(&text)
                .map(Some)
                .map_err(|reason| malformed(&path, reason)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(io_error(&path, "reading", source)),
        }
    }

    /// Removes what describes the end of a run that goes on: summary and model card.
    pub fn forget_ending(&self) -> Result<(), RunFolderError> {
        self.remove(SUMMARY)?;
        self.remove(CARD)
    }

    fn draw(&self) -> Result<(), RunFolderError> {
        let path = self.file(CURVES);
        let svg = learning_curves(&self.metrics()?).map_err(|reason| malformed(&path, reason))?;
        write_whole(&path, svg.as_bytes())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    fn remove(&self, name: &str) -> Result<(), RunFolderError> {
        let path = self.file(name);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(io_error(&path, "removing a file of the run", source))
            }
            _ => Ok(()),
        }
    }
}

fn io_error(path: &Path, doing: &'static str, source: io::Error) -> RunFolderError {
    RunFolderError::Io {
        path: path.to_owned(),
        doing,
        source,
    }
}

fn malformed(path: &Path, reason: impl ToString) -> RunFolderError {
    RunFolderError::Malformed {
        path: path.to_owned(),
        reason: reason.to_string(),
    }
}

/// [`whole_file::write`] with an error that names the file.
fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), RunFolderError> {
    let doing = "writing (the earlier file, if any, is intact)";
    whole_file::write(path, bytes).map_err(|source| io_error(path, doing, source))
}

#[cfg(test)]
mod tests;
