//! A pretrained ELMo in the format that AllenNLP's bilm-tf publishes: `…options.json` and `…weights.hdf5`.
//!
//! What TensorFlow stores otherwise than the network reads it is turned here: matrices are `[input, output]`, those of
//! input and state are one, the gates of an LSTM stand in the order i, j, f, o, and 1 is to be added to the bias of f.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use candle_core::{Device, Tensor};
use serde::Deserialize;
use spanarc_model::{
    config::{Activation, ConvolutionConfig, ElmoConfig, LayerChoice},
    embedding::elmo::symbols::SYMBOLS,
};

use crate::error::{Result, TrainError};

/// A pretrained ELMo.
#[derive(Debug)]
pub struct PretrainedElmo {
    /// Folder it was read from.
    pub folder: PathBuf,
    /// Its shape.
    pub config: ElmoConfig,
    /// Parameters as [`spanarc_model::embedding::elmo::Elmo`] names them.
    pub tensors: BTreeMap<String, Tensor>,
}

#[derive(Deserialize)]
struct Options {
    lstm: LstmOptions,
    char_cnn: CharCnnOptions,
}

#[derive(Deserialize)]
struct LstmOptions {
    dim: usize,
    n_layers: usize,
    projection_dim: usize,
    cell_clip: Option<f32>,
    proj_clip: Option<f32>,
    #[serde(default)]
    use_skip_connections: bool,
}

#[derive(Deserialize)]
struct CharCnnOptions {
    embedding: EmbeddingOptions,
    filters: Vec<(usize, usize)>,
    #[serde(default)]
    n_highway: usize,
    n_characters: usize,
    max_characters_per_token: usize,
    activation: Activation,
}

#[derive(Deserialize)]
struct EmbeddingOptions {
    dim: usize,
}

impl PretrainedElmo {
    /// Reads the folder. Errors name the file and the option or the data set at fault.
    pub fn read(folder: &Path) -> Result<Self> {
        let [options, weights] = Self::files(folder)?;
        let config = read_options(&options)?;
        let tensors = Weights::open(weights)?.tensors(&config)?;
        Ok(Self {
            folder: folder.to_owned(),
            config,
            tensors,
        })
    }

    /// Options and weights.
    pub(super) fn files(folder: &Path) -> Result<[PathBuf; 2]> {
        Ok([
            find(folder, "options", &["options.json"])?,
            // Folders of published models may hold other data sets beside the weights.
            find(folder, "weights", &["weights.hdf5", ".hdf5"])?,
        ])
    }
}

/// The one file of the folder whose name has the first of these endings that any has.
fn find(folder: &Path, what: &str, endings: &[&str]) -> Result<PathBuf> {
    let entries = fs::read_dir(folder).map_err(|source| TrainError::io(folder, source))?;
    let names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let refuse = |reason| {
        Err(TrainError::Elmo {
            path: folder.to_owned(),
            reason,
        })
    };
    for ending in endings {
        let found: Vec<&String> = names.iter().filter(|name| name.ends_with(ending)).collect();
        match found[..] {
            [] => {}
            [name] => return Ok(folder.join(name)),
            _ => {
                return refuse(format!(
                    "{} files end in {ending}, one is wanted",
                    found.len()
                ));
            }
        }
    }
    refuse(format!(
        "holds no {what}, a file that ends in {}. {}",
        endings[0],
        super::WHERE_ELMO_IS_FOUND
    ))
}

fn read_options(path: &Path) -> Result<ElmoConfig> {
    let refuse = |reason: String| TrainError::Elmo {
        path: path.to_owned(),
        reason,
    };
    let text = fs::read_to_string(path).map_err(|source| TrainError::io(path, source))?;
    let Options { lstm, char_cnn } =
        serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    // The options of training say 261, those for use 262: the weights have 261 rows, and bilm-tf adds one for padding.
    if ![SYMBOLS, SYMBOLS + 1].contains(&char_cnn.n_characters) {
        let found = char_cnn.n_characters;
        let reason = format!("char_cnn.n_characters is {found}, a published model has 262");
        return Err(refuse(reason));
    }
    let convolution = |(width, filters)| ConvolutionConfig { width, filters };
    let config = ElmoConfig {
        character_embedding: char_cnn.embedding.dim,
        word_length: char_cnn.max_characters_per_token,
        convolutions: char_cnn.filters.into_iter().map(convolution).collect(),
        activation: char_cnn.activation,
        highway_layers: char_cnn.n_highway,
        layers: lstm.n_layers,
        cell: lstm.dim,
        projection: lstm.projection_dim,
        cell_clip: lstm.cell_clip,
        projection_clip: lstm.proj_clip,
        skip_connections: lstm.use_skip_connections,
        output: LayerChoice::Mix,
    };
    config
        .validate()
        .map_err(|error| refuse(error.to_string()))?;
    Ok(config)
}

/// The file of weights.
struct Weights {
    path: PathBuf,
    file: hdf5_pure::File,
}

impl Weights {
    fn open(path: PathBuf) -> Result<Self> {
        match hdf5_pure::File::open_streaming(&path) {
            Ok(file) => Ok(Self { path, file }),
            Err(error) => Err(TrainError::Elmo {
                path,
                reason: error.to_string(),
            }),
        }
    }

    fn refuse(&self, reason: String) -> TrainError {
        TrainError::Elmo {
            path: self.path.clone(),
            reason,
        }
    }

    /// Every parameter of the network, by the network's name.
    fn tensors(&self, config: &ElmoConfig) -> Result<BTreeMap<String, Tensor>> {
        let mut tensors = BTreeMap::new();
        let width = config.character_embedding;
        tensors.insert(
            "words.symbols".to_owned(),
            self.read("char_embed", &[SYMBOLS, width])?,
        );
        for (index, convolution) in config.convolutions.iter().enumerate() {
            let shape = [1, convolution.width, width, convolution.filters];
            let filters = self.read(&format!("CNN/W_cnn_{index}"), &shape)?;
            let filters = filters.squeeze(0)?.permute((2, 1, 0))?.contiguous()?;
            let bias = self.read(&format!("CNN/b_cnn_{index}"), &[convolution.filters])?;
            let name = format!("words.convolutions.{index}");
            tensors.insert(format!("{name}.weight"), filters);
            tensors.insert(format!("{name}.bias"), bias);
        }
        let filters = config.convolutions.iter().map(|one| one.filters).sum();
        for index in 0..config.highway_layers {
            for part in ["carry", "transform"] {
                let ends = [format!("W_{part}"), format!("b_{part}")];
                let [weight, bias] = ends.map(|end| format!("CNN_high_{index}/{end}"));
                let name = format!("words.highway.{index}.{part}");
                let linear = self.linear(&weight, &bias, filters, filters)?;
                tensors.extend(named(&name, linear));
            }
        }
        let projection = config.projection;
        let linear = self.linear("CNN_proj/W_proj", "CNN_proj/b_proj", filters, projection)?;
        tensors.extend(named("words.projection", linear));
        for (number, direction) in ["forward", "backward"].iter().enumerate() {
            for layer in 0..config.layers {
                let cell = format!("RNN_{number}/RNN/MultiRNNCell/Cell{layer}/LSTMCell");
                for (name, tensor) in self.lstm(&cell, config)? {
                    tensors.insert(format!("{direction}.{layer}.{name}"), tensor);
                }
            }
        }
        Ok(tensors)
    }

    /// A matrix as `[output, input]`, and a bias.
    fn linear(
        &self,
        weight: &str,
        bias: &str,
        input: usize,
        output: usize,
    ) -> Result<[(&'static str, Tensor); 2]> {
        let weight = self.read(weight, &[input, output])?.t()?.contiguous()?;
        Ok([("weight", weight), ("bias", self.read(bias, &[output])?)])
    }

    fn lstm(&self, cell: &str, config: &ElmoConfig) -> Result<[(&'static str, Tensor); 4]> {
        let (size, projection) = (config.cell, config.projection);
        let joint = self.read(&format!("{cell}/W_0"), &[2 * projection, 4 * size])?;
        let bias = self.read(&format!("{cell}/B"), &[4 * size])?;
        let output = self.read(&format!("{cell}/W_P_0"), &[size, projection])?;
        let part = |start| -> Result<Tensor> {
            let columns = joint.narrow(0, start, projection)?.t()?;
            Ok(gates_reordered(&columns, size)?)
        };
        // TensorFlow's cell adds 1 to the forget gate while it runs.
        let forget = size..2 * size;
        let added = (0..4 * size).map(|row| f32::from(u8::from(forget.contains(&row))));
        let bias = (gates_reordered(&bias, size)? + Tensor::from_iter(added, &Device::Cpu)?)?;
        Ok([
            ("weight_ih", part(0)?),
            ("weight_hh", part(projection)?),
            ("bias", bias),
            ("weight_hr", output.t()?.contiguous()?),
        ])
    }

    /// A data set of finite numbers, of the shape that the options give it.
    fn read(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let unreadable = |error: hdf5_pure::Error| self.refuse(format!("`{name}`: {error}"));
        let dataset = self.file.dataset(name).map_err(unreadable)?;
        let found = dataset.shape().map_err(unreadable)?;
        if !found
            .iter()
            .copied()
            .eq(shape.iter().map(|&size| size as u64))
        {
            return Err(self.refuse(format!(
                "`{name}` has shape {found:?}, by the options it should have {shape:?}"
            )));
        }
        let values = dataset.read_f32().map_err(unreadable)?;
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(self.refuse(format!("`{name}`: element {index} is not a finite number")));
        }
        Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
    }
}

fn named(name: &str, parts: [(&str, Tensor); 2]) -> [(String, Tensor); 2] {
    parts.map(|(part, tensor)| (format!("{name}.{part}"), tensor))
}

/// Rows in TensorFlow's order i, j, f, o to PyTorch's i, f, g, o; j and g are one.
fn gates_reordered(rows: &Tensor, size: usize) -> candle_core::Result<Tensor> {
    let gate = |index| rows.narrow(0, index * size, size);
    Tensor::cat(&[gate(0)?, gate(2)?, gate(1)?, gate(3)?], 0)
}
