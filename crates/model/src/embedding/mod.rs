//! Token embedding: encoder features, character features and casing side by side (Crone 2020, section 3.1).

pub mod casing;
pub mod characters;
pub mod encoder;
pub mod wordpiece;

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder, ops::softmax};

use crate::{
    batch::Batch,
    config::{LayerChoice, NetworkConfig},
    dropout::Dropout,
};
use characters::CharacterEncoder;
use encoder::Encoder;

/// Learned combination of the encoder's layers: γ Σ softmax(w)ₗ hₗ (Peters et al. 2018, equation 1).
#[derive(Debug)]
struct LayerMix {
    weights: Tensor,
    gamma: Tensor,
}

impl LayerMix {
    fn new(states: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            weights: vb.get_with_hints(states, "weights", Init::Const(0.))?,
            gamma: vb.get_with_hints(1, "gamma", Init::Const(1.))?,
        })
    }

    fn forward(&self, states: &[Tensor]) -> Result<Tensor> {
        let shares = softmax(&self.weights, 0)?.broadcast_mul(&self.gamma)?;
        let mut mixed = states[0].broadcast_mul(&shares.narrow(0, 0, 1)?)?;
        for (index, state) in states.iter().enumerate().skip(1) {
            mixed = (mixed + state.broadcast_mul(&shares.narrow(0, index, 1)?)?)?;
        }
        Ok(mixed)
    }
}

#[derive(Debug)]
struct Contextual {
    encoder: Encoder,
    mix: Option<LayerMix>,
}

impl Contextual {
    fn combine(&self, states: &[Tensor]) -> Result<Tensor> {
        match (&self.mix, states.last()) {
            (Some(mix), Some(_)) => mix.forward(states),
            (None, Some(last)) => Ok(last.clone()),
            (_, None) => candle_core::bail!("the encoder gave no states"),
        }
    }
}

/// Words of a batch to `[batch, tokens, size]`.
#[derive(Debug)]
pub struct TokenEmbedding {
    contextual: Option<Contextual>,
    characters: Option<CharacterEncoder>,
    casing: bool,
    size: usize,
}

impl TokenEmbedding {
    /// Parameters under `encoder`, `mix` and `characters`.
    pub fn new(config: &NetworkConfig, vb: VarBuilder) -> Result<Self> {
        let contextual = match &config.encoder {
            None => None,
            Some(encoder) => Some(Contextual {
                encoder: Encoder::new(encoder, vb.pp("encoder"))?,
                mix: match encoder.output {
                    LayerChoice::Mix => Some(LayerMix::new(encoder.layers + 1, vb.pp("mix"))?),
                    LayerChoice::Last => None,
                },
            }),
        };
        let characters = match &config.characters {
            None => None,
            Some(characters) => Some(CharacterEncoder::new(
                characters,
                config.cell,
                vb.pp("characters"),
            )?),
        };
        Ok(Self {
            contextual,
            characters,
            casing: config.casing,
            size: config.embedding_size(),
        })
    }

    /// Width of a token's embedding.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Per word, the encoder's state after every layer: `layers + 1` tensors `[batch, tokens, hidden]`.
    /// What a frozen encoder gives for a sentence never changes, so a trainer keeps it.
    pub fn contextual_states(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        let Some(contextual) = &self.contextual else {
            return Ok(Vec::new());
        };
        let pieces = batch.pieces()?;
        contextual
            .encoder
            .forward(
                &pieces.ids,
                &pieces.casings,
                &pieces.lengths,
                0.,
                &mut Dropout::off(),
            )?
            .iter()
            .map(|states| batch.pool_pieces(states))
            .collect()
    }

    /// `[batch, tokens, size]`; rows of padding are defined but mean nothing.
    /// In training the encoder drops out at `rate`.
    pub fn forward(&self, batch: &Batch, rate: f32, dropout: &mut Dropout) -> Result<Tensor> {
        let mut parts = Vec::with_capacity(3);
        if let Some(contextual) = &self.contextual {
            parts.push(match &batch.cached_states {
                Some(states) => contextual.combine(states)?,
                None => {
                    let pieces = batch.pieces()?;
                    let states = contextual.encoder.forward(
                        &pieces.ids,
                        &pieces.casings,
                        &pieces.lengths,
                        rate,
                        dropout,
                    )?;
                    batch.pool_pieces(&contextual.combine(&states)?)?
                }
            });
        }
        if let Some(characters) = &self.characters {
            parts.push(characters.forward(batch)?);
        }
        if self.casing {
            parts.push(batch.casing_one_hot()?);
        }
        Tensor::cat(&parts, 2)
    }
}
