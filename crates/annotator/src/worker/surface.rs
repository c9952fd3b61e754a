//! One surface of an exchange: its newest text, and how far the worker has followed it.

use std::sync::Arc;

use spanarc_document::{Span, Utf16, utf16_len};
use spanarc_protocol::Request;

/// A state of a surface's text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    /// Number of this state, one more than that of the state before. A gap sends the whole text, since what changed
    /// between is unknown.
    pub(crate) revision: u32,
    /// The whole text.
    pub(crate) text: Arc<str>,
    /// Whether the caret is at the end of a word that may still grow.
    pub(crate) half_typed: bool,
}

#[derive(Debug, Default)]
pub(super) struct Surface {
    newest: Option<Draft>,
    /// The state that the worker has; nothing when it needs the whole text.
    sent: Option<Draft>,
    /// Where `newest` was edited since it was `sent`; nothing while the texts never differed.
    touched: Option<Touched>,
    /// The part on screen.
    visible: Option<Span<Utf16>>,
    /// Whether the newest edits wait for a word to end.
    held: bool,
    /// Whether the worker owes an answer to what it has.
    owed: bool,
}

impl Surface {
    /// Takes note of a state of the text.
    pub(super) fn edited(&mut self, draft: Draft) {
        match &self.newest {
            Some(last) if draft.revision == last.revision.wrapping_add(1) => {
                let edit = Touched::between(&last.text, &draft.text);
                self.touched = match (self.touched, edit) {
                    (Some(touched), Some(edit)) => Some(touched.and(edit)),
                    (touched, edit) => touched.or(edit),
                };
            }
            _ => self.sent = None,
        }
        self.held = draft.half_typed;
        self.newest = Some(draft);
    }

    /// The word has ended, or had the time to.
    pub(super) fn release(&mut self) {
        self.held = false;
    }

    /// Takes note of the part on screen. Returns whether it has changed.
    pub(super) fn looked(&mut self, visible: Span<Utf16>) -> bool {
        self.visible.replace(visible) != Some(visible)
    }

    /// The worker has nothing of this surface any more.
    pub(super) fn forgotten(&mut self) {
        self.sent = None;
        self.owed = false;
    }

    pub(super) fn is_known_to_worker(&self) -> bool {
        self.sent.is_some()
    }

    pub(super) fn is_owed(&self) -> bool {
        self.owed
    }

    /// A complete answer to `revision` has come. Returns whether it is the one that is owed.
    pub(super) fn answered(&mut self, revision: u32) -> bool {
        let newest = (self.sent.as_ref()).is_some_and(|sent| sent.revision == revision);
        self.owed &= !newest;
        newest
    }

    /// Brings the worker up to date, unless there is nothing to say or the newest edits wait for a word to end.
    ///
    /// A whole text does not wait: nothing in it is labelled yet.
    pub(super) fn send(&mut self, surface: u32) -> Option<Request> {
        let newest = self.newest.as_ref()?;
        let (revision, visible) = (newest.revision, self.visible);
        let request = match &self.sent {
            None => Request::Open {
                surface,
                revision,
                text: newest.text.to_string(),
                visible,
            },
            Some(sent) if sent.revision == revision || self.held => return None,
            Some(sent) => {
                let Touched {
                    start,
                    removed,
                    inserted,
                } = self.touched.unwrap_or_default();
                Request::Edit {
                    surface,
                    revision,
                    start: utf16_len(&sent.text[..start]),
                    removed: utf16_len(&sent.text[start..start + removed]),
                    inserted: newest.text[start..start + inserted].to_owned(),
                    visible,
                }
            }
        };
        self.sent = Some(newest.clone());
        self.touched = None;
        self.held = false;
        self.owed = true;
        Some(request)
    }
}

/// The part of a text that a series of edits has touched, in bytes: `removed` at `start` gave way to `inserted`.
///
/// More than the difference between first and last text: an edit that was taken back has touched its place, and the page
/// may have dropped annotations there.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Touched {
    start: usize,
    removed: usize,
    inserted: usize,
}

impl Touched {
    /// The smallest replacement of whole characters that turns `old` into `new`; nothing when they are equal. Where the same
    /// letters could have come or gone at several places, as one more "o" in "book", it covers all of these.
    fn between(old: &str, new: &str) -> Option<Self> {
        if old == new {
            return None;
        }
        let common = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
            pairs
                .take_while(|(a, b)| a == b)
                .map(|(c, _)| c.len_utf8())
                .sum()
        };
        let prefix = common(&mut old.chars().zip(new.chars()));
        let suffix = common(&mut old.chars().rev().zip(new.chars().rev()));
        let shorter = old.len().min(new.len());
        let start = prefix.min(shorter - suffix);
        let end = suffix.min(shorter - prefix);
        Some(Self {
            start,
            removed: old.len() - end - start,
            inserted: new.len() - end - start,
        })
    }

    /// Both, one after the other, from the first place that either touches to the last.
    fn and(self, later: Self) -> Self {
        let start = self.start.min(later.start);
        // In the text between the two.
        let end = (self.start + self.inserted).max(later.start + later.removed);
        Self {
            start,
            removed: end - self.inserted + self.removed - start,
            inserted: end - later.removed + later.inserted - start,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_that_could_have_been_made_at_several_places_touches_all_of_them() {
        let touched = |old, new| {
            let Touched {
                start,
                removed,
                inserted,
            } = Touched::between(old, new).unwrap();
            (start, removed, inserted)
        };
        assert_eq!(
            touched("Mary works.\nTom", "Mary works.\nMary works.\nTom"),
            (0, 12, 24)
        );
        assert_eq!(touched("aaa", "aa"), (0, 3, 2));
        assert_eq!(touched("Mary works", "Mary Jones works"), (4, 1, 7));
        assert_eq!(touched("in Boston.", "in Paris."), (3, 6, 5));
    }

    fn draft(revision: u32, text: &str) -> Draft {
        Draft {
            revision,
            text: text.into(),
            half_typed: false,
        }
    }

    fn sent(text: &str) -> Surface {
        let mut surface = Surface::default();
        surface.edited(draft(1, text));
        assert!(matches!(surface.send(0), Some(Request::Open { .. })));
        surface
    }

    /// The edit that is sent after `texts`: start, removed, inserted.
    fn edit(surface: &mut Surface, texts: &[&str]) -> (usize, usize, String) {
        for text in texts {
            let revision = surface.newest.as_ref().unwrap().revision + 1;
            surface.edited(draft(revision, text));
        }
        match surface.send(0) {
            Some(Request::Edit {
                start,
                removed,
                inserted,
                ..
            }) => (start, removed, inserted),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_smallest_replacement_is_sent_in_utf16_units() {
        let surface = &mut sent("😀 in Boston.");
        assert_eq!(edit(surface, &["😀 in Paris."]), (6, 6, "Paris".into()));
        assert_eq!(edit(surface, &["😁 in Paris."]), (0, 2, "😁".into()));
        // Either of the two letters may be the new one.
        assert_eq!(edit(surface, &["😁 in Pariss."]), (10, 1, "ss".into()));
    }

    #[test]
    fn edits_that_wait_are_sent_as_one_that_covers_them() {
        let surface = &mut sent("one two three");
        let texts = ["one twoo three", "On twoo three", "On twoo three!"];
        assert_eq!(
            edit(surface, &texts),
            (0, 13, "On twoo three!".into()),
            "from the first place to the last"
        );
    }

    #[test]
    fn an_edit_that_is_taken_back_is_sent_as_touching_its_place() {
        let surface = &mut sent("in Boston now");
        let texts = ["in Bostons now", "in Boston now"];
        assert_eq!(edit(surface, &texts), (9, 0, String::new()));
        let texts = ["in Bosto now", "in Boston now"];
        assert_eq!(edit(surface, &texts), (8, 1, "n".into()));
    }

    #[test]
    fn a_new_revision_of_the_same_text_touches_nothing() {
        let surface = &mut sent("Boston");
        assert_eq!(edit(surface, &["Boston"]), (0, 0, String::new()));
    }

    #[test]
    fn after_a_gap_in_the_revisions_the_whole_text_is_sent() {
        let mut surface = sent("Boston");
        surface.edited(draft(3, "Boston!"));
        assert!(matches!(surface.send(0), Some(Request::Open { text, .. }) if text == "Boston!"));
    }
}
