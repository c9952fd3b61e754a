//! A pretrained encoder in the layout of the Hugging Face hub: `config.json`, `vocab.txt`, `model.safetensors`.

mod lowercase;
mod names;
mod shape;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use candle_core::{DType, Device, Tensor};
use serde::de::DeserializeOwned;
use spanarc_model::{config::EncoderConfig, embedding::wordpiece::WordPieces};

use crate::error::{Result, TrainError};
use lowercase::Lowercase;

const CONFIG: &str = "config.json";
const VOCABULARY: &str = "vocab.txt";
const WEIGHTS: &str = "model.safetensors";

/// The table of positions.
const POSITIONS: &str = "embeddings.position_embeddings.weight";

/// MPNet's bias of attention scores, which belongs to no layer.
const RELATIVE_BIAS: &str = "encoder.relative_attention_bias.weight";

/// A pretrained encoder.
#[derive(Debug)]
pub struct PretrainedEncoder {
    /// Folder it was read from.
    pub folder: PathBuf,
    /// Full shape, all layers.
    pub config: EncoderConfig,
    /// One piece a line.
    pub vocabulary: String,
    /// Parameters as the network names them, which is as `BertModel` does.
    pub tensors: HashMap<String, Tensor>,
}

impl PretrainedEncoder {
    /// Reads the folder.
    pub fn read(folder: &Path) -> Result<Self> {
        let config = Self::read_config(folder)?;
        let weights = folder.join(WEIGHTS);
        let refuse = |reason: String| TrainError::Encoder {
            path: weights.clone(),
            reason,
        };
        let tensors = candle_core::safetensors::load(&weights, &Device::Cpu)
            .map_err(|error| refuse(error.to_string()))?;
        let named =
            |(name, tensor): (String, Tensor)| (names::of_network(config.kind, &name), tensor);
        for (name, tensor) in &tensors {
            if !is_finite(tensor).map_err(|error| refuse(format!("`{name}`: {error}")))? {
                return Err(refuse(format!(
                    "`{name}` holds a number that is not finite"
                )));
            }
        }
        let mut tensors: HashMap<_, _> = tensors.into_iter().map(named).collect();
        if let Some(table) = tensors.get_mut(POSITIONS) {
            let before = shape::rows_before_positions(config.kind);
            *table = without_first(before, table).map_err(|error| refuse(error.to_string()))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            vocabulary: read_vocabulary(&folder.join(VOCABULARY), &config)?,
            config,
            tensors,
        })
    }

    /// Those that [`read`](Self::read) reads.
    pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
        let mut files = [CONFIG, VOCABULARY, WEIGHTS]
            .map(|name| folder.join(name))
            .to_vec();
        // A folder of which they cannot be read is not read either.
        if let Ok(lowercase) = Lowercase::read(folder) {
            files.extend(lowercase.files);
        }
        files
    }

    /// The encoder's full shape, from `config.json` and, where they are, `tokenizer_config.json` and `tokenizer.json`.
    pub fn read_config(folder: &Path) -> Result<EncoderConfig> {
        let path = folder.join(CONFIG);
        let text = read_text(&path)?;
        let config = shape::of(&text, Lowercase::read(folder)?.lowercase);
        config.map_err(|reason| TrainError::Encoder { path, reason })
    }

    /// Whether the network has a use for a parameter of this name once its upper layers are left out.
    pub(crate) fn is_kept(name: &str, layers: usize) -> bool {
        match Self::layer_of(name) {
            0 => {
                Self::is_table(name)
                    || name.starts_with("embeddings.LayerNorm.")
                    || name == RELATIVE_BIAS
            }
            layer => layer <= layers,
        }
    }

    /// Whether it is a table of embeddings.
    pub(crate) fn is_table(name: &str) -> bool {
        name.starts_with("embeddings.") && name.ends_with("embeddings.weight")
    }

    /// The name by which the encoder's file has, or should have, a parameter of the network.
    pub(crate) fn published_name(&self, name: &str) -> String {
        names::published(self.config.kind, name)
    }

    /// The layer that a parameter belongs to, counted from 1; 0 for the embeddings, and for what all layers share.
    pub fn layer_of(name: &str) -> usize {
        let index = name
            .split("encoder.layer.")
            .nth(1)
            .and_then(|rest| rest.split('.').next());
        index
            .and_then(|index| index.parse::<usize>().ok())
            .map_or(0, |index| index + 1)
    }
}

/// Whether a tensor holds numbers, and no infinity: a sum with anything else is not finite. Whole numbers always are.
fn is_finite(tensor: &Tensor) -> candle_core::Result<bool> {
    if !tensor.dtype().is_float() {
        return Ok(true);
    }
    let sum = tensor.to_dtype(DType::F64)?.abs()?.sum_all()?;
    Ok(sum.to_scalar::<f64>()?.is_finite())
}

/// A table without its first rows.
fn without_first(count: usize, table: &Tensor) -> candle_core::Result<Tensor> {
    let (rows, _) = table.dims2()?;
    let count = count.min(rows);
    table.narrow(0, count, rows - count)?.contiguous()
}

/// One piece a line, as many as the configuration says and with those that every text needs.
fn read_vocabulary(path: &Path, config: &EncoderConfig) -> Result<String> {
    let vocabulary = read_text(path)?.trim_end().replace('\r', "");
    let refuse = |reason| {
        Err(TrainError::Encoder {
            path: path.to_owned(),
            reason,
        })
    };
    let (found, expected) = (vocabulary.lines().count(), config.vocabulary);
    if found != expected {
        return refuse(format!("{found} pieces, by {CONFIG} there are {expected}"));
    }
    match WordPieces::new(&vocabulary, config.kind, config.lowercase) {
        Ok(_) => Ok(vocabulary),
        Err(error) => refuse(error.to_string()),
    }
}

fn read_text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|source| TrainError::io(path, source))
}

fn parse<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_str(&read_text(path)?).map_err(|error| TrainError::Encoder {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}
