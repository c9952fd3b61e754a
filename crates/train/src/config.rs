//! What a training run is told: one TOML file, every field of which has a default.

mod difference;
mod validation;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use spanarc_corpus::{LabelSchema, TagScheme};
use spanarc_model::{
    config::{
        Cell, CharacterConfig, ElmoConfig, EncoderConfig, LayerChoice, NetworkConfig, PiecePooling,
        RelationConfig,
    },
    network::DropoutRates,
};

use crate::{
    auxiliary::AuxiliaryChoice,
    corpus_choice::CorpusChoice,
    error::{Result, TrainError},
    input_noise::NoiseRates,
    pretrained::{Pretrained, PretrainedEncoder},
};

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
    /// Further sentences, for the entity task or for both.
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

/// The part of the network's shape that does not follow from encoder and data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkChoice {
    /// Recurrent cell.
    pub cell: Cell,
    /// Hidden units a direction.
    pub hidden: usize,
    /// Shared BiRNN layers.
    pub shared_layers: usize,
    /// BiRNN layers of the entity task.
    pub ner_layers: usize,
    /// BiRNN layers of the relation task.
    pub re_layers: usize,
    /// Width of the entity task's tanh layer.
    pub ner_feed_forward: usize,
    /// Tag scheme.
    pub scheme: TagScheme,
    /// Whether the one-hot casing vector is part of the token embedding.
    pub casing: bool,
    /// Units a direction of the character BiRNN and width of its embedding; 0 for none.
    pub characters: usize,
    /// The relation scorer.
    pub relation: RelationChoice,
}

impl Default for NetworkChoice {
    /// The paper's setting for CoNLL04.
    fn default() -> Self {
        Self {
            cell: Cell::Gru,
            hidden: 256,
            shared_layers: 1,
            ner_layers: 1,
            re_layers: 2,
            ner_feed_forward: 64,
            scheme: TagScheme::Bio,
            casing: true,
            characters: 32,
            relation: RelationChoice::default(),
        }
    }
}

/// The relation scorer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RelationChoice {
    /// Width of the label embedding.
    pub label_embedding: usize,
    /// Width of f = relu(W₁ g).
    pub feed_forward: usize,
    /// Max-pool all tokens of a mention instead of taking its last.
    pub pool_mention: bool,
    /// Width of the max-pooled text between the mentions, 0 for none.
    pub context: usize,
}

impl Default for RelationChoice {
    /// The paper's scorer.
    fn default() -> Self {
        Self {
            label_embedding: 25,
            feed_forward: 128,
            pool_mention: false,
            context: 0,
        }
    }
}

/// How the pretrained encoder is used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EncoderChoice {
    /// Layers kept, counted from the bottom.
    pub layers: usize,
    /// Whether the layers are trained along; else the encoder is frozen and its features of the training data are
    /// computed once.
    pub fine_tune: bool,
    /// Whether the word-piece embeddings are trained along too.
    pub fine_tune_embeddings: bool,
    /// How a word's pieces become one vector.
    pub pooling: PiecePooling,
    /// Which layers are handed on.
    pub output: LayerChoice,
    /// Adds a learned embedding of casing below the encoder; of use only when fine-tuned.
    pub casing_embedding: bool,
}

impl Default for EncoderChoice {
    fn default() -> Self {
        Self {
            layers: 4,
            fine_tune: true,
            fine_tune_embeddings: false,
            pooling: PiecePooling::Mean,
            output: LayerChoice::Mix,
            casing_embedding: true,
        }
    }
}

/// Which epoch's weights a run keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// Those of the epoch that was best on dev, which is measured after every epoch.
    #[default]
    Best,
    /// Those of the last epoch. Dev, if there is any, is measured after that one only.
    Last,
}

/// How ELMo is used. It is frozen, as in the paper.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ElmoChoice {
    /// Which layers are handed on.
    pub output: LayerChoice,
}

/// How static word vectors are used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WordsChoice {
    /// Numbers a word.
    pub size: usize,
    /// Words from the top of the file, the most frequent ones in GloVe's files, that are kept though the data does not
    /// hold them: a bundle knows the vectors of no other words.
    pub frequent: usize,
    /// Whether the vectors are trained along.
    pub fine_tune: bool,
}

impl Default for WordsChoice {
    /// The paper's width; frozen, as in the paper.
    fn default() -> Self {
        Self {
            size: 300,
            frequent: 50_000,
            fine_tune: false,
        }
    }
}

/// Optimisation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Passes over the training data at most.
    pub epochs: usize,
    /// Which epoch's weights become the bundle.
    pub keep: Keep,
    /// Epochs without a better dev score after which training stops; 0 never stops early. Only with [`Keep::Best`].
    pub patience: usize,
    /// Score from which a relation holds; tuned on dev when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relation_threshold: Option<f32>,
    /// Whether the dev part is trained on too, and nothing chosen by it: for a model that is to be shipped, once its
    /// settings are known. Only with [`Keep::Last`] and a fixed threshold.
    pub with_dev: bool,
    /// Sentences a batch.
    pub batch: usize,
    /// Parts into which a batch is divided, each computed by a thread of its own; a GPU takes a batch whole. More parts
    /// than threads gain nothing; the dropout masks that are drawn depend on the number.
    pub parts: usize,
    /// Peak learning rate of everything but the encoder.
    pub learning_rate: f64,
    /// Peak learning rate of the encoder's top layer.
    pub encoder_learning_rate: f64,
    /// Factor of the learning rate from one encoder layer to the next below.
    pub layer_decay: f64,
    /// Share of all steps in which the rate rises from 0 to its peak; it falls to 0 after.
    pub warmup: f64,
    /// Decoupled weight decay of matrices.
    pub weight_decay: f64,
    /// Global norm to which gradients are clipped.
    pub clip: f64,
    /// Share of itself that the moving average of the weights keeps in a step; the averages are what is measured and
    /// shipped. 0 for none.
    pub average: f64,
    /// λ, the weight of the relation loss (5 in the paper).
    pub relation_weight: f64,
    /// Epoch from which on entities that the network itself finds, and gold lacks, are joined to the gold ones where
    /// relations are scored, as entities of which no relation holds; 0 for never.
    pub predicted_mentions_from: usize,
    /// Probability of a word to be hidden from the network; not with a frozen encoder or ELMo.
    pub word_dropout: f64,
    /// Probability of a sentence to be read in lower case; not with a frozen encoder or ELMo.
    pub case_dropout: f64,
    /// Dropout within a fine-tuned encoder.
    pub encoder_dropout: f32,
    /// Dropout before each BiRNN layer.
    pub dropout: f32,
    /// Dropout before relation scoring.
    pub relation_dropout: f32,
}

impl Default for Training {
    fn default() -> Self {
        Self {
            epochs: 20,
            keep: Keep::Best,
            patience: 0,
            relation_threshold: None,
            with_dev: false,
            batch: 8,
            parts: 2,
            learning_rate: 1e-3,
            encoder_learning_rate: 1e-4,
            layer_decay: 1.,
            warmup: 0.1,
            weight_decay: 0.,
            clip: 1.,
            average: 0.,
            relation_weight: 5.,
            predicted_mentions_from: 0,
            word_dropout: 0.,
            case_dropout: 0.,
            encoder_dropout: DropoutRates::PAPER.encoder,
            dropout: DropoutRates::PAPER.recurrent,
            relation_dropout: DropoutRates::PAPER.relation,
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
        self.start_from.iter_mut().chain(auxiliary)
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
