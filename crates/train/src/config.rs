//! What a training run is told: one TOML file, every field of which has a default.

mod difference;
mod network;
mod training;
pub(crate) mod validation;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use spanarc_corpus::LabelSchema;
use spanarc_model::{
    config::{CharacterConfig, ElmoConfig, EncoderConfig, NetworkConfig, RelationConfig},
    network::DropoutRates,
};

use crate::{
    auxiliary::AuxiliaryChoice,
    corpus_choice::CorpusChoice,
    error::{Result, TrainError},
    input_noise::NoiseRates,
    pretrained::{Pretrained, PretrainedEncoder},
};

pub use network::{ElmoChoice, EncoderChoice, NetworkChoice, RelationChoice, WordsChoice};
pub use training::{Keep, Training};

/// The whole configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RunConfig {
    /// Name of the model, as the bundle will carry it.
    pub name: String,
    /// Language of the text, as a BCP 47 tag.
    pub language: String,
    /// Seed of initialisation, shuffling and dropout.
    pub seed: u64,
    /// Bundle of another run whose weights this one starts from, so far as they fit; in a configuration file relative to
    /// that file's folder. In a cross-validation `{fold}` in it stands for the fold's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_from: Option<PathBuf>,
    /// Bundles of other runs of the same network, with whose weights this run's last ones are averaged, each counting as
    /// much; paths as that of `start_from`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub average_with: Vec<PathBuf>,
    /// Where the corpus lies and how it is read.
    pub corpus: CorpusChoice,
    /// The network's shape.
    pub network: NetworkChoice,
    /// How the pretrained encoder is used; a configuration with this table needs an encoder, and one without takes the
    /// defaults when it is given an encoder all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoder: Option<EncoderChoice>,
    /// How ELMo is used; the same holds for this table and `--elmo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elmo: Option<ElmoChoice>,
    /// How word vectors are used; the same holds for this table and `--words`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<WordsChoice>,
    /// Optimisation.
    pub training: Training,
    /// Further sentences, for one task or for both, or for the encoder.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub auxiliary: Vec<AuxiliaryChoice>,
    /// What may be annotated; derived from the training data when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<LabelSchema>,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            name: "unnamed".into(),
            language: "en".into(),
            seed: 1,
            start_from: None,
            average_with: Vec::new(),
            corpus: CorpusChoice::default(),
            network: NetworkChoice::default(),
            encoder: None,
            elmo: None,
            words: None,
            training: Training::default(),
            auxiliary: Vec::new(),
            labels: None,
        }
    }
}

impl RunConfig {
    /// Reads a TOML file. Relative paths in it are taken from its folder, and made absolute.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).map_err(|source| TrainError::io(path, source))?;
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            let before = &bytes[..error.valid_up_to()];
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            TrainError::Config {
                path: path.to_owned(),
                reason: format!("line {line}: invalid UTF-8"),
            }
        })?;
        let mut config: Self = toml::from_str(text).map_err(|error| TrainError::Config {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        config.make_paths_absolute(path)?;
        config.validate(path)?;
        Ok(config)
    }

    /// Takes relative paths for such from the folder of the file at `path`, in which they stand.
    pub(crate) fn make_paths_absolute(&mut self, path: &Path) -> Result<()> {
        let folder = path.parent().unwrap_or(Path::new(""));
        for file in self.files_mut() {
            *file = std::path::absolute(folder.join(&file))
                .map_err(|source| TrainError::io(file, source))?;
        }
        Ok(())
    }

    /// The configuration of one fold of a cross-validation: in paths `{fold}` stands for its number.
    pub(crate) fn of_fold(&self, fold: usize) -> Self {
        let mut config = self.clone();
        for file in config.files_mut() {
            if let Some(path) = file.to_str() {
                *file = path.replace("{fold}", &fold.to_string()).into();
            }
        }
        config
    }

    /// The files and folders that it names.
    fn files_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let auxiliary = self.auxiliary.iter_mut().map(|choice| &mut choice.data);
        let bundles = self.start_from.iter_mut().chain(&mut self.average_with);
        bundles.chain(auxiliary)
    }

    /// How an encoder is used.
    pub fn encoder(&self) -> EncoderChoice {
        self.encoder.clone().unwrap_or_default()
    }

    /// How ELMo is used.
    pub fn elmo(&self) -> ElmoChoice {
        self.elmo.clone().unwrap_or_default()
    }

    /// How word vectors are used.
    pub fn words(&self) -> WordsChoice {
        self.words.clone().unwrap_or_default()
    }

    /// The dropout rates of training.
    pub fn dropout(&self) -> DropoutRates {
        DropoutRates {
            encoder: self.training.encoder_dropout,
            recurrent: self.training.dropout,
            relation: self.training.relation_dropout,
        }
    }

    /// The noise of training.
    pub fn noise(&self) -> NoiseRates {
        NoiseRates {
            word: self.training.word_dropout,
            case: self.training.case_dropout,
            fragment: self.training.fragments,
        }
    }

    /// The network for pretrained parts and the characters of the training data.
    pub(crate) fn network(&self, pretrained: &Pretrained, alphabet: String) -> NetworkConfig {
        let (network, choice) = (&self.network, self.encoder());
        let encoder = pretrained.encoder.as_ref();
        NetworkConfig {
            encoder: encoder.map(|PretrainedEncoder { config, .. }| EncoderConfig {
                layers: choice.layers.min(config.layers),
                pooling: choice.pooling,
                output: choice.output,
                casing_embedding: choice.casing_embedding && choice.fine_tune,
                ..config.clone()
            }),
            elmo: pretrained.elmo.as_ref().map(|elmo| ElmoConfig {
                output: self.elmo().output,
                ..elmo.config.clone()
            }),
            words: pretrained.words.as_ref().map(|words| words.config),
            characters: (network.characters > 0).then_some(CharacterConfig {
                alphabet,
                embedding: network.characters,
                hidden: network.characters,
                word_length: 20,
            }),
            casing: network.casing,
            cell: network.cell,
            hidden: network.hidden,
            shared_layers: network.shared_layers,
            ner_layers: network.ner_layers,
            re_layers: network.re_layers,
            ner_feed_forward: network.ner_feed_forward,
            scheme: network.scheme,
            relation: RelationConfig {
                label_embedding: network.relation.label_embedding,
                feed_forward: network.relation.feed_forward,
                pool_mention: network.relation.pool_mention,
                context: network.relation.context,
            },
        }
    }
}
