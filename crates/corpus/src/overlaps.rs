//! Entities that share tokens, which a sequence of tags cannot express.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use crate::document::{Relation, Sentence};

/// What becomes of training sentences with entities that overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Overlaps {
    /// They are an error.
    #[default]
    Refuse,
    /// Of those that overlap one stays, by the rule of [`Sentence::drop_overlaps`].
    Drop,
}

/// How much was dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Dropped {
    /// Entities that overlapped with one that stayed.
    pub entities: usize,
    /// Relations of theirs.
    pub relations: usize,
}

impl std::ops::AddAssign for Dropped {
    fn add_assign(&mut self, other: Self) {
        self.entities += other.entities;
        self.relations += other.relations;
    }
}

impl Sentence {
    /// Indices of the relations whose two arguments overlap.
    pub fn overlapping_relations(&self) -> impl Iterator<Item = usize> + '_ {
        let span = |entity: usize| self.entities.get(entity).map(|entity| entity.span);
        let overlap = move |relation: &Relation| match (span(relation.head), span(relation.tail)) {
            (Some(head), Some(tail)) => head.overlaps(tail),
            _ => false,
        };
        let relations = self.relations.iter().enumerate();
        relations.filter_map(move |(index, relation)| overlap(relation).then_some(index))
    }

    /// The sentence with nothing but the relations whose arguments overlap and, for each, its two arguments.
    pub(crate) fn overlapping_part(&self) -> Self {
        let mut part = Self {
            entities: Vec::new(),
            relations: Vec::new(),
            ..self.clone()
        };
        for relation in self.overlapping_relations().map(|at| &self.relations[at]) {
            let head = part.entities.len();
            for argument in [relation.head, relation.tail] {
                part.entities.push(self.entities[argument].clone());
            }
            let kind = relation.kind.clone();
            let tail = head + 1;
            part.relations.push(Relation { kind, head, tail });
        }
        part
    }

    /// Drops entities until none overlap, and the relations of those dropped; the others keep their order.
    ///
    /// Of two that overlap the one stays that has more relations to entities which it does not overlap, so that as few
    /// relations as possible are lost; of equals the longer, then the one that starts first, then the first in the list.
    pub fn drop_overlaps(&mut self) -> Dropped {
        let before = (self.entities.len(), self.relations.len());
        let kept = self.without_overlaps();
        let mut renumbered = vec![None; self.entities.len()];
        for (new, &old) in kept.iter().enumerate() {
            renumbered[old] = Some(new);
        }
        self.entities = kept
            .iter()
            .map(|&index| self.entities[index].clone())
            .collect();
        let renumbered = |entity: usize| renumbered.get(entity).copied().flatten();
        self.relations.retain_mut(|relation| {
            match (renumbered(relation.head), renumbered(relation.tail)) {
                (Some(head), Some(tail)) => {
                    (relation.head, relation.tail) = (head, tail);
                    true
                }
                _ => false,
            }
        });
        Dropped {
            entities: before.0 - self.entities.len(),
            relations: before.1 - self.relations.len(),
        }
    }

    /// Indices of the entities that stay, in order.
    fn without_overlaps(&self) -> Vec<usize> {
        let overlapping: Vec<usize> = self.overlapping_relations().collect();
        let mut relations = vec![0; self.entities.len()];
        for (index, relation) in self.relations.iter().enumerate() {
            if overlapping.binary_search(&index).is_err() {
                for argument in [relation.head, relation.tail] {
                    if let Some(count) = relations.get_mut(argument) {
                        *count += 1;
                    }
                }
            }
        }
        let mut order: Vec<usize> = (0..self.entities.len()).collect();
        order.sort_by_key(|&index| {
            let span = self.entities[index].span;
            (Reverse(relations[index]), Reverse(span.len()), span.start)
        });
        let mut kept: Vec<usize> = Vec::with_capacity(order.len());
        for index in order {
            let span = self.entities[index].span;
            if !kept
                .iter()
                .any(|&other| self.entities[other].span.overlaps(span))
            {
                kept.push(index);
            }
        }
        kept.sort_unstable();
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entity, Span};

    /// Ten words with entities of these spans and relations between these.
    fn sentence(spans: &[(usize, usize)], relations: &[(usize, usize)]) -> Sentence {
        let entities = spans.iter().map(|&(start, end)| Entity {
            kind: format!("{start} to {end}"),
            span: Span::new(start, end),
        });
        let relations = relations.iter().map(|&(head, tail)| Relation {
            kind: "of".into(),
            head,
            tail,
        });
        Sentence {
            id: "a".into(),
            tokens: vec!["word".into(); 10],
            entities: entities.collect(),
            relations: relations.collect(),
        }
    }

    fn dropped(spans: &[(usize, usize)], relations: &[(usize, usize)]) -> (Sentence, Dropped) {
        let mut sentence = sentence(spans, relations);
        let dropped = sentence.drop_overlaps();
        (sentence, dropped)
    }

    #[test]
    fn a_relation_overlaps_when_its_arguments_share_a_token() {
        let spans = [(0, 3), (2, 3), (3, 4)];
        let sentence = sentence(&spans, &[(0, 2), (0, 1), (1, 2), (1, 0)]);
        assert_eq!(sentence.overlapping_relations().collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn a_sentence_without_overlaps_stays_as_it_is() {
        let (spans, relations) = ([(4, 6), (0, 2), (2, 4)], [(0, 1), (2, 0)]);
        assert_eq!(
            dropped(&spans, &relations),
            (sentence(&spans, &relations), Dropped::default())
        );
    }

    #[test]
    fn of_two_that_overlap_the_one_with_more_relations_elsewhere_stays() {
        // The relation between the two speaks for neither.
        let (sentence, dropped) = dropped(&[(0, 3), (2, 3), (5, 6)], &[(0, 1), (2, 1)]);
        assert_eq!(sentence, self::sentence(&[(2, 3), (5, 6)], &[(1, 0)]));
        assert_eq!((dropped.entities, dropped.relations), (1, 1));
    }

    #[test]
    fn of_equals_the_longer_stays_then_the_earlier_then_the_first() {
        let (sentence, dropped) = dropped(&[(2, 3), (0, 3)], &[(0, 1)]);
        assert_eq!(sentence.entities[0].kind, "0 to 3");
        assert_eq!((dropped.entities, dropped.relations), (1, 1));
        let (sentence, _) = self::dropped(&[(2, 4), (1, 3)], &[]);
        assert_eq!(sentence.entities[0].kind, "1 to 3");
        let mut twice = self::sentence(&[(1, 3), (1, 3)], &[]);
        twice.entities[0].kind = "first".into();
        twice.drop_overlaps();
        assert_eq!(twice.entities.len(), 1);
        assert_eq!(twice.entities[0].kind, "first");
    }

    #[test]
    fn of_a_chain_both_ends_stay_where_the_middle_goes() {
        let (sentence, dropped) = dropped(&[(0, 3), (2, 5), (4, 7)], &[(0, 2)]);
        assert_eq!(sentence, self::sentence(&[(0, 3), (4, 7)], &[(0, 1)]));
        assert_eq!((dropped.entities, dropped.relations), (1, 0));
    }
}
