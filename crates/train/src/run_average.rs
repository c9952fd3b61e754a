//! The mean of the weights of several runs (Wortsman et al. 2022, "Model soups"): runs that start from the same weights and
//! differ in seed or noise end around one minimum, and their middle is better than most of them.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    path::{Path, PathBuf},
};

use candle_core::{Device, Tensor};

use crate::{
    config::RunConfig,
    error::{Result, TrainError},
    preparation::Run,
    seeded_vars::SeededVars,
    starting_weights::StartingWeights,
};

/// Bundles of other runs, with which a run's last weights are averaged.
#[derive(Debug)]
pub(crate) struct OtherRuns(Vec<(PathBuf, StartingWeights)>);

impl OtherRuns {
    /// Reads those that the configuration names.
    pub(crate) fn read(config: &RunConfig) -> Result<Self> {
        if let Some(path) = named_twice(&config.average_with) {
            return Err(TrainError::AveragedTwice(path.clone()));
        }
        let paths = config.average_with.iter();
        let read = |path: &PathBuf| Ok((path.clone(), StartingWeights::read(path)?));
        paths.map(read).collect::<Result<_>>().map(Self)
    }

    /// Their weights.
    pub(crate) fn weights(&self) -> impl Iterator<Item = &StartingWeights> {
        self.0.iter().map(|(_, weights)| weights)
    }
}

/// The first path, if any, that leads where an earlier one does.
pub fn named_twice(paths: &[PathBuf]) -> Option<&PathBuf> {
    let mut known = HashSet::new();
    (paths.iter())
        .find(|path| !known.insert(fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf())))
}

impl Run<'_> {
    /// The mean of these parameters of the run and those of the others. A row of the characters' table that another run lacks
    /// counts as this run's. Errs where a network differs in more than its alphabet.
    pub(crate) fn averaged(
        &self,
        own: BTreeMap<String, Tensor>,
    ) -> Result<BTreeMap<String, Tensor>> {
        let mut mean = own.clone();
        for (index, (path, weights)) in self.other_runs.0.iter().enumerate() {
            let towards = 1. / (index + 2) as f64;
            for (name, tensor) in self.aligned(path, weights, &own)? {
                if let Some(mean) = mean.get_mut(&name) {
                    let change = ((tensor - &*mean)? * towards)?;
                    *mean = (&*mean + change)?;
                }
            }
        }
        Ok(mean)
    }

    /// The parameters of another run in the places of this run's.
    fn aligned(
        &self,
        path: &Path,
        weights: &StartingWeights,
        own: &BTreeMap<String, Tensor>,
    ) -> Result<BTreeMap<String, Tensor>> {
        let vars = SeededVars::new(self.config.seed, &Device::Cpu);
        for (name, tensor) in own {
            vars.insert(name, tensor, false)?;
        }
        let metadata = &self.metadata;
        let vocabularies = self.pretrained.vocabularies();
        let taken = weights.place(&vars, &metadata.network, &metadata.schema, vocabularies)?;
        let report = weights.report(path, taken, own.keys());
        match report.others.iter().chain(&report.unused).next() {
            Some(parameter) => Err(TrainError::OtherNetwork {
                path: path.to_owned(),
                parameter: parameter.clone(),
            }),
            None => Ok(vars.tensors()),
        }
    }
}
