//! Scores that mean what they say: of what is reported with a score of p, a share of about p is right.
//!
//! Platt 1999, "Probabilistic outputs for support vector machines": a probability is σ(slope · logit(score) + offset), with a slope
//! and an offset fitted to what was right and wrong in text that the weights had not learnt from. No order of scores changes.

use serde::{Deserialize, Serialize};

/// Scores as near to 0 or 1 as this are not told apart: nothing is certain.
const CERTAIN: f64 = 1e-6;

/// A map from scores to probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platt {
    /// Factor of the score's logit; above 0.
    pub slope: f64,
    /// Added to that.
    pub offset: f64,
}

impl Platt {
    /// The probability for a score in 0..=1.
    pub fn apply(self, score: f32) -> f32 {
        let logit = self.slope * logit(score) + self.offset;
        (1. / (1. + (-logit).exp())) as f32
    }

    /// Whether it can be used: a slope that keeps the order of scores, and numbers that are finite.
    pub(crate) fn is_valid(self) -> bool {
        self.slope > 0. && self.slope.is_finite() && self.offset.is_finite()
    }
}

/// The logit of a score in 0..=1, finite.
pub fn logit(score: f32) -> f64 {
    let score = f64::from(score).clamp(CERTAIN, 1. - CERTAIN);
    (score / (1. - score)).ln()
}

/// How the scores of a bundle are calibrated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// What it was fitted to, such as `conll04 dev`.
    pub data: String,
    /// Of the probabilities of entities.
    pub entities: CalibratedScores,
    /// Of the scores of relations.
    pub relations: CalibratedScores,
}

/// The scores of one kind of annotation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalibratedScores {
    /// The map, fitted to all of the data.
    pub map: Platt,
    /// Expected calibration error: the mean distance between a bin's scores and the share of it that was right. Measured on each
    /// half of the data with a map fitted to the other half, over what is reported.
    pub error: f64,
    /// The bins of that, of as many annotations each, by rising scores.
    pub bins: Vec<Reliability>,
}

/// Annotations with scores alike.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reliability {
    /// How many.
    pub count: usize,
    /// Their mean score.
    pub score: f64,
    /// The share of them that was right.
    pub right: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_of_no_change_changes_nothing() {
        let map = Platt {
            slope: 1.,
            offset: 0.,
        };
        for score in [0.01f32, 0.3, 0.5, 0.77, 0.999] {
            assert!((map.apply(score) - score).abs() < 1e-6);
        }
    }

    #[test]
    fn scores_keep_their_order_and_stay_between_0_and_1() {
        let map = Platt {
            slope: 0.6,
            offset: -0.9,
        };
        let scores: Vec<f32> = (0..=100).map(|i| map.apply(i as f32 / 100.)).collect();
        assert!(scores.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(scores[0] > 0. && scores[100] < 1.);
    }
}
