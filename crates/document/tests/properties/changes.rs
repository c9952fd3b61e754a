//! Random changes, few of which fit a document.

use std::sync::Arc;

use proptest::{
    prelude::*,
    sample::{select, subsequence},
};
use spanarc_document::{Attributes, Byte, Change, Id, Link, Mention, Origin, Span, Spans, State};

pub(crate) fn changes() -> impl Strategy<Value = Change> {
    prop_oneof![
        (spans(), "[aé]{0,2}").prop_map(|(span, with)| Change::ReplaceText {
            span,
            with: with.into(),
        }),
        mentions().prop_map(Change::InsertMention),
        ids().prop_map(Change::RemoveMention),
        mentions().prop_map(Change::SetMention),
        links().prop_map(Change::InsertLink),
        ids().prop_map(Change::RemoveLink),
        links().prop_map(Change::SetLink),
        "[a-z]{0,2}"
            .prop_map(|note| { Change::SetNotes(std::iter::once((note, true.into())).collect()) }),
    ]
}

fn ids() -> impl Strategy<Value = Id> {
    (0..8u32).prop_map(Id)
}

fn spans() -> impl Strategy<Value = Span<Byte>> {
    (0..9usize, 0..9usize).prop_map(|(a, b)| Span::new(a.min(b), a.max(b)))
}

/// Kind, origin and state.
fn standings() -> impl Strategy<Value = (Arc<str>, Origin, State)> {
    let model = |score| Origin::Model {
        name: "m".into(),
        score,
    };
    (
        select(vec!["A".into(), "B".into()]),
        select(vec![Origin::Person, model(0.5), model(f32::INFINITY)]),
        select(vec![State::Suggested, State::Accepted, State::Rejected]),
    )
}

fn mentions() -> impl Strategy<Value = Mention> {
    let ends = prop_oneof![Just(2), Just(4)];
    let spans = ends.prop_flat_map(|ends| subsequence(Vec::from_iter(0..9usize), ends));
    let spans = spans.prop_map(|ends| {
        let spans: Vec<_> = ends
            .chunks(2)
            .map(|ends| Span::new(ends[0], ends[1]))
            .collect();
        Spans::new(&spans).unwrap()
    });
    (ids(), spans, standings()).prop_map(|(id, spans, (kind, origin, state))| Mention {
        id,
        kind,
        spans,
        origin,
        state,
        attributes: Attributes::default(),
    })
}

fn links() -> impl Strategy<Value = Link> {
    (ids(), ids(), ids(), standings()).prop_map(|(id, head, tail, (kind, origin, state))| Link {
        id,
        kind,
        head,
        tail,
        origin,
        state,
        attributes: Attributes::default(),
    })
}
