//! How often a label is taken back while a sentence is typed, by the network alone: the engine reads a beginning of one or two words a
//! second time, and shows less of it.

use std::collections::HashSet;

use rayon::prelude::*;
use serde::Serialize;
use spanarc_corpus::{Sentence, Span, Token};
use spanarc_model::{Annotator, Prediction};

use crate::evaluation;

/// Labels over all beginnings of sentences that end with a word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Steadiness {
    /// Entities, by how often one came up.
    pub entities: Labels,
    /// Relations, by how often one came up.
    pub relations: Labels,
}

/// Labels of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Labels {
    /// How often one came up with a word.
    pub shown: usize,
    /// How often one that had been there was gone with the next word, for good or to be another.
    pub taken_back: usize,
}

impl Labels {
    fn compare<T: std::hash::Hash + Eq>(&mut self, before: &HashSet<T>, now: &HashSet<T>) {
        self.shown += now.difference(before).count();
        self.taken_back += before.difference(now).count();
    }
}

/// Annotates every beginning of every sentence, word by word, with the relations at `threshold` or above.
pub fn steadiness(
    annotator: &Annotator,
    corpus: &[Sentence],
    threshold: f32,
) -> spanarc_model::Result<Steadiness> {
    let of_sentences = corpus
        .par_iter()
        .map(|sentence| of_sentence(annotator, sentence, threshold))
        .collect::<spanarc_model::Result<Vec<_>>>()?;
    let add = |sum: Labels, labels: Labels| Labels {
        shown: sum.shown + labels.shown,
        taken_back: sum.taken_back + labels.taken_back,
    };
    Ok(
        (of_sentences.iter()).fold(Steadiness::default(), |sum, one| Steadiness {
            entities: add(sum.entities, one.entities),
            relations: add(sum.relations, one.relations),
        }),
    )
}

type Entity = (usize, Span<Token>);

fn of_sentence(
    annotator: &Annotator,
    sentence: &Sentence,
    threshold: f32,
) -> spanarc_model::Result<Steadiness> {
    let beginnings: Vec<Sentence> = (1..=sentence.tokens.len())
        .map(|length| Sentence {
            id: sentence.id.clone(),
            tokens: sentence.tokens[..length].to_vec(),
            entities: Vec::new(),
            relations: Vec::new(),
        })
        .collect();
    let mut steadiness = Steadiness::default();
    let (mut entities, mut relations) = (HashSet::new(), HashSet::new());
    for prediction in evaluation::predict(annotator, &beginnings, 16, threshold)? {
        let now = entities_of(&prediction);
        steadiness.entities.compare(&entities, &now);
        entities = now;
        let now = relations_of(&prediction);
        steadiness.relations.compare(&relations, &now);
        relations = now;
    }
    Ok(steadiness)
}

fn entities_of(prediction: &Prediction) -> HashSet<Entity> {
    let entities = prediction.entities.iter();
    entities.map(|one| (one.entity_type, one.span)).collect()
}

fn relations_of(prediction: &Prediction) -> HashSet<(usize, Entity, Entity)> {
    let entity = |index: usize| {
        let entity = &prediction.entities[index];
        (entity.entity_type, entity.span)
    };
    let relations = prediction.relations.iter();
    relations
        .map(|one| (one.relation_type, entity(one.head), entity(one.tail)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_is_shown_and_what_goes_is_taken_back() {
        let mut labels = Labels::default();
        let steps = [
            vec![],
            vec!["Ann"],
            vec!["Ann", "New"],
            vec!["Ann", "New York"],
        ];
        let sets = steps.map(|step| step.into_iter().collect::<HashSet<_>>());
        for pair in sets.windows(2) {
            labels.compare(&pair[0], &pair[1]);
        }
        let expected = Labels {
            shown: 3,
            taken_back: 1,
        };
        assert_eq!(labels, expected);
    }
}
