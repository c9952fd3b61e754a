//! Scores that a bundle carries although its own weights cannot be measured any more: those of a cross-validation, or of
//! twins that were trained without dev.

use spanarc_model::bundle::{BundleMetadata, EstimatedScores};

use crate::{
    config::RunConfig, cross_validation, learnt_corpora::WITH_DEV, run_folder::RunSummary,
};

/// Why scores say nothing of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EstimateError {
    /// Their mean would be one over some folds.
    #[error("{measured} of {folds} folds are measured: run the others first")]
    Unfinished {
        /// Folds measured.
        measured: usize,
        /// Folds that there are.
        folds: usize,
    },
    /// A network that differs in more than the characters of dev.
    #[error("the run of seed {seed} is no twin: it has {twin} weights, the bundle {bundle}")]
    NoTwin {
        /// Seed of the run.
        seed: u64,
        /// Weights of the run.
        twin: u64,
        /// Weights of the bundle.
        bundle: u64,
    },
    /// Nothing of dev is unseen by the twin alone.
    #[error(
        "the bundle has not learnt from dev, on which a twin's scores would be: measure the bundle itself there"
    )]
    DevUnseen,
    /// Two twins that are one.
    #[error("two of the twins have the seed {seed}")]
    SameSeed {
        /// Seed of the runs.
        seed: u64,
    },
    /// A run on something else.
    #[error("the run of seed {seed} is no twin: it has learnt from {twin}")]
    TwinOfOtherCorpus {
        /// Seed of the run.
        seed: u64,
        /// Its corpora.
        twin: String,
    },
    /// A run by other settings.
    #[error(
        "the run of seed {seed} is no twin: `{field}` of its configuration is not that of the others"
    )]
    OtherSettings {
        /// Seed of the run.
        seed: u64,
        /// Field of the configuration.
        field: String,
    },
    /// Folds of something else.
    #[error("the folds are of {folds}, the bundle has learnt from {bundle}")]
    OtherCorpus {
        /// What was cut into folds.
        folds: String,
        /// Corpora of the bundle.
        bundle: String,
    },
    /// A run that learnt from dev, or has none.
    #[error("the run of seed {seed} was not measured on data that it had not learnt from")]
    NotMeasured {
        /// Seed of the run.
        seed: u64,
    },
}

/// Those of every way of scoring, see [`cross_validation::Scores::scorings`]. `learnt_from` names the corpora of the bundle
/// that is to carry them.
pub fn of_cross_validation(
    scores: &cross_validation::Scores,
    learnt_from: &[String],
) -> Result<Vec<EstimatedScores>, EstimateError> {
    if learnt_from.first() != Some(&scores.data) {
        return Err(EstimateError::OtherCorpus {
            folds: scores.data.clone(),
            bundle: learnt_from.join(", "),
        });
    }
    let (measured, folds) = (scores.folds.len(), scores.fold_count);
    if measured < folds {
        return Err(EstimateError::Unfinished { measured, folds });
    }
    let estimates = scores
        .scorings()
        .into_iter()
        .map(|scoring| EstimatedScores {
            source: format!(
                "{folds}-fold cross-validation on {}{}",
                scores.data, scoring.remark
            ),
            scores: scores.folds.iter().map(scoring.of).cloned().collect(),
        });
    Ok(estimates.collect())
}

/// A run whose scores another model may carry.
#[derive(Debug, Clone)]
pub struct Twin {
    /// Its settings.
    pub config: RunConfig,
    /// What it came to.
    pub summary: RunSummary,
}

/// What runs by the bundle's settings came to on a dev part that, unlike the bundle, they did not learn from. `config` are
/// the settings of the bundle's own run, where they are known. None where there are no runs.
pub fn of_twins(
    twins: &[Twin],
    bundle: &BundleMetadata,
    config: Option<&RunConfig>,
) -> Result<Option<EstimatedScores>, EstimateError> {
    let with_dev = |name: &String| name.contains(WITH_DEV);
    if !twins.is_empty() && !bundle.provenance.corpora.iter().any(with_dev) {
        return Err(EstimateError::DevUnseen);
    }
    let corpus =
        (bundle.provenance.corpora.first()).map(|name| name.strip_suffix(WITH_DEV).unwrap_or(name));
    let config = config.or(twins.first().map(|twin| &twin.config));
    let mut scores = Vec::new();
    let mut seeds = Vec::new();
    for Twin {
        config: of_twin,
        summary: run,
    } in twins
    {
        let (seed, twin) = (run.seed, run.total_parameters);
        if seeds.contains(&seed.to_string()) {
            return Err(EstimateError::SameSeed { seed });
        }
        seeds.push(seed.to_string());
        if let Some(field) = config.and_then(|config| of_twin.difference_as_twin(config)) {
            return Err(EstimateError::OtherSettings { seed, field });
        }
        let bundle = bundle.total_parameters.unwrap_or(twin);
        // Characters that only dev has are parameters too.
        if twin.abs_diff(bundle) > bundle / 100 {
            return Err(EstimateError::NoTwin { seed, twin, bundle });
        }
        // In an earlier stage it may have seen what it is measured on.
        let saw_dev = run.corpora.iter().any(with_dev);
        let measured = run.scores.first().filter(|_| !saw_dev);
        let measured = measured.ok_or(EstimateError::NotMeasured { seed })?;
        if run.corpora.first().map(String::as_str) != corpus {
            return Err(EstimateError::TwinOfOtherCorpus {
                seed,
                twin: run.corpora.join(", "),
            });
        }
        scores.push(measured.clone());
    }
    let Some(first) = scores.first() else {
        return Ok(None);
    };
    Ok(Some(EstimatedScores {
        source: format!(
            "{} of twins that did not learn from it, f32, seed {}",
            first.data,
            seeds.join(", ")
        ),
        scores,
    }))
}

#[cfg(test)]
mod tests {
    use spanarc_corpus::Dropped;
    use spanarc_model::bundle::MeasuredScores;

    use super::*;
    use crate::cross_validation::{FoldScores, Scores};

    fn measured(f1: f64) -> MeasuredScores {
        MeasuredScores {
            data: "towns".into(),
            entity_micro_f1: f1,
            entity_macro_f1: f1,
            relation_micro_f1: f1,
            relation_macro_f1: f1,
        }
    }

    fn fold(fold: usize, everything: f64, without_overlaps: f64) -> FoldScores {
        FoldScores {
            fold,
            train_sentences: 1,
            test_sentences: 1,
            inputs_sha256: crate::InputHashes::default(),
            dropped: Dropped::default(),
            everything: measured(everything),
            without_overlaps: measured(without_overlaps),
        }
    }

    #[test]
    fn a_cross_validation_gives_the_scores_of_its_folds() {
        let scores = Scores::of(
            "tiny",
            "towns",
            1,
            2,
            vec![fold(0, 80., 81.), fold(1, 82., 83.)],
        );
        let [with, without] = of_cross_validation(&scores, &["towns".to_owned()])
            .unwrap()
            .try_into()
            .unwrap();
        assert_eq!(
            with.source,
            "2-fold cross-validation on towns, with overlap"
        );
        assert_eq!(with.scores, [measured(80.), measured(82.)]);
        assert_eq!(
            without.source,
            "2-fold cross-validation on towns, no overlap"
        );
        assert_eq!(without.scores, [measured(81.), measured(83.)]);
    }

    #[test]
    fn where_nothing_overlaps_it_gives_them_once() {
        let scores = Scores::of(
            "tiny",
            "towns",
            1,
            2,
            vec![fold(0, 80., 80.), fold(1, 82., 82.)],
        );
        let [only] = of_cross_validation(&scores, &["towns".to_owned()])
            .unwrap()
            .try_into()
            .unwrap();
        assert_eq!(only.source, "2-fold cross-validation on towns");
    }

    #[test]
    fn one_on_another_corpus_says_nothing_of_the_bundle() {
        let scores = Scores::of("tiny", "towns", 1, 1, vec![fold(0, 80., 80.)]);
        let corpora = ["villages".to_owned(), "towns (auxiliary)".to_owned()];
        let error = of_cross_validation(&scores, &corpora).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the folds are of towns, the bundle has learnt from villages, towns (auxiliary)"
        );
    }

    #[test]
    fn an_unfinished_one_gives_none() {
        let scores = Scores::of("tiny", "towns", 1, 2, vec![fold(0, 80., 80.)]);
        let error = of_cross_validation(&scores, &["towns".to_owned()])
            .unwrap_err()
            .to_string();
        assert_eq!(error, "1 of 2 folds are measured: run the others first");
    }
}
