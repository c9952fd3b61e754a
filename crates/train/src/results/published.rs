//! Figures of others, each with where it was published.

use std::{fs, path::Path};

use serde::Deserialize;

use super::ResultsError;

/// The content of `published.toml`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The corpora of the page, in its order.
    #[serde(rename = "corpus")]
    pub corpora: Vec<ComparedCorpus>,
    /// Published scores, in the page's order.
    #[serde(default)]
    pub scores: Vec<PublishedScores>,
}

/// A corpus on which systems are compared.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedCorpus {
    /// Its name in the literature.
    pub name: String,
    /// Its name in run summaries, that of the folder that it was read from.
    pub folder: String,
    /// Data of the corpus that published figures are of and that we do not have, such as `test`.
    pub not_in_hand: Option<String>,
    /// What differs between our set-up and the published ones, a paragraph each.
    pub differences: Vec<String>,
}

/// What one publication reports of one system on one corpus.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedScores {
    /// Name of the corpus, one of [`Published::corpora`].
    pub corpus: String,
    /// Name of the system.
    pub system: String,
    /// Authors and year.
    pub citation: String,
    /// Where it is published.
    pub url: String,
    /// Pretrained encoder, if known.
    pub encoder: Option<String>,
    /// Weights of the encoder in millions, if known.
    pub encoder_millions: Option<f64>,
    /// Annotated data besides the corpus that it learnt from, if any.
    pub extra_data: Option<String>,
    /// Part of the corpus, or scheme of cross-validation.
    pub measured_on: String,
    /// What else differs, as a sentence.
    pub remark: Option<String>,
    /// F1 over all entities, in percent.
    pub entity_micro_f1: Option<f64>,
    /// Mean F1 over entity types, in percent.
    pub entity_macro_f1: Option<f64>,
    /// F1 over all relations, strict, in percent.
    pub relation_micro_f1: Option<f64>,
    /// Mean F1 over relation types, strict, in percent.
    pub relation_macro_f1: Option<f64>,
}

impl Published {
    pub(super) fn read(path: &Path) -> Result<Self, ResultsError> {
        let text = fs::read_to_string(path).map_err(ResultsError::io(path))?;
        let published: Self =
            toml::from_str(&text).map_err(|error| ResultsError::malformed(path, error))?;
        let known = |name: &str| published.corpora.iter().any(|corpus| corpus.name == name);
        match published.scores.iter().find(|score| !known(&score.corpus)) {
            Some(PublishedScores { system, corpus, .. }) => Err(ResultsError::malformed(
                path,
                format!("the scores of {system} are of {corpus}, which is no [[corpus]]"),
            )),
            None => Ok(published),
        }
    }
}
