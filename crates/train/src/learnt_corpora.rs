//! Names of the corpora that a bundle has learnt from, as its provenance holds them.

use spanarc_model::bundle::Provenance;

use crate::{
    auxiliary::AuxiliaryCorpus, config::RunConfig, corpus::Corpus, run_average::OtherRuns,
    starting_weights::StartingWeights,
};

/// Mark of a corpus whose dev part was learnt from.
pub(crate) const WITH_DEV: &str = " (train and dev)";

const AUXILIARY: &str = " (auxiliary)";
const WITHOUT_FOLD: &str = " without fold ";
const EARLIER_STAGE: &str = " (earlier stage)";
const AVERAGED: &str = " (averaged run)";

/// Names of all corpora that the weights will have been fitted to: the run's own first, then, marked as such, the
/// auxiliary ones and those of the runs that it starts from or is averaged with.
pub(crate) fn of_run(
    config: &RunConfig,
    corpus: &Corpus,
    auxiliary: &[AuxiliaryCorpus],
    start: Option<&StartingWeights>,
    others: &OtherRuns,
) -> Vec<String> {
    let mut names = vec![match config.training.with_dev {
        true => format!("{}{WITH_DEV}", corpus.name),
        false => corpus.name.clone(),
    }];
    names.extend(
        auxiliary
            .iter()
            .map(|corpus| format!("{}{AUXILIARY}", corpus.name)),
    );
    let earlier = start.map(|start| (start, EARLIER_STAGE));
    let others = others.weights().map(|run| (run, AVERAGED));
    for (weights, role) in earlier.into_iter().chain(others) {
        for name in &weights.metadata.provenance.corpora {
            let plain = without_role(name);
            let known = |name: &String| without_role(name) == plain;
            if plain != corpus.name && !names.iter().any(known) {
                names.push(format!("{plain}{role}"));
            }
        }
    }
    names
}

/// A name without the mark of what part the corpus had.
pub(crate) fn without_role(name: &str) -> &str {
    let roles = [AUXILIARY, EARLIER_STAGE, AVERAGED];
    roles
        .iter()
        .fold(name, |name, role| name.strip_suffix(role).unwrap_or(name))
}

/// What is left of a corpus for a fold of a cross-validation.
pub(crate) fn without_fold(corpus: &str, fold: usize) -> String {
    format!("{corpus}{WITHOUT_FOLD}{fold}")
}

/// Whether weights have learnt from the file of this name, `conll04 dev` say, or from most of it. Names are all that a
/// bundle tells.
pub fn include(provenance: &Provenance, data: &str) -> bool {
    provenance.corpora.iter().any(|name| holds(name, data))
}

/// Whether the corpus that is called so holds sentences of the file of that name.
pub(crate) fn holds(name: &str, data: &str) -> bool {
    let name = without_role(name);
    let (corpus, parts) = match name.strip_suffix(WITH_DEV) {
        Some(corpus) => (corpus, &["", " train", " dev"][..]),
        None => (name, &["", " train"][..]),
    };
    let corpus = corpus
        .rsplit_once(WITHOUT_FOLD)
        .map_or(corpus, |(whole, _)| whole);
    data.strip_prefix(corpus)
        .is_some_and(|part| parts.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_was_learnt_from_is_known_by_its_name_whatever_its_role() {
        let learnt = |corpus: &str, data: &str| {
            let provenance = Provenance {
                corpora: vec!["towns".to_owned(), corpus.to_owned()],
                ..Provenance::default()
            };
            include(&provenance, data)
        };
        for (corpus, data, expected) in [
            ("news", "news train", true),
            ("news", "news dev", false),
            ("news", "news", true),
            ("news (train and dev)", "news dev", true),
            ("news (train and dev)", "news train", true),
            ("news (train and dev)", "news test", false),
            ("news (train and dev) (earlier stage)", "news dev", true),
            ("ade full", "ade full", true),
            ("ade full (auxiliary)", "ade full", true),
            ("news (train and dev)", "news", true),
            ("ade full without fold 0", "ade full", true),
            ("ade full (train and dev)", "ade full", true),
            ("ade full", "ade half", false),
            ("new", "news train", false),
        ] {
            assert_eq!(learnt(corpus, data), expected, "{corpus}, {data}");
        }
    }
}
