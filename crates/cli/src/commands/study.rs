//! What commands that train many runs have in common.

use std::{num::NonZeroUsize, path::PathBuf};

use anyhow::Result;
use clap::Args;
use spanarc_train::{
    Corpus, FolderLock, RunConfig, RunInput,
    processes::Processes,
    study::{self, Trainer},
};

use super::{device::DeviceArguments, pretrained::PretrainedArguments};

#[derive(Args)]
pub(crate) struct StudyArguments {
    /// Configuration, TOML; every field has a default
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// The corpus: folder with the parts train and dev, or the training part itself
    #[arg(long, value_name = "PATH")]
    data: PathBuf,
    #[command(flatten)]
    pretrained: PretrainedArguments,
    #[command(flatten)]
    device: DeviceArguments,
    /// Folder for all runs and the result
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: PathBuf,
    /// Runs side by side, each a process of its own
    #[arg(long, value_name = "NUMBER", default_value = "1")]
    processes: NonZeroUsize,
    /// Threads of each process; without it they share the cores evenly
    #[arg(long, value_name = "NUMBER")]
    threads: Option<NonZeroUsize>,
    /// Go on with what is in the folder, by the same arguments; what is finished is not trained again
    #[arg(long)]
    resume: bool,
}

impl StudyArguments {
    /// Makes the folder, and refuses one that is in use. It is this process' alone while the lock lives.
    pub(crate) fn open_folder(&self) -> Result<Option<FolderLock>> {
        Ok(study::open_folder(&self.out, self.resume)?)
    }

    /// Data and what is pretrained, as each run will read them.
    pub(crate) fn input(&self, config: &RunConfig) -> Result<RunInput> {
        Ok(RunInput {
            corpus: Corpus::read_for(config, &self.data)?,
            pretrained: self.pretrained.paths(),
            git_revision: None,
        })
    }

    /// Refuses a device that no run could use.
    pub(crate) fn trainer(&self) -> Result<Trainer> {
        self.device.open()?;
        Ok(Trainer {
            processes: Processes::of_this_program(self.processes, self.threads)?,
            data: self.data.clone(),
            pretrained: self.pretrained.paths(),
            arguments: self.device.arguments().into(),
        })
    }
}
