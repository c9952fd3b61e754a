//! What the worker reads while a word is typed.

use super::*;

/// What the worker is told to read ahead when a word is typed into `before` where `typed` has a `|`, and nothing but that.
fn foreseen(before: &str, typed: &str) -> (usize, usize, String) {
    let mut exchange = running();
    exchange.edited(ONE, written(1, before, None));
    exchange.replied(answer(1, 1, 1));
    let caret = typed.find('|');
    match &exchange.edited(ONE, written(2, &typed.replace('|', ""), caret))[..] {
        [
            Command::Post(Request::Foresee {
                surface: ONE,
                revision: 2,
                start,
                removed,
                inserted,
            }),
            Command::Hold(..),
        ] => (*start, *removed, inserted.clone()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_half_typed_word_is_read_ahead_as_it_will_be_if_it_ends() {
    assert_eq!(foreseen("Zoë 😀 in ", "Zoë 😀 in P|"), (10, 0, "P ".into()));
    assert_eq!(foreseen("in\nA", "in P|\nA"), (2, 0, " P ".into()));
    assert_eq!(foreseen("in Paris.", "in Lima|."), (3, 5, "Lima".into()));
    // Before another word it ends with a space, even where its last letter might be the other's first.
    assert_eq!(foreseen("in Paris", "in old|Paris"), (3, 0, "old ".into()));
    assert_eq!(foreseen("in now", "in non|now"), (3, 2, "non no".into()));
}

/// An exchange in which "on" grew from "o" at the end of a text, and what it then says of the next draft.
fn after_reading_ahead(foreseen: Reply, next: Draft) -> (Exchange, Vec<Command>) {
    let mut exchange = settled();
    exchange.edited(ONE, written(2, "state 1 o", Some(9)));
    exchange.edited(ONE, written(3, "state 1 on", Some(10)));
    assert!(
        exchange
            .replied(foreseen)
            .iter()
            .all(|command| *command == Command::Rest)
    );
    let commands = exchange.edited(ONE, next);
    (exchange, commands)
}

fn written(revision: u32, text: &str, half_typed: Option<usize>) -> Draft {
    Draft {
        revision,
        text: text.into(),
        half_typed,
    }
}

fn foreseen_for(revision: u32) -> Reply {
    match answer(revision, 1, 1) {
        Reply::Annotations(answer) => Reply::Foreseen(answer),
        other => other,
    }
}

#[test]
fn an_answer_that_was_foreseen_is_told_with_the_edit_and_only_once() {
    let next = written(4, "state 1 on ", None);
    let (mut exchange, commands) = after_reading_ahead(foreseen_for(3), next);
    assert_eq!(sent(&commands), ["edit 0 to 4"], "the worker hears of it");
    let [News::Answer(told)] = told(&commands)[..] else {
        panic!("{commands:?}");
    };
    assert_eq!((told.revision, told.done, told.total), (4, 1, 1));
    assert!(told_soon(&commands), "the edit is not over");
    assert_eq!(exchange.replied(answer(4, 1, 1)), [Command::Rest]);
    exchange.edited(ONE, draft(5));
    assert_eq!(self::told(&exchange.replied(answer(5, 1, 1))).len(), 1);
}

fn told_soon(commands: &[Command]) -> bool {
    (commands.iter()).any(|command| matches!(command, Command::TellSoon(..)))
}

#[test]
fn a_new_worker_answers_anew_what_was_told_ahead() {
    let next = written(4, "state 1 on ", None);
    let (mut exchange, _) = after_reading_ahead(foreseen_for(3), next);
    exchange.died("gone");
    revive(&mut exchange);
    assert_eq!(told(&exchange.replied(answer(4, 1, 1))).len(), 1);
}

#[test]
fn what_was_foreseen_says_nothing_of_a_text_that_is_opened_anew() {
    // A gap in the revisions: the worker will read the whole text.
    let next = written(9, "state 1 on ", None);
    let (_, commands) = after_reading_ahead(foreseen_for(3), next);
    assert_eq!(sent(&commands), ["open 0 at 9"]);
    assert!(told(&commands).is_empty(), "{commands:?}");
}

#[test]
fn what_was_foreseen_for_another_text_is_not_told() {
    for (foreseen, next) in [
        (foreseen_for(3), written(4, "state 1 on.", None)),
        (foreseen_for(3), written(4, "state 1 one", Some(11))),
        // The answer to the letter before.
        (foreseen_for(2), written(4, "state 1 on ", None)),
    ] {
        let (_, commands) = after_reading_ahead(foreseen, next);
        assert!(told(&commands).is_empty(), "{commands:?}");
    }
}

#[test]
fn without_a_model_nothing_is_read_ahead() {
    let mut exchange = Exchange::new("m".into(), 0);
    exchange.opened(ONE);
    exchange.edited(ONE, draft(1));
    let commands = exchange.edited(ONE, half_typed(2));
    assert_eq!(commands, [Command::Hold(ONE, HOLD_MS)]);
}
