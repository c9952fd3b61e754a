//! Losses and gradients of a batch, computed in parts side by side.
//!
//! Candle works through a graph of operations one after another, most of them too small to be worth dividing. Whole
//! parts of a batch divide without loss: each thread runs forward and backward over sentences of its own.

use candle_core::{Tensor, backprop::GradStore};
use rayon::prelude::*;
use spanarc_model::dropout::Dropout;

use crate::{
    auxiliary::{Auxiliary, AuxiliaryHead},
    error::Result,
    input_noise::InputNoise,
    loss::{self, Gold, LossSettings, Losses},
    masking::Masking,
    preparation::Run,
    seed,
};

/// The corpus that a batch is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Main,
    /// By its place among the auxiliary corpora.
    Auxiliary(usize),
}

impl Source {
    /// The main corpus stands before the auxiliary ones.
    pub(crate) fn of(corpus: usize) -> Self {
        corpus.checked_sub(1).map_or(Self::Main, Self::Auxiliary)
    }
}

/// Where in a run a batch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// From 1.
    pub(crate) epoch: usize,
    /// Of the epoch, from 0.
    pub(crate) step: usize,
}

/// What an epoch draws from: of each generator a stream of its own for every part of a batch.
pub(crate) struct Chance {
    dropout: u64,
    noise: InputNoise,
    masking: Masking,
}

impl Chance {
    pub(crate) fn of(run: &Run, epoch: usize) -> Self {
        let seed = |purpose| seed::derived(run.config.seed, purpose, epoch);
        let pieces = run.pretrained.vocabularies().pieces;
        Self {
            dropout: seed("dropout"),
            noise: InputNoise::seeded(run.config.noise(), pieces, seed("noise")),
            masking: Masking::seeded(pieces.unwrap_or_default(), seed("masking")),
        }
    }

    fn stream(&self, stream: u64) -> Draws {
        Draws {
            dropout: Dropout::stream(self.dropout, stream),
            noise: self.noise.stream(stream),
            masking: self.masking.stream(stream),
        }
    }
}

/// What a part of a batch draws from.
struct Draws {
    dropout: Dropout,
    noise: InputNoise,
    masking: Masking,
}

/// Losses of a batch, means over its sentences.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct LossValues {
    /// Of tags, or of masked pieces.
    pub(crate) nll: f64,
    pub(crate) re: f64,
}

impl LossValues {
    /// L = L_NER + λ L_RE.
    pub(crate) fn total(self, relation_weight: f64) -> f64 {
        self.nll + relation_weight * self.re
    }
}

impl Run<'_> {
    /// The losses of a batch, and the gradients of each of its parts, which add up to the batch's. What is drawn follows
    /// from the seed, the place and the number of parts, not from threads.
    pub(crate) fn gradients(
        &self,
        source: Source,
        indices: &[usize],
        chance: &Chance,
        place: Place,
    ) -> Result<(LossValues, Vec<GradStore>)> {
        // Threads of the CPU would only stand in each other's way before a GPU, which is fuller with a whole batch.
        let parts = match self.device.is_cpu() {
            true => self.config.training.parts,
            false => 1,
        };
        let losses = indices
            .par_chunks(indices.len().div_ceil(parts).max(1))
            .enumerate()
            .map(|(part, indices)| {
                let stream = (place.step * parts + part) as u64;
                self.losses(source, indices, place.epoch, chance.stream(stream))
            })
            .collect::<Result<Vec<Losses>>>()?;
        // Means over the batch, which no part knows the size of.
        let sentences: usize = losses.iter().map(|part| part.sentences).sum();
        let paired: usize = losses.iter().map(|part| part.paired).sum();
        let mean = |sum: &Tensor, count: usize| sum / count.max(1) as f64;
        let parts = losses
            .into_par_iter()
            .map(|part| {
                let nll = mean(&part.nll, sentences)?;
                let re = part.re.map(|re| mean(&re, paired)).transpose()?;
                // Before the losses are read: that waits for a GPU, which has all of the way back to work on meanwhile.
                let gradients = self.total(source, nll.clone(), re.clone())?.backward()?;
                let mut values = LossValues {
                    nll: f64::from(nll.to_scalar::<f32>()?),
                    re: 0.,
                };
                if let Some(re) = &re {
                    values.re = f64::from(re.to_scalar::<f32>()?);
                }
                Ok((values, gradients))
            })
            .collect::<Result<Vec<_>>>()?;
        let mut sum = LossValues::default();
        let mut gradients = Vec::with_capacity(parts.len());
        for (values, gradient) in parts {
            sum.nll += values.nll;
            sum.re += values.re;
            gradients.push(gradient);
        }
        Ok((sum, gradients))
    }

    /// Runs the network on sentences of one corpus.
    fn losses(
        &self,
        source: Source,
        indices: &[usize],
        epoch: usize,
        mut draws: Draws,
    ) -> Result<Losses> {
        let training = &self.config.training;
        let auxiliary = self.auxiliary_of(source);
        let data = auxiliary.map_or(&self.train, |auxiliary| &auxiliary.data);
        let (network, rates, dropout) = (&self.network, self.config.dropout(), &mut draws.dropout);
        let entities = match auxiliary.map(|auxiliary| &auxiliary.head) {
            None | Some(AuxiliaryHead::Main) => &network.entity,
            Some(AuxiliaryHead::Own(head)) => head,
            Some(AuxiliaryHead::Masked(head)) => {
                let (batch, masked) =
                    data.masked_batch(indices, &mut draws.masking, self.device)?;
                return Ok(loss::masked_language_losses(
                    network, head, rates, &batch, masked, dropout,
                )?);
            }
        };
        let (mut batch, gold) = data.noisy_batch(indices, &mut draws.noise, self.device)?;
        let gold: Vec<&Gold> = gold.iter().map(AsRef::as_ref).collect();
        // Those of the training data are cached. Auxiliary corpora can be too large for that.
        if batch.pretrained.encoder.is_empty() && self.has_frozen_encoder() {
            batch.pretrained.encoder = self.network.embedding().encoder_states(&batch)?;
        }
        let settings = LossSettings {
            relation_types: match training.relation_weight {
                0. => 0,
                _ => self.metadata.schema.relation_types.len(),
            },
            scheme: self.metadata.network.scheme,
            predicted_mentions: (1..=epoch).contains(&training.predicted_mentions_from),
            rates,
        };
        let with_relations = auxiliary.is_none_or(|auxiliary| auxiliary.choice.relations);
        Ok(if with_relations && settings.relation_types > 0 {
            loss::losses(network, &settings, &batch, &gold, dropout)?
        } else {
            loss::entity_losses(network, entities, rates, &batch, &gold, dropout)?
        })
    }

    /// What is minimised: L_NER + λ L_RE, times its weight for an auxiliary corpus.
    fn total(
        &self,
        source: Source,
        nll: Tensor,
        re: Option<Tensor>,
    ) -> candle_core::Result<Tensor> {
        let total = match re {
            Some(re) => {
                let re = re.to_device(nll.device())?;
                (nll + (re * self.config.training.relation_weight)?)?
            }
            None => nll,
        };
        total * self.weight(source)
    }

    /// The factor of the loss of a corpus' batches.
    pub(crate) fn weight(&self, source: Source) -> f64 {
        (self.auxiliary_of(source)).map_or(1., |auxiliary| auxiliary.choice.weight)
    }

    fn auxiliary_of(&self, source: Source) -> Option<&Auxiliary> {
        match source {
            Source::Main => None,
            Source::Auxiliary(index) => self.auxiliary.get(index),
        }
    }
}
