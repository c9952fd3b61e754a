//! One replacement in a text, and where spans lie after it.

use serde::{Deserialize, Serialize};

use crate::span::{Byte, Span};

/// One replacement: `removed` bytes at `start` gave way to `inserted` ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Edit {
    /// First byte that may differ.
    pub start: usize,
    /// Bytes of the old text that went.
    pub removed: usize,
    /// Bytes of the new text that came.
    pub inserted: usize,
}

impl Edit {
    /// The smallest replacement of whole characters that turns `old` into `new`; nothing when they are equal.
    ///
    /// Where several are equally small, the one furthest back in the text: `aa` to `a` removes the second letter.
    pub fn between(old: &str, new: &str) -> Option<Self> {
        if old == new {
            return None;
        }
        // Equal bytes put both texts inside a character or neither, so one of them tells the boundaries of both.
        let same = |(a, b): &(u8, u8)| a == b;
        let mut prefix = old.bytes().zip(new.bytes()).take_while(same).count();
        while !old.is_char_boundary(prefix) {
            prefix -= 1;
        }
        let (old, new) = (&old[prefix..], &new[prefix..]);
        let backwards = old.bytes().rev().zip(new.bytes().rev());
        let mut suffix = backwards.take_while(same).count();
        while !old.is_char_boundary(old.len() - suffix) {
            suffix -= 1;
        }
        Some(Self {
            start: prefix,
            removed: old.len() - suffix,
            inserted: new.len() - suffix,
        })
    }

    /// What went, in the old text.
    pub const fn removed_span(self) -> Span<Byte> {
        Span::new(self.start, self.start + self.removed)
    }

    /// What came, in the new text.
    pub const fn inserted_span(self) -> Span<Byte> {
        Span::new(self.start, self.start + self.inserted)
    }

    /// Where `span` lies afterwards; nothing when the edit reached into it. Text that comes right before or right after
    /// a span leaves it whole.
    pub fn carry(self, span: Span<Byte>) -> Option<Span<Byte>> {
        if span.end <= self.start {
            Some(span)
        } else if self.start + self.removed <= span.start {
            Some(Span::new(self.moved(span.start), self.moved(span.end)))
        } else {
            None
        }
    }

    /// Like [`carry`](Self::carry), except that a span that reaches beyond the edit on both sides grows or shrinks
    /// with it. Nothing when the edit removes the span's first or last byte.
    ///
    /// The opposite edit stretches every result back to the span it came from.
    pub fn stretch(self, span: Span<Byte>) -> Option<Span<Byte>> {
        if span.start < self.start && self.start + self.removed < span.end {
            return Some(Span::new(span.start, self.moved(span.end)));
        }
        self.carry(span)
    }

    /// A position at or after the end of what went.
    pub(crate) const fn moved(self, position: usize) -> usize {
        position - self.removed + self.inserted
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edit(start: usize, removed: usize, inserted: usize) -> Edit {
        Edit {
            start,
            removed,
            inserted,
        }
    }

    #[test]
    fn the_smallest_replacement_is_found() {
        assert_eq!(Edit::between("same", "same"), None);
        assert_eq!(Edit::between("", "ab"), Some(edit(0, 0, 2)));
        assert_eq!(
            Edit::between("Mary works", "Mary Jones works"),
            Some(edit(5, 0, 6))
        );
        assert_eq!(
            Edit::between("in Boston.", "in Paris."),
            Some(edit(3, 6, 5))
        );
        assert_eq!(Edit::between("aaa", "aa"), Some(edit(2, 1, 0)));
    }

    #[test]
    fn a_replacement_is_of_whole_characters() {
        assert_eq!(Edit::between("😀 a", "😀 b"), Some(edit(5, 1, 1)));
        // These two differ in their last byte only.
        assert_eq!(Edit::between("x😀", "x😁"), Some(edit(1, 4, 4)));
        // These two end in the same byte.
        assert_eq!(Edit::between("é", "ĩ"), Some(edit(0, 2, 2)));
        assert_eq!(Edit::between("éa", "ĩa"), Some(edit(0, 2, 2)));
    }

    #[test]
    fn spans_outside_the_edit_are_carried_and_touched_ones_are_not() {
        let replaced = edit(10, 4, 6);
        assert_eq!(replaced.carry(Span::new(0, 10)), Some(Span::new(0, 10)));
        assert_eq!(replaced.carry(Span::new(14, 18)), Some(Span::new(16, 20)));
        assert_eq!(replaced.carry(Span::new(8, 11)), None);
        assert_eq!(replaced.carry(Span::new(13, 15)), None);
        assert_eq!(replaced.carry(Span::new(11, 12)), None);
        assert_eq!(replaced.carry(Span::new(8, 18)), None);
    }

    #[test]
    fn an_insertion_beside_a_span_leaves_it_whole_and_one_inside_does_not() {
        let inserted = edit(5, 0, 1);
        assert_eq!(inserted.carry(Span::new(0, 5)), Some(Span::new(0, 5)));
        assert_eq!(inserted.carry(Span::new(5, 9)), Some(Span::new(6, 10)));
        assert_eq!(inserted.carry(Span::new(4, 6)), None);
    }

    #[test]
    fn a_span_on_both_sides_of_the_edit_stretches_with_it() {
        let replaced = edit(10, 4, 6);
        assert_eq!(replaced.stretch(Span::new(8, 18)), Some(Span::new(8, 20)));
        assert_eq!(replaced.stretch(Span::new(10, 18)), None);
        assert_eq!(replaced.stretch(Span::new(8, 14)), None);
        assert_eq!(
            edit(5, 0, 1).stretch(Span::new(4, 6)),
            Some(Span::new(4, 7))
        );
    }

    proptest! {
        #[test]
        fn replacing_what_differs_gives_the_new_text_and_the_rest_is_carried(
            old in "(a|b|é|è|ĩ|你|😀|😁){0,8}", new in "(a|b|é|è|ĩ|你|😀|😁){0,8}",
        ) {
            let Some(edit) = Edit::between(&old, &new) else {
                prop_assert_eq!(old, new);
                return Ok(());
            };
            let (went, came) = (edit.removed_span(), edit.inserted_span());
            let rebuilt = [&old[..went.start], &new[came.start..came.end], &old[went.end..]];
            prop_assert_eq!(rebuilt.concat(), &*new);

            let characters = old.char_indices().map(|(at, c)| Span::new(at, at + c.len_utf8()));
            for character in characters {
                let untouched = !character.overlaps(went);
                let carried = edit.carry(character);
                prop_assert_eq!(carried.is_some(), untouched);
                if let Some(carried) = carried {
                    let letters = &old[character.start..character.end];
                    prop_assert_eq!(letters, &new[carried.start..carried.end]);
                }
            }
        }

        #[test]
        fn the_opposite_edit_stretches_a_span_back(
            start in 0..10usize, removed in 0..4usize, inserted in 0..4usize,
            first in 0..12usize, length in 1..8usize,
        ) {
            let span = Span::new(first, first + length);
            if let Some(stretched) = edit(start, removed, inserted).stretch(span) {
                prop_assert_eq!(edit(start, inserted, removed).stretch(stretched), Some(span));
            }
        }
    }
}
