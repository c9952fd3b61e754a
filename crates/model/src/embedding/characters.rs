//! A word's vector from its characters: the two final states of a BiRNN over them.

use std::collections::HashMap;

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::{
    batch::Batch,
    config::{Cell, CharacterConfig},
    recurrent::BiRnn,
    rows,
};

/// Characters to rows of the embedding: 0 is padding, 1 any unknown character.
#[derive(Debug)]
pub struct Alphabet {
    rows: HashMap<char, u32>,
    word_length: usize,
}

impl Alphabet {
    /// The alphabet of a configuration.
    pub fn new(config: &CharacterConfig) -> Self {
        Self {
            rows: config.alphabet.chars().zip(2..).collect(),
            word_length: config.word_length,
        }
    }

    /// Rows of a word's first characters; at least one.
    pub fn rows(&self, word: &str) -> Vec<u32> {
        let row = |c| self.rows.get(&c).copied().unwrap_or(1);
        let rows: Vec<u32> = word.chars().take(self.word_length).map(row).collect();
        if rows.is_empty() { vec![1] } else { rows }
    }
}

/// The character BiRNN (32 units a direction in the paper).
#[derive(Debug)]
pub struct CharacterEncoder {
    embedding: Tensor,
    rnn: BiRnn,
}

impl CharacterEncoder {
    /// Parameters `embedding [alphabet + 2, width]` and those of the BiRNN under `rnn`.
    pub fn new(config: &CharacterConfig, cell: Cell, vb: VarBuilder) -> Result<Self> {
        let rows = config.alphabet.chars().count() + 2;
        Ok(Self {
            embedding: vb.get_with_hints(
                (rows, config.embedding),
                "embedding",
                Init::Randn {
                    mean: 0.,
                    stdev: 1. / (config.embedding.max(1) as f64).sqrt(),
                },
            )?,
            rnn: BiRnn::new(cell, config.embedding, config.hidden, vb.pp("rnn"))?,
        })
    }

    /// `[batch, tokens, 2·hidden]`. Each distinct word of the batch is read once.
    pub fn forward(&self, batch: &Batch) -> Result<Tensor> {
        let characters = batch.characters()?;
        let (words, length) = characters.rows.dims2()?;
        let embedded = rows::select(&self.embedding, &characters.rows.flatten_all()?)?
            .reshape((words, length, ()))?;
        let vectors = self.rnn.final_states(&embedded, &characters.lengths)?;
        let (batch_size, tokens) = characters.words.dims2()?;
        rows::select(&vectors, &characters.words.flatten_all()?)?.reshape((batch_size, tokens, ()))
    }
}
