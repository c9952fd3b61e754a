//! What changed between two states of a text.

use spanarc_document::{Span, Utf16};

/// One replacement: `removed` code units at `start` gave way to `inserted` ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edit {
    /// Where the texts begin to differ.
    pub(crate) start: usize,
    /// UTF-16 code units of the old text that went.
    pub(crate) removed: usize,
    /// UTF-16 code units of the new text that came.
    pub(crate) inserted: usize,
}

impl Edit {
    /// The smallest replacement that turns `old` into `new`; nothing when they are equal.
    pub(crate) fn between(old: &str, new: &str) -> Option<Self> {
        if old == new {
            return None;
        }
        let common = |pairs: &mut dyn Iterator<Item = (char, char)>| {
            pairs
                .take_while(|(a, b)| a == b)
                .fold((0, 0), |(bytes, units), (c, _)| {
                    (bytes + c.len_utf8(), units + c.len_utf16())
                })
        };
        let (prefix, start) = common(&mut old.chars().zip(new.chars()));
        let (old, new) = (&old[prefix..], &new[prefix..]);
        let (suffix, _) = common(&mut old.chars().rev().zip(new.chars().rev()));
        Some(Self {
            start,
            removed: super::utf16_len(&old[..old.len() - suffix]),
            inserted: super::utf16_len(&new[..new.len() - suffix]),
        })
    }

    /// Where `span` lies afterwards; nothing when the edit reached into it. Text that comes right before or right
    /// after a span leaves it whole.
    pub(crate) fn carry(self, span: Span<Utf16>) -> Option<Span<Utf16>> {
        if span.end <= self.start {
            Some(span)
        } else if self.start + self.removed <= span.start {
            Some(Span::new(
                span.start - self.removed + self.inserted,
                span.end - self.removed + self.inserted,
            ))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
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
    fn positions_count_utf16_code_units() {
        assert_eq!(Edit::between("😀 a", "😀 b"), Some(edit(3, 1, 1)));
        assert_eq!(Edit::between("x😀", "x😁"), Some(edit(1, 2, 2)));
    }

    #[test]
    fn spans_outside_the_edit_are_carried_and_touched_ones_dropped() {
        let replaced = edit(10, 4, 6);
        assert_eq!(replaced.carry(Span::new(0, 10)), Some(Span::new(0, 10)));
        assert_eq!(replaced.carry(Span::new(14, 18)), Some(Span::new(16, 20)));
        assert_eq!(replaced.carry(Span::new(8, 11)), None);
        assert_eq!(replaced.carry(Span::new(13, 15)), None);
        assert_eq!(replaced.carry(Span::new(11, 12)), None);
    }

    #[test]
    fn an_insertion_inside_a_span_drops_it_and_one_beside_it_does_not() {
        let inserted = edit(5, 0, 1);
        assert_eq!(inserted.carry(Span::new(0, 5)), Some(Span::new(0, 5)));
        assert_eq!(inserted.carry(Span::new(5, 9)), Some(Span::new(6, 10)));
        assert_eq!(inserted.carry(Span::new(4, 6)), None);
    }
}
