//! Random documents, and random operations that fit any document.

use std::sync::Arc;

use proptest::{collection::vec, prelude::*, sample::Index};
use spanarc_document::{
    Answer, AnsweredLink, AnsweredMention, Byte, Change, ChangeError, Command, Document, Editor,
    Id, Selections, Span, Spans,
};

/// An editor and its clock.
pub(crate) struct World {
    pub(crate) editor: Editor,
    pub(crate) now_ms: u64,
    /// Where the last replacement ended.
    caret: usize,
}

/// An operation on a document that is not known yet: indices are taken modulo what is there.
#[derive(Debug, Clone)]
pub(crate) enum Operation {
    Command(Action),
    Answer(Found),
    /// Another document takes the place of the one at hand.
    Open(Document),
    Undo,
    Redo,
    Break,
    Wait(u16),
}

/// A command before it meets its document.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    Replace(Place, String),
    Type(char),
    Erase { forward: bool },
    Add(Kind, Vec<Place>),
    Relabel(Index, Kind),
    Move(Index, Vec<Place>),
    Remove(Index),
    Link(Kind, Index, Index),
    Accept(Index),
    Reject(Index),
}

/// Index of a kind's name.
pub(crate) type Kind = usize;

const KINDS: [&str; 2] = ["A", "B"];

/// A stretch of a text.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// Between any two characters.
    Anywhere(Index, Index),
    /// One word.
    Word(Index),
    /// What a mention covers; else anywhere.
    Mention(Index),
}

/// An answer before it meets its document.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// The sentence that it covers; nothing for the whole text.
    sentence: Option<Index>,
    mentions: Vec<(Kind, Place, u8)>,
    links: Vec<(Kind, usize, usize, u8)>,
}

pub(crate) fn operations() -> impl Strategy<Value = Vec<Operation>> {
    let operation = prop_oneof![
        12 => actions().prop_map(Operation::Command),
        5 => found().prop_map(Operation::Answer),
        1 => documents().prop_map(Operation::Open),
        3 => Just(Operation::Undo),
        2 => Just(Operation::Redo),
        1 => Just(Operation::Break),
        1 => (0..1500u16).prop_map(Operation::Wait),
    ];
    vec(operation, 1..24)
}

fn actions() -> impl Strategy<Value = Action> {
    let index = any::<Index>;
    let places = || prop_oneof![3 => vec(places(), 1..2), 1 => vec(places(), 2..4)];
    prop_oneof![
        5 => (self::places(), "(a|b| |é|你|😀|[.]|\n|e\u{301}){0,4}")
            .prop_map(|(place, with)| Action::Replace(place, with)),
        4 => prop::sample::select(vec!['a', 'é', '😀', ' ', '\n'])
            .prop_map(Action::Type),
        3 => any::<bool>().prop_map(|forward| Action::Erase { forward }),
        3 => (kinds(), places()).prop_map(|(kind, places)| Action::Add(kind, places)),
        2 => (index(), kinds()).prop_map(|(id, kind)| Action::Relabel(id, kind)),
        2 => (index(), places()).prop_map(|(id, places)| Action::Move(id, places)),
        2 => index().prop_map(Action::Remove),
        3 => (kinds(), index(), index())
            .prop_map(|(kind, head, tail)| Action::Link(kind, head, tail)),
        3 => index().prop_map(Action::Accept),
        4 => index().prop_map(Action::Reject),
    ]
}

fn found() -> impl Strategy<Value = Found> {
    let links = (kinds(), 0..7usize, 0..7usize, 0..3u8);
    (
        prop::option::of(any::<Index>()),
        vec((kinds(), places(), 0..3u8), 0..6),
        vec(links, 0..5),
    )
        .prop_map(|(sentence, mentions, links)| Found {
            sentence,
            mentions,
            links,
        })
}

fn kinds() -> impl Strategy<Value = Kind> {
    0..KINDS.len()
}

fn places() -> impl Strategy<Value = Place> {
    let index = any::<Index>;
    prop_oneof![
        2 => (index(), index()).prop_map(|(start, end)| Place::Anywhere(start, end)),
        3 => index().prop_map(Place::Word),
        2 => index().prop_map(Place::Mention),
    ]
}

/// A text, and what a person and a model did with it so far.
pub(crate) fn documents() -> impl Strategy<Value = Document> {
    let text = "((a|b|é|你|😀|e\u{301}){1,3}( |[.] |\n| ?)){0,7}";
    (text, vec(found(), 0..2), vec(actions(), 0..4)).prop_map(|(text, answers, actions)| {
        let mut world = World::new(Document::new(text));
        for found in &answers {
            let answer = world.answer(found);
            world.editor.answer(&answer).unwrap();
        }
        for action in &actions {
            let command = world.command(action);
            // Commands that do not fit are part of the game.
            world.perform(&command).ok();
        }
        world.editor.into_document()
    })
}

impl World {
    pub(crate) fn new(document: Document) -> Self {
        Self {
            editor: Editor::new(document),
            now_ms: 0,
            caret: 0,
        }
    }

    pub(crate) fn perform(&mut self, command: &Command) -> Result<Vec<Change>, ChangeError> {
        let before = Span::new(self.caret, self.caret);
        if let Command::ReplaceText { span, with } = command {
            self.caret = span.start + with.len();
        }
        let after = Span::new(self.caret, self.caret);
        self.now_ms += 100;
        let selections = Selections { before, after };
        self.editor.perform(command, selections, self.now_ms)
    }

    pub(crate) fn open(&mut self, other: &Document) -> Result<Vec<Change>, ChangeError> {
        let before = Span::new(self.caret, self.caret);
        self.caret = 0;
        let after = Span::new(0, 0);
        self.editor.replace(other, Selections { before, after })
    }

    pub(crate) fn command(&self, action: &Action) -> Command {
        let kind = |&kind: &Kind| -> Arc<str> { KINDS[kind].into() };
        let mention = |index: &Index| {
            let mentions = self.document().mentions();
            mentions
                .get(index.index(mentions.len().max(1)))
                .map_or(Id(99), |m| m.id)
        };
        match action {
            Action::Replace(place, with) => Command::ReplaceText {
                span: self.span(place),
                with: with.as_str().into(),
            },
            Action::Type(character) => Command::ReplaceText {
                span: Span::new(self.caret(), self.caret()),
                with: character.to_string().into(),
            },
            Action::Erase { forward } => Command::ReplaceText {
                span: self.beside_caret(*forward),
                with: "".into(),
            },
            Action::Add(name, places) => match self.spans(places) {
                Some(spans) => Command::AddMention {
                    kind: kind(name),
                    spans,
                },
                None => Command::Accept(Id(99)),
            },
            Action::Relabel(index, name) => match self.any_id(index) {
                id if self.document().link(id).is_some() => Command::RelabelLink {
                    id,
                    kind: kind(name),
                },
                id => Command::RelabelMention {
                    id,
                    kind: kind(name),
                },
            },
            Action::Move(index, places) => match self.spans(places) {
                Some(spans) => Command::MoveMention {
                    id: mention(index),
                    spans,
                },
                None => Command::Accept(Id(99)),
            },
            Action::Remove(index) => match self.any_id(index) {
                id if self.document().link(id).is_some() => Command::RemoveLink(id),
                id => Command::RemoveMention(id),
            },
            Action::Link(name, head, tail) => Command::AddLink {
                kind: kind(name),
                head: mention(head),
                tail: mention(tail),
            },
            Action::Accept(index) => Command::Accept(self.any_id(index)),
            Action::Reject(index) => Command::Reject(self.any_id(index)),
        }
    }

    /// An answer for a stretch of the document, with what lies in it. Links may have ends that are not there.
    pub(crate) fn answer(&self, found: &Found) -> Answer {
        let covers = match &found.sentence {
            Some(index) => self.sentence(index),
            None => Span::new(0, self.document().text().len()),
        };
        let mentions = found
            .mentions
            .iter()
            .map(|(kind, place, score)| AnsweredMention {
                kind: KINDS[*kind].into(),
                span: self.span(place),
                score: f32::from(*score),
            });
        let links = found
            .links
            .iter()
            .map(|&(kind, head, tail, score)| AnsweredLink {
                kind: KINDS[kind].into(),
                head,
                tail,
                score: f32::from(score),
            });
        Answer {
            model: "m".into(),
            covers,
            mentions: mentions.collect(),
            links: links.collect(),
        }
    }

    fn document(&self) -> &Document {
        self.editor.document()
    }

    fn any_id(&self, index: &Index) -> Id {
        let mut ids: Vec<Id> = self.document().mentions().iter().map(|m| m.id).collect();
        ids.extend(self.document().links().iter().map(|link| link.id));
        ids.get(index.index(ids.len().max(1)))
            .map_or(Id(99), |&id| id)
    }

    /// The last place of the caret that lies between two characters.
    fn caret(&self) -> usize {
        let text = self.document().text();
        let at_most = self.caret.min(text.len());
        (0..=at_most)
            .rev()
            .find(|&at| text.is_char_boundary(at))
            .unwrap()
    }

    /// The character before or after the caret.
    fn beside_caret(&self, forward: bool) -> Span<Byte> {
        let (before, after) = self.document().text().split_at(self.caret());
        let caret = before.len();
        if forward {
            let next = after.chars().next().map_or(0, char::len_utf8);
            Span::new(caret, caret + next)
        } else {
            let last = before.chars().next_back().map_or(0, char::len_utf8);
            Span::new(caret - last, caret)
        }
    }

    fn spans(&self, places: &[Place]) -> Option<Spans> {
        let mut spans: Vec<_> = places.iter().map(|place| self.span(place)).collect();
        spans.sort_unstable();
        Spans::new(&spans).ok()
    }

    fn span(&self, place: &Place) -> Span<Byte> {
        let text = &**self.document().text();
        match place {
            Place::Anywhere(start, end) => {
                let mut boundaries: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
                boundaries.push(text.len());
                let (a, b) = (*start.get(&boundaries), *end.get(&boundaries));
                Span::new(a.min(b), a.max(b))
            }
            Place::Word(index) => pick(text, index, char::is_whitespace),
            Place::Mention(index) => {
                let spans = self
                    .document()
                    .mentions()
                    .iter()
                    .flat_map(|m| m.spans.as_slice());
                let spans: Vec<_> = spans.copied().collect();
                match spans.is_empty() {
                    true => Span::new(0, 0),
                    false => *index.get(&spans),
                }
            }
        }
    }

    fn sentence(&self, index: &Index) -> Span<Byte> {
        pick(self.document().text(), index, |c| matches!(c, '.' | '\n'))
    }
}

/// One of the parts between separators.
fn pick(text: &str, index: &Index, separator: impl Fn(char) -> bool) -> Span<Byte> {
    let parts: Vec<&str> = text.split(separator).collect();
    let part = index.get(&parts);
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    Span::new(start, start + part.len())
}
