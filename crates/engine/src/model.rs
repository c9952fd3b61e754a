//! The engine's interface to a model: the seam for other networks and for tests.

use spanarc_corpus::{Hyphens, LabelSchema};
use spanarc_model::{Annotator, ModelError, Prediction};

use crate::fragment;

/// A model that annotates one tokenised sentence.
pub trait SentenceModel {
    /// Labels and signatures.
    fn schema(&self) -> &LabelSchema;

    /// The score from which a relation holds unless the user says otherwise.
    fn relation_threshold(&self) -> f32;

    /// Whether hyphenated words are one token of its or several.
    fn hyphens(&self) -> Hyphens {
        Hyphens::default()
    }

    /// Annotates a sentence of at least one word; relations scored below `relation_floor` are left out. Entities are in
    /// text order, and their spans lie within the words.
    fn predict(&self, words: Vec<&str>, relation_floor: f32) -> Result<Prediction, ModelError>;
}

impl SentenceModel for Annotator {
    fn schema(&self) -> &LabelSchema {
        self.schema()
    }

    fn relation_threshold(&self) -> f32 {
        self.relation_threshold()
    }

    fn hyphens(&self) -> Hyphens {
        self.metadata().hyphens
    }

    fn predict(&self, words: Vec<&str>, relation_floor: f32) -> Result<Prediction, ModelError> {
        // One sentence at a time: sums over a batch could differ in the last digit with its composition.
        fragment::read(words, |words| {
            let mut predictions = self.predict(&[words], relation_floor)?;
            Ok(predictions.pop().unwrap_or_default())
        })
    }
}
