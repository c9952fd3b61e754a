//! What a run learns from besides its configuration, known again by hash.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};
use spanarc_corpus::Hyphens;

use crate::{
    auxiliary::AuxiliaryCorpus,
    config::RunConfig,
    corpus::Corpus,
    digest,
    error::{Result, TrainError},
    preparation,
    pretrained::PretrainedPaths,
};

/// SHA-256 of each input by name: `corpus`, `encoder`, `elmo`, `words`, `start_from`, `average_with[0]`, `auxiliary[0]` and so on. Empty where
/// an earlier version left none, or one of the corpus alone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Written")]
pub struct InputHashes(BTreeMap<String, String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Hashes(BTreeMap<String, String>),
    OfCorpusAlone(#[expect(dead_code, reason = "says too little to compare")] Option<String>),
}

impl From<Written> for InputHashes {
    fn from(written: Written) -> Self {
        match written {
            Written::Hashes(hashes) => Self(hashes),
            Written::OfCorpusAlone(_) => Self::default(),
        }
    }
}

impl InputHashes {
    /// Of inputs that are in memory, and of the files that they do not hold whole.
    pub(crate) fn of(
        config: &RunConfig,
        corpus: &Corpus,
        auxiliary: &[AuxiliaryCorpus],
        pretrained: &Self,
    ) -> Result<Self> {
        let mut hashes = pretrained.clone();
        hashes.insert("corpus", corpus.sha256()?);
        for (index, corpus) in auxiliary.iter().enumerate() {
            hashes.insert(&format!("auxiliary[{index}]"), corpus.sha256()?);
        }
        if let Some(bundle) = &config.start_from {
            hashes.insert("start_from", digest::of_files(&[bundle])?);
        }
        for (index, bundle) in config.average_with.iter().enumerate() {
            hashes.insert(
                &format!("average_with[{index}]"),
                digest::of_files(&[bundle])?,
            );
        }
        Ok(hashes)
    }

    /// The same with another corpus.
    pub(crate) fn with_corpus(mut self, corpus: &Corpus) -> Result<Self> {
        self.insert("corpus", corpus.sha256()?);
        Ok(self)
    }

    /// Of the same, read anew.
    fn read(config: &RunConfig, corpus: &Corpus, pretrained: &Self) -> Result<Self> {
        let schema = config.labels.clone().unwrap_or_else(|| corpus.schema());
        let hyphens = Hyphens::of(&preparation::parts(config, corpus)?.0);
        let auxiliary = (config.auxiliary.iter())
            .map(|choice| AuxiliaryCorpus::read(choice, &schema, hyphens))
            .collect::<Result<Vec<_>>>()?;
        Self::of(config, corpus, &auxiliary, pretrained)
    }

    /// Of the pretrained parts alone.
    pub(crate) fn of_pretrained(paths: &PretrainedPaths) -> Result<Self> {
        let mut hashes = Self::default();
        for (name, files) in paths.files()? {
            hashes.insert(name, digest::of_files(&files)?);
        }
        Ok(hashes)
    }

    /// Refuses to go on in a run folder that holds a run on inputs other than these.
    pub(crate) fn check(&self, folder: &Path, begun_with: &Self) -> Result<()> {
        if begun_with.0.is_empty() {
            return Ok(());
        }
        let mut names = begun_with.0.keys().chain(self.0.keys());
        match names.find(|name| begun_with.0.get(*name) != self.0.get(*name)) {
            Some(input) => Err(TrainError::OtherInput {
                path: folder.to_owned(),
                input: input.clone(),
            }),
            None => Ok(()),
        }
    }

    fn insert(&mut self, name: &str, sha256: String) {
        self.0.insert(name.to_owned(), sha256);
    }
}

/// Compares runs with the inputs that they began with. Pretrained files are large and are hashed for the first that needs it.
pub(crate) struct InputComparison<'a> {
    paths: &'a PretrainedPaths,
    pretrained: Option<InputHashes>,
}

impl<'a> InputComparison<'a> {
    pub(crate) fn new(paths: &'a PretrainedPaths) -> Self {
        let pretrained = None;
        Self { paths, pretrained }
    }

    /// Refuses the run in `folder` if it began with others. Nothing is read where it left nothing to compare with.
    pub(crate) fn check(
        &mut self,
        folder: &Path,
        config: &RunConfig,
        corpus: impl FnOnce() -> Result<Corpus>,
        begun_with: &InputHashes,
    ) -> Result<()> {
        if begun_with.0.is_empty() {
            return Ok(());
        }
        let pretrained = match &mut self.pretrained {
            Some(hashes) => hashes,
            unknown => unknown.insert(InputHashes::of_pretrained(self.paths)?),
        };
        InputHashes::read(config, &corpus()?, pretrained)?.check(folder, begun_with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run_folder::Progress;

    fn hashes<const N: usize>(inputs: [(&str, &str); N]) -> InputHashes {
        InputHashes(inputs.map(|(name, hash)| (name.into(), hash.into())).into())
    }

    #[test]
    fn an_input_that_is_another_or_new_or_missing_is_named() {
        let begun_with = hashes([("corpus", "a"), ("encoder", "b")]);
        let refused = |now: InputHashes| {
            let error = now.check(Path::new("run"), &begun_with).unwrap_err();
            error.to_string()
        };
        begun_with.check(Path::new("run"), &begun_with).unwrap();
        for (now, input) in [
            (hashes([("corpus", "z"), ("encoder", "b")]), "corpus"),
            (hashes([("corpus", "a"), ("encoder", "z")]), "encoder"),
            (hashes([("corpus", "a")]), "encoder"),
            (
                hashes([("corpus", "a"), ("encoder", "b"), ("words", "c")]),
                "words",
            ),
        ] {
            let told = refused(now);
            assert!(
                told.starts_with(&format!("run holds a run with another `{input}`")),
                "{told}"
            );
        }
    }

    #[test]
    fn what_an_earlier_version_left_says_nothing_and_goes_on() {
        let now = hashes([("corpus", "a")]);
        for (name, left) in [
            ("none", ""),
            ("null", r#", "corpus_sha256": null"#),
            ("of the corpus", r#", "corpus_sha256": "f00""#),
        ] {
            let text =
                format!(r#"{{"epoch": 3, "step": 9, "best_epoch": 2, "best_score": 83.25{left}}}"#);
            let progress: Progress = serde_json::from_str(&text).unwrap();
            assert_eq!(progress.inputs_sha256, InputHashes::default(), "{name}");
            now.check(Path::new("run"), &progress.inputs_sha256)
                .unwrap();
        }
        let written = serde_json::to_string(&now).unwrap();
        assert_eq!(serde_json::from_str::<InputHashes>(&written).unwrap(), now);
    }
}
