//! Facts about the session, with a model that can be computed by hand.
#![cfg(not(target_arch = "wasm32"))]
// Clippy does not know that these are tests.
#![allow(clippy::unwrap_used)]

mod page;
#[path = "../../engine/tests/toy/mod.rs"]
mod toy;

use std::cell::Cell;
use std::sync::atomic::Ordering::Relaxed;

use page::{Page, any_piece, from_scratch};
use proptest::prelude::*;
use spanarc_document::{OffsetMap, Span, Utf16};
use spanarc_engine::{Engine, RELATION_FLOOR};
use spanarc_protocol::{AnnotationsReply, Reply, Request, Stage};
use spanarc_worker::session::{REPLY_INTERVAL, Session};
use toy::Toy;

fn session() -> Session<Toy> {
    let mut session = Session::default();
    session.adopt(Engine::new(Toy::new()));
    session
}

fn open(surface: u32, text: &str) -> Request {
    Request::Open {
        surface,
        revision: 1,
        text: text.into(),
        visible: None,
    }
}

fn edit(revision: u32, start: usize, removed: usize, inserted: &str) -> Request {
    Request::Edit {
        surface: 0,
        revision,
        start,
        removed,
        inserted: inserted.into(),
        visible: None,
    }
}

/// Gives turns until nothing is left to do, each a reply interval after the last; the replies.
fn finish(session: &mut Session<Toy>) -> Vec<Reply> {
    let mut replies = Vec::new();
    let time = Cell::new(0.0);
    while session.turn(|| time.get(), |reply| replies.push(reply)) {
        time.set(time.get() + REPLY_INTERVAL);
    }
    replies
}

fn answers(replies: Vec<Reply>) -> Vec<AnnotationsReply> {
    (replies.into_iter())
        .filter_map(|reply| match reply {
            Reply::Annotations(answer) => Some(answer),
            _ => None,
        })
        .collect()
}

/// Revision, done and total of each answer, and where its sentences start.
fn outline(replies: Vec<Reply>) -> Vec<(u32, usize, usize, Vec<usize>)> {
    (answers(replies).into_iter())
        .map(|a| {
            let starts = a.sentences.iter().map(|sentence| sentence.start).collect();
            (a.revision, a.done, a.total, starts)
        })
        .collect()
}

const TEXT: &str = "Ann left. Bob came. Cid ran. Dan sat.";

#[test]
fn answers_come_as_sentences_are_done_each_only_once() {
    let mut session = session();
    session.hear(open(0, TEXT)).unwrap();
    let expected = [
        (1, 1, 4, vec![0]),
        (1, 2, 4, vec![10]),
        (1, 3, 4, vec![20]),
        (1, 4, 4, vec![29]),
    ];
    assert_eq!(outline(finish(&mut session)), expected);
    assert!(finish(&mut session).is_empty());
}

#[test]
fn answers_that_come_fast_are_sent_together() {
    let mut session = session();
    session.hear(open(0, TEXT)).unwrap();
    let mut replies = Vec::new();
    while session.turn(|| 0.0, |reply| replies.push(reply)) {}
    assert_eq!(
        outline(replies),
        [(1, 1, 4, vec![0]), (1, 4, 4, vec![10, 20, 29])]
    );
}

#[test]
fn a_keystroke_sends_one_sentence() {
    let mut session = session();
    session.hear(open(0, TEXT)).unwrap();
    finish(&mut session);
    session.hear(edit(2, 13, 0, "by")).unwrap();
    assert_eq!(outline(finish(&mut session)), [(2, 4, 4, vec![10])]);
    // The sentence is known: it comes from the cache.
    session.hear(edit(3, 13, 2, "")).unwrap();
    assert_eq!(outline(finish(&mut session)), [(3, 4, 4, vec![10])]);
}

#[test]
fn an_edit_that_changes_no_sentence_ends_its_revision_without_any() {
    let mut session = session();
    session.hear(open(0, "Ann left.  Bob came.")).unwrap();
    finish(&mut session);
    session.hear(edit(2, 10, 0, " ")).unwrap();
    assert_eq!(outline(finish(&mut session)), [(2, 2, 2, vec![])]);
    session.hear(open(1, "")).unwrap();
    assert_eq!(outline(finish(&mut session)), [(1, 0, 0, vec![])]);
}

#[test]
fn edits_count_utf16_units_and_answers_too() {
    let mut session = session();
    session.hear(open(0, "👍 Ann met. 👍 Bob ran.")).unwrap();
    session.hear(edit(2, 15, 3, "Zoë é Bob")).unwrap();
    let answers = answers(finish(&mut session));
    let found: Vec<_> = (answers.iter().flat_map(|answer| &answer.sentences))
        .flat_map(|s| s.entities.iter().map(|e| e.span().shifted(s.start)))
        .collect();
    let expected = [(3, 6), (15, 18), (21, 24)].map(|(start, end)| Span::<Utf16>::new(start, end));
    assert_eq!(found, expected);
}

#[test]
fn visible_sentences_run_first_and_the_rest_in_text_order() {
    let mut session = session();
    let look = |visible| Request::Look {
        surface: 0,
        visible,
    };
    session.hear(open(0, TEXT)).unwrap();
    session.hear(look(Span::new(22, 30))).unwrap();
    let order = |replies| -> Vec<usize> {
        outline(replies)
            .into_iter()
            .flat_map(|(.., starts)| starts)
            .collect()
    };
    let mut replies = Vec::new();
    session.turn(|| 0.0, |reply| replies.push(reply));
    assert_eq!(order(replies), [20]);
    session.hear(look(Span::new(10, 12))).unwrap();
    assert_eq!(order(finish(&mut session)), [10, 0, 29]);
    // What is on screen is a hint: one outside the text is no reason to fail.
    session.hear(look(Span::new(7, 99))).unwrap();
}

#[test]
fn surfaces_take_turns() {
    let mut session = session();
    session.hear(open(7, TEXT)).unwrap();
    session.hear(open(u32::MAX, "Eve sang. Fay hid.")).unwrap();
    let surfaces: Vec<u32> = (answers(finish(&mut session)).iter())
        .map(|answer| answer.surface)
        .collect();
    assert_eq!(surfaces, [7, u32::MAX, 7, u32::MAX, 7, 7]);
}

#[test]
fn a_surface_that_is_edited_all_the_time_starves_no_other() {
    let mut session = session();
    session.hear(open(0, TEXT)).unwrap();
    session.hear(open(1, "Eve sang. Fay hid.")).unwrap();
    let mut replies = Vec::new();
    for revision in 2..9 {
        session.hear(edit(revision, 0, 1, "A")).unwrap();
        session.turn(|| 0.0, |reply| replies.push(reply));
    }
    let complete = |answer: &AnnotationsReply| answer.surface == 1 && answer.done == answer.total;
    assert!(answers(replies).iter().any(complete));
}

#[test]
fn a_closed_surface_is_not_annotated() {
    let mut session = session();
    session.hear(open(0, TEXT)).unwrap();
    session.hear(Request::Close { surface: 0 }).unwrap();
    assert!(finish(&mut session).is_empty());
}

#[test]
fn texts_wait_for_the_model_and_another_one_reads_them_anew() {
    let mut session = Session::default();
    session.hear(open(0, TEXT)).unwrap();
    assert!(finish(&mut session).is_empty());
    for _ in 0..2 {
        session.adopt(Engine::new(Toy::new()));
        let answers = answers(finish(&mut session));
        assert_eq!(answers.iter().map(|a| a.sentences.len()).sum::<usize>(), 4);
    }
}

#[test]
fn an_edit_that_does_not_fit_is_an_error_and_the_surface_waits_to_be_opened_again() {
    let mut session = session();
    session.hear(open(0, "a😀")).unwrap();
    let error = session.hear(edit(2, 2, 1, "")).unwrap_err().to_string();
    assert!(
        error.contains("surface 0") && error.contains("inside a character"),
        "{error}"
    );
    assert!(
        session
            .hear(edit(3, 0, 1, ""))
            .unwrap_err()
            .to_string()
            .contains("not open")
    );
    session.hear(open(0, "a")).unwrap();
    let error = session.hear(edit(2, 1, usize::MAX, "")).unwrap_err();
    assert!(error.to_string().contains("out of range"), "{error}");
}

#[test]
fn a_sentence_that_fails_is_reported_and_counts_as_done() {
    let mut session = Session::default();
    let toy = Toy::new();
    toy.fails.store(true, Relaxed);
    session.adopt(Engine::new(toy));
    session.hear(open(3, "  Ann left.")).unwrap();
    let replies = finish(&mut session);
    assert!(matches!(
        &replies[0],
        Reply::Failed { stage: Stage::Annotate, surface: Some(3), message } if message.contains("bytes 2..11")
    ));
    assert_eq!(outline(replies), [(1, 1, 1, vec![2])]);
}

fn foresee(start: usize, removed: usize, inserted: &str) -> Request {
    Request::Foresee {
        surface: 0,
        revision: 7,
        start,
        removed,
        inserted: inserted.into(),
    }
}

/// The answer among `replies` that was asked for ahead.
fn foreseen(replies: Vec<Reply>) -> Option<AnnotationsReply> {
    match &replies[..] {
        [Reply::Foreseen(answer)] => Some(answer.clone()),
        [] => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_foreseen_edit_has_the_answer_that_it_gets_when_it_comes() {
    let toy = Toy::new();
    let run = toy.run.clone();
    let runs = || std::mem::take(&mut *run.lock().unwrap());
    let mut session = Session::default();
    session.adopt(Engine::new(toy));
    session.hear(open(0, TEXT)).unwrap();
    finish(&mut session);
    runs();
    session.hear(foresee(10, 0, "Also ")).unwrap();
    let ahead = foreseen(finish(&mut session)).unwrap();
    assert_eq!((ahead.revision, ahead.done, ahead.total), (7, 4, 4));
    assert_eq!(runs(), ["Also"]);
    // The edit is another one, and the text the same.
    session.hear(edit(2, 9, 1, " Also ")).unwrap();
    let answer = answers(finish(&mut session)).remove(0);
    assert_eq!(answer.revision, 2);
    assert!(
        ahead
            .sentences
            .iter()
            .all(|found| answer.sentences.contains(found))
    );
    assert!(runs().is_empty());
}

#[test]
fn what_is_foreseen_and_does_not_come_does_no_harm() {
    let mut session = session();
    session.hear(open(0, TEXT)).unwrap();
    finish(&mut session);
    session.hear(foresee(3, usize::MAX, "ly ")).unwrap();
    assert_eq!(foreseen(finish(&mut session)), None);
    session.hear(foresee(3, 1, "ly ")).unwrap();
    assert!(foreseen(finish(&mut session)).is_some());
    session.hear(foresee(3, 0, "x")).unwrap();
    session.hear(edit(2, 3, 0, "y")).unwrap();
    assert_eq!(outline(finish(&mut session)), [(2, 4, 4, vec![0])]);
    session
        .hear(Request::Foresee {
            surface: 9,
            revision: 1,
            start: 0,
            removed: 0,
            inserted: "x".into(),
        })
        .unwrap();
    assert!(finish(&mut session).is_empty());
}

#[test]
fn a_slow_model_reads_nothing_ahead() {
    let toy = Toy::new();
    let run = toy.run.clone();
    let mut session = Session::default();
    session.adopt(Engine::new(toy));
    session.hear(open(0, &TEXT.repeat(40))).unwrap();
    // A second for each glance at the clock.
    let time = Cell::new(0.0);
    let clock = || time.replace(time.get() + 1_000.0);
    while session.turn(clock, |_| {}) {}
    run.lock().unwrap().clear();
    session.hear(foresee(0, 0, "Also ")).unwrap();
    while session.turn(clock, |reply| panic!("{reply:?}")) {}
    assert!(run.lock().unwrap().is_empty());
}

#[test]
fn a_quick_model_reads_ahead_however_long_splitting_takes() {
    let mut session = session();
    let text: String = (0..100)
        .map(|i| format!("Ann met Bob {i} times. "))
        .collect();
    session.hear(open(0, &text)).unwrap();
    while session.turn(|| 0.0, |_| {}) {}
    for inserted in ["Also ", "Then "] {
        session.hear(foresee(0, 0, inserted)).unwrap();
        // A second passes before the third glance, the one after splitting.
        let glances = Cell::new(0);
        let clock = || match glances.replace(glances.get() + 1) {
            0..2 => 0.0,
            _ => 1_000.0,
        };
        let mut replies = Vec::new();
        while session.turn(clock, |reply| replies.push(reply)) {}
        assert!(foreseen(replies).is_some(), "{inserted}");
    }
}

proptest! {
    #[test]
    fn answers_carried_through_edits_are_those_of_the_newest_text(
        steps in prop::collection::vec((any::<(usize, usize)>(), any_piece(), 0_usize..4), 1..12),
    ) {
        let (mut page, mut session) = (Page::default(), session());
        session.hear(Request::Open { surface: 0, revision: 0, text: String::new(), visible: None }).unwrap();
        // Replies on their way to the page.
        let mut posted = Vec::new();
        for (place, inserted, turns) in steps {
            session.hear(page.edit(place, &inserted)).unwrap();
            for _ in 0..turns {
                session.turn(|| 0.0, |reply| posted.push(reply));
            }
            // The page hears all but the newest.
            for reply in posted.drain(..posted.len().saturating_sub(1)) {
                page.hear(reply);
            }
        }
        posted.extend(finish(&mut session));
        posted.into_iter().for_each(|reply| page.hear(reply));
        prop_assert_eq!(&page.answers, &from_scratch(&page.text));

        let mut engine = Engine::new(Toy::new());
        engine.set_relation_threshold(RELATION_FLOOR);
        let expected = engine.annotate(&page.text).unwrap();
        let offsets = OffsetMap::new(&page.text);
        let spans: Vec<_> = (page.answers.iter())
            .flat_map(|answer| answer.entities.iter().map(|e| e.span().shifted(answer.start)))
            .collect();
        let expected_spans: Vec<Span<Utf16>> =
            expected.entities.iter().map(|e| offsets.to_utf16(e.span).unwrap()).collect();
        prop_assert_eq!(spans, expected_spans);
        let relations = page.answers.iter().map(|answer| answer.relations.len()).sum::<usize>();
        prop_assert_eq!(relations, expected.relations.len());
    }

    #[test]
    fn what_is_foreseen_is_what_the_edit_is_answered(
        steps in prop::collection::vec((any::<(usize, usize)>(), any_piece()), 1..8),
    ) {
        let (mut page, mut session) = (Page::default(), session());
        session.hear(Request::Open { surface: 0, revision: 0, text: String::new(), visible: None }).unwrap();
        for (place, inserted) in steps {
            finish(&mut session);
            let edit = page.edit(place, &inserted);
            let Request::Edit { start, removed, .. } = edit else { unreachable!() };
            session.hear(foresee(start, removed, &inserted)).unwrap();
            let ahead = foreseen(finish(&mut session)).unwrap();
            session.hear(edit).unwrap();
            let mut said = answers(finish(&mut session));
            let last = said.last().unwrap();
            prop_assert_eq!((ahead.done, ahead.total), (last.done, last.total));
            let said: Vec<_> = said.drain(..).flat_map(|answer| answer.sentences).collect();
            prop_assert_eq!(ahead.sentences, said);
        }
    }
}
