//! Documents and answers to try things on.

use std::sync::Arc;

use spanarc_document::{
    Answer, AnsweredLink, AnsweredMention, Attributes, Byte, Change, Command, Document, Id, Link,
    Mention, Origin, Span, Spans, State,
};

pub(crate) const TEXT: &str = "Mary Jones works for Acme Corp in Boston.";

/// "Mary Jones" of [`TEXT`].
pub(crate) const MARY: Span<Byte> = Span::new(0, 10);
/// "Acme Corp" of [`TEXT`].
pub(crate) const ACME: Span<Byte> = Span::new(21, 30);
/// "Boston" of [`TEXT`].
pub(crate) const BOSTON: Span<Byte> = Span::new(34, 40);

pub(crate) fn spans(span: Span<Byte>) -> Spans {
    Spans::one(span).unwrap()
}

pub(crate) fn by_model(score: f32) -> Origin {
    Origin::Model {
        name: "news".into(),
        score,
    }
}

pub(crate) fn mention(id: u32, kind: &str, span: Span<Byte>, state: State) -> Mention {
    Mention {
        id: Id(id),
        kind: kind.into(),
        spans: spans(span),
        origin: by_model(0.5),
        state,
        attributes: Attributes::default(),
    }
}

pub(crate) fn link(id: u32, kind: &str, head: u32, tail: u32, state: State) -> Link {
    Link {
        id: Id(id),
        kind: kind.into(),
        head: Id(head),
        tail: Id(tail),
        origin: by_model(0.5),
        state,
        attributes: Attributes::default(),
    }
}

/// [`TEXT`] with three suggestions, 0 Mary Jones, 1 Acme Corp and 2 Boston, and suggested links 3 from 0 to 1 and 4
/// from 1 to 2.
pub(crate) fn suggested() -> Document {
    let state = State::Suggested;
    let mentions = vec![
        mention(0, "Peop", MARY, state),
        mention(1, "Org", ACME, state),
        mention(2, "Loc", BOSTON, state),
    ];
    let links = vec![
        link(3, "Work_For", 0, 1, state),
        link(4, "Based_In", 1, 2, state),
    ];
    Document::with_annotations(TEXT, mentions, links, Attributes::default()).unwrap()
}

/// An answer for all of [`TEXT`]. Every score is 0.5.
pub(crate) fn answer(mentions: &[(&str, Span<Byte>)], links: &[(&str, usize, usize)]) -> Answer {
    Answer {
        model: "news".into(),
        covers: Span::new(0, TEXT.len()),
        mentions: (mentions.iter())
            .map(|&(kind, span)| AnsweredMention {
                kind: kind.into(),
                span,
                score: 0.5,
            })
            .collect(),
        links: (links.iter())
            .map(|&(kind, head, tail)| AnsweredLink {
                kind: kind.into(),
                head,
                tail,
                score: 0.5,
            })
            .collect(),
    }
}

pub(crate) fn replace(start: usize, end: usize, with: &str) -> Command {
    Command::ReplaceText {
        span: Span::new(start, end),
        with: with.into(),
    }
}

/// The changes of a command, applied; also checks that their inverses lead back.
pub(crate) fn perform(document: &mut Document, command: &Command) -> Vec<Change> {
    let changes = document.changes_for(command).unwrap();
    apply(document, changes)
}

/// The changes of an answer, applied; also checks that their inverses lead back.
pub(crate) fn merge(document: &mut Document, answer: &Answer) -> Vec<Change> {
    let changes = document.changes_for_answer(answer).unwrap();
    apply(document, changes)
}

fn apply(document: &mut Document, changes: Vec<Change>) -> Vec<Change> {
    let mut back = document.clone();
    let inverses = back.apply_all(changes.clone()).unwrap();
    let after = back.clone();
    back.apply_all(inverses).unwrap();
    assert_eq!(back, *document);
    *document = after;
    changes
}

/// The mentions as "id kind words state", with the state left out where it is suggested.
pub(crate) fn shown(document: &Document) -> Vec<String> {
    let shown = |mention: &Mention| {
        let words: Vec<_> = document.words(&mention.spans).collect();
        let Mention { id, kind, .. } = mention;
        format!("{id} {kind} {}{}", words.join("…"), state(mention.state))
    };
    document.mentions().iter().map(shown).collect()
}

/// The links as "id head kind tail state", with the state left out where it is suggested.
pub(crate) fn shown_links(document: &Document) -> Vec<String> {
    let shown = |link: &Link| {
        let Link {
            id,
            kind,
            head,
            tail,
            ..
        } = link;
        format!("{id} {head} {kind} {tail}{}", state(link.state))
    };
    document.links().iter().map(shown).collect()
}

fn state(state: State) -> &'static str {
    match state {
        State::Suggested => "",
        State::Accepted => " accepted",
        State::Rejected => " rejected",
    }
}

pub(crate) fn kind(name: &str) -> Arc<str> {
    name.into()
}
