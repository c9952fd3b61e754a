//! What a run is told: its configuration, and what is said in place of parts of it.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::Result;
use clap::Args;
use spanarc_train::RunConfig;

#[derive(Args)]
pub(crate) struct SettingsArguments {
    /// Configuration, TOML; every field has a default
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// Seed, instead of the configuration's
    #[arg(long)]
    seed: Option<u64>,
    /// Bundle whose weights a run starts from, so far as they fit, instead of the configuration's; it must not have learnt from
    /// what the run is measured on
    #[arg(long, value_name = "BUNDLE")]
    start_from: Option<PathBuf>,
    /// Bundle of another run of the same network, with whose weights the last ones of this run are averaged, instead of the
    /// configuration's; may be given several times
    #[arg(long, value_name = "BUNDLE")]
    average_with: Vec<PathBuf>,
}

impl SettingsArguments {
    /// The configuration's file.
    pub(crate) fn path(&self) -> &Path {
        &self.config
    }

    /// The configuration with what is said in place of parts of it, and with what `change` makes of it.
    pub(crate) fn read(&self, change: impl FnOnce(&mut RunConfig)) -> Result<RunConfig> {
        let mut config = RunConfig::read(&self.config)?;
        config.seed = self.seed.unwrap_or(config.seed);
        if let Some(bundle) = &self.start_from {
            config.start_from = Some(std::path::absolute(bundle)?);
        }
        if !self.average_with.is_empty() {
            let absolute = self.average_with.iter().map(std::path::absolute);
            config.average_with = absolute.collect::<Result<_, _>>()?;
        }
        change(&mut config);
        config.validate(&self.config)?;
        Ok(config)
    }

    /// The same for another process of this program.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let mut all: Vec<OsString> = vec!["--config".into(), self.config.clone().into()];
        if let Some(seed) = self.seed {
            all.extend(["--seed".into(), seed.to_string().into()]);
        }
        if let Some(bundle) = &self.start_from {
            all.extend(["--start-from".into(), bundle.into()]);
        }
        for bundle in &self.average_with {
            all.extend(["--average-with".into(), bundle.into()]);
        }
        all
    }
}
