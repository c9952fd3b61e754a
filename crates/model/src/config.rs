//! The network's shape: everything that decides which parameters exist and how they are combined.

use serde::{Deserialize, Serialize};
use spanarc_corpus::TagScheme;

use crate::{embedding::casing, error::ModelError};

/// Recurrent cell of every BiRNN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cell {
    /// Gated recurrent unit, PyTorch's variant (reset gate after the hidden product).
    #[default]
    Gru,
    /// Long short-term memory.
    Lstm,
}

/// How a word's pieces become one vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PiecePooling {
    /// The first piece stands for the word.
    First,
    /// The mean of all pieces.
    #[default]
    Mean,
}

/// Which of the encoder's layers are handed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LayerChoice {
    /// A learned softmax mix of the embedding output and every layer, times a learned scale (as ELMo's).
    #[default]
    Mix,
    /// The last kept layer alone.
    Last,
}

/// Architecture of the transformer encoder, by the `model_type` that Hugging Face's `config.json` gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EncoderKind {
    /// Devlin et al. 2019.
    #[default]
    Bert,
    /// BERT without segments (Sanh et al. 2019).
    DistilBert,
    /// BERT without segments and with a relative position bias (Song et al. 2020).
    Mpnet,
}

impl EncoderKind {
    /// Whether an embedding of the segment is part of a piece's embedding.
    pub fn has_segments(self) -> bool {
        self == Self::Bert
    }

    /// Whether attention scores depend on how far apart two pieces stand.
    pub fn has_relative_bias(self) -> bool {
        self == Self::Mpnet
    }

    /// The architecture's name as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bert => "BERT",
            Self::DistilBert => "DistilBERT",
            Self::Mpnet => "MPNet",
        }
    }

    fn is_bert(&self) -> bool {
        *self == Self::Bert
    }
}

/// Shape of the transformer encoder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncoderConfig {
    /// Architecture; BERT in bundles that do not say.
    #[serde(default, skip_serializing_if = "EncoderKind::is_bert")]
    pub kind: EncoderKind,
    /// Rows of the word-piece embedding.
    pub vocabulary: usize,
    /// Width of every layer.
    pub hidden: usize,
    /// Layers kept, counted from the bottom.
    pub layers: usize,
    /// Attention heads; divides `hidden`.
    pub heads: usize,
    /// Width of the feed-forward part.
    pub intermediate: usize,
    /// Rows of the position embedding, the first being that of the first piece.
    pub positions: usize,
    /// Epsilon of the layer norms.
    pub layer_norm_eps: f64,
    /// Whether text is lower-cased and stripped of accents before the pieces are looked up.
    pub lowercase: bool,
    /// How a word's pieces become one vector.
    pub pooling: PiecePooling,
    /// Which layers are handed on.
    pub output: LayerChoice,
    /// Whether a learned embedding of the word's casing is added to its pieces' embeddings, so that an
    /// uncased vocabulary still sees case.
    pub casing_embedding: bool,
}

/// Function after the convolutions of ELMo's word encoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// max(x, 0)
    Relu,
    /// Hyperbolic tangent.
    Tanh,
}

/// Convolutions of one width over the bytes of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConvolutionConfig {
    /// Symbols that a filter sees.
    pub width: usize,
    /// Number of filters.
    pub filters: usize,
}

/// Shape of an ELMo language model (Peters et al. 2018), by the options of AllenNLP's bilm-tf.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElmoConfig {
    /// Width of a byte's embedding.
    pub character_embedding: usize,
    /// Symbols of a word that are read: its bytes and two marks; the rest is cut.
    pub word_length: usize,
    /// Convolutions over the bytes, side by side.
    pub convolutions: Vec<ConvolutionConfig>,
    /// Function after them.
    pub activation: Activation,
    /// Highway layers after that.
    pub highway_layers: usize,
    /// LSTM layers of each direction.
    pub layers: usize,
    /// Width of an LSTM's cell.
    pub cell: usize,
    /// Width of a word's vector, and of an LSTM's state in each direction.
    pub projection: usize,
    /// Bound of the cell's values, if any.
    pub cell_clip: Option<f32>,
    /// Bound of the state's values, if any.
    pub projection_clip: Option<f32>,
    /// Whether each layer above the first adds what it reads to what it gives.
    pub skip_connections: bool,
    /// Which layers are handed on.
    pub output: LayerChoice,
}

/// Table of static word vectors, such as GloVe's. Unknown words have a vector of zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordVectorConfig {
    /// Number of words.
    pub vocabulary: usize,
    /// Width of a vector (300 in the paper).
    pub size: usize,
}

/// Shape of the character BiRNN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CharacterConfig {
    /// Known characters; the network has two rows more, for padding and for unknown ones.
    pub alphabet: String,
    /// Width of a character's embedding.
    pub embedding: usize,
    /// Hidden units a direction (32 in the paper).
    pub hidden: usize,
    /// Characters of a word that are read; the rest is cut.
    pub word_length: usize,
}

/// Shape of the relation scorer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelationConfig {
    /// Width of the label embedding (25 in the paper).
    pub label_embedding: usize,
    /// Width of f = relu(W₁ g).
    pub feed_forward: usize,
    /// Max-pool the RE features of all tokens of a mention instead of taking its last (the paper's).
    pub pool_mention: bool,
    /// Width of a max-pooled projection of the text between the mentions, 0 for none (the paper's).
    pub context: usize,
}

/// Shape of the whole joint network (design of Crone 2020, section 3).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NetworkConfig {
    /// Transformer encoder, if any.
    pub encoder: Option<EncoderConfig>,
    /// ELMo, if any (the paper's).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub elmo: Option<ElmoConfig>,
    /// Static word vectors, if any (the paper's are GloVe's).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<WordVectorConfig>,
    /// Character BiRNN, if any.
    pub characters: Option<CharacterConfig>,
    /// Whether the one-hot casing vector is part of the token embedding.
    pub casing: bool,
    /// Recurrent cell of shared and task-specific layers (the character BiRNN uses it too).
    pub cell: Cell,
    /// Hidden units a direction (256 in the paper).
    pub hidden: usize,
    /// Shared BiRNN layers, 0 or more.
    pub shared_layers: usize,
    /// BiRNN layers of the entity task alone, 0 or more.
    pub ner_layers: usize,
    /// BiRNN layers of the relation task alone, 0 or more.
    pub re_layers: usize,
    /// Width of the tanh layer before the CRF's emissions.
    pub ner_feed_forward: usize,
    /// Tag scheme of the CRF.
    pub scheme: TagScheme,
    /// The relation scorer.
    pub relation: RelationConfig,
}

impl NetworkConfig {
    /// Width of a token's embedding.
    pub fn embedding_size(&self) -> usize {
        self.encoder.as_ref().map_or(0, |encoder| encoder.hidden)
            + self.elmo.as_ref().map_or(0, |elmo| 2 * elmo.projection)
            + self.words.map_or(0, |words| words.size)
            + self
                .characters
                .as_ref()
                .map_or(0, |characters| 2 * characters.hidden)
            + if self.casing { casing::CLASSES } else { 0 }
    }

    /// Refuses what no network can be built from, and sizes beyond any that is of use.
    pub fn validate(&self) -> Result<(), ModelError> {
        bounded("hidden", self.hidden, 1, 4096)?;
        bounded("ner_feed_forward", self.ner_feed_forward, 1, 4096)?;
        for (field, layers) in [
            ("shared_layers", self.shared_layers),
            ("ner_layers", self.ner_layers),
            ("re_layers", self.re_layers),
        ] {
            bounded(field, layers, 0, 16)?;
        }
        bounded(
            "relation.label_embedding",
            self.relation.label_embedding,
            1,
            1024,
        )?;
        bounded("relation.feed_forward", self.relation.feed_forward, 1, 4096)?;
        bounded("relation.context", self.relation.context, 0, 4096)?;
        if let Some(encoder) = &self.encoder {
            bounded("encoder.vocabulary", encoder.vocabulary, 1, 1 << 20)?;
            bounded("encoder.hidden", encoder.hidden, 1, 4096)?;
            bounded("encoder.layers", encoder.layers, 0, 48)?;
            bounded("encoder.heads", encoder.heads, 1, encoder.hidden)?;
            bounded("encoder.intermediate", encoder.intermediate, 1, 1 << 14)?;
            bounded("encoder.positions", encoder.positions, 8, 1 << 14)?;
            if encoder.hidden % encoder.heads != 0 {
                return refuse(
                    "encoder.heads",
                    format!("{} does not divide {}", encoder.heads, encoder.hidden),
                );
            }
            if !(encoder.layer_norm_eps > 0. && encoder.layer_norm_eps < 1.) {
                return refuse(
                    "encoder.layer_norm_eps",
                    format!("{} is not in 0..1", encoder.layer_norm_eps),
                );
            }
        }
        if let Some(elmo) = &self.elmo {
            elmo.validate()?;
        }
        if let Some(words) = &self.words {
            bounded("words.vocabulary", words.vocabulary, 1, 1 << 22)?;
            bounded("words.size", words.size, 1, 4096)?;
        }
        if let Some(characters) = &self.characters {
            bounded("characters.embedding", characters.embedding, 1, 4096)?;
            bounded("characters.hidden", characters.hidden, 1, 4096)?;
            bounded("characters.word_length", characters.word_length, 1, 1024)?;
        }
        if self.embedding_size() == 0 {
            return refuse(
                "encoder",
                "with no characters and no casing nothing is left to embed a token".into(),
            );
        }
        Ok(())
    }
}

impl ElmoConfig {
    /// Refuses sizes beyond any that is of use.
    pub fn validate(&self) -> Result<(), ModelError> {
        bounded(
            "elmo.character_embedding",
            self.character_embedding,
            1,
            1024,
        )?;
        bounded("elmo.word_length", self.word_length, 3, 256)?;
        bounded("elmo.convolutions", self.convolutions.len(), 1, 16)?;
        for convolution in &self.convolutions {
            let (width, filters) = (convolution.width, convolution.filters);
            bounded("elmo.convolutions.width", width, 1, self.word_length)?;
            bounded("elmo.convolutions.filters", filters, 1, 8192)?;
        }
        bounded("elmo.highway_layers", self.highway_layers, 0, 16)?;
        bounded("elmo.layers", self.layers, 1, 8)?;
        bounded("elmo.cell", self.cell, 1, 1 << 14)?;
        bounded("elmo.projection", self.projection, 1, 4096)?;
        for (field, clip) in [
            ("elmo.cell_clip", self.cell_clip),
            ("elmo.projection_clip", self.projection_clip),
        ] {
            if let Some(clip) = clip
                && !(clip > 0. && clip.is_finite())
            {
                return refuse(field, format!("{clip} is not above 0"));
            }
        }
        Ok(())
    }
}

fn refuse(field: &'static str, reason: String) -> Result<(), ModelError> {
    Err(ModelError::Config { field, reason })
}

fn bounded(field: &'static str, value: usize, low: usize, high: usize) -> Result<(), ModelError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        refuse(field, format!("{value} is outside {low}..={high}"))
    }
}
