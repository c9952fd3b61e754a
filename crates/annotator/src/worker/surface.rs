//! One surface of an exchange: its newest text, and how far the worker has followed it.

use std::sync::Arc;

use spanarc_document::{Span, Utf16, utf16_len};
use spanarc_protocol::{AnnotationsReply, Request};

/// A state of a surface's text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    /// Number of this state, one more than that of the state before. A gap sends the whole text, since what changed
    /// between is unknown.
    pub(crate) revision: u32,
    /// The whole text.
    pub(crate) text: Arc<str>,
    /// Where the caret is, in bytes, if that is the end of a word that may still grow.
    pub(crate) half_typed: Option<usize>,
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
    /// What the worker reads ahead while a word is typed.
    ahead: Option<Ahead>,
    /// The answer that was told before the worker gave it.
    told: Option<AnnotationsReply>,
}

/// A text that may come, and the answer to it once it is there.
#[derive(Debug)]
struct Ahead {
    /// The state of the text in which the word was half typed.
    revision: u32,
    text: String,
    answer: Option<AnnotationsReply>,
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
            _ => self.forget_sent(),
        }
        self.held = draft.half_typed.is_some();
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
        self.forget_sent();
        self.owed = false;
    }

    /// The worker gets the whole text next, and answers all of it.
    fn forget_sent(&mut self) {
        self.sent = None;
        self.ahead = None;
        self.told = None;
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
                let (start, removed, inserted) = self
                    .touched
                    .unwrap_or_default()
                    .of(&sent.text, &newest.text);
                Request::Edit {
                    surface,
                    revision,
                    start,
                    removed,
                    inserted: inserted.to_owned(),
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

    /// While the newest edits wait for a word to end: asks what the answer would be if it ended here, with a space unless one or a
    /// sign stands there.
    pub(super) fn foresee(&mut self, surface: u32) -> Option<Request> {
        let (newest, sent) = (self.newest.as_ref()?, self.sent.as_ref()?);
        let touched = self.touched.filter(|_| self.held && !self.owed)?;
        let (before, after) = newest.text.split_at_checked(newest.half_typed?)?;
        let next = after.chars().next();
        let is_apart = next.is_some_and(|next| next != '\n' && !next.is_alphanumeric());
        let text = [before, if is_apart { "" } else { " " }, after].concat();
        let space = Touched::between(&newest.text, &text);
        let touched = space.map_or(touched, |space| touched.and(space));
        let (start, removed, inserted) = touched.of(&sent.text, &text);
        let request = Request::Foresee {
            surface,
            revision: newest.revision,
            start,
            removed,
            inserted: inserted.to_owned(),
        };
        self.ahead = Some(Ahead {
            revision: newest.revision,
            text,
            answer: None,
        });
        Some(request)
    }

    /// The worker has read ahead.
    pub(super) fn foreseen(&mut self, answer: AnnotationsReply) {
        let ahead = (self.ahead.as_mut()).filter(|ahead| ahead.revision == answer.revision);
        if let Some(ahead) = ahead {
            ahead.answer = Some(answer);
        }
    }

    /// The answer to the newest text, where it was foreseen and the text is about to be sent.
    pub(super) fn answer_ahead(&mut self) -> Option<AnnotationsReply> {
        let newest = (self.newest.as_ref()).filter(|_| !self.held)?;
        let ahead = self.ahead.take()?;
        let answer = ahead.answer.filter(|_| *newest.text == *ahead.text)?;
        let answer = AnnotationsReply {
            revision: newest.revision,
            ..answer
        };
        self.told = Some(answer.clone());
        Some(answer)
    }

    /// Whether an answer says nothing but what was told ahead.
    pub(super) fn was_told(&mut self, answer: &AnnotationsReply) -> bool {
        self.told.take().is_some_and(|told| {
            told.revision == answer.revision && told.sentences == answer.sentences
        })
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

    /// Where it begins in UTF-16 code units, how many of them go from `old`, and what comes from `new`.
    fn of<'a>(self, old: &str, new: &'a str) -> (usize, usize, &'a str) {
        let Self {
            start,
            removed,
            inserted,
        } = self;
        (
            utf16_len(&old[..start]),
            utf16_len(&old[start..start + removed]),
            &new[start..start + inserted],
        )
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
            half_typed: None,
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
