//! Strict scoring of predicted sentences against gold ones.
//!
//! What counts, as in SpERT's evaluator (Eberts & Ulges 2020):
//! - an entity is right when its boundaries and its type are;
//! - a relation is right, *strict*, when its type, its direction and both arguments (boundaries and type) are;
//!   *boundaries*, when its type, its direction and the boundaries of both arguments are;
//! - each sentence is a set: what is said twice counts once;
//! - where overlaps are left out ([`Scorer::without_overlaps`]), the relations of gold whose two arguments share a token, and
//!   those arguments as entities, count neither when predicted nor when missed; every other relation of theirs counts;
//! - micro scores pool the counts of all types, macro scores are the mean over the types of the schema.
//!
//! Where a ratio is 0/0 it is 0 (scikit-learn's `zero_division`). A type that occurs neither in gold nor in the
//! prediction says nothing and is left out of the macro mean, as SpERT does; with no type left the mean is 0.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    document::Sentence,
    schema::LabelSchema,
    span::{Span, Token},
};

/// Precision, recall and F1 in percent.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Score {
    /// Part of the predicted that is right.
    pub precision: f64,
    /// Part of the gold that is found.
    pub recall: f64,
    /// Harmonic mean of both; for a macro score the mean of the types' F1.
    pub f1: f64,
}

/// Scores over all types.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Averages {
    /// From the pooled counts.
    pub micro: Score,
    /// Mean over the types that occur.
    #[serde(rename = "macro")]
    pub macro_: Score,
}

/// Score of one type, with the counts behind it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct TypeScore {
    /// The score.
    #[serde(flatten)]
    pub score: Score,
    /// The counts.
    #[serde(flatten)]
    pub counts: Counts,
}

/// Sizes of the gold set, the predicted set and what they share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counts {
    /// Annotated.
    pub gold: usize,
    /// Predicted.
    pub predicted: usize,
    /// Both.
    pub correct: usize,
}

/// Something per way of comparing relations.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ByComparison<T> {
    /// Type and both arguments with their types.
    pub strict: T,
    /// Type and the arguments' boundaries.
    pub boundaries: T,
}

/// Scores per type, by name.
pub type ByType = BTreeMap<String, TypeScore>;

/// Scores of each type.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PerType {
    /// Entity types.
    pub entities: ByType,
    /// Relation types.
    pub relations: ByComparison<ByType>,
}

/// All scores of a corpus, in percent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Report {
    /// Entities: boundaries and type.
    pub entities: Averages,
    /// Relations.
    pub relations: ByComparison<Averages>,
    /// Each type of the schema on its own.
    pub per_type: PerType,
}

/// Why two corpora cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// Not the same number of sentences.
    #[error("{gold} gold sentences against {predicted} predicted ones")]
    Lengths {
        /// Gold sentences.
        gold: usize,
        /// Predicted sentences.
        predicted: usize,
    },
    /// A type that the schema does not hold.
    #[error("sentence {id:?} has the {what} type {name:?}, which the label schema does not know")]
    UnknownType {
        /// Identifier of the sentence.
        id: String,
        /// `entity` or `relation`.
        what: &'static str,
        /// The type's name.
        name: String,
    },
    /// A relation whose argument is not there.
    #[error("sentence {id:?}: relations[{index}] refers to an entity that is not there")]
    MissingArgument {
        /// Identifier of the sentence.
        id: String,
        /// Index of the relation.
        index: usize,
    },
}

/// Scores a corpus: sentence `i` of `predicted` is compared with sentence `i` of `gold`.
pub fn score(
    gold: &[Sentence],
    predicted: &[Sentence],
    schema: &LabelSchema,
) -> Result<Report, ScoreError> {
    Scorer::new(schema).all(gold, predicted)
}

/// As [`score`], with overlaps left out ([`Scorer::without_overlaps`]).
pub fn score_without_overlaps(
    gold: &[Sentence],
    predicted: &[Sentence],
    schema: &LabelSchema,
) -> Result<Report, ScoreError> {
    Scorer::new(schema).without_overlaps().all(gold, predicted)
}

/// Counts sentence by sentence.
#[derive(Debug, Clone)]
pub struct Scorer<'schema> {
    schema: &'schema LabelSchema,
    without_overlaps: bool,
    entities: Vec<Counts>,
    strict: Vec<Counts>,
    boundaries: Vec<Counts>,
}

impl<'schema> Scorer<'schema> {
    /// A scorer that has seen nothing.
    pub fn new(schema: &'schema LabelSchema) -> Self {
        let relations = vec![Counts::default(); schema.relation_types.len()];
        Self {
            schema,
            without_overlaps: false,
            entities: vec![Counts::default(); schema.entity_types.len()],
            strict: relations.clone(),
            boundaries: relations,
        }
    }

    /// The same, which leaves out what gold says with overlapping entities and tags cannot: each relation whose two
    /// arguments share a token, and both these entities. They are taken from gold and, where the prediction has the same,
    /// from the prediction, so that they are neither right nor wrong nor missed.
    #[must_use]
    pub fn without_overlaps(mut self) -> Self {
        self.without_overlaps = true;
        self
    }

    /// Adds all sentences and reports.
    fn all(mut self, gold: &[Sentence], predicted: &[Sentence]) -> Result<Report, ScoreError> {
        if gold.len() != predicted.len() {
            return Err(ScoreError::Lengths {
                gold: gold.len(),
                predicted: predicted.len(),
            });
        }
        for (gold, predicted) in gold.iter().zip(predicted) {
            self.add(gold, predicted)?;
        }
        Ok(self.report())
    }

    /// Adds one sentence. On an error nothing is counted.
    pub fn add(&mut self, gold: &Sentence, predicted: &Sentence) -> Result<(), ScoreError> {
        let mut claims = Claims::of(gold, self.schema)?;
        let mut predicted = Claims::of(predicted, self.schema)?;
        if self.without_overlaps {
            let overlapping = Claims::of(&gold.overlapping_part(), self.schema)?;
            claims.remove(&overlapping);
            predicted.remove(&overlapping);
        }
        let gold = claims;
        count(
            &mut self.entities,
            &gold.entities,
            &predicted.entities,
            |claim| claim.0,
        );
        count(&mut self.strict, &gold.strict, &predicted.strict, |claim| {
            claim.0
        });
        count(
            &mut self.boundaries,
            &gold.boundaries,
            &predicted.boundaries,
            |claim| claim.0,
        );
        Ok(())
    }

    /// The scores so far.
    pub fn report(&self) -> Report {
        let entity_names = || self.schema.entity_types.iter().map(|kind| &kind.name);
        let relation_names = || self.schema.relation_types.iter().map(|kind| &kind.name);
        Report {
            entities: averages(&self.entities),
            relations: ByComparison {
                strict: averages(&self.strict),
                boundaries: averages(&self.boundaries),
            },
            per_type: PerType {
                entities: by_type(entity_names(), &self.entities),
                relations: ByComparison {
                    strict: by_type(relation_names(), &self.strict),
                    boundaries: by_type(relation_names(), &self.boundaries),
                },
            },
        }
    }
}

type Mention = (usize, Span<Token>);

/// What a sentence claims, as sets; the type comes first in each claim.
struct Claims {
    entities: BTreeSet<Mention>,
    strict: BTreeSet<(usize, Mention, Mention)>,
    boundaries: BTreeSet<(usize, Span<Token>, Span<Token>)>,
}

impl Claims {
    fn of(sentence: &Sentence, schema: &LabelSchema) -> Result<Self, ScoreError> {
        let id = || sentence.id.clone();
        let mentions = sentence.entities.iter().map(|entity| {
            let index = schema
                .entity_index(&entity.kind)
                .ok_or_else(|| ScoreError::UnknownType {
                    id: id(),
                    what: "entity",
                    name: entity.kind.clone(),
                });
            Ok((index?, entity.span))
        });
        let mentions = mentions.collect::<Result<Vec<_>, _>>()?;
        let (mut strict, mut boundaries) = (BTreeSet::new(), BTreeSet::new());
        for (index, relation) in sentence.relations.iter().enumerate() {
            let kind =
                schema
                    .relation_index(&relation.kind)
                    .ok_or_else(|| ScoreError::UnknownType {
                        id: id(),
                        what: "relation",
                        name: relation.kind.clone(),
                    })?;
            let argument = |entity: usize| {
                let missing = || ScoreError::MissingArgument { id: id(), index };
                mentions.get(entity).copied().ok_or_else(missing)
            };
            let (head, tail) = (argument(relation.head)?, argument(relation.tail)?);
            strict.insert((kind, head, tail));
            boundaries.insert((kind, head.1, tail.1));
        }
        Ok(Self {
            entities: mentions.into_iter().collect(),
            strict,
            boundaries,
        })
    }

    fn remove(&mut self, other: &Self) {
        self.entities
            .retain(|claim| !other.entities.contains(claim));
        self.strict.retain(|claim| !other.strict.contains(claim));
        (self.boundaries).retain(|claim| !other.boundaries.contains(claim));
    }
}

fn count<T: Ord>(
    counts: &mut [Counts],
    gold: &BTreeSet<T>,
    predicted: &BTreeSet<T>,
    kind: impl Fn(&T) -> usize,
) {
    for claim in gold {
        counts[kind(claim)].gold += 1;
        counts[kind(claim)].correct += usize::from(predicted.contains(claim));
    }
    for claim in predicted {
        counts[kind(claim)].predicted += 1;
    }
}

impl Counts {
    fn score(self) -> Score {
        let percent = |part: usize, whole: usize| {
            if whole == 0 {
                0.0
            } else {
                100.0 * part as f64 / whole as f64
            }
        };
        Score {
            precision: percent(self.correct, self.predicted),
            recall: percent(self.correct, self.gold),
            f1: percent(2 * self.correct, self.gold + self.predicted),
        }
    }
}

fn averages(counts: &[Counts]) -> Averages {
    let mut pooled = Counts::default();
    let mut sum = Score::default();
    let mut types = 0;
    for counts in counts
        .iter()
        .filter(|counts| counts.gold + counts.predicted > 0)
    {
        pooled.gold += counts.gold;
        pooled.predicted += counts.predicted;
        pooled.correct += counts.correct;
        let score = counts.score();
        sum.precision += score.precision;
        sum.recall += score.recall;
        sum.f1 += score.f1;
        types += 1;
    }
    let types = f64::from(types.max(1));
    let macro_ = Score {
        precision: sum.precision / types,
        recall: sum.recall / types,
        f1: sum.f1 / types,
    };
    Averages {
        micro: pooled.score(),
        macro_,
    }
}

fn by_type<'a>(names: impl Iterator<Item = &'a String>, counts: &[Counts]) -> ByType {
    names
        .zip(counts)
        .map(|(name, &counts)| {
            (
                name.clone(),
                TypeScore {
                    score: counts.score(),
                    counts,
                },
            )
        })
        .collect()
}
