//! What a network says of sentences before anything is decided, so that several can decide together.

use candle_core::Device;
use spanarc_corpus::{Span, TagScheme, Token};

use super::{Annotator, Prediction};
use crate::{
    batch::Batch,
    crf::Lattice,
    dropout::Dropout,
    error::Result,
    features::SentenceFeatures,
    network::{DropoutRates, TaskFeatures},
};

/// A batch as one network has read it.
#[derive(Debug)]
pub struct Reading {
    pub(super) features: TaskFeatures,
    /// Of each sentence `[its tokens, tags]`.
    pub(super) emissions: Vec<Vec<f32>>,
    /// Tokens of a sentence with its padding.
    pub(super) tokens: usize,
}

impl Annotator {
    /// Reads sentences, one at least and each of one word at least, as one batch.
    pub fn read<W: AsRef<str>>(&self, sentences: &[Vec<W>]) -> Result<Reading> {
        let features: Vec<SentenceFeatures> = sentences
            .iter()
            .map(|words| self.featurizer.features(words))
            .collect();
        self.read_features(&features.iter().collect::<Vec<_>>())
    }

    pub(super) fn read_features(&self, sentences: &[&SentenceFeatures]) -> Result<Reading> {
        let batch = Batch::new(sentences, &self.device)?;
        let features = self
            .network
            .features(&batch, DropoutRates::NONE, &mut Dropout::off())?;
        // The lattices are the CPU's: from elsewhere all emissions come at once.
        let emissions = features.emissions.to_device(&Device::Cpu)?;
        let lengths = batch.lengths.iter().enumerate();
        let of_sentence = |(sentence, &length): (usize, &usize)| {
            let emissions = emissions.get(sentence)?.narrow(0, 0, length)?;
            Ok(emissions.flatten_all()?.to_vec1()?)
        };
        Ok(Reading {
            emissions: lengths.map(of_sentence).collect::<Result<_>>()?,
            features,
            tokens: batch.tokens,
        })
    }

    /// P(tag at token) of each sentence, `[tokens, 1 + 2 · entity types]`: in BIO, whatever scheme the network has, so that
    /// networks can be compared.
    pub fn tag_probabilities(&self, reading: &Reading) -> Vec<Vec<f64>> {
        let scheme = self.metadata.network.scheme;
        let types = self.schema().entity_types.len();
        let (tags, of_bio) = (scheme.tag_count(types), TagScheme::Bio.tag_count(types));
        let of_sentence = |emissions: &Vec<f32>| {
            let lattice = Lattice::new(&self.transitions, emissions);
            let tokens = emissions.len() / tags;
            let mut probabilities = vec![0.; tokens * of_bio];
            for (token, row) in probabilities.chunks_exact_mut(of_bio).enumerate() {
                for tag in 0..tags {
                    row[scheme.to_bio(tag)] += lattice.marginal(token, tag);
                }
            }
            probabilities
        };
        reading.emissions.iter().map(of_sentence).collect()
    }

    /// Scores entities, of each sentence pairs of type and place, and the relations between them, as
    /// [`predict`](Self::predict) does those that it finds. In text order, as predictions are.
    ///
    /// # Errors
    /// If entities overlap or lie outside their sentence, or the network fails.
    pub fn score(
        &self,
        reading: &Reading,
        entities: &[Vec<(usize, Span<Token>)>],
        relation_floor: f32,
    ) -> Result<Vec<Prediction>> {
        let scheme = self.metadata.network.scheme;
        let none = Vec::new();
        self.decide(reading, relation_floor, |sentence, lattice| {
            let entities = entities.get(sentence).unwrap_or(&none);
            Ok(scheme.encode(entities, lattice.tokens())?)
        })
    }
}
