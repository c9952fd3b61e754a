//! Token embedding: pretrained networks' features, static word vectors, character features and casing side by side
//! (Crone 2020, section 3.1).

pub mod casing;
pub mod characters;
pub mod elmo;
pub mod encoder;
mod layer_output;
pub mod word_vectors;
pub mod wordpiece;

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::{batch::Batch, config::NetworkConfig, dropout::Dropout};
use characters::CharacterEncoder;
use elmo::Elmo;
use encoder::{Encoder, MaskedLanguageHead};
use layer_output::LayerOutput;
use word_vectors::WordVectors;

/// A pretrained network and what is taken of its layers.
#[derive(Debug)]
struct Contextual<N> {
    network: N,
    output: LayerOutput,
}

/// What pretrained networks say of a batch: the states of every layer, each `[batch, tokens, size]`. What frozen ones
/// say of a sentence never changes, so a trainer computes it once. Empty for a network that is to be run.
#[derive(Debug, Clone, Default)]
pub struct PretrainedStates {
    /// `layers + 1` of them.
    pub encoder: Vec<Tensor>,
    /// `layers + 1` of them.
    pub elmo: Vec<Tensor>,
}

/// Words of a batch to `[batch, tokens, size]`.
#[derive(Debug)]
pub struct TokenEmbedding {
    encoder: Option<Contextual<Encoder>>,
    elmo: Option<Contextual<Elmo>>,
    words: Option<WordVectors>,
    characters: Option<CharacterEncoder>,
    casing: bool,
    size: usize,
}

impl TokenEmbedding {
    /// Parameters under `encoder` and `mix`, `elmo` and `elmo_mix`, `words`, and `characters`.
    pub fn new(config: &NetworkConfig, vb: VarBuilder) -> Result<Self> {
        let encoder = |encoder: &_| -> Result<_> {
            Ok(Contextual {
                network: Encoder::new(encoder, vb.pp("encoder"))?,
                output: LayerOutput::new(encoder.output, encoder.layers + 1, vb.pp("mix"))?,
            })
        };
        let elmo = |elmo: &crate::config::ElmoConfig| -> Result<_> {
            Ok(Contextual {
                network: Elmo::new(elmo, vb.pp("elmo"))?,
                output: LayerOutput::new(elmo.output, elmo.layers + 1, vb.pp("elmo_mix"))?,
            })
        };
        let words = |words: &_| WordVectors::new(words, vb.pp("words"));
        let characters =
            |characters: &_| CharacterEncoder::new(characters, config.cell, vb.pp("characters"));
        Ok(Self {
            encoder: config.encoder.as_ref().map(encoder).transpose()?,
            elmo: config.elmo.as_ref().map(elmo).transpose()?,
            words: config.words.as_ref().map(words).transpose()?,
            characters: config.characters.as_ref().map(characters).transpose()?,
            casing: config.casing,
            size: config.embedding_size(),
        })
    }

    /// Width of a token's embedding.
    pub fn size(&self) -> usize {
        self.size
    }

    /// What the encoder says of each word, see [`PretrainedStates`]; empty without an encoder.
    pub fn encoder_states(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        let Some(encoder) = &self.encoder else {
            return Ok(Vec::new());
        };
        let states = run_encoder(&encoder.network, batch, 0., &mut Dropout::off())?;
        states
            .iter()
            .map(|states| batch.pool_pieces(states))
            .collect()
    }

    /// What the network is told of each word piece of a batch, before pieces make up words: `[windows, pieces, hidden]`, of
    /// the encoder's layers what the configuration takes. An error without an encoder.
    pub fn piece_states(&self, batch: &Batch, rate: f32, dropout: &mut Dropout) -> Result<Tensor> {
        let encoder = self.encoder()?;
        let states = run_encoder(&encoder.network, batch, rate, dropout)?;
        encoder.output.forward(&states)
    }

    /// A masked language model's head for [`Self::piece_states`]. An error without an encoder.
    pub fn masked_language_head(&self, vb: VarBuilder) -> Result<MaskedLanguageHead> {
        self.encoder()?.network.masked_language_head(vb)
    }

    fn encoder(&self) -> Result<&Contextual<Encoder>> {
        (self.encoder.as_ref())
            .ok_or_else(|| candle_core::Error::Msg("the network has no encoder".into()))
    }

    /// What ELMo says of each word, see [`PretrainedStates`]; empty without ELMo.
    pub fn elmo_states(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        match &self.elmo {
            Some(elmo) => run_elmo(&elmo.network, batch),
            None => Ok(Vec::new()),
        }
    }

    /// `[batch, tokens, size]`; rows of padding are defined but mean nothing.
    /// In training the encoder drops out at `rate`.
    pub fn forward(&self, batch: &Batch, rate: f32, dropout: &mut Dropout) -> Result<Tensor> {
        let mut parts = Vec::with_capacity(5);
        if let Some(encoder) = &self.encoder {
            parts.push(match &batch.pretrained.encoder[..] {
                [] => {
                    let states = run_encoder(&encoder.network, batch, rate, dropout)?;
                    batch.pool_pieces(&encoder.output.forward(&states)?)?
                }
                states => encoder.output.forward(states)?,
            });
        }
        if let Some(elmo) = &self.elmo {
            parts.push(match &batch.pretrained.elmo[..] {
                [] => elmo.output.forward(&run_elmo(&elmo.network, batch)?)?,
                states => elmo.output.forward(states)?,
            });
        }
        if let Some(words) = &self.words {
            let rows = batch.word_rows()?;
            parts.push(words.forward(&rows.rows, &rows.known)?);
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

/// States of the word pieces after every layer, each `[windows, pieces, hidden]`.
fn run_encoder(
    encoder: &Encoder,
    batch: &Batch,
    rate: f32,
    dropout: &mut Dropout,
) -> Result<Vec<Tensor>> {
    let pieces = batch.pieces()?;
    encoder.forward(&pieces.ids, &pieces.casings, &pieces.lengths, rate, dropout)
}

/// Every sentence by itself, from a state of zero.
fn run_elmo(elmo: &Elmo, batch: &Batch) -> Result<Vec<Tensor>> {
    let start = elmo.zero_state(batch.size(), batch.device())?;
    let (layers, _) = elmo.forward(batch.marked_sentences()?, &start)?;
    Ok(layers)
}
