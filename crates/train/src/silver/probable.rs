//! Silver annotations with the models' mean probabilities, by which those worth learning from can be selected.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::Serialize;
use spanarc_corpus::{Entity, LabelSchema, Relation, Sentence, Span, TagScheme, Token};
use spanarc_model::{
    Annotator, Prediction,
    crf::{Lattice, Transitions},
};

use super::{BATCH, Ensemble};
use crate::batching;

/// Relations less probable than this are not written.
pub const LEAST_RELATION: f64 = 0.05;

/// Probabilities are never taken for smaller than this, so that all have a logarithm.
const LEAST: f64 = 1e-9;

/// A sentence with what the models find in it. As JSON a line of a corpus, with a key `p` more in each object.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProbableSentence {
    /// Identifier.
    pub id: String,
    /// The words.
    pub tokens: Vec<String>,
    /// In text order, never overlapping.
    pub entities: Vec<Probable<Entity>>,
    /// All that are at least [`LEAST_RELATION`] probable.
    pub relations: Vec<Probable<Relation>>,
    /// Mean probability of the tag of its least certain token.
    pub p: f64,
}

/// An annotation and its mean probability, given to three decimals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Probable<T> {
    /// The annotation.
    #[serde(flatten)]
    pub found: T,
    /// Its probability.
    pub p: f64,
}

/// Which sentences are worth learning from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Selection {
    /// A relation holds from this probability on.
    pub relation: f64,
    /// No relation's probability is nearer to that than this.
    pub margin: f64,
    /// Least probability of a sentence's least certain token.
    pub token: f64,
}

impl ProbableSentence {
    /// The sentence as a corpus has it, if the models are sure of it and of a relation in it.
    pub fn selected(self, by: Selection) -> Option<Sentence> {
        let unsure = |relation: &Probable<Relation>| (relation.p - by.relation).abs() < by.margin;
        if self.p < by.token || self.relations.iter().any(unsure) {
            return None;
        }
        let relations = self.relations.into_iter();
        let relations: Vec<Relation> = relations
            .filter(|relation| relation.p >= by.relation)
            .map(|relation| relation.found)
            .collect();
        (!relations.is_empty()).then(|| Sentence {
            id: self.id,
            tokens: self.tokens,
            entities: (self.entities.into_iter())
                .map(|entity| entity.found)
                .collect(),
            relations,
        })
    }
}

impl Ensemble {
    /// The sentences with the entities whose tags are the most probable by the mean over the models, and the mean
    /// probability of everything: of an entity's place and type, and of each relation between the entities.
    pub fn probabilities(
        &self,
        sentences: Vec<Sentence>,
    ) -> spanarc_model::Result<Vec<ProbableSentence>> {
        let lengths: Vec<usize> = (sentences.iter())
            .map(|sentence| sentence.tokens.len())
            .collect();
        let batches = batching::by_length(&lengths, BATCH);
        let annotated = batches
            .par_iter()
            .map(|indices| self.batch(indices.iter().map(|&index| &sentences[index]).collect()))
            .collect::<spanarc_model::Result<Vec<_>>>()?;
        let places = batches.into_iter().flatten();
        let mut in_order: Vec<_> = places.zip(annotated.into_iter().flatten()).collect();
        in_order.sort_unstable_by_key(|(place, _)| *place);
        Ok(in_order.into_iter().map(|(_, sentence)| sentence).collect())
    }

    fn batch(&self, sentences: Vec<&Sentence>) -> spanarc_model::Result<Vec<ProbableSentence>> {
        let Some(first) = self.models.first() else {
            return Ok(Vec::new());
        };
        let schema = first.schema();
        let types = schema.entity_types.len();
        let words: Vec<Vec<&str>> = (sentences.iter())
            .map(|sentence| sentence.tokens.iter().map(String::as_str).collect())
            .collect();
        let tags = TagScheme::Bio.tag_count(types);
        let mut means: Vec<Vec<f64>> = (words.iter())
            .map(|words| vec![0.; words.len() * tags])
            .collect();
        let share = 1. / self.models.len() as f64;
        let mut readings = Vec::with_capacity(self.models.len());
        for model in &self.models {
            let reading = model.read(&words)?;
            let own = own_types(schema, model);
            for (mean, found) in means.iter_mut().zip(model.tag_probabilities(&reading)) {
                let rows = mean.chunks_exact_mut(tags).zip(found.chunks_exact(tags));
                for (mean, found) in rows {
                    mean[0] += share * found[0];
                    for (kind, own) in own.iter().enumerate() {
                        for place in 1..=2 {
                            mean[2 * kind + place] += share * found[2 * own + place];
                        }
                    }
                }
            }
            readings.push((model, reading, own));
        }

        let steps = Transitions::of_scheme(TagScheme::Bio, types);
        let (entities, certain): (Vec<_>, Vec<f64>) = means
            .iter()
            .map(|mean| most_probable(&steps, mean, tags))
            .unzip();

        let mut tallies = vec![Tally::default(); sentences.len()];
        for (model, reading, own) in &readings {
            let of_model: Vec<Vec<(usize, Span<Token>)>> = (entities.iter())
                .map(|found| {
                    let found = found.iter();
                    found.map(|&(kind, span)| (own[kind], span)).collect()
                })
                .collect();
            let scored = model.score(reading, &of_model, 0.)?;
            for (tally, prediction) in tallies.iter_mut().zip(&scored) {
                tally.add(prediction, model.schema(), share);
            }
        }
        let all = sentences
            .into_iter()
            .zip(entities)
            .zip(certain)
            .zip(tallies);
        Ok(all
            .map(|(((sentence, entities), certain), tally)| {
                let entities = entities.into_iter().zip(tally.entities);
                let relations = tally.relations.into_iter();
                ProbableSentence {
                    id: sentence.id.clone(),
                    tokens: sentence.tokens.clone(),
                    entities: entities
                        .map(|((kind, span), p)| Probable {
                            found: Entity {
                                kind: schema.entity_types[kind].name.clone(),
                                span,
                            },
                            p: rounded(p),
                        })
                        .collect(),
                    relations: relations
                        .map(|((head, tail, kind), p)| Probable {
                            found: Relation { kind, head, tail },
                            p: rounded(p),
                        })
                        .filter(|relation| relation.p >= LEAST_RELATION)
                        .collect(),
                    p: rounded(certain),
                }
            })
            .collect())
    }
}

/// Of each entity type of `schema` the model's own number for it; models of an ensemble know the same types.
fn own_types(schema: &LabelSchema, model: &Annotator) -> Vec<usize> {
    let own = &model.schema().entity_types;
    let number = |name: &str| own.iter().position(|kind| kind.name == name);
    (schema.entity_types.iter())
        .filter_map(|kind| number(&kind.name))
        .collect()
}

/// The entities of the best tags that BIO allows, by the logarithms of the probabilities `[tokens, tags]`, and the probability of
/// the least probable of these tags.
fn most_probable(
    steps: &Transitions,
    probabilities: &[f64],
    tags: usize,
) -> (Vec<(usize, Span<Token>)>, f64) {
    let logarithms: Vec<f32> = (probabilities.iter())
        .map(|p| p.max(LEAST).ln() as f32)
        .collect();
    let best = Lattice::new(steps, &logarithms).viterbi();
    let chosen = probabilities.chunks_exact(tags).zip(&best);
    let certain = chosen.map(|(row, &tag)| row[tag]).fold(1., f64::min);
    (TagScheme::Bio.decode(&best), certain)
}

/// Sums of what the models say, weighted so that they are means.
#[derive(Debug, Clone, Default)]
struct Tally {
    entities: Vec<f64>,
    /// By head, tail and type.
    relations: BTreeMap<(usize, usize, String), f64>,
}

impl Tally {
    fn add(&mut self, prediction: &Prediction, schema: &LabelSchema, share: f64) {
        self.entities.resize(prediction.entities.len(), 0.);
        for (sum, entity) in self.entities.iter_mut().zip(&prediction.entities) {
            *sum += share * f64::from(entity.score);
        }
        for relation in &prediction.relations {
            let kind = schema.relation_types[relation.relation_type].name.clone();
            let key = (relation.head, relation.tail, kind);
            *self.relations.entry(key).or_default() += share * f64::from(relation.score);
        }
    }
}

fn rounded(p: f64) -> f64 {
    (p * 1000.).round() / 1000.
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(p: f64, relations: &[f64]) -> ProbableSentence {
        let entity = |at| Probable {
            found: Entity {
                kind: "Loc".to_owned(),
                span: Span::new(at, at + 1),
            },
            p: 0.9,
        };
        let relation = |&p: &f64| Probable {
            found: Relation {
                kind: "Near".to_owned(),
                head: 0,
                tail: 1,
            },
            p,
        };
        ProbableSentence {
            id: "1".to_owned(),
            tokens: ["Oslo", "Bergen"].map(str::to_owned).into(),
            entities: vec![entity(0), entity(1)],
            relations: relations.iter().map(relation).collect(),
            p,
        }
    }

    #[test]
    fn sentences_are_selected_that_are_sure_and_hold_a_relation() {
        let by = Selection {
            relation: 0.5,
            margin: 0.1,
            token: 0.7,
        };
        let relations = |p, of: &[f64]| {
            let selected = sentence(p, of).selected(by);
            selected.map(|sentence| sentence.relations.len())
        };
        assert_eq!(relations(0.7, &[0.61, 0.3]), Some(1));
        assert_eq!(relations(0.7, &[0.95, 0.62]), Some(2));
        assert_eq!(relations(0.69, &[0.95]), None);
        assert_eq!(relations(0.9, &[0.95, 0.45]), None);
        assert_eq!(relations(0.9, &[0.95, 0.55]), None);
        assert_eq!(relations(0.9, &[0.2]), None);
        assert_eq!(relations(0.9, &[]), None);
    }

    #[test]
    fn tags_that_no_entity_has_are_never_the_best() {
        let steps = Transitions::of_scheme(TagScheme::Bio, 1);
        // I alone is the most probable of the second token; after O it cannot be.
        let rows = [0.9, 0.1, 0., 0.1, 0.3, 0.6];
        let (entities, certain) = most_probable(&steps, &rows, 3);
        assert_eq!(entities, [(0, Span::new(1, 2))]);
        assert_eq!(certain, 0.3);
    }
}
