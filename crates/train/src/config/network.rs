//! What of the network's shape and of its pretrained parts is chosen.

use serde::{Deserialize, Serialize};
use spanarc_corpus::TagScheme;
use spanarc_model::config::{Cell, LayerChoice, PiecePooling};

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
    /// The paper's for CoNLL04, half as wide and with a richer relation scorer.
    fn default() -> Self {
        Self {
            cell: Cell::Gru,
            hidden: 128,
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
    /// Reads all of a mention and what stands between two, which the paper's does not (`configs/paper-*.toml` have its own).
    fn default() -> Self {
        Self {
            label_embedding: 25,
            feed_forward: 128,
            pool_mention: true,
            context: 128,
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
