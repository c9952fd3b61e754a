//! The annotations on screen: carried through edits, and matched with each new answer so that what stays keeps its identity.

use std::{cmp::Ordering, collections::HashMap, rc::Rc};

use spanarc_document::{Span, Utf16};
use spanarc_protocol::AnnotationsReply;

use crate::{
    scene::Target,
    text::{Cutter, Edit},
};

/// An entity on screen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mention {
    /// Identity over edits and answers.
    pub(crate) id: u32,
    /// Index into the model's entity types.
    pub(crate) entity_type: usize,
    /// Where it is.
    pub(crate) span: Span<Utf16>,
    /// Probability in 0..=1.
    pub(crate) score: f32,
    /// What it covers.
    pub(crate) text: Rc<str>,
}

/// A relation on screen.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Link {
    /// Identity over edits and answers; never equal to a mention's.
    pub(crate) id: u32,
    /// Index into the model's relation types.
    pub(crate) relation_type: usize,
    /// Index of the head in the mentions.
    pub(crate) head: usize,
    /// Index of the tail in the mentions.
    pub(crate) tail: usize,
    /// Score in 0..=1.
    pub(crate) score: f32,
}

/// Mentions in text order, none overlapping, and the links between them.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Annotations {
    /// Entities.
    pub(crate) mentions: Vec<Mention>,
    /// Relations, of every score that the worker keeps.
    pub(crate) links: Vec<Link>,
    next_id: u32,
}

impl Annotations {
    /// What is left after an edit, moved along with the text.
    pub(crate) fn carried(&self, edit: Edit) -> Self {
        let mut kept = Vec::with_capacity(self.mentions.len());
        let mut place = vec![None; self.mentions.len()];
        for (old, mention) in self.mentions.iter().enumerate() {
            if let Some(span) = edit.carry(mention.span) {
                place[old] = Some(kept.len());
                kept.push(Mention {
                    span,
                    ..mention.clone()
                });
            }
        }
        Self {
            links: self.replaced_links(&place),
            mentions: kept,
            next_id: self.next_id,
        }
    }

    /// What `reply` says of `text`. An answer that is not the last one leaves standing what it does not contradict, since
    /// it may not have come to it yet.
    pub(crate) fn answered(&self, reply: &AnnotationsReply, text: &str) -> Self {
        let complete = reply.done >= reply.total;
        let mut next_id = self.next_id;
        let mut fresh_id = || {
            next_id += 1;
            next_id
        };

        let known: HashMap<_, _> = (self.mentions.iter().enumerate())
            .map(|(i, m)| ((m.span, m.entity_type), i))
            .collect();
        let mut cutter = Cutter::new(text);
        let mut mentions: Vec<(Mention, Source)> = (reply.entities.iter().enumerate())
            .map(|(new, found)| {
                let old = known.get(&(found.span(), found.entity_type));
                let mention = Mention {
                    id: old.map_or_else(&mut fresh_id, |&i| self.mentions[i].id),
                    entity_type: found.entity_type,
                    span: found.span(),
                    score: found.score,
                    text: cutter.cut(found.start, found.end).into(),
                };
                (
                    mention,
                    Source {
                        new: Some(new),
                        old: old.copied(),
                    },
                )
            })
            .collect();
        if !complete {
            let settled: Vec<_> = mentions.iter().map(|(m, _)| m.span).collect();
            let open = self
                .mentions
                .iter()
                .enumerate()
                .filter(|(_, m)| !overlaps_any(&settled, m.span));
            mentions.extend(open.map(|(i, m)| {
                (
                    m.clone(),
                    Source {
                        new: None,
                        old: Some(i),
                    },
                )
            }));
            mentions.sort_by_key(|(m, _)| m.span);
        }

        let mut place_of_new = vec![None; reply.entities.len()];
        let mut place_of_old = vec![None; self.mentions.len()];
        for (place, (_, source)) in mentions.iter().enumerate() {
            if let Some(new) = source.new {
                place_of_new[new] = Some(place);
            }
            if let Some(old) = source.old {
                place_of_old[old] = Some(place);
            }
        }

        let carried = self.replaced_links(&place_of_old);
        let known: HashMap<_, _> = (carried.iter())
            .map(|l| ((l.head, l.tail, l.relation_type), l.id))
            .collect();
        let mut links: Vec<Link> = (reply.relations.iter())
            .filter_map(|found| {
                let head = (*place_of_new.get(found.head)?)?;
                let tail = (*place_of_new.get(found.tail)?)?;
                let key = (head, tail, found.relation_type);
                Some(Link {
                    id: known.get(&key).copied().unwrap_or_else(&mut fresh_id),
                    relation_type: found.relation_type,
                    head,
                    tail,
                    score: found.score,
                })
            })
            .collect();
        if !complete {
            let answered = |place: usize| mentions[place].1.new.is_some();
            links.extend(
                carried
                    .into_iter()
                    .filter(|l| !answered(l.head) && !answered(l.tail)),
            );
            links.sort_by_key(|l| (l.head, l.tail, l.relation_type));
        }
        Self {
            mentions: mentions.into_iter().map(|(m, _)| m).collect(),
            links,
            next_id,
        }
    }

    /// The stretch of text from the first to the last code unit of both arguments.
    pub(crate) fn hull(&self, link: &Link) -> Span<Utf16> {
        let (head, tail) = (self.mentions[link.head].span, self.mentions[link.tail].span);
        Span::new(head.start.min(tail.start), head.end.max(tail.end))
    }

    /// Identities of what belongs to `target`: itself, its links, and their arguments.
    pub(crate) fn related(&self, target: Target) -> Vec<u32> {
        let mut ids = Vec::new();
        for link in &self.links {
            let arguments = [self.mentions[link.head].id, self.mentions[link.tail].id];
            let belongs = match target {
                Target::Link(id) => link.id == id,
                Target::Mention(id) => arguments.contains(&id),
            };
            if belongs {
                ids.push(link.id);
                ids.extend(arguments);
            }
        }
        if let Target::Mention(id) = target {
            ids.push(id);
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    /// The stretch of text that `target` covers.
    pub(crate) fn extent(&self, target: Target) -> Option<Span<Utf16>> {
        match target {
            Target::Mention(id) => self.mentions.iter().find(|m| m.id == id).map(|m| m.span),
            Target::Link(id) => (self.links.iter().find(|l| l.id == id)).map(|l| self.hull(l)),
        }
    }

    /// The links whose arguments both still stand, pointing at the arguments' new places.
    fn replaced_links(&self, place: &[Option<usize>]) -> Vec<Link> {
        let moved = |link: &Link| {
            Some(Link {
                head: place[link.head]?,
                tail: place[link.tail]?,
                ..link.clone()
            })
        };
        self.links.iter().filter_map(moved).collect()
    }
}

/// Where a mention comes from: its index in the answer, and in what stood before.
struct Source {
    new: Option<usize>,
    old: Option<usize>,
}

/// Whether `span` overlaps one of `sorted`, which are in text order and do not overlap.
fn overlaps_any(sorted: &[Span<Utf16>], span: Span<Utf16>) -> bool {
    sorted
        .binary_search_by(|s| {
            if s.overlaps(span) {
                Ordering::Equal
            } else {
                s.cmp(&span)
            }
        })
        .is_ok()
}

#[cfg(test)]
mod tests {
    use spanarc_protocol::{FoundEntity, FoundRelation};

    use super::*;

    const TEXT: &str = "Mary Jones works for Acme Corp in Boston.";

    fn reply(
        done: usize,
        entities: &[(usize, usize, usize)],
        relations: &[(usize, usize, usize)],
    ) -> AnnotationsReply {
        AnnotationsReply {
            id: 0,
            revision: 0,
            done,
            total: 2,
            entities: (entities.iter())
                .map(|&(entity_type, start, end)| FoundEntity {
                    entity_type,
                    start,
                    end,
                    score: 0.9,
                })
                .collect(),
            relations: (relations.iter())
                .map(|&(relation_type, head, tail)| FoundRelation {
                    relation_type,
                    head,
                    tail,
                    score: 0.8,
                })
                .collect(),
            milliseconds: 1.0,
            words: 9,
        }
    }

    fn annotated() -> Annotations {
        let whole = reply(
            2,
            &[(3, 0, 10), (1, 21, 30), (0, 34, 40)],
            &[(4, 0, 1), (3, 1, 2)],
        );
        Annotations::default().answered(&whole, TEXT)
    }

    fn ids(annotations: &Annotations) -> Vec<u32> {
        (annotations.mentions.iter().map(|m| m.id))
            .chain(annotations.links.iter().map(|l| l.id))
            .collect()
    }

    #[test]
    fn an_answer_brings_texts_and_distinct_identities() {
        let annotations = annotated();
        let texts: Vec<_> = annotations.mentions.iter().map(|m| &*m.text).collect();
        assert_eq!(texts, ["Mary Jones", "Acme Corp", "Boston"]);
        let mut ids = ids(&annotations);
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 5);
        assert_eq!(annotations.hull(&annotations.links[1]), Span::new(21, 40));
    }

    #[test]
    fn an_edit_moves_what_follows_and_drops_what_it_touches_with_its_links() {
        let edit = Edit {
            start: 12,
            removed: 0,
            inserted: 3,
        };
        let moved = annotated().carried(edit);
        assert_eq!(moved.mentions[1].span, Span::new(24, 33));
        assert_eq!(ids(&moved), ids(&annotated()));

        let edit = Edit {
            start: 5,
            removed: 1,
            inserted: 1,
        };
        let left = annotated().carried(edit);
        assert_eq!(left.mentions.len(), 2);
        assert_eq!(left.links.len(), 1);
        assert_eq!((left.links[0].head, left.links[0].tail), (0, 1));
    }

    #[test]
    fn what_an_answer_confirms_keeps_its_identity() {
        let before = annotated();
        let again = reply(2, &[(3, 0, 10), (0, 34, 40)], &[]);
        let after = before.answered(&again, TEXT);
        assert_eq!(ids(&after), [before.mentions[0].id, before.mentions[2].id]);

        let other_type = before.answered(&reply(2, &[(2, 0, 10)], &[]), TEXT);
        assert!(!ids(&before).contains(&other_type.mentions[0].id));
    }

    #[test]
    fn a_partial_answer_leaves_standing_what_it_does_not_contradict() {
        let before = annotated();
        let partial = before.answered(&reply(1, &[(2, 0, 4)], &[]), TEXT);
        let texts: Vec<_> = partial.mentions.iter().map(|m| &*m.text).collect();
        assert_eq!(texts, ["Mary", "Acme Corp", "Boston"]);
        assert_eq!(partial.links.len(), 1);
        assert_eq!(partial.links[0].id, before.links[1].id);
        assert_eq!((partial.links[0].head, partial.links[0].tail), (1, 2));
    }

    #[test]
    fn a_complete_answer_replaces_everything() {
        let after = annotated().answered(&reply(2, &[], &[]), TEXT);
        assert!(after.mentions.is_empty() && after.links.is_empty());
    }

    #[test]
    fn a_relation_between_entities_that_are_not_there_is_left_out() {
        let after = Annotations::default().answered(&reply(2, &[(0, 0, 4)], &[(0, 0, 7)]), TEXT);
        assert!(after.links.is_empty());
    }

    #[test]
    fn a_mention_is_related_to_its_links_and_their_arguments() {
        let annotations = annotated();
        assert_eq!(annotations.related(Target::Mention(1)), [1, 2, 4]);
        assert_eq!(annotations.related(Target::Link(5)), [2, 3, 5]);
        assert_eq!(annotations.extent(Target::Link(5)), Some(Span::new(21, 40)));
    }
}
