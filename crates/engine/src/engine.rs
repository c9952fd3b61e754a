//! The one path from raw text to annotations.
//!
//! Each sentence is annotated by itself, so its result depends on nothing but its own text: results are the same in
//! whatever order, on the command line and in the browser, and can be cached by sentence.

use std::{collections::HashMap, sync::Arc};

use rayon::prelude::*;
use spanarc_corpus::{Byte, LabelSchema, Span, Token};
use spanarc_model::{Annotator, ModelError};

use crate::{
    annotations::{Annotations, FoundEntity, FoundRelation},
    cache::SentenceCache,
    model::SentenceModel,
    sentence::{first_piece, sentences},
    token::tokens,
};

/// Relations scored below are not kept, whatever the threshold.
pub const RELATION_FLOOR: f32 = 0.05;

/// Sentences kept in the cache; with their results a few hundred bytes each.
const CACHED_SENTENCES: usize = 16_384;

/// Why a text could not be annotated.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The bundle was refused.
    #[error("the model cannot be loaded: {0}")]
    Bundle(#[source] ModelError),
    /// The network failed on a sentence.
    #[error("the sentence at bytes {}..{} cannot be annotated: {source}", span.start, span.end)]
    Sentence {
        /// The sentence in the text.
        span: Span<Byte>,
        /// The model's error.
        source: ModelError,
    },
}

/// A model with its cache.
#[derive(Debug)]
pub struct Engine<M = Annotator> {
    model: M,
    relation_threshold: f32,
    cache: SentenceCache,
}

impl Engine {
    /// Reads a bundle.
    pub fn from_bundle(bytes: &[u8]) -> Result<Self, EngineError> {
        Annotator::from_bundle(bytes)
            .map(Self::new)
            .map_err(EngineError::Bundle)
    }

    /// Reads a bundle whose SHA-256 the caller has found to be the expected one: sooner, since no other hash is computed.
    pub fn from_known_bundle(bytes: &[u8]) -> Result<Self, EngineError> {
        Annotator::from_known_bundle(bytes)
            .map(Self::new)
            .map_err(EngineError::Bundle)
    }
}

impl<M: SentenceModel> Engine<M> {
    /// An engine around a model, at the model's own threshold.
    pub fn new(model: M) -> Self {
        let relation_threshold = model.relation_threshold();
        Self {
            model,
            relation_threshold,
            cache: SentenceCache::new(CACHED_SENTENCES),
        }
    }

    /// The model.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// Entity and relation types that annotations refer to.
    pub fn schema(&self) -> &LabelSchema {
        self.model.schema()
    }

    /// The score from which relations are reported.
    pub fn relation_threshold(&self) -> f32 {
        self.relation_threshold
    }

    /// Changes the score from which relations are reported; no inference is needed for texts seen before. Nothing below
    /// [`RELATION_FLOOR`] is ever reported.
    pub fn set_relation_threshold(&mut self, threshold: f32) {
        self.relation_threshold = threshold;
    }

    /// The sentences of a text in order, without the white space around them. They are annotated one by one, with
    /// [`Self::annotate_sentence`].
    ///
    /// The cache takes it that the text is current from now on: results of its sentences outlive older ones.
    pub fn sentences(&mut self, text: &str) -> Vec<Span<Byte>> {
        self.cache.start_round();
        sentences(text, self.model.hyphens())
    }

    /// The annotations of a sentence if it was annotated before; no inference. Spans are bytes of the sentence, relations
    /// those down to [`RELATION_FLOOR`].
    pub fn cached(&mut self, sentence: &str) -> Option<Arc<Annotations>> {
        self.cache.get(sentence)
    }

    /// The annotations of a sentence, from the cache or the model. Spans are bytes of the sentence, relations those down
    /// to [`RELATION_FLOOR`].
    pub fn annotate_sentence(&mut self, sentence: &str) -> Result<Arc<Annotations>, ModelError> {
        if let Some(known) = self.cached(sentence) {
            return Ok(known);
        }
        let found = Arc::new(self.run(sentence)?);
        self.remember(sentence, Arc::clone(&found));
        Ok(found)
    }

    /// The annotations of a sentence, without the cache. Spans are bytes of the sentence, relations those down to
    /// [`RELATION_FLOOR`].
    pub fn run(&self, sentence: &str) -> Result<Annotations, ModelError> {
        let tokens = tokens(sentence, self.model.hyphens());
        let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
        if words.is_empty() {
            return Ok(Annotations::default());
        }
        let spans: Vec<Span<Byte>> = tokens.iter().map(|token| token.span).collect();
        self.predict(words, &spans)
    }

    /// Takes the annotations of a sentence into the cache, from an engine with the same model. Spans are bytes of the sentence,
    /// relations those down to [`RELATION_FLOOR`].
    pub fn remember(&mut self, sentence: &str, annotations: Arc<Annotations>) {
        self.cache.insert(sentence, annotations);
    }

    /// Annotates a sentence that is cut into words already. Spans are bytes of the words joined by single spaces.
    ///
    /// A sentence of more than [`MAX_TOKENS`](crate::sentence::MAX_TOKENS) words is annotated in pieces, as in a text.
    /// Nothing is cached.
    pub fn annotate_words(&self, words: &[&str]) -> Result<Annotations, EngineError> {
        let mut all = Annotations::default();
        let (mut rest, mut start) = (words, 0);
        while !rest.is_empty() {
            let (piece, later) = rest.split_at(first_piece(rest));
            let mut spans = Vec::with_capacity(piece.len());
            for word in piece {
                spans.push(Span::new(start, start + word.len()));
                start += word.len() + 1;
            }
            let found =
                self.predict(piece.to_vec(), &spans)
                    .map_err(|source| EngineError::Sentence {
                        span: bytes_covered(&spans),
                        source,
                    })?;
            all.append(&found, 0, self.relation_threshold);
            rest = later;
        }
        Ok(all)
    }

    /// The annotations of words that stand at `spans`, with relations down to the floor.
    fn predict(&self, words: Vec<&str>, spans: &[Span<Byte>]) -> Result<Annotations, ModelError> {
        let prediction = self.model.predict(words, RELATION_FLOOR)?;
        let bytes = |span: Span<Token>| bytes_covered(&spans[span.start..span.end]);
        let entities = prediction.entities.iter().map(|entity| FoundEntity {
            entity_type: entity.entity_type,
            span: bytes(entity.span),
            score: entity.score,
        });
        let relations = prediction.relations.iter().map(|relation| FoundRelation {
            relation_type: relation.relation_type,
            head: relation.head,
            tail: relation.tail,
            score: relation.score,
        });
        let mut annotations = Annotations {
            entities: entities.collect(),
            relations: relations.collect(),
        };
        annotations
            .relations
            .sort_by_key(|relation| (relation.head, relation.tail, relation.relation_type));
        Ok(annotations)
    }
}

impl<M: SentenceModel + Sync> Engine<M> {
    /// Annotates a text, several of its sentences side by side where there are threads.
    pub fn annotate(&mut self, text: &str) -> Result<Annotations, EngineError> {
        let mut all = self.annotate_all(&[text]);
        all.pop().unwrap_or_else(|| Ok(Annotations::default()))
    }

    /// Annotates texts, each as [`Self::annotate`] does, in their order.
    pub fn annotate_all(&mut self, texts: &[&str]) -> Vec<Result<Annotations, EngineError>> {
        // In one round, so that the cache keeps all results until they are put together.
        self.cache.start_round();
        let spans: Vec<_> = (texts.iter())
            .map(|text| sentences(text, self.model.hyphens()))
            .collect();
        let sentences = (texts.iter().zip(&spans))
            .flat_map(|(text, spans)| spans.iter().map(|span| &text[span.start..span.end]));
        let mut unknown: Vec<&str> = sentences
            .filter(|sentence| self.cache.get(sentence).is_none())
            .collect();
        unknown.sort_unstable();
        unknown.dedup();
        let found: Vec<_> = (unknown.par_iter())
            .map(|sentence| self.run(sentence))
            .collect();
        let mut failed = HashMap::new();
        for (sentence, found) in unknown.into_iter().zip(found) {
            match found {
                Ok(found) => self.remember(sentence, Arc::new(found)),
                Err(error) => {
                    failed.insert(sentence, error);
                }
            }
        }
        let mut annotated = Vec::with_capacity(texts.len());
        for (text, spans) in texts.iter().zip(spans) {
            let mut all = Ok(Annotations::default());
            for span in spans {
                let sentence = &text[span.start..span.end];
                let found = match failed.remove(sentence) {
                    Some(error) => Err(error),
                    None => self.annotate_sentence(sentence),
                };
                match (&mut all, found) {
                    (Ok(all), Ok(found)) => {
                        all.append(&found, span.start, self.relation_threshold);
                    }
                    (Ok(_), Err(source)) => all = Err(EngineError::Sentence { span, source }),
                    (Err(_), _) => {}
                }
            }
            annotated.push(all);
        }
        annotated
    }
}

/// From the start of the first word to the end of the last; empty if there are none.
fn bytes_covered(words: &[Span<Byte>]) -> Span<Byte> {
    match (words.first(), words.last()) {
        (Some(first), Some(last)) => Span::new(first.start, last.end),
        _ => Span::new(0, 0),
    }
}
