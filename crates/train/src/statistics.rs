//! Figures of several runs as one: mean and standard deviation over seeds or folds.

use std::fmt;

use serde::{Deserialize, Serialize};
use spanarc_model::bundle::MeasuredScores;

/// Mean and sample standard deviation of one figure. Printed as `84.21 ± 0.53`, of a single value as `84.21`; a
/// precision can be given (`{:.1}`), else it is 2.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statistic {
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation (divided by n − 1); none for a single value.
    pub sd: Option<f64>,
    /// Number of values.
    pub n: usize,
}

impl Statistic {
    /// None where there are no values.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let values: Vec<f64> = values.into_iter().collect();
        let n = values.len();
        if n == 0 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / n as f64;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let sd = (n > 1).then(|| (squares / (n - 1) as f64).sqrt());
        Some(Self { mean, sd, n })
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let precision = f.precision().unwrap_or(2);
        write!(f, "{:.precision$}", self.mean)?;
        match self.sd {
            Some(sd) => write!(f, " ± {sd:.precision$}"),
            None => Ok(()),
        }
    }
}

/// The four F1 scores of several runs, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScoreStatistics {
    /// Entities, micro average.
    pub entity_micro_f1: Statistic,
    /// Entities, macro average over types.
    pub entity_macro_f1: Statistic,
    /// Relations with both their arguments (strict), micro average.
    pub relation_micro_f1: Statistic,
    /// Relations with both their arguments (strict), macro average over types.
    pub relation_macro_f1: Statistic,
}

impl ScoreStatistics {
    /// What the four are called as heads of a table.
    pub const NAMES: [&str; 4] = [
        "entities, micro",
        "entities, macro",
        "relations, micro",
        "relations, macro",
    ];

    /// The four, in the order of [`NAMES`](Self::NAMES).
    pub fn all(&self) -> [Statistic; 4] {
        [
            self.entity_micro_f1,
            self.entity_macro_f1,
            self.relation_micro_f1,
            self.relation_macro_f1,
        ]
    }

    /// None where there are no scores.
    pub fn of(scores: &[MeasuredScores]) -> Option<Self> {
        let over = |figure: fn(&MeasuredScores) -> f64| Statistic::of(scores.iter().map(figure));
        Some(Self {
            entity_micro_f1: over(|scores| scores.entity_micro_f1)?,
            entity_macro_f1: over(|scores| scores.entity_macro_f1)?,
            relation_micro_f1: over(|scores| scores.relation_micro_f1)?,
            relation_macro_f1: over(|scores| scores.relation_macro_f1)?,
        })
    }

    /// The means alone, as scores on `data`.
    pub fn means(&self, data: String) -> MeasuredScores {
        MeasuredScores {
            data,
            entity_micro_f1: self.entity_micro_f1.mean,
            entity_macro_f1: self.entity_macro_f1.mean,
            relation_micro_f1: self.relation_micro_f1.mean,
            relation_macro_f1: self.relation_macro_f1.mean,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deviation_is_that_of_a_sample() {
        let statistic = Statistic::of([2., 4., 4., 4., 5., 5., 7., 9.]).unwrap();
        assert_eq!((statistic.mean, statistic.n), (5., 8));
        assert!((statistic.sd.unwrap() - (32f64 / 7.).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn one_value_has_no_deviation_and_none_has_no_mean() {
        let one = Statistic::of([80.]).unwrap();
        assert_eq!((one.mean, one.sd, one.n), (80., None, 1));
        assert_eq!(Statistic::of([]), None);
        assert_eq!(ScoreStatistics::of(&[]), None);
    }

    #[test]
    fn it_is_printed_as_papers_print_it() {
        let statistic = Statistic::of([84., 85., 86.]).unwrap();
        assert_eq!(statistic.to_string(), "85.00 ± 1.00");
        assert_eq!(format!("{statistic:.1}"), "85.0 ± 1.0");
        assert_eq!(Statistic::of([84.]).unwrap().to_string(), "84.00");
    }

    #[test]
    fn each_score_is_averaged_on_its_own() {
        let scores = |of: f64| MeasuredScores {
            data: "dev".into(),
            entity_micro_f1: of,
            entity_macro_f1: of + 1.,
            relation_micro_f1: of + 2.,
            relation_macro_f1: of + 3.,
        };
        let statistics = ScoreStatistics::of(&[scores(60.), scores(62.)]).unwrap();
        let means = statistics.all().map(|statistic| statistic.mean);
        assert_eq!(means, [61., 62., 63., 64.]);
    }
}
