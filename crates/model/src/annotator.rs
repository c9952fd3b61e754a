//! A loaded bundle that annotates tokenised sentences: the one path from words to predictions.

use spanarc_corpus::{LabelSchema, Span, Token};

/// An entity found in a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictedEntity {
    /// Index into the schema's entity types.
    pub entity_type: usize,
    /// Tokens covered.
    pub span: Span<Token>,
    /// Probability of this span and type under the CRF, in 0..=1.
    pub score: f32,
}

/// A relation scored between two found entities.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictedRelation {
    /// Index into the schema's relation types.
    pub relation_type: usize,
    /// Index into the prediction's entities.
    pub head: usize,
    /// Index into the prediction's entities.
    pub tail: usize,
    /// Sigmoid score in 0..=1.
    pub score: f32,
}

/// What the network says of one sentence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prediction {
    /// Entities in text order, never overlapping.
    pub entities: Vec<PredictedEntity>,
    /// Every relation scored at or above the floor that the caller asked for.
    pub relations: Vec<PredictedRelation>,
}

/// A network with its vocabulary, schema and thresholds.
#[derive(Debug)]
pub struct Annotator {
    schema: LabelSchema,
    threshold: f32,
}

impl Annotator {
    /// Reads a bundle (f32 or quantised) and builds the network.
    pub fn from_bundle(_bytes: &[u8]) -> Result<Self, String> {
        Err("placeholder until the network lands".into())
    }

    /// Labels and signatures.
    pub fn schema(&self) -> &LabelSchema {
        &self.schema
    }

    /// The score from which a relation holds, tuned on dev.
    pub fn relation_threshold(&self) -> f32 {
        self.threshold
    }

    /// Annotates sentences, each a list of words. Relations below `relation_floor` are left out.
    pub fn predict<W: AsRef<str>>(
        &self,
        _sentences: &[Vec<W>],
        _relation_floor: f32,
    ) -> Result<Vec<Prediction>, String> {
        Ok(Vec::new())
    }
}
