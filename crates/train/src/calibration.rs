//! Fitting calibrated scores, and measuring how far they can be trusted.

use std::collections::HashSet;

use spanarc_corpus::{LabelSchema, Sentence, Span, Token};
use spanarc_model::{
    Annotator, Prediction,
    calibration::{CalibratedScores, Calibration, Platt, Reliability, logit},
};

use crate::{
    error::{Result, TrainError},
    evaluation,
};

/// Relations that score lower do not count in the fit: there are very many.
const LOWEST: f32 = 0.01;

/// Bins of the expected calibration error.
const BINS: usize = 10;

/// Steps of Newton's method, which needs a few.
const STEPS: usize = 100;

/// How often a step is halved before it is given up.
const HALVINGS: i32 = 30;

/// Keeps the fit in bounds where it is not determined.
const RIDGE: f64 = 1e-3;

/// Scores keep their order, and stay apart in f32, even where they say nothing.
const LEAST_SLOPE: f64 = 0.05;

/// A score, and whether what it was given for was right.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Outcome {
    score: f32,
    right: bool,
}

/// Outcomes of each half of the data.
type Halves = [Vec<Outcome>; 2];

/// Calibrates a model whose scores are its network's own, by annotated sentences that it has not learnt from. `data` names them. Errs
/// where it finds too little in a half of them to tell what its scores mean.
pub fn fit(model: &Annotator, corpus: &[Sentence], data: &str) -> Result<Calibration> {
    let predictions = evaluation::predict(model, corpus, 32, LOWEST)?;
    let (mut entities, mut relations) = (Halves::default(), Halves::default());
    for (index, (gold, prediction)) in corpus.iter().zip(&predictions).enumerate() {
        let found = outcomes(gold, prediction, model.schema());
        entities[index % 2].extend(found.0);
        relations[index % 2].extend(found.1);
    }
    let threshold = model.relation_threshold();
    enough(data, "entities", &entities, 0.)?;
    if !model.schema().relation_types.is_empty() {
        enough(data, "relations", &relations, threshold)?;
    }
    Ok(Calibration {
        data: data.to_owned(),
        entities: calibrated(&entities, 0.),
        relations: calibrated(&relations, threshold),
    })
}

/// Errs where a half has fewer than one outcome a bin.
fn enough(data: &str, what: &'static str, halves: &Halves, reported: f32) -> Result<()> {
    let count = |half: &Vec<Outcome>| half.iter().filter(|one| one.score >= reported).count();
    let least = halves.iter().map(count).min().unwrap_or_default();
    if least < BINS {
        return Err(TrainError::TooFewToCalibrate {
            data: data.to_owned(),
            what,
            found: least,
            needed: BINS,
        });
    }
    Ok(())
}

/// Of a sentence the entities and the relations, by strict scoring.
fn outcomes(
    gold: &Sentence,
    prediction: &Prediction,
    schema: &LabelSchema,
) -> (Vec<Outcome>, Vec<Outcome>) {
    type Entity<'a> = (Span<Token>, &'a str);
    let entity = |index: usize| (gold.entities[index].span, &*gold.entities[index].kind);
    let entities: HashSet<Entity> = (0..gold.entities.len()).map(entity).collect();
    let relations: HashSet<(Entity, Entity, &str)> = (gold.relations.iter())
        .map(|relation| {
            (
                entity(relation.head),
                entity(relation.tail),
                &*relation.kind,
            )
        })
        .collect();
    let found = |index: usize| {
        let found = &prediction.entities[index];
        (found.span, &*schema.entity_types[found.entity_type].name)
    };
    let of_entities = prediction.entities.iter().enumerate();
    let of_entities = of_entities.map(|(index, entity)| Outcome {
        score: entity.score,
        right: entities.contains(&found(index)),
    });
    let of_relations = prediction.relations.iter().map(|relation| {
        let kind = &*schema.relation_types[relation.relation_type].name;
        Outcome {
            score: relation.score,
            right: relations.contains(&(found(relation.head), found(relation.tail), kind)),
        }
    });
    (of_entities.collect(), of_relations.collect())
}

/// The map of all outcomes, and how well maps of one half do on the other, of what scores `reported` or more.
fn calibrated(halves: &Halves, reported: f32) -> CalibratedScores {
    let mut seen: Vec<(f64, bool)> = Vec::new();
    for (fitted, measured) in [(0, 1), (1, 0)] {
        let map = platt(&halves[fitted]);
        let shown = halves[measured].iter().filter(|one| one.score >= reported);
        seen.extend(shown.map(|one| (f64::from(map.apply(one.score)), one.right)));
    }
    let bins = bins(seen);
    let total: usize = bins.iter().map(|bin| bin.count).sum();
    let distances = bins
        .iter()
        .map(|bin| (bin.score - bin.right).abs() * bin.count as f64);
    CalibratedScores {
        map: platt(&halves.concat()),
        error: distances.sum::<f64>() / total.max(1) as f64,
        bins,
    }
}

/// Bins of equal mass.
fn bins(mut outcomes: Vec<(f64, bool)>) -> Vec<Reliability> {
    outcomes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let bounds = |bin: usize| bin * outcomes.len() / BINS;
    (0..BINS)
        .map(|bin| &outcomes[bounds(bin)..bounds(bin + 1)])
        .filter(|bin| !bin.is_empty())
        .map(|bin| {
            let count = bin.len() as f64;
            let right = bin.iter().filter(|(_, right)| *right).count();
            Reliability {
                count: bin.len(),
                score: bin.iter().map(|(score, _)| score).sum::<f64>() / count,
                right: right as f64 / count,
            }
        })
        .collect()
}

/// The calibration error that scores which mean what they say show in these bins by chance alone, on average: the mean absolute
/// deviation of a binomial variable in each (de Moivre 1730).
pub(crate) fn error_by_chance(bins: &[Reliability]) -> f64 {
    let total: usize = bins.iter().map(|bin| bin.count).sum();
    let deviations = bins.iter().map(|bin| {
        let (n, p) = (bin.count as f64, bin.score);
        if p <= 0. || p >= 1. {
            return 0.;
        }
        let m = (n * p).floor() + 1.;
        // ln of the number of ways to choose m of n.
        let choices: f64 = (1..=m as usize)
            .map(|i| ((n - m + i as f64) / i as f64).ln())
            .sum();
        2. * m * (choices + m * p.ln() + (n - m + 1.) * (1. - p).ln()).exp()
    });
    deviations.sum::<f64>() / total.max(1) as f64
}

/// The likeliest map, with Platt's targets: as if one more of each kind had been seen, so that outcomes that are all alike give no
/// infinite slope. By Newton's method with steps that are halved until they help (Lin, Lin and Weng 2007, "A note on Platt's
/// probabilistic outputs for support vector machines").
fn platt(outcomes: &[Outcome]) -> Platt {
    let right = outcomes.iter().filter(|one| one.right).count() as f64;
    let wrong = outcomes.len() as f64 - right;
    let targets = [1. / (wrong + 2.), (right + 1.) / (right + 2.)];
    let points: Vec<(f64, f64)> = (outcomes.iter())
        .map(|one| (logit(one.score), targets[usize::from(one.right)]))
        .collect();
    let mut map = Platt {
        slope: 1.,
        offset: 0.,
    };
    for _ in 0..STEPS {
        let (mut by_slope, mut by_offset) = (RIDGE * (map.slope - 1.), RIDGE * map.offset);
        let (mut slopes, mut both, mut offsets) = (RIDGE, 0., RIDGE);
        for (x, target) in &points {
            let p = 1. / (1. + (-(map.slope * x + map.offset)).exp());
            by_slope += (p - target) * x;
            by_offset += p - target;
            let weight = p * (1. - p);
            slopes += weight * x * x;
            both += weight * x;
            offsets += weight;
        }
        let determinant = slopes * offsets - both * both;
        let mut slope = (offsets * by_slope - both * by_offset) / determinant;
        let mut offset = (slopes * by_offset - both * by_slope) / determinant;
        if map.slope - slope < LEAST_SLOPE {
            slope = map.slope - LEAST_SLOPE;
            offset = (by_offset - both * slope) / offsets;
        }
        let now = loss(map, &points);
        let steps = (0..HALVINGS).map(|halving| 0.5f64.powi(halving));
        let mut shorter = steps.map(|step| Platt {
            slope: map.slope - step * slope,
            offset: map.offset - step * offset,
        });
        match shorter.find(|map| loss(*map, &points) < now) {
            Some(better) => map = better,
            None => break,
        }
    }
    map
}

/// Cross-entropy of the targets, and the ridge that keeps a map near to no change where little was seen.
fn loss(map: Platt, points: &[(f64, f64)]) -> f64 {
    let ridge = RIDGE / 2. * ((map.slope - 1.).powi(2) + map.offset.powi(2));
    let entropy = points.iter().map(|(x, target)| {
        let z = map.slope * x + map.offset;
        // ln(1 + eᶻ) − target · z, without overflow.
        z.max(0.) + (-z.abs()).exp().ln_1p() - target * z
    });
    ridge + entropy.sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `count` outcomes for each score, of which a share is right that a known map says.
    fn outcomes(map: Platt, count: usize) -> Vec<Outcome> {
        (1..100)
            .map(|percent| percent as f32 / 100.)
            .flat_map(|score| {
                let right = (f64::from(map.apply(score)) * count as f64).round() as usize;
                (0..count).map(move |index| Outcome {
                    score,
                    right: index < right,
                })
            })
            .collect()
    }

    #[test]
    fn few_outcomes_stray_from_true_scores_as_far_as_their_number_lets_them() {
        // Of two coins none, one or both fall right: off by 1/2, 0 or 1/2. Of one that is right in a tenth: by 0.1 or 0.9.
        let bin = |count, score| Reliability {
            count,
            score,
            right: 1.,
        };
        let chance = |bins: &[Reliability]| (error_by_chance(bins) * 1e6).round() / 1e6;
        assert_eq!(chance(&[bin(2, 0.5)]), 0.25);
        assert_eq!(chance(&[bin(1, 0.1)]), 0.18);
        assert_eq!(chance(&[bin(2, 0.5), bin(1, 0.1)]), 0.226667);
        assert_eq!(chance(&[bin(5, 1.), bin(5, 0.)]), 0.);
        assert_eq!(chance(&[]), 0.);
        // Where there are many, a normal variable's: √(2 p (1 − p) / π n).
        assert!((error_by_chance(&[bin(10_000, 0.2)]) - 0.003_192).abs() < 1e-5);
    }

    #[test]
    fn the_map_that_made_the_outcomes_is_found() {
        let map = Platt {
            slope: 0.5,
            offset: -0.7,
        };
        let found = platt(&outcomes(map, 500));
        assert!((found.slope - map.slope).abs() < 0.01, "{found:?}");
        assert!((found.offset - map.offset).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn the_error_of_scores_that_say_too_much_goes() {
        let map = Platt {
            slope: 0.4,
            offset: -0.5,
        };
        let all = outcomes(map, 200);
        let raw = bins((all.iter().map(|one| (f64::from(one.score), one.right))).collect());
        let distance = raw
            .iter()
            .map(|bin| (bin.score - bin.right).abs())
            .sum::<f64>()
            / 10.;
        assert!(distance > 0.1, "{distance}");
        let halves = [0, 1].map(|half| all.iter().copied().skip(half).step_by(2).collect());
        let found = calibrated(&halves, 0.);
        assert!(found.error < 0.02, "{found:?}");
        assert_eq!(found.bins.len(), BINS);
        assert_eq!(
            found.bins.iter().map(|bin| bin.count).sum::<usize>(),
            all.len()
        );
    }

    #[test]
    fn scores_that_rise_with_errors_keep_their_order() {
        let group = |score, right, count| vec![Outcome { score, right }; count];
        let outcomes = [group(0.3, true, 5), group(0.9, false, 15)].concat();
        let map = platt(&outcomes);
        assert!(map.slope >= LEAST_SLOPE, "{map:?}");
        assert!(map.apply(0.3) < map.apply(0.9));
        assert!((0.2..0.35).contains(&map.apply(0.9)), "{map:?}");
    }

    #[test]
    fn few_or_equal_outcomes_give_a_map_that_can_be_used() {
        let alike = |right| vec![Outcome { score: 0.9, right }; 3];
        for few in [Vec::new(), alike(true), alike(false)] {
            let map = platt(&few);
            assert!(map.slope > 0. && map.offset.is_finite(), "{map:?}");
        }
    }

    #[test]
    fn scores_that_are_all_alike_become_the_share_that_was_right() {
        let outcomes: Vec<Outcome> = (0..100)
            .map(|index| Outcome {
                score: 0.9999,
                right: index < 40,
            })
            .collect();
        let found = platt(&outcomes).apply(0.9999);
        assert!((found - 0.4).abs() < 0.02, "{found}");
    }
}
