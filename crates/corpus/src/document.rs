//! Pre-tokenised sentences with gold or predicted annotations.

use serde::{Deserialize, Serialize};

use crate::span::{Span, Token};
use crate::type_name::{self, TypeNameError};

/// An entity mention of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "EntityRecord", into = "EntityRecord")]
pub struct Entity {
    /// Name of the entity type.
    pub kind: String,
    /// The tokens covered.
    pub span: Span<Token>,
}

/// A directed relation between two entities of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Relation {
    /// Name of the relation type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Index of the head in the sentence's entities.
    pub head: usize,
    /// Index of the tail in the sentence's entities.
    pub tail: usize,
}

/// A pre-tokenised sentence: one line of a corpus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(expecting = "an object with id, tokens, entities and relations")]
pub struct Sentence {
    /// Identifier, unique in its corpus.
    pub id: String,
    /// The words.
    pub tokens: Vec<String>,
    /// Entity mentions, in the order of the corpus.
    pub entities: Vec<Entity>,
    /// Relations between them.
    pub relations: Vec<Relation>,
}

/// An entity as corpora write it. `serde(flatten)` would do, but hides from errors which field is at fault.
#[derive(Serialize, Deserialize)]
struct EntityRecord {
    #[serde(rename = "type")]
    kind: String,
    start: usize,
    end: usize,
}

impl From<EntityRecord> for Entity {
    fn from(EntityRecord { kind, start, end }: EntityRecord) -> Self {
        Self {
            kind,
            span: Span::new(start, end),
        }
    }
}

impl From<Entity> for EntityRecord {
    fn from(Entity { kind, span }: Entity) -> Self {
        Self {
            kind,
            start: span.start,
            end: span.end,
        }
    }
}

/// Why a sentence contradicts itself. Messages name the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SentenceError {
    /// No words.
    #[error("tokens is empty")]
    NoTokens,
    /// A word without characters.
    #[error("tokens[{index}] is an empty string")]
    EmptyToken {
        /// Index of the token.
        index: usize,
    },
    /// A mention of no token.
    #[error("entities[{index}] covers nothing: start {} is not below end {}", span.start, span.end)]
    EmptySpan {
        /// Index of the entity.
        index: usize,
        /// Its span.
        span: Span<Token>,
    },
    /// A mention beyond the sentence.
    #[error("entities[{index}].end is {}, out of range in a sentence of {tokens} tokens", span.end)]
    SpanOutOfRange {
        /// Index of the entity.
        index: usize,
        /// Its span.
        span: Span<Token>,
        /// Tokens of the sentence.
        tokens: usize,
    },
    /// A relation to an entity that is not there.
    #[error(
        "relations[{index}].{side} is {argument}, out of range in a sentence of {entities} entities"
    )]
    ArgumentOutOfRange {
        /// Index of the relation.
        index: usize,
        /// `head` or `tail`.
        side: &'static str,
        /// The index given.
        argument: usize,
        /// Entities of the sentence.
        entities: usize,
    },
    /// A type whose name is none.
    #[error("{list}[{index}].type has {problem}")]
    TypeName {
        /// `entities` or `relations`.
        list: &'static str,
        /// Index of the annotation.
        index: usize,
        /// What is wrong with the name.
        problem: TypeNameError,
    },
    /// A relation of an entity with itself.
    #[error("relations[{index}] has entity {argument} as both head and tail")]
    SameArguments {
        /// Index of the relation.
        index: usize,
        /// The entity.
        argument: usize,
    },
}

impl Sentence {
    /// Checks that spans and arguments exist, and that types have names. Overlapping and repeated entities are allowed: corpora hold them.
    pub fn validate(&self) -> Result<(), SentenceError> {
        if self.tokens.is_empty() {
            return Err(SentenceError::NoTokens);
        }
        if let Some(index) = self.tokens.iter().position(String::is_empty) {
            return Err(SentenceError::EmptyToken { index });
        }
        let named = |list, index, name: &str| {
            type_name::check(name).map_err(|problem| SentenceError::TypeName {
                list,
                index,
                problem,
            })
        };
        for (index, Entity { kind, span }) in self.entities.iter().enumerate() {
            named("entities", index, kind)?;
            let (span, tokens) = (*span, self.tokens.len());
            if span.end > tokens {
                return Err(SentenceError::SpanOutOfRange {
                    index,
                    span,
                    tokens,
                });
            }
            if span.is_empty() {
                return Err(SentenceError::EmptySpan { index, span });
            }
        }
        for (index, relation) in self.relations.iter().enumerate() {
            named("relations", index, &relation.kind)?;
            let entities = self.entities.len();
            for (side, argument) in [("head", relation.head), ("tail", relation.tail)] {
                if argument >= entities {
                    return Err(SentenceError::ArgumentOutOfRange {
                        index,
                        side,
                        argument,
                        entities,
                    });
                }
            }
            if relation.head == relation.tail {
                return Err(SentenceError::SameArguments {
                    index,
                    argument: relation.head,
                });
            }
        }
        Ok(())
    }
}
