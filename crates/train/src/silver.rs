//! Silver annotations: what most of several models find in text that nobody has annotated, for a model to learn from. Models
//! err in different places, so that their vote can be better than each of them (Rebholz-Schuhmann et al. 2010, *The CALBC silver
//! standard corpus*), and text that they have not seen hands on what they agree on to a single model.

mod probable;

use std::{collections::BTreeMap, fmt};

use spanarc_corpus::{Entity, Hyphens, LabelSchema, Relation, Sentence, Span, Token};
use spanarc_model::Annotator;

use crate::evaluation;
pub use probable::{LEAST_RELATION, Probable, ProbableSentence, Selection};

/// Sentences that run through a model at once.
const BATCH: usize = 32;

/// Models of the same labels, which vote.
#[derive(Debug)]
pub struct Ensemble {
    models: Vec<Annotator>,
    hyphens: Hyphens,
}

/// Why models cannot vote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnsembleError {
    /// There is nobody to agree with.
    #[error("a vote takes two models at least, and there is {0}")]
    TooFew(usize),
    /// They speak of different things.
    #[error(
        "the models do not know the same labels: the first knows {first}, number {number} knows {other}"
    )]
    Labels {
        /// Which model differs from the first, from 1.
        number: usize,
        /// The labels of the first.
        first: Labels,
        /// Its own.
        other: Labels,
    },
    /// They want different tokens.
    #[error("the first model and number {number} do not split hyphenated words alike")]
    Hyphens {
        /// Which model differs from the first, from 1.
        number: usize,
    },
}

impl Ensemble {
    /// Two models at least, that know the same labels and split hyphenated words alike.
    pub fn new(models: Vec<Annotator>) -> Result<Self, EnsembleError> {
        let (first, others) = match &models[..] {
            [first, others @ ..] if !others.is_empty() => (first, others),
            few => return Err(EnsembleError::TooFew(few.len())),
        };
        let expected = Labels::of(first.schema());
        for (number, other) in (2..).zip(others) {
            let found = Labels::of(other.schema());
            if found != expected {
                return Err(EnsembleError::Labels {
                    number,
                    first: expected,
                    other: found,
                });
            }
            if other.metadata().hyphens != first.metadata().hyphens {
                return Err(EnsembleError::Hyphens { number });
            }
        }
        let hyphens = first.metadata().hyphens;
        Ok(Self { models, hyphens })
    }

    /// How running text is to be split for the models.
    pub fn hyphens(&self) -> Hyphens {
        self.hyphens
    }

    /// The sentences with what more than half of the models find in them, each at its own threshold, whatever their
    /// annotations were.
    pub fn annotate(&self, sentences: Vec<Sentence>) -> spanarc_model::Result<Vec<Sentence>> {
        self.vote(sentences, |_, _| true)
    }

    /// Of these sentences those in which more than half of the models find the same relation, annotated alike. Where too few
    /// are left for that, a sentence is read by no further model.
    pub fn annotate_related(
        &self,
        sentences: Vec<Sentence>,
    ) -> spanarc_model::Result<Vec<Sentence>> {
        let count = self.models.len();
        let mut voted = self.vote(sentences, |ballots, to_come| {
            let with_relations = ballots.iter().filter(|ballot| !ballot.relations.is_empty());
            2 * (with_relations.count() + to_come) > count
        })?;
        voted.retain(|sentence| !sentence.relations.is_empty());
        Ok(voted)
    }

    /// The vote on those sentences that `goes_on`, by the ballots so far and the number of those to come, after each model.
    fn vote(
        &self,
        sentences: Vec<Sentence>,
        goes_on: impl Fn(&[Sentence], usize) -> bool,
    ) -> spanarc_model::Result<Vec<Sentence>> {
        let mut ballots: Vec<Vec<Sentence>> = vec![Vec::new(); sentences.len()];
        let mut sentences = sentences;
        for (model, to_come) in self.models.iter().zip((0..self.models.len()).rev()) {
            let (schema, threshold) = (model.schema(), model.relation_threshold());
            let predictions = evaluation::predict(model, &sentences, BATCH, threshold)?;
            let predicted = sentences.iter().zip(&predictions);
            for ((sentence, prediction), ballots) in predicted.zip(&mut ballots) {
                let ballot = evaluation::annotated(sentence, prediction, schema, threshold);
                ballots.push(ballot);
            }
            (sentences, ballots) = (sentences.into_iter().zip(ballots))
                .filter(|(_, ballots)| goes_on(ballots, to_come))
                .unzip();
        }
        let voted = sentences.iter().zip(&ballots);
        Ok(voted
            .map(|(sentence, ballots)| majority(sentence, ballots))
            .collect())
    }
}

/// What a model may find: the names of its types, whatever their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Entity types, in alphabetical order.
    pub entities: Vec<String>,
    /// Relation types, in alphabetical order.
    pub relations: Vec<String>,
}

impl Labels {
    fn of(schema: &LabelSchema) -> Self {
        let mut entities: Vec<_> = schema.entity_types.iter().map(|t| t.name.clone()).collect();
        let mut relations: Vec<_> = schema
            .relation_types
            .iter()
            .map(|t| t.name.clone())
            .collect();
        entities.sort_unstable();
        relations.sort_unstable();
        Self {
            entities,
            relations,
        }
    }
}

impl fmt::Display for Labels {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (entities, relations) = (self.entities.join(", "), self.relations.join(", "));
        write!(formatter, "{entities} and the relations {relations}")
    }
}

/// Place and type.
type EntityKey<'a> = (Span<Token>, &'a str);

/// What more than half of the ballots hold. Of entities that overlap no two can be among it, as no ballot holds both, and a
/// relation that is has arguments that are.
fn majority(sentence: &Sentence, ballots: &[Sentence]) -> Sentence {
    let mut entities: BTreeMap<EntityKey, usize> = BTreeMap::new();
    let mut relations: BTreeMap<(EntityKey, EntityKey, &str), usize> = BTreeMap::new();
    for ballot in ballots {
        let key = |index: usize| {
            let entity = &ballot.entities[index];
            (entity.span, &*entity.kind)
        };
        for index in 0..ballot.entities.len() {
            *entities.entry(key(index)).or_default() += 1;
        }
        for relation in &ballot.relations {
            let found = (key(relation.head), key(relation.tail), &*relation.kind);
            *relations.entry(found).or_default() += 1;
        }
    }
    entities.retain(|_, votes| 2 * *votes > ballots.len());
    relations.retain(|_, votes| 2 * *votes > ballots.len());
    let index_of: BTreeMap<EntityKey, usize> = entities.keys().copied().zip(0..).collect();
    let entity = |&(span, kind): &EntityKey| Entity {
        kind: kind.to_owned(),
        span,
    };
    let relation = |(head, tail, kind): &(EntityKey, EntityKey, &str)| {
        Some(Relation {
            kind: (*kind).to_owned(),
            head: *index_of.get(head)?,
            tail: *index_of.get(tail)?,
        })
    };
    Sentence {
        id: sentence.id.clone(),
        tokens: sentence.tokens.clone(),
        entities: entities.keys().map(entity).collect(),
        relations: relations.keys().filter_map(relation).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five tokens with entities `(type, start, end)` and relations `(type, head, tail)`.
    fn ballot(entities: &[(&str, usize, usize)], relations: &[(&str, usize, usize)]) -> Sentence {
        Sentence {
            id: "1".to_owned(),
            tokens: ["Ada", "left", "Oslo", "for", "Rome"]
                .map(str::to_owned)
                .into(),
            entities: entities
                .iter()
                .map(|&(kind, start, end)| Entity {
                    kind: kind.to_owned(),
                    span: Span::new(start, end),
                })
                .collect(),
            relations: relations
                .iter()
                .map(|&(kind, head, tail)| Relation {
                    kind: kind.to_owned(),
                    head,
                    tail,
                })
                .collect(),
        }
    }

    fn vote(ballots: &[Sentence]) -> Sentence {
        majority(&ballot(&[], &[]), ballots)
    }

    #[test]
    fn what_more_than_half_found_is_kept_in_text_order() {
        let voted = vote(&[
            ballot(
                &[("Peop", 0, 1), ("Loc", 2, 3), ("Loc", 4, 5)],
                &[("Live_In", 0, 1), ("Live_In", 0, 2)],
            ),
            // The same entities in another order: relations are compared by what they join, not by numbers.
            ballot(&[("Loc", 2, 3), ("Peop", 0, 1)], &[("Live_In", 1, 0)]),
            ballot(&[("Org", 0, 1)], &[]),
        ]);
        let expected = ballot(&[("Peop", 0, 1), ("Loc", 2, 3)], &[("Live_In", 0, 1)]);
        assert_eq!(voted, expected);
    }

    #[test]
    fn half_is_not_enough() {
        let found = ballot(&[("Peop", 0, 1)], &[]);
        assert_eq!(
            vote(&[found, ballot(&[("Peop", 0, 2)], &[])]),
            ballot(&[], &[])
        );
    }

    #[test]
    fn a_relation_needs_votes_of_its_own() {
        let places = [("Loc", 2, 3), ("Loc", 4, 5)];
        let voted = vote(&[
            ballot(&places, &[("Located_In", 0, 1)]),
            ballot(&places, &[("Located_In", 1, 0)]),
            ballot(&places, &[]),
        ]);
        assert_eq!(voted, ballot(&places, &[]));
    }
}
