//! Fragments: what a person has typed so far when it is one word or two, headings, cells of tables.
//!
//! Corpora hold hardly any sentence of one word that is not a name, so a network takes whatever stands alone for one: the
//! news model called "The" a place, 99.99 % sure. A fragment is therefore read twice, alone and between the words of a
//! neutral sentence; what both readings find is kept, and scored by how often that is right.

use spanarc_model::{PredictedRelation, Prediction};

/// Most words that make a fragment, punctuation aside.
const MOST_WORDS: usize = 2;

/// A neutral sentence, before and after the fragment. In pieces of one word cut at random from dev sentences of CoNLL04 the
/// news model is right with 48 of 100 entities alone, 75 in this sentence, and 86 of those that both readings find (of 79
/// entities that it finds of 100 alone, both find 61); in pieces of two words with 75, 82 and 88.
const BEFORE: [&str; 2] = ["They", "mentioned"];
const AFTER: [&str; 1] = ["."];

/// The share of entities of at least 0.99 in both readings that are right, of one word and of two, rounded in favour of doubt:
/// 0.92 and 0.93 for the news model; 0.71 and 0.75 for that of adverse effects, whose types are matters of context.
const RIGHT: [f32; MOST_WORDS] = [0.7, 0.8];

/// The prediction for `words`, by `predict`, which is asked once more for a fragment.
pub(crate) fn read<'a, E>(
    words: Vec<&'a str>,
    predict: impl Fn(Vec<&'a str>) -> Result<Prediction, E>,
) -> Result<Prediction, E> {
    let real = |word: &&&str| word.chars().any(char::is_alphanumeric);
    let count = words.iter().filter(real).count();
    if !(1..=MOST_WORDS).contains(&count) {
        return predict(words);
    }
    let inside: Vec<&str> = [&BEFORE[..], &words, &AFTER].concat();
    let alone = predict(words)?;
    if alone.entities.is_empty() {
        return Ok(alone);
    }
    Ok(agreed(alone, &predict(inside)?, RIGHT[count - 1]))
}

/// The entities of `alone` that stand in `inside` too, behind the words of [`BEFORE`], with the lower score of the two times
/// `right`; and the relations between them.
fn agreed(alone: Prediction, inside: &Prediction, right: f32) -> Prediction {
    let mut places = Vec::with_capacity(alone.entities.len());
    let mut entities = Vec::new();
    for entity in alone.entities {
        let again = inside.entities.iter().find(|other| {
            (other.entity_type, other.span)
                == (entity.entity_type, entity.span.shifted(BEFORE.len()))
        });
        places.push(again.map(|_| entities.len()));
        if let Some(again) = again {
            let score = entity.score.min(again.score) * right;
            entities.push(spanarc_model::PredictedEntity { score, ..entity });
        }
    }
    let relations = alone.relations.into_iter().filter_map(|relation| {
        Some(PredictedRelation {
            head: places[relation.head]?,
            tail: places[relation.tail]?,
            ..relation
        })
    });
    Prediction {
        relations: relations.collect(),
        entities,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use spanarc_corpus::Span;
    use spanarc_model::PredictedEntity;

    use super::*;

    fn entity(entity_type: usize, start: usize, end: usize, score: f32) -> PredictedEntity {
        PredictedEntity {
            entity_type,
            span: Span::new(start, end),
            score,
        }
    }

    /// Reads `words` with a model that says `alone` of them and `inside` of a longer sentence; also how often it was asked.
    fn reading(
        words: &[&str],
        alone: Vec<PredictedEntity>,
        inside: Vec<PredictedEntity>,
    ) -> (Vec<PredictedEntity>, usize) {
        let asked = RefCell::new(0);
        let predict = |given: Vec<&str>| {
            *asked.borrow_mut() += 1;
            let entities = if given.len() == words.len() {
                &alone
            } else {
                &inside
            };
            Ok::<_, ()>(Prediction {
                entities: entities.clone(),
                relations: (1..entities.len())
                    .map(|tail| PredictedRelation {
                        relation_type: 0,
                        head: tail - 1,
                        tail,
                        score: 0.9,
                    })
                    .collect(),
            })
        };
        let read = read(words.to_vec(), predict).unwrap();
        assert!(read.relations.len() <= read.entities.len());
        (read.entities, asked.into_inner())
    }

    #[test]
    fn a_fragment_keeps_what_both_readings_find_less_sure() {
        let alone = vec![entity(0, 0, 1, 1.0), entity(1, 1, 2, 0.9)];
        let inside = vec![entity(0, 2, 3, 0.9), entity(2, 3, 4, 0.9)];
        let (entities, asked) = reading(&["Boston", "May"], alone, inside);
        assert_eq!(asked, 2);
        assert_eq!(entities.len(), 1);
        assert_eq!(
            (entities[0].entity_type, entities[0].span),
            (0, Span::new(0, 1))
        );
        assert!((entities[0].score - 0.9 * RIGHT[1]).abs() < 1e-6);
    }

    #[test]
    fn a_word_that_is_an_entity_only_alone_is_none() {
        let (entities, _) = reading(&["The"], vec![entity(0, 0, 1, 1.0)], vec![]);
        assert!(entities.is_empty());
    }

    #[test]
    fn punctuation_makes_no_sentence_and_a_third_word_does() {
        let found = || vec![entity(0, 0, 1, 1.0)];
        assert_eq!(reading(&["Boston", ".", ")"], found(), vec![]).1, 2);
        let (entities, asked) = reading(&["Boston", "is", "wet"], found(), vec![]);
        assert_eq!((entities.len(), asked), (1, 1));
        assert_eq!(reading(&["!", "?"], vec![], vec![]).1, 1);
    }
}
