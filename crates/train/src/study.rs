//! What studies of many runs share: planned runs, each a process of `spanarc train` in a run folder of its own.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    config::RunConfig,
    corpus::Corpus,
    error::TrainError,
    folder_lock::{FolderLock, InUse, LOCK},
    inputs::InputComparison,
    pretrained::PretrainedPaths,
    processes::{Ending, Job, ProcessError, Processes},
    run_folder::{RunFolder, RunFolderError, RunSummary},
    whole_file,
};

/// What can go wrong in a study, besides in its runs.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is not as it should be.
    #[error("{}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What and where.
        reason: String,
    },
    /// The folder is in use.
    #[error("{} holds something already: go on with it by --resume, or name another folder", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// Another process works there.
    #[error("{} is in use: another process works there", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// There is nothing to go on with.
    #[error("{} is not there to be resumed", path.display())]
    NothingToResume {
        /// The folder.
        path: PathBuf,
    },
    /// A run was made by other settings.
    #[error("{} holds a run with other settings than those asked for: name another folder", path.display())]
    OtherSettings {
        /// The run folder.
        path: PathBuf,
    },
    /// A run folder.
    #[error(transparent)]
    Run(#[from] RunFolderError),
    /// The processes.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// The trainer.
    #[error(transparent)]
    Train(#[from] TrainError),
}

impl StudyError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    pub(crate) fn malformed(path: &Path, reason: impl ToString) -> Self {
        Self::Malformed {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// Result with [`StudyError`].
pub type Result<T> = std::result::Result<T, StudyError>;

/// Makes the folder of a study: one that is new or empty, or with `resume` one that is there. While the lock lives no
/// other study can work there; none where the file system has none.
pub fn open_folder(path: &Path, resume: bool) -> Result<Option<FolderLock>> {
    let failed = |source| StudyError::io(path, source);
    let owned = || path.to_owned();
    let in_use = |entry: io::Result<fs::DirEntry>| entry.is_ok_and(|one| one.file_name() != LOCK);
    match fs::read_dir(path).map(|mut entries| entries.any(in_use)) {
        Ok(true) if !resume => return Err(StudyError::Occupied { path: owned() }),
        Ok(_) => {}
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        Err(_) if resume => return Err(StudyError::NothingToResume { path: owned() }),
        Err(_) => fs::create_dir_all(path).map_err(failed)?,
    }
    FolderLock::of(path).map_err(|InUse| StudyError::InUse { path: owned() })
}

/// Writes a file of a study whole.
pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    whole_file::write(path, text.as_bytes()).map_err(|source| StudyError::io(path, source))
}

/// A run of a study.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRun {
    /// Its run folder.
    pub folder: PathBuf,
    /// Its settings, with the seed.
    pub config: RunConfig,
    /// Epoch after which it pauses, if it does not end before; the learning rate still follows all epochs of the run.
    pub epochs: usize,
}

impl PlannedRun {
    /// A run to the end of its configuration.
    pub fn whole(folder: PathBuf, config: RunConfig) -> Self {
        Self {
            folder,
            config,
            epochs: usize::MAX,
        }
    }

    /// What it came to, if it has come as far as planned.
    pub fn summary(&self) -> Result<Option<RunSummary>> {
        let far = |summary: &RunSummary| !summary.paused || summary.epochs >= self.epochs;
        Ok(RunFolder::at(&self.folder).summary()?.filter(far))
    }

    /// The process that starts the run, or goes on with it. Writes its configuration, with which it is started.
    fn job(&self, trainer: &Trainer) -> Result<Job> {
        let folder = RunFolder::at(&self.folder);
        let existing = if folder.has_checkpoint() {
            "--resume"
        } else {
            fs::create_dir_all(&self.folder)
                .map_err(|source| StudyError::io(&self.folder, source))?;
            folder.write_config(&self.config)?;
            "--force"
        };
        let mut arguments: Vec<OsString> = vec!["train".into(), existing.into()];
        arguments.extend(["--config".into(), self.folder.join("config.toml").into()]);
        arguments.extend(["--out".into(), self.folder.clone().into()]);
        if self.epochs < usize::MAX {
            arguments.extend(["--stop-after".into(), self.epochs.to_string().into()]);
        }
        arguments.extend(["--data".into(), trainer.data.clone().into()]);
        arguments.extend(trainer.pretrained.arguments());
        arguments.extend_from_slice(&trainer.arguments);
        Ok(Job {
            arguments,
            log: self.folder.join("train.log"),
        })
    }

    /// Errs where the folder holds a run of other settings.
    fn check_settings(&self) -> Result<()> {
        let folder = RunFolder::at(&self.folder);
        if folder.read_config::<RunConfig>()? == self.config {
            Ok(())
        } else {
            let path = self.folder.clone();
            Err(StudyError::OtherSettings { path })
        }
    }
}

/// How the runs of a study are trained.
#[derive(Debug, Clone)]
pub struct Trainer {
    /// Processes of `spanarc`.
    pub processes: Processes,
    /// The corpus.
    pub data: PathBuf,
    /// Encoder, ELMo, word vectors.
    pub pretrained: PretrainedPaths,
    /// Further arguments that `spanarc train` gets for every run: the device.
    pub arguments: Vec<OsString>,
}

impl Trainer {
    /// Brings the runs as far as planned; those that are there cost nothing, and must have the same settings and inputs:
    /// otherwise nothing is trained and nothing written. `ended` is told of each in the order in which they end: its index,
    /// and its summary or its error, which ends no other run.
    pub fn train(
        &self,
        runs: &[PlannedRun],
        mut ended: impl FnMut(usize, std::result::Result<RunSummary, String>) -> Result<()>,
    ) -> Result<()> {
        for run in runs {
            self.pretrained.check(&run.config)?;
        }
        let mut inputs = InputComparison::new(&self.pretrained);
        let summaries = (runs.iter())
            .map(|run| self.standing(run, &mut inputs))
            .collect::<Result<Vec<_>>>()?;
        let (mut jobs, mut left) = (Vec::new(), Vec::new());
        for (index, (run, summary)) in runs.iter().zip(summaries).enumerate() {
            match summary {
                Some(summary) => ended(index, Ok(summary))?,
                None => {
                    jobs.push(run.job(self)?);
                    left.push((index, run));
                }
            }
        }
        self.processes.run(&jobs, |job, ending: Ending| {
            let (index, run) = left[job];
            let nothing = || "ended without a summary of the run".to_owned();
            let outcome = match ending {
                Ok(()) => {
                    run.check_settings()?;
                    run.summary()?.ok_or_else(nothing)
                }
                Err(reason) => Err(reason),
            };
            ended(index, outcome)
        })
    }

    /// What a run came to that is as far as planned.
    fn standing(
        &self,
        run: &PlannedRun,
        inputs: &mut InputComparison,
    ) -> Result<Option<RunSummary>> {
        let summary = run.summary()?;
        let folder = RunFolder::at(&run.folder);
        let begun_with = match &summary {
            Some(summary) => summary.inputs_sha256.clone(),
            None if folder.has_checkpoint() => folder.read_progress()?.inputs_sha256,
            None => return Ok(None),
        };
        run.check_settings()?;
        // A variant may read the corpus its own way.
        let corpus = || Corpus::read_for(&run.config, &self.data);
        inputs.check(&run.folder, &run.config, corpus, &begun_with)?;
        Ok(summary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_in_use_is_only_taken_to_go_on() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("study");
        let missing = open_folder(&path, true).unwrap_err().to_string();
        assert!(missing.ends_with("is not there to be resumed"), "{missing}");
        let lock = open_folder(&path, false).unwrap();
        let in_use = open_folder(&path, false).unwrap_err().to_string();
        assert!(
            in_use.ends_with("is in use: another process works there"),
            "{in_use}"
        );
        drop(lock);
        open_folder(&path, false).unwrap();
        fs::write(path.join("notes.md"), "mine").unwrap();
        let occupied = open_folder(&path, false).unwrap_err().to_string();
        assert!(occupied.contains("--resume"), "{occupied}");
        open_folder(&path, true).unwrap();
    }

    #[test]
    fn a_run_is_as_far_as_planned_at_its_epoch_or_at_its_end() {
        let place = tempfile::tempdir().unwrap();
        let mut run = PlannedRun::whole(place.path().to_owned(), RunConfig::default());
        assert_eq!(run.summary().unwrap(), None);
        let mut summary = RunSummary {
            format: RunSummary::FORMAT,
            name: "tiny".into(),
            seed: 1,
            git_revision: None,
            corpora: vec!["towns".into()],
            inputs_sha256: crate::InputHashes::default(),
            encoder: None,
            device: "cpu".into(),
            trainable_parameters: 10,
            total_parameters: 10,
            epochs: 8,
            paused: true,
            best_epoch: 3,
            relation_threshold: 0.5,
            seconds: 1.,
            sentences_per_second: 1.,
            scores: Vec::new(),
        };
        let folder = RunFolder::at(place.path());
        folder.write_summary(&summary).unwrap();
        assert_eq!(run.summary().unwrap(), None);
        run.epochs = 8;
        assert!(run.summary().unwrap().is_some());
        run.epochs = 20;
        assert_eq!(run.summary().unwrap(), None);
        summary.paused = false;
        folder.write_summary(&summary).unwrap();
        assert!(run.summary().unwrap().is_some());
    }
}
