//! Names of the corpora that a bundle has learnt from, as its provenance holds them.

use spanarc_model::bundle::Provenance;

use crate::{
    auxiliary::AuxiliaryCorpus, config::RunConfig, corpus::Corpus,
    starting_weights::StartingWeights,
};

/// Mark of a corpus whose dev part was learnt from.
pub(crate) const WITH_DEV: &str = " (train and dev)";

const AUXILIARY: &str = " (auxiliary)";
const EARLIER_STAGE: &str = " (earlier stage)";

/// Names of all corpora that the weights will have been fitted to: the run's own first, then, marked as such, the
/// auxiliary ones and those of the run that it starts from.
pub(crate) fn of_run(
    config: &RunConfig,
    corpus: &Corpus,
    auxiliary: &[AuxiliaryCorpus],
    start: Option<&StartingWeights>,
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
    let earlier = start.map_or(&[][..], |start| &start.metadata.provenance.corpora);
    for name in earlier {
        let plain = without_role(name);
        let name = format!("{plain}{EARLIER_STAGE}");
        if plain != corpus.name && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A name without the mark of what part the corpus had.
pub(crate) fn without_role(name: &str) -> &str {
    let roles = [AUXILIARY, EARLIER_STAGE];
    roles
        .iter()
        .fold(name, |name, role| name.strip_suffix(role).unwrap_or(name))
}

/// Whether weights have learnt from the file of this name, `conll04 dev` say. Names are all that a bundle tells.
pub fn include(provenance: &Provenance, data: &str) -> bool {
    let parts = |corpus: &str, parts: &[&str]| {
        let part = data.strip_prefix(corpus);
        part.is_some_and(|part| parts.contains(&part))
    };
    let mut corpora = provenance.corpora.iter().map(|name| without_role(name));
    corpora.any(|corpus| match corpus.strip_suffix(WITH_DEV) {
        Some(folder) => parts(folder, &[" train", " dev"]),
        None => parts(corpus, &["", " train"]),
    })
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
            ("ade full without fold 0", "ade full", false),
            ("new", "news train", false),
        ] {
            assert_eq!(learnt(corpus, data), expected, "{corpus}, {data}");
        }
    }
}
