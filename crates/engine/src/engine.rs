//! The one path from raw text to annotations.
//!
//! Each sentence is annotated by itself, so its result depends on nothing but its own text: results are the same in
//! whatever order, on the command line and in the browser, and can be cached by sentence.

use std::{collections::VecDeque, sync::Arc};

use spanarc_corpus::{Byte, LabelSchema, Span, Token};
use spanarc_model::{Annotator, ModelError};

use crate::{
    annotations::{Annotations, FoundEntity, FoundRelation},
    cache::{SentenceCache, SentenceResult},
    model::SentenceModel,
    sentence::{first_piece, sentences},
    token::{tokens, word_count},
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
        /// What went wrong.
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

/// A text on its way to annotations. Made by [`Engine::begin`].
#[derive(Debug)]
pub struct Job {
    sentences: Vec<JobSentence>,
    /// Indices of sentences without result, in the order to run them.
    pending: VecDeque<usize>,
    words: usize,
}

#[derive(Debug)]
struct JobSentence {
    span: Span<Byte>,
    text: Box<str>,
    result: Option<Arc<SentenceResult>>,
}

/// Whether a [`Job`] needs another step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Sentences are left.
    Unfinished,
    /// All sentences have results.
    Finished,
}

impl Job {
    /// Sentences with results.
    pub fn done(&self) -> usize {
        self.sentences.len() - self.pending.len()
    }

    /// Sentences in the text.
    pub fn total(&self) -> usize {
        self.sentences.len()
    }

    /// Words in the text, as people count them.
    pub fn words(&self) -> usize {
        self.words
    }

    fn state(&self) -> Step {
        if self.pending.is_empty() {
            Step::Finished
        } else {
            Step::Unfinished
        }
    }
}

impl Engine {
    /// Reads a bundle.
    pub fn from_bundle(bytes: &[u8]) -> Result<Self, EngineError> {
        Annotator::from_bundle(bytes)
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

    /// Annotates a text.
    pub fn annotate(&mut self, text: &str) -> Result<Annotations, EngineError> {
        let mut job = self.begin(text, None);
        while self.step(&mut job)? == Step::Unfinished {}
        Ok(self.collect(&job))
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

    /// Splits a text and fills in what the cache knows; no inference. The sentences that touch `visible` will run first.
    pub fn begin(&mut self, text: &str, visible: Option<Span<Byte>>) -> Job {
        self.cache.start_round();
        let mut words = 0;
        let sentences: Vec<JobSentence> = sentences(text, self.model.hyphens())
            .into_iter()
            .map(|span| {
                let text = &text[span.start..span.end];
                let result = self.cache.get(text);
                words += result
                    .as_ref()
                    .map_or_else(|| word_count(text), |result| result.words);
                JobSentence {
                    span,
                    text: text.into(),
                    result,
                }
            })
            .collect();
        let is_visible =
            |&index: &usize| visible.is_some_and(|visible| sentences[index].span.overlaps(visible));
        let pending = (0..sentences.len()).filter(|&index| sentences[index].result.is_none());
        let (first, later): (Vec<usize>, Vec<usize>) = pending.partition(is_visible);
        let pending = first.into_iter().chain(later).collect();
        Job {
            sentences,
            pending,
            words,
        }
    }

    /// Runs the network on one sentence, unless a sentence of the same text has run since [`Self::begin`].
    ///
    /// After an error the sentence counts as done, without annotations, so that the rest can go on.
    pub fn step(&mut self, job: &mut Job) -> Result<Step, EngineError> {
        while let Some(index) = job.pending.pop_front() {
            let sentence = &mut job.sentences[index];
            sentence.result = self.cache.get(&sentence.text);
            if sentence.result.is_none() {
                let result = self
                    .run(&sentence.text)
                    .map_err(|source| EngineError::Sentence {
                        span: sentence.span,
                        source,
                    })?;
                let result = Arc::new(result);
                self.cache.insert(&sentence.text, Arc::clone(&result));
                sentence.result = Some(result);
                break;
            }
        }
        Ok(job.state())
    }

    /// The annotations known so far: all of them once the job is finished.
    pub fn collect(&self, job: &Job) -> Annotations {
        let mut all = Annotations::default();
        for sentence in &job.sentences {
            if let Some(result) = &sentence.result {
                all.append(
                    &result.annotations,
                    sentence.span.start,
                    self.relation_threshold,
                );
            }
        }
        all
    }

    fn run(&self, sentence: &str) -> Result<SentenceResult, ModelError> {
        let tokens = tokens(sentence, self.model.hyphens());
        let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
        if words.is_empty() {
            return Ok(SentenceResult::default());
        }
        let spans: Vec<Span<Byte>> = tokens.iter().map(|token| token.span).collect();
        Ok(SentenceResult {
            annotations: self.predict(words, &spans)?,
            words: word_count(sentence),
        })
    }

    /// What the model says of words that stand at `spans`, down to the floor.
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

/// From the start of the first word to the end of the last; empty if there are none.
fn bytes_covered(words: &[Span<Byte>]) -> Span<Byte> {
    match (words.first(), words.last()) {
        (Some(first), Some(last)) => Span::new(first.start, last.end),
        _ => Span::new(0, 0),
    }
}
