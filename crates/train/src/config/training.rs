//! How a run is optimised.

use serde::{Deserialize, Serialize};
use spanarc_model::network::DropoutRates;

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

/// Optimisation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Training {
    /// Passes over the training data at most; 0 for as many as suit its size, see [`Self::epochs_for`].
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
    /// Probability that a fragment is read instead of a sentence: its beginning, a run of its words, or one of them; not with a
    /// frozen encoder or ELMo.
    pub fragments: f64,
    /// Dropout within a fine-tuned encoder.
    pub encoder_dropout: f32,
    /// Dropout before each BiRNN layer.
    pub dropout: f32,
    /// Dropout before relation scoring.
    pub relation_dropout: f32,
}

impl Default for Training {
    /// Small batches and light dropout, which teach a small corpus most in few epochs (`docs/training.md` has the numbers). The
    /// paper's are in `configs/paper-*.toml`.
    fn default() -> Self {
        Self {
            epochs: 0,
            keep: Keep::Best,
            patience: 0,
            relation_threshold: None,
            with_dev: false,
            batch: 2,
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
            fragments: 0.,
            encoder_dropout: DropoutRates::PAPER.encoder,
            dropout: 0.2,
            relation_dropout: 0.3,
        }
    }
}

impl Training {
    /// Passes over this many sentences: those that are set or, where none are, as many as make some 6,000 steps, but at least 5
    /// and at most 40.
    pub fn epochs_for(&self, sentences: usize) -> usize {
        const STEPS: usize = 6_000;
        match self.epochs {
            0 => (STEPS * self.batch).div_ceil(sentences.max(1)).clamp(5, 40),
            epochs => epochs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_corpus_is_read_more_often_than_a_large_one() {
        let training = Training::default();
        let of = |sentences| training.epochs_for(sentences);
        assert_eq!([0, 50, 1_000, 4_000, 100_000].map(of), [40, 40, 12, 5, 5]);
        let set = Training {
            epochs: 7,
            ..training
        };
        assert_eq!(set.epochs_for(50), 7);
    }
}
