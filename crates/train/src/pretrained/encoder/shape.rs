//! The shape of a published encoder, from its `config.json`.

use serde::{Deserialize, de::DeserializeOwned};
use spanarc_model::config::{EncoderConfig, EncoderKind, LayerChoice, PiecePooling};

/// What `DistilBertModel` has and its configuration does not say.
const DISTILBERT_EPS: f64 = 1e-12;

/// Buckets of MPNet's relative position bias, in all published encoders.
const RELATIVE_BUCKETS: usize = 32;

/// Rows of a published table of positions before that of the first piece: MPNet's has the rows 0 and 1, of which the latter
/// is for padding.
pub(super) fn rows_before_positions(kind: EncoderKind) -> usize {
    match kind {
        EncoderKind::Bert | EncoderKind::DistilBert => 0,
        EncoderKind::Mpnet => 2,
    }
}

#[derive(Deserialize)]
struct ModelType {
    #[serde(default)]
    model_type: EncoderKind,
}

/// What BERT and MPNet call alike.
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
    /// MPNet's alone.
    #[serde(default = "relative_buckets")]
    relative_attention_num_buckets: usize,
}

fn relative_buckets() -> usize {
    RELATIVE_BUCKETS
}

#[derive(Deserialize)]
struct DistilBertConfig {
    vocab_size: usize,
    dim: usize,
    n_layers: usize,
    n_heads: usize,
    hidden_dim: usize,
    max_position_embeddings: usize,
    activation: String,
}

/// The full shape by the text of `config.json`, or why it is not understood.
pub(super) fn of(config: &str, lowercase: bool) -> Result<EncoderConfig, String> {
    let kind = parse::<ModelType>(config)?.model_type;
    let bert: BertConfig = match kind {
        EncoderKind::Bert | EncoderKind::Mpnet => parse(config)?,
        EncoderKind::DistilBert => parse::<DistilBertConfig>(config)?.into_bert(),
    };
    let buckets = bert.relative_attention_num_buckets;
    if kind.has_relative_bias() && buckets != RELATIVE_BUCKETS {
        return Err(format!(
            "relative_attention_num_buckets {buckets}, only {RELATIVE_BUCKETS} is known"
        ));
    }
    if bert.hidden_act != "gelu" {
        let field = match kind {
            EncoderKind::DistilBert => "activation",
            _ => "hidden_act",
        };
        return Err(format!("{field} {:?}, only gelu is known", bert.hidden_act));
    }
    let (hidden, heads) = (bert.hidden_size, bert.num_attention_heads);
    if heads == 0 || hidden % heads != 0 {
        let [heads_field, hidden_field] = match kind {
            EncoderKind::DistilBert => ["n_heads", "dim"],
            _ => ["num_attention_heads", "hidden_size"],
        };
        return Err(format!(
            "{heads_field} {heads} does not divide {hidden_field} {hidden}"
        ));
    }
    Ok(EncoderConfig {
        kind,
        vocabulary: bert.vocab_size,
        hidden,
        layers: bert.num_hidden_layers,
        heads,
        intermediate: bert.intermediate_size,
        positions: (bert.max_position_embeddings).saturating_sub(rows_before_positions(kind)),
        layer_norm_eps: bert.layer_norm_eps,
        lowercase,
        pooling: PiecePooling::Mean,
        output: LayerChoice::Mix,
        casing_embedding: false,
    })
}

impl DistilBertConfig {
    fn into_bert(self) -> BertConfig {
        BertConfig {
            vocab_size: self.vocab_size,
            hidden_size: self.dim,
            num_hidden_layers: self.n_layers,
            num_attention_heads: self.n_heads,
            intermediate_size: self.hidden_dim,
            max_position_embeddings: self.max_position_embeddings,
            layer_norm_eps: DISTILBERT_EPS,
            hidden_act: self.activation,
            relative_attention_num_buckets: RELATIVE_BUCKETS,
        }
    }
}

fn parse<T: DeserializeOwned>(config: &str) -> Result<T, String> {
    serde_json::from_str(config).map_err(|error| error.to_string())
}
