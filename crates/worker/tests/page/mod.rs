//! A page that a session talks to.

use proptest::prelude::*;
use spanarc_document::{Span, Utf16};
use spanarc_engine::Engine;
use spanarc_protocol::{Reply, Request, SentenceAnswer};
use spanarc_worker::session::Session;

use crate::toy::Toy;

/// A page: its text, and the answers that it carries through its edits.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) text: String,
    revision: u32,
    /// The edits, by the revision that they led to.
    edits: Vec<(u32, Span<Utf16>, usize)>,
    pub(crate) answers: Vec<SentenceAnswer>,
    /// Whether the newest revision is answered in full.
    pub(crate) is_done: bool,
}

impl Page {
    /// Puts `inserted` in place of a part of the text, given as fractions of it.
    pub(crate) fn edit(&mut self, place: (usize, usize), inserted: &str) -> Request {
        let characters: Vec<char> = self.text.chars().collect();
        let start = place.0 % (characters.len() + 1);
        let removed = place.1 % (characters.len() - start + 1);
        let units = |characters: &[char]| characters.iter().map(|c| c.len_utf16()).sum::<usize>();
        let (before, rest) = characters.split_at(start);
        let (gone, after) = rest.split_at(removed);
        let removed = Span::new(units(before), units(before) + units(gone));
        let texts = [before, &inserted.chars().collect::<Vec<_>>(), after];
        self.text = texts.concat().into_iter().collect();
        self.revision += 1;
        self.is_done = false;
        let edit = (self.revision, removed, inserted.encode_utf16().count());
        self.edits.push(edit);
        self.answers.retain_mut(|answer| carry(answer, edit));
        Request::Edit {
            surface: 0,
            revision: self.revision,
            start: removed.start,
            removed: removed.len(),
            inserted: inserted.into(),
            visible: None,
        }
    }

    pub(crate) fn hear(&mut self, reply: Reply) {
        let Reply::Annotations(reply) = reply else {
            panic!("{reply:?}");
        };
        if reply.revision == self.revision {
            self.is_done = reply.done == reply.total;
        }
        for mut answer in reply.sentences {
            let later = |&&(revision, ..): &&(u32, Span<Utf16>, usize)| revision > reply.revision;
            if (self.edits.iter().filter(later)).all(|&edit| carry(&mut answer, edit)) {
                self.answers
                    .retain(|old| !old.span().overlaps(answer.span()));
                self.answers.push(answer);
            }
        }
        self.answers.sort_by_key(|answer| answer.start);
    }
}

/// Moves an answer along with an edit; false where the edit reaches into it.
fn carry(answer: &mut SentenceAnswer, (_, removed, inserted): (u32, Span<Utf16>, usize)) -> bool {
    if removed.end <= answer.start {
        answer.start = answer.start - removed.len() + inserted;
        answer.end = answer.end - removed.len() + inserted;
        true
    } else {
        answer.end <= removed.start
    }
}

/// The answers for a text of which nothing was known.
pub(crate) fn from_scratch(text: &str) -> Vec<SentenceAnswer> {
    let mut session = Session::default();
    session.adopt(Engine::new(Toy::new()));
    session
        .hear(Request::Open {
            surface: 0,
            revision: 0,
            text: text.into(),
            visible: None,
        })
        .unwrap();
    let mut page = Page::default();
    while session.turn(|| 0.0, |reply| page.hear(reply)) {}
    page.answers
}

/// Text in which sentences begin and end easily.
pub(crate) fn any_piece() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "Ann ", "Bob", " met ", ". ", ".", "! ", "\n", " ", "Mr. ", "U.S. ", "then ", "é", "👍 ",
        "Zoë ", "。", "",
    ]);
    prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}
