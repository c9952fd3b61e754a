//! Static word vectors: a table with a row for every known word (300-d GloVe in the paper).
//!
//! An unknown word's vector is zero and not learnt: few words of the training data are unknown to a large table, and a
//! vector fitted to those few would say of every other unknown word what was true of them.

use std::collections::HashMap;

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::{config::WordVectorConfig, error::ModelError};

/// Known words to rows of the table.
#[derive(Debug)]
pub struct WordRows {
    rows: HashMap<String, u32>,
}

impl WordRows {
    /// `words` has one word a line, as many as the configuration says.
    pub fn new(words: &str, config: &WordVectorConfig) -> std::result::Result<Self, ModelError> {
        let (found, expected) = (count(words), config.vocabulary);
        if found != expected {
            return Err(ModelError::Words(format!(
                "{found} words, the table has {expected} rows"
            )));
        }
        let mut rows = HashMap::with_capacity(found);
        for (word, row) in words.split('\n').zip(0..) {
            rows.entry(word.to_owned()).or_insert(row);
        }
        Ok(Self { rows })
    }

    /// The row of the word as it stands, else of the word in lower case.
    pub fn row(&self, word: &str) -> Option<u32> {
        let row = |word: &str| self.rows.get(word).copied();
        row(word).or_else(|| row(&word.to_lowercase()))
    }
}

/// Number of words in a list with one a line. Only `\n` ends a line: a word may hold any other character.
pub fn count(words: &str) -> usize {
    if words.is_empty() {
        0
    } else {
        words.split('\n').count()
    }
}

/// The table.
#[derive(Debug)]
pub struct WordVectors {
    /// `[vocabulary, size]`
    vectors: Tensor,
}

impl WordVectors {
    /// Parameter `vectors [vocabulary, size]`.
    pub fn new(config: &WordVectorConfig, vb: VarBuilder) -> Result<Self> {
        let normal = Init::Randn {
            mean: 0.,
            stdev: 1. / (config.size.max(1) as f64).sqrt(),
        };
        let shape = (config.vocabulary, config.size);
        Ok(Self {
            vectors: vb.get_with_hints(shape, "vectors", normal)?,
        })
    }

    /// Rows `[batch, tokens]` (u32) and whether there is one, `[batch, tokens, 1]` (1 or 0), to
    /// `[batch, tokens, size]`, zero where there is none.
    pub fn forward(&self, rows: &Tensor, known: &Tensor) -> Result<Tensor> {
        let (batch, tokens) = rows.dims2()?;
        self.vectors
            .index_select(&rows.flatten_all()?, 0)?
            .reshape((batch, tokens, ()))?
            .broadcast_mul(known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(words: &str, vocabulary: usize) -> std::result::Result<WordRows, ModelError> {
        let size = 2;
        WordRows::new(words, &WordVectorConfig { vocabulary, size })
    }

    #[test]
    fn a_word_is_looked_up_as_it_stands_and_then_in_lower_case() {
        let rows = rows("us\nUS\nnew york\nÉté", 4).unwrap();
        let found = ["US", "us", "Us", "New York", "Été", "été", ""].map(|word| rows.row(word));
        let row = |index| Some(index);
        assert_eq!(found, [row(1), row(0), row(0), row(2), row(3), None, None]);
    }

    #[test]
    fn a_list_of_another_length_than_the_table_is_refused() {
        for (words, vocabulary) in [("", 1), ("a", 2), ("a\nb", 1)] {
            let error = rows(words, vocabulary).unwrap_err().to_string();
            assert!(error.contains(&format!("{vocabulary} rows")), "{error}");
        }
    }
}
