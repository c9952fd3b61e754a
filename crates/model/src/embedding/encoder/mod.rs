//! The transformer encoder: BERT's layout and parameter names (Devlin et al. 2019; Hugging Face `BertModel`), which
//! DistilBERT and MPNet share but for what [`EncoderKind`](crate::config::EncoderKind) tells apart.

mod attention;
mod gelu;
mod layer;
mod layer_norm;
mod masked_language_head;
mod piece_table;
mod relative_bias;

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

use super::casing;
use crate::{config::EncoderConfig, dropout::Dropout, rows};
use layer::Layer;
use layer_norm::LayerNorm;
use piece_table::PieceTable;
use relative_bias::RelativeBias;

pub use masked_language_head::MaskedLanguageHead;

/// Rows of the casing embedding: the classes and one for pieces that belong to no word.
pub const PIECE_CASINGS: usize = casing::CLASSES + 1;

const NORMAL: Init = Init::Randn {
    mean: 0.,
    stdev: 0.02,
};

/// An encoder with `config.layers` layers; layers above are not read.
#[derive(Debug)]
pub struct Encoder {
    words: PieceTable,
    positions: Tensor,
    /// Row 0 of the token-type embedding: every piece is of the first segment.
    segment: Option<Tensor>,
    casing: Option<Tensor>,
    norm: LayerNorm,
    relative_bias: Option<RelativeBias>,
    layers: Vec<Layer>,
}

impl Encoder {
    /// Parameters as Hugging Face names those of BERT (`embeddings.word_embeddings.weight`, `encoder.layer.0.…`), MPNet's
    /// `encoder.relative_attention_bias.weight [32, heads]`, and `embeddings.casing_embeddings.weight [8, hidden]` of our
    /// own when the configuration asks for it.
    pub fn new(config: &EncoderConfig, vb: VarBuilder) -> Result<Self> {
        let embeddings = vb.pp("embeddings");
        let table = |rows: usize, name: &str, init| {
            embeddings
                .pp(name)
                .get_with_hints((rows, config.hidden), "weight", init)
        };
        Ok(Self {
            words: PieceTable::new(
                config.vocabulary,
                config.hidden,
                embeddings.pp("word_embeddings"),
            )?,
            positions: table(config.positions, "position_embeddings", NORMAL)?,
            segment: match config.kind.has_segments() {
                true => Some(table(2, "token_type_embeddings", NORMAL)?.narrow(0, 0, 1)?),
                false => None,
            },
            // Zero at first: the pretrained encoder starts from what it knows.
            casing: match config.casing_embedding {
                true => Some(table(PIECE_CASINGS, "casing_embeddings", Init::Const(0.))?),
                false => None,
            },
            norm: LayerNorm::new(
                config.hidden,
                config.layer_norm_eps,
                embeddings.pp("LayerNorm"),
            )?,
            relative_bias: match config.kind.has_relative_bias() {
                true => Some(RelativeBias::new(
                    config.heads,
                    vb.pp("encoder.relative_attention_bias"),
                )?),
                false => None,
            },
            layers: (0..config.layers)
                .map(|index| Layer::new(config, vb.pp("encoder.layer").pp(index)))
                .collect::<Result<_>>()?,
        })
    }

    /// A head that shares the embeddings of word pieces.
    pub fn masked_language_head(&self, vb: VarBuilder) -> Result<MaskedLanguageHead> {
        MaskedLanguageHead::new(&self.words.floats()?, self.norm.eps(), vb)
    }

    /// Hidden states after the embeddings and after every layer, each `[windows, pieces, hidden]`.
    ///
    /// `ids` and `casings` are `[windows, pieces]` (u32); positions at or beyond a window's length are ignored by all
    /// others. The states there are defined but mean nothing.
    pub fn forward(
        &self,
        ids: &Tensor,
        casings: &Tensor,
        lengths: &[usize],
        rate: f32,
        dropout: &mut Dropout,
    ) -> Result<Vec<Tensor>> {
        let (windows, pieces) = ids.dims2()?;
        let words = self.words.rows(&ids.flatten_all()?)?;
        let mut embedded = words
            .reshape((windows, pieces, ()))?
            .broadcast_add(&self.positions.narrow(0, 0, pieces)?)?;
        if let Some(segment) = &self.segment {
            embedded = embedded.broadcast_add(segment)?;
        }
        if let Some(casing) = &self.casing {
            let casing = rows::select(casing, &casings.flatten_all()?)?;
            embedded = (embedded + casing.reshape((windows, pieces, ()))?)?;
        }
        let embedded = dropout.apply(&self.norm.forward(&embedded)?, rate)?;
        let bias = self.relative_bias.as_ref().map(|bias| bias.of(pieces));
        let bias = bias.transpose()?;
        let mut states = vec![embedded];
        for layer in &self.layers {
            if let Some(below) = states.last() {
                states.push(layer.forward(below, bias.as_ref(), lengths, rate, dropout)?);
            }
        }
        Ok(states)
    }
}
