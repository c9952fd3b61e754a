//! A pretrained encoder in the layout of the Hugging Face hub: `config.json`, `vocab.txt`, `model.safetensors`.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use candle_core::{Device, Tensor};
use serde::{Deserialize, de::DeserializeOwned};
use spanarc_model::{
    config::{EncoderConfig, LayerChoice, PiecePooling},
    embedding::wordpiece::WordPieces,
};

use crate::error::{Result, TrainError};

const CONFIG: &str = "config.json";
const TOKENIZER: &str = "tokenizer_config.json";
const VOCABULARY: &str = "vocab.txt";
const WEIGHTS: &str = "model.safetensors";

/// A pretrained encoder.
#[derive(Debug)]
pub struct PretrainedEncoder {
    /// Folder it was read from.
    pub folder: PathBuf,
    /// Full shape, all layers.
    pub config: EncoderConfig,
    /// One piece a line.
    pub vocabulary: String,
    /// Parameters as `BertModel` names them.
    pub tensors: HashMap<String, Tensor>,
}

#[derive(Deserialize)]
struct BertConfig {
    vocab_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    max_position_embeddings: usize,
    layer_norm_eps: f64,
    hidden_act: String,
}

#[derive(Default, Deserialize)]
struct TokenizerConfig {
    do_lower_case: Option<bool>,
}

impl PretrainedEncoder {
    /// Reads the folder.
    pub fn read(folder: &Path) -> Result<Self> {
        let config = Self::read_config(folder)?;
        let weights = folder.join(WEIGHTS);
        let tensors = candle_core::safetensors::load(&weights, &Device::Cpu).map_err(|error| {
            TrainError::Encoder {
                path: weights,
                reason: error.to_string(),
            }
        })?;
        // Checkpoints of a whole task keep the encoder under a name of its own.
        let plain = |(name, tensor): (String, Tensor)| {
            (
                name.strip_prefix("bert.")
                    .map(str::to_owned)
                    .unwrap_or(name),
                tensor,
            )
        };
        Ok(Self {
            folder: folder.to_owned(),
            vocabulary: read_vocabulary(&folder.join(VOCABULARY), &config)?,
            config,
            tensors: tensors.into_iter().map(plain).collect(),
        })
    }

    /// Those that [`read`](Self::read) reads.
    pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
        let mut files = [CONFIG, VOCABULARY, WEIGHTS]
            .map(|name| folder.join(name))
            .to_vec();
        let tokenizer = folder.join(TOKENIZER);
        if tokenizer.exists() {
            files.push(tokenizer);
        }
        files
    }

    /// The encoder's full shape, from `config.json` and, where there is one, `tokenizer_config.json`.
    pub fn read_config(folder: &Path) -> Result<EncoderConfig> {
        let path = folder.join(CONFIG);
        let bert: BertConfig = parse(&path)?;
        if bert.hidden_act != "gelu" {
            let reason = format!("hidden_act {:?}, only gelu is known", bert.hidden_act);
            return Err(TrainError::Encoder { path, reason });
        }
        let (hidden, heads) = (bert.hidden_size, bert.num_attention_heads);
        if heads == 0 || hidden % heads != 0 {
            let reason =
                format!("num_attention_heads {heads} does not divide hidden_size {hidden}");
            return Err(TrainError::Encoder { path, reason });
        }
        let path = folder.join(TOKENIZER);
        let tokenizer = if path.exists() {
            parse(&path)?
        } else {
            TokenizerConfig::default()
        };
        Ok(EncoderConfig {
            vocabulary: bert.vocab_size,
            hidden: bert.hidden_size,
            layers: bert.num_hidden_layers,
            heads: bert.num_attention_heads,
            intermediate: bert.intermediate_size,
            positions: bert.max_position_embeddings,
            layer_norm_eps: bert.layer_norm_eps,
            lowercase: tokenizer.do_lower_case.unwrap_or(true),
            pooling: PiecePooling::Mean,
            output: LayerChoice::Mix,
            casing_embedding: false,
        })
    }

    /// The layer that a parameter belongs to, counted from 1; 0 for the embeddings.
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
    match WordPieces::new(&vocabulary, config.lowercase) {
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
