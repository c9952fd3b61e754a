//! The state of a run after an epoch, from which it goes on as if it had not stopped.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    io::Read as _,
    path::Path,
};

use candle_core::{Device, Tensor, safetensors::Load as _};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use super::{RunFolderError, io_error, malformed, write_whole};
use crate::inputs::InputHashes;

/// Key of safetensors' `__metadata__`.
const PROGRESS: &str = "progress";
/// That of safetensors itself, in bytes.
const HEADER_LIMIT: u64 = 100_000_000;
const WEIGHTS: &str = "weights.";
const OPTIMIZER: &str = "optimizer.";
const AVERAGES: &str = "average.";

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Epochs completed. Shuffling and dropout of an epoch are to be seeded from the run's seed and the epoch's number,
    /// so that no generator has to be saved.
    pub epoch: usize,
    /// Optimiser steps taken.
    pub step: usize,
    /// Epoch whose weights are kept, 0 for none.
    pub best_epoch: usize,
    /// Its score on dev, by which epochs are compared, if it has been measured there.
    pub best_score: Option<f64>,
    /// What it learns from.
    #[serde(default, alias = "corpus_sha256")]
    pub inputs_sha256: InputHashes,
}

/// Weights, optimiser state and progress; of any device when written, on the CPU when read.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// How far the run has come.
    pub progress: Progress,
    /// Trainable parameters by name.
    pub weights: BTreeMap<String, Tensor>,
    /// The optimiser's state by its own names.
    pub optimizer: BTreeMap<String, Tensor>,
    /// Averages of the trainable parameters by name; empty in a run without.
    pub averages: BTreeMap<String, Tensor>,
}

impl Checkpoint {
    pub(super) fn write(&self, path: &Path) -> Result<(), RunFolderError> {
        let progress =
            serde_json::to_string(&self.progress).map_err(|error| malformed(path, error))?;
        let prefixed = |prefix: &'static str, tensors: &BTreeMap<String, Tensor>| {
            let tensors: Vec<_> = tensors
                .iter()
                .map(|(name, tensor)| (format!("{prefix}{name}"), tensor.clone()))
                .collect();
            tensors
        };
        let mut tensors = prefixed(WEIGHTS, &self.weights);
        tensors.extend(prefixed(OPTIMIZER, &self.optimizer));
        tensors.extend(prefixed(AVERAGES, &self.averages));
        let metadata = [(PROGRESS.to_string(), progress)].into();
        let bytes = safetensors::serialize(tensors, Some(metadata))
            .map_err(|error| malformed(path, error))?;
        write_whole(path, &bytes)
    }

    pub(super) fn read(path: &Path) -> Result<Self, RunFolderError> {
        let bytes = fs::read(path).map_err(|source| io_error(path, "reading", source))?;
        let (_, header) =
            SafeTensors::read_metadata(&bytes).map_err(|error| malformed(path, error))?;
        let mut checkpoint = Self {
            progress: progress(path, header.metadata().as_ref())?,
            weights: BTreeMap::new(),
            optimizer: BTreeMap::new(),
            averages: BTreeMap::new(),
        };
        let tensors = SafeTensors::deserialize(&bytes).map_err(|error| malformed(path, error))?;
        for (name, view) in tensors.iter() {
            let tensor = view
                .load(&Device::Cpu)
                .map_err(|error| malformed(path, format!("tensor `{name}`: {error}")))?;
            if let Some(name) = name.strip_prefix(WEIGHTS) {
                checkpoint.weights.insert(name.into(), tensor);
            } else if let Some(name) = name.strip_prefix(OPTIMIZER) {
                checkpoint.optimizer.insert(name.into(), tensor);
            } else if let Some(name) = name.strip_prefix(AVERAGES) {
                checkpoint.averages.insert(name.into(), tensor);
            } else {
                return Err(malformed(
                    path,
                    format!("tensor `{name}` is neither a weight, an average nor of the optimiser"),
                ));
            }
        }
        Ok(checkpoint)
    }
}

/// How far the run had come that left the file, from its header alone: the weights are large.
pub(super) fn read_progress(path: &Path) -> Result<Progress, RunFolderError> {
    let failed = |source| io_error(path, "reading", source);
    let mut file = File::open(path).map_err(failed)?;
    let mut length = [0; 8];
    file.read_exact(&mut length).map_err(failed)?;
    let mut header = Vec::new();
    file.take(u64::from_le_bytes(length).min(HEADER_LIMIT))
        .read_to_end(&mut header)
        .map_err(failed)?;
    let header: Header = serde_json::from_slice(&header).map_err(|error| malformed(path, error))?;
    progress(path, header.metadata.as_ref())
}

fn progress(
    path: &Path,
    metadata: Option<&HashMap<String, String>>,
) -> Result<Progress, RunFolderError> {
    let progress = metadata
        .and_then(|metadata| metadata.get(PROGRESS))
        .ok_or_else(|| malformed(path, "is no checkpoint: its metadata has no progress"))?;
    serde_json::from_str(progress).map_err(|error| malformed(path, error))
}

/// What of a safetensors header is no tensor.
#[derive(Deserialize)]
struct Header {
    #[serde(rename = "__metadata__")]
    metadata: Option<HashMap<String, String>>,
}
