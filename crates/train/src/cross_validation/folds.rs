//! Which sentences are tested on in which fold.

use std::{collections::HashMap, fs, path::Path};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use spanarc_corpus::Sentence;

use crate::error::{Result, TrainError};

/// The test parts, as lists of sentence ids; the training part of a fold is everything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folds {
    /// Ids of each fold's test part; numbers in the file are read as corpora's are.
    #[serde(deserialize_with = "ids")]
    pub test: Vec<Vec<String>>,
}

fn ids<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> std::result::Result<Vec<Vec<String>>, D::Error> {
    let id = |value| match value {
        Value::String(id) => Ok(id),
        Value::Number(id) => Ok(id.to_string()),
        other => Err(D::Error::custom(format!(
            "an id is {other}, neither a string nor a number"
        ))),
    };
    let written = Vec::<Vec<Value>>::deserialize(deserializer)?;
    let fold = |ids: Vec<Value>| ids.into_iter().map(id).collect();
    written.into_iter().map(fold).collect()
}

/// Why folds do not fit a corpus: each of its sentences must be in one test part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldsError {
    /// Nothing would be left to train on.
    #[error("has {0} folds; cross-validation needs at least 2")]
    TooFew(usize),
    /// A fold to test on nothing.
    #[error("fold {0} is empty")]
    Empty(usize),
    /// An id that the corpus does not have.
    #[error("fold {fold}: the corpus has no sentence {id:?}")]
    Unknown {
        /// The fold, from 0.
        fold: usize,
        /// The id.
        id: String,
    },
    /// A sentence to be tested on twice.
    #[error("sentence {id:?} is in fold {first} and again in fold {second}")]
    Twice {
        /// The id.
        id: String,
        /// One fold.
        first: usize,
        /// The other one, or the same.
        second: usize,
    },
    /// A sentence never tested on.
    #[error("{count} sentences of the corpus are in no fold, the first of them {id:?}")]
    Missing {
        /// The first of them.
        id: String,
        /// How many there are.
        count: usize,
    },
    /// An id that does not say which sentence is meant.
    #[error("the corpus has two sentences {id:?}")]
    Ambiguous {
        /// The id.
        id: String,
    },
}

impl Folds {
    /// Reads `{"test": [[ids of fold 0], [ids of fold 1], …]}`.
    pub fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|source| TrainError::io(path, source))?;
        serde_json::from_str(&text).map_err(|error| TrainError::Config {
            path: path.to_owned(),
            reason: error.to_string(),
        })
    }

    /// The fold in which each sentence is tested on, in the order of the sentences.
    pub fn of(&self, sentences: &[Sentence]) -> std::result::Result<Vec<usize>, FoldsError> {
        if self.test.len() < 2 {
            return Err(FoldsError::TooFew(self.test.len()));
        }
        // By id; none until a fold claims it.
        let mut folds: HashMap<&str, Option<usize>> = HashMap::with_capacity(sentences.len());
        for Sentence { id, .. } in sentences {
            if folds.insert(id, None).is_some() {
                return Err(FoldsError::Ambiguous { id: id.clone() });
            }
        }
        for (fold, ids) in self.test.iter().enumerate() {
            if ids.is_empty() {
                return Err(FoldsError::Empty(fold));
            }
            for id in ids {
                match folds.get_mut(id.as_str()) {
                    None => {
                        return Err(FoldsError::Unknown {
                            fold,
                            id: id.clone(),
                        });
                    }
                    Some(Some(first)) => {
                        return Err(FoldsError::Twice {
                            id: id.clone(),
                            first: *first,
                            second: fold,
                        });
                    }
                    Some(free) => *free = Some(fold),
                }
            }
        }
        let claimed: Vec<usize> = sentences
            .iter()
            .filter_map(|sentence| folds.get(sentence.id.as_str()).copied().flatten())
            .collect();
        match sentences
            .iter()
            .find(|one| folds[one.id.as_str()].is_none())
        {
            Some(first) => Err(FoldsError::Missing {
                id: first.id.clone(),
                count: sentences.len() - claimed.len(),
            }),
            None => Ok(claimed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(ids: &[&str]) -> Vec<Sentence> {
        let sentence = |id: &&str| Sentence {
            id: id.to_string(),
            tokens: vec!["word".into()],
            entities: Vec::new(),
            relations: Vec::new(),
        };
        ids.iter().map(sentence).collect()
    }

    fn folds(test: &[&[&str]]) -> Folds {
        let ids = |ids: &&[&str]| ids.iter().map(|id| id.to_string()).collect();
        Folds {
            test: test.iter().map(ids).collect(),
        }
    }

    #[test]
    fn each_sentence_has_one_fold() {
        let corpus = sentences(&["a", "b", "c"]);
        assert_eq!(folds(&[&["c", "a"], &["b"]]).of(&corpus), Ok(vec![0, 1, 0]));
    }

    #[test]
    fn ids_may_be_numbers_as_in_a_corpus() {
        let read = |text| serde_json::from_str::<Folds>(text);
        let found = read(r#"{"test": [["1", 2], [3]]}"#).unwrap();
        assert_eq!(found, folds(&[&["1", "2"], &["3"]]));
        let error = read(r#"{"test": [[null]]}"#).unwrap_err().to_string();
        assert!(error.contains("an id is null"), "{error}");
    }

    #[test]
    fn folds_that_do_not_fit_the_corpus_are_refused_with_the_sentence() {
        let corpus = sentences(&["a", "b", "c"]);
        let refused = |test: &[&[&str]], message: &str| {
            let error = folds(test).of(&corpus).unwrap_err().to_string();
            assert_eq!(error, message);
        };
        refused(
            &[&["a", "b", "c"]],
            "has 1 folds; cross-validation needs at least 2",
        );
        refused(&[&["a", "b", "c"], &[]], "fold 1 is empty");
        refused(
            &[&["a"], &["b", "d"]],
            "fold 1: the corpus has no sentence \"d\"",
        );
        refused(
            &[&["a", "b"], &["c", "a"]],
            "sentence \"a\" is in fold 0 and again in fold 1",
        );
        refused(
            &[&["b"], &["b", "a"]],
            "sentence \"b\" is in fold 0 and again in fold 1",
        );
        refused(
            &[&["b"], &["c"]],
            "1 sentences of the corpus are in no fold, the first of them \"a\"",
        );
        let twice = sentences(&["a", "b", "a"]);
        let error = folds(&[&["a"], &["b"]]).of(&twice).unwrap_err();
        assert_eq!(error.to_string(), "the corpus has two sentences \"a\"");
    }
}
