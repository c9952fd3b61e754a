//! The mentions of a document: in text order, and found by identity.

use std::cmp::Ordering;

use crate::{Edit, Id, Mention, Spans};

/// Mentions in the order of their spans, equal ones by identity. A look-up by identity is a binary search; an insertion
/// or a removal moves what lies behind it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mentions {
    in_order: Vec<Mention>,
    /// Where each identity is in `in_order`; sorted by identity.
    places: Vec<(Id, usize)>,
}

impl Mentions {
    pub(crate) fn in_order(&self) -> &[Mention] {
        &self.in_order
    }

    pub(crate) fn get(&self, id: Id) -> Option<&Mention> {
        Some(&self.in_order[self.place(id)?])
    }

    /// Takes in a mention whose identity is not there yet.
    pub(crate) fn insert(&mut self, mention: Mention) {
        let order = |other: &Mention| -> Ordering {
            (&other.spans, other.id).cmp(&(&mention.spans, mention.id))
        };
        let place = self.in_order.partition_point(|other| order(other).is_lt());
        for (_, later) in self.places.iter_mut().filter(|(_, later)| *later >= place) {
            *later += 1;
        }
        let index = self.places.partition_point(|&(id, _)| id < mention.id);
        self.places.insert(index, (mention.id, place));
        self.in_order.insert(place, mention);
    }

    pub(crate) fn remove(&mut self, id: Id) -> Option<Mention> {
        let index = self.index(id)?;
        let (_, place) = self.places.remove(index);
        for (_, later) in self.places.iter_mut().filter(|(_, later)| *later > place) {
            *later -= 1;
        }
        Some(self.in_order.remove(place))
    }

    /// Puts `mention` in the place of the one of the same identity, and gives that one back.
    pub(crate) fn replace(&mut self, mention: Mention) -> Option<Mention> {
        let place = self.place(mention.id)?;
        if self.in_order[place].spans == mention.spans {
            return Some(std::mem::replace(&mut self.in_order[place], mention));
        }
        let replaced = self.remove(mention.id);
        self.insert(mention);
        replaced
    }

    /// Stretches every mention with the text. Errors with the first that the edit cuts, and then moves none.
    pub(crate) fn stretch(&mut self, edit: Edit) -> Result<(), Id> {
        let mut moved: Vec<(usize, Spans)> = Vec::new();
        for (place, mention) in self.in_order.iter().enumerate() {
            if mention.spans.extent().end > edit.start {
                moved.push((place, mention.spans.stretched(edit).ok_or(mention.id)?));
            }
        }
        // Stretching keeps starts and ends apart and in order, so the mentions stay sorted.
        for (place, spans) in moved {
            self.in_order[place].spans = spans;
        }
        Ok(())
    }

    fn index(&self, id: Id) -> Option<usize> {
        self.places.binary_search_by_key(&id, |&(id, _)| id).ok()
    }

    fn place(&self, id: Id) -> Option<usize> {
        Some(self.places[self.index(id)?].1)
    }
}

/// From mentions in any order, whose identities differ.
impl From<Vec<Mention>> for Mentions {
    fn from(mut mentions: Vec<Mention>) -> Self {
        mentions.sort_by(|a, b| (&a.spans, a.id).cmp(&(&b.spans, b.id)));
        let mut places: Vec<_> = (mentions.iter().enumerate())
            .map(|(place, mention)| (mention.id, place))
            .collect();
        places.sort_unstable();
        Self {
            in_order: mentions,
            places,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::{Attributes, Origin, Span, State};

    use super::*;

    fn mention(id: u32, start: usize, end: usize) -> Mention {
        Mention {
            id: Id(id),
            kind: Arc::from("Peop"),
            spans: Spans::one(Span::new(start, end)).unwrap(),
            origin: Origin::Person,
            state: State::Accepted,
            attributes: Attributes::default(),
        }
    }

    fn ids(mentions: &Mentions) -> Vec<u32> {
        for mention in mentions.in_order() {
            assert_eq!(mentions.get(mention.id), Some(mention));
        }
        mentions.in_order().iter().map(|m| m.id.0).collect()
    }

    #[test]
    fn mentions_stay_in_text_order_and_are_found_by_identity() {
        let mut mentions = Mentions::from(vec![mention(2, 4, 6), mention(9, 0, 3)]);
        mentions.insert(mention(5, 4, 6));
        mentions.insert(mention(1, 2, 9));
        assert_eq!(ids(&mentions), [9, 1, 2, 5]);
        assert_eq!(mentions.replace(mention(9, 8, 9)), Some(mention(9, 0, 3)));
        assert_eq!(ids(&mentions), [1, 2, 5, 9]);
        assert_eq!(mentions.remove(Id(2)), Some(mention(2, 4, 6)));
        assert_eq!(mentions.remove(Id(2)), None);
        assert_eq!(ids(&mentions), [1, 5, 9]);
    }

    #[test]
    fn an_edit_that_cuts_one_mention_moves_none() {
        let mut mentions = Mentions::from(vec![mention(1, 0, 3), mention(2, 4, 6)]);
        let cut = Edit {
            start: 0,
            removed: 1,
            inserted: 0,
        };
        assert_eq!(mentions.stretch(cut), Err(Id(1)));
        assert_eq!(mentions.get(Id(2)), Some(&mention(2, 4, 6)));
    }
}
