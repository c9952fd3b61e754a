//! The page's guarantees, whatever the worker does.

mod reading_ahead;

use spanarc_protocol::AnnotationsReply;

use super::*;

/// The surface of most tests.
const ONE: u32 = 0;
const OTHER: u32 = 1;

fn draft(revision: u32) -> Draft {
    Draft {
        revision,
        text: format!("state {revision}").into(),
        half_typed: None,
    }
}

fn half_typed(revision: u32) -> Draft {
    let draft = draft(revision);
    Draft {
        half_typed: Some(draft.text.len()),
        ..draft
    }
}

fn ready() -> Reply {
    Reply::Ready {
        model: ModelSummary {
            name: "news".into(),
            bytes: 1,
            entity_types: vec![],
            relation_types: vec![],
            relation_threshold: 0.5,
        },
    }
}

fn answer_to(surface: u32, revision: u32, done: usize, total: usize) -> Reply {
    Reply::Annotations(AnnotationsReply {
        surface,
        revision,
        done,
        total,
        sentences: vec![],
        milliseconds: 1.0,
    })
}

fn answer(revision: u32, done: usize, total: usize) -> Reply {
    answer_to(ONE, revision, done, total)
}

fn failed(stage: Stage, surface: Option<u32>) -> Reply {
    Reply::Failed {
        stage,
        surface,
        message: "no".into(),
    }
}

/// What is sent of texts, in short.
fn sent(commands: &[Command]) -> Vec<String> {
    (commands.iter())
        .filter_map(|command| match command {
            Command::Post(Request::Open {
                surface, revision, ..
            }) => Some(format!("open {surface} at {revision}")),
            Command::Post(Request::Edit {
                surface, revision, ..
            }) => Some(format!("edit {surface} to {revision}")),
            _ => None,
        })
        .collect()
}

fn told(commands: &[Command]) -> Vec<&News> {
    (commands.iter())
        .filter_map(|command| match command {
            Command::Tell(_, news) | Command::TellSoon(_, news) | Command::TellAll(news) => {
                Some(news)
            }
            _ => None,
        })
        .collect()
}

fn loads(commands: &[Command]) -> bool {
    commands
        .iter()
        .any(|c| matches!(c, Command::Post(Request::Load { .. })))
}

/// An exchange whose first surface has just started the worker.
fn starting() -> Exchange {
    let mut exchange = Exchange::new("https://example.org/model".into(), 3);
    assert_eq!(exchange.opened(ONE)[0], Command::Start);
    exchange
}

fn running() -> Exchange {
    let mut exchange = starting();
    revive(&mut exchange);
    exchange
}

/// An exchange in which the worker has answered the first state of the text.
fn settled() -> Exchange {
    let mut exchange = running();
    exchange.edited(ONE, draft(1));
    exchange.replied(answer(1, 1, 1));
    exchange
}

/// Lets a worker that was started load its model; what it is sent then.
fn revive(exchange: &mut Exchange) -> Vec<Command> {
    assert!(loads(&exchange.replied(Reply::Started)));
    exchange.replied(ready())
}

#[test]
fn a_text_written_before_the_model_is_there_is_sent_when_it_is() {
    let mut exchange = starting();
    assert!(exchange.edited(ONE, draft(1)).is_empty());
    assert!(exchange.edited(ONE, draft(2)).is_empty());
    assert_eq!(sent(&revive(&mut exchange)), ["open 0 at 2"]);
}

#[test]
fn keystrokes_are_sent_at_once_without_waiting_for_answers() {
    let mut exchange = running();
    assert_eq!(sent(&exchange.edited(ONE, draft(1))), ["open 0 at 1"]);
    assert_eq!(sent(&exchange.edited(ONE, draft(2))), ["edit 0 to 2"]);
    assert_eq!(sent(&exchange.edited(ONE, draft(3))), ["edit 0 to 3"]);
}

#[test]
fn an_answer_to_an_older_text_is_told_with_its_revision() {
    let mut exchange = running();
    exchange.edited(ONE, draft(1));
    exchange.edited(ONE, draft(2));
    let commands = exchange.replied(answer(1, 1, 1));
    assert!(matches!(told(&commands)[..], [News::Answer(answer)] if answer.revision == 1));
}

#[test]
fn what_comes_on_screen_is_said_only_while_an_answer_is_due() {
    let mut exchange = running();
    exchange.edited(ONE, draft(1));
    let (surface, visible) = (ONE, Span::new(0, 90));
    assert_eq!(
        exchange.looked(ONE, visible),
        [Command::Post(Request::Look { surface, visible })]
    );
    assert!(exchange.looked(ONE, visible).is_empty());
    exchange.replied(answer(1, 9, 9));
    assert!(exchange.looked(ONE, Span::new(90, 180)).is_empty());
}

#[test]
fn silence_is_watched_only_while_an_answer_is_due() {
    let mut exchange = running();
    let watch = Command::Watch(ANNOTATE_PATIENCE_MS);
    assert!(exchange.edited(ONE, draft(1)).contains(&watch));
    assert!(!exchange.edited(ONE, draft(2)).contains(&watch));
    assert!(exchange.replied(answer(1, 1, 1)).contains(&watch));
    assert!(exchange.replied(answer(2, 1, 2)).contains(&watch));
    let complete = exchange.replied(answer(2, 2, 2));
    assert!(complete.contains(&Command::Rest));
    assert!(exchange.fell_silent().is_empty());
}

#[test]
fn a_half_typed_word_waits_until_it_ends() {
    let mut exchange = settled();
    for revision in [2, 3] {
        let commands = exchange.edited(ONE, half_typed(revision));
        assert!(sent(&commands).is_empty());
        assert_eq!(commands.last(), Some(&Command::Hold(ONE, HOLD_MS)));
    }
    assert!(exchange.fell_silent().is_empty(), "nothing is owed");
    assert_eq!(sent(&exchange.edited(ONE, draft(4))), ["edit 0 to 4"]);
    assert!(exchange.rested(ONE).is_empty());
}

#[test]
fn a_half_typed_word_that_rests_is_sent_as_it_is() {
    let mut exchange = settled();
    exchange.edited(ONE, half_typed(2));
    let commands = exchange.rested(ONE);
    assert_eq!(sent(&commands), ["edit 0 to 2"]);
    assert!(commands.contains(&Command::Watch(ANNOTATE_PATIENCE_MS)));
}

#[test]
fn a_whole_text_does_not_wait_for_a_word_to_end() {
    let mut exchange = running();
    assert_eq!(sent(&exchange.edited(ONE, half_typed(1))), ["open 0 at 1"]);
}

#[test]
fn a_dead_worker_is_replaced_and_gets_the_newest_text() {
    let mut exchange = running();
    exchange.edited(ONE, draft(1));
    exchange.edited(ONE, draft(2));
    assert_eq!(exchange.died("panic")[0], Command::Start);
    assert_eq!(sent(&revive(&mut exchange)), ["open 0 at 2"]);
}

#[test]
fn a_worker_that_hangs_is_replaced() {
    let mut exchange = running();
    exchange.edited(ONE, draft(1));
    assert_eq!(exchange.fell_silent()[0], Command::Start);
}

#[test]
fn after_several_deaths_in_a_row_the_page_is_told_and_may_try_again() {
    let mut exchange = running();
    exchange.edited(ONE, draft(1));
    for _ in 0..MAX_REPLACEMENTS {
        assert_eq!(told(&exchange.died("panic")), [&News::Replaced]);
        revive(&mut exchange);
    }
    assert_eq!(told(&exchange.died("panic")), [&News::Lost("panic".into())]);
    assert!(exchange.died("again").is_empty());
    assert_eq!(exchange.retried()[0], Command::Start);
    assert_eq!(sent(&revive(&mut exchange)), ["open 0 at 1"]);
}

#[test]
fn a_complete_answer_forgives_earlier_deaths() {
    let mut exchange = running();
    exchange.edited(ONE, draft(1));
    for _ in 0..3 * MAX_REPLACEMENTS {
        assert_eq!(told(&exchange.died("panic")), [&News::Replaced]);
        revive(&mut exchange);
        exchange.replied(answer(1, 1, 1));
    }
}

#[test]
fn a_model_that_cannot_load_is_reported_and_loaded_again_by_the_same_worker() {
    let mut exchange = starting();
    exchange.replied(Reply::Started);
    exchange.edited(ONE, draft(1));
    let commands = exchange.replied(failed(Stage::Load, None));
    assert_eq!(told(&commands).len(), 1);
    assert!(commands.contains(&Command::Rest));
    assert!(exchange.edited(ONE, draft(2)).is_empty());
    let again = exchange.retried();
    assert!(loads(&again) && !again.contains(&Command::Start));
    assert_eq!(sent(&exchange.replied(ready())), ["open 0 at 2"]);
}

#[test]
fn a_program_that_cannot_start_is_reported_at_once_and_another_worker_may_try_again() {
    let mut exchange = starting();
    let commands = exchange.replied(failed(Stage::Load, None));
    assert_eq!(told(&commands), [&News::Lost("no".into())]);
    assert!(commands.contains(&Command::Stop));
    assert_eq!(exchange.retried()[0], Command::Start);
    assert!(loads(&exchange.replied(Reply::Started)));
}

#[test]
fn a_worker_that_the_page_forbids_is_reported_at_once() {
    let mut exchange = starting();
    let commands = exchange.refused("forbidden");
    assert_eq!(told(&commands), [&News::Lost("forbidden".into())]);
    assert!(exchange.died("its script cannot be loaded").is_empty());
    let mut exchange = settled();
    assert!(exchange.refused("about another worker").is_empty());
}

#[test]
fn a_program_that_fails_as_a_whole_is_replaced() {
    let mut exchange = settled();
    let commands = exchange.replied(failed(Stage::Load, None));
    assert_eq!(commands[0], Command::Start);
    assert_eq!(sent(&revive(&mut exchange)), ["open 0 at 1"]);
}

#[test]
fn a_sentence_that_cannot_be_annotated_is_told_and_the_rest_stays_due() {
    let mut exchange = running();
    exchange.edited(ONE, draft(1));
    let commands = exchange.replied(failed(Stage::Annotate, Some(ONE)));
    assert!(matches!(told(&commands)[..], [News::Failed { .. }]));
    assert!(commands.contains(&Command::Watch(ANNOTATE_PATIENCE_MS)));
}

#[test]
fn the_whole_text_is_sent_again_after_an_edit_that_did_not_fit() {
    let mut exchange = settled();
    exchange.edited(ONE, draft(2));
    let commands = exchange.replied(failed(Stage::Edit, Some(ONE)));
    assert_eq!(sent(&commands), ["open 0 at 2"]);
    assert!(told(&commands).is_empty());
    assert!(commands.contains(&Command::Watch(ANNOTATE_PATIENCE_MS)));
}

#[test]
fn a_stalled_download_is_reported() {
    let mut exchange = starting();
    assert!(matches!(told(&exchange.fell_silent())[..], [News::Lost(_)]));
}

#[test]
fn a_surface_that_joins_late_hears_of_the_model_and_starts_no_other_worker() {
    let mut exchange = settled();
    let joined = exchange.opened(OTHER);
    assert!(matches!(
        joined[..],
        [Command::TellSoon(OTHER, News::Ready(_))]
    ));
    assert_eq!(sent(&exchange.edited(OTHER, draft(9))), ["open 1 at 9"]);

    let mut exchange = starting();
    assert!(exchange.opened(OTHER).is_empty());
    let commands = revive(&mut exchange);
    assert!(matches!(commands[0], Command::TellAll(News::Ready(_))));
}

#[test]
fn a_surface_that_joins_after_all_was_lost_tries_again() {
    let mut exchange = starting();
    exchange.fell_silent();
    assert_eq!(exchange.opened(OTHER)[0], Command::Start);
}

#[test]
fn every_surface_is_owed_an_answer_of_its_own() {
    let mut exchange = settled();
    exchange.opened(OTHER);
    exchange.edited(ONE, draft(2));
    exchange.edited(OTHER, draft(2));
    let watch = Command::Watch(ANNOTATE_PATIENCE_MS);
    let commands = exchange.replied(answer_to(ONE, 2, 1, 1));
    assert!(matches!(commands[0], Command::Tell(ONE, News::Answer(_))));
    assert!(commands.contains(&watch));
    let commands = exchange.replied(answer_to(OTHER, 2, 1, 1));
    assert!(commands.contains(&Command::Rest));
}

#[test]
fn a_replaced_worker_gets_the_texts_of_all_surfaces() {
    let mut exchange = settled();
    exchange.opened(OTHER);
    exchange.edited(OTHER, draft(4));
    exchange.died("panic");
    assert_eq!(sent(&revive(&mut exchange)), ["open 0 at 1", "open 1 at 4"]);
}

#[test]
fn a_surface_that_leaves_is_forgotten_and_what_it_was_owed_too() {
    let mut exchange = settled();
    exchange.opened(OTHER);
    exchange.edited(OTHER, draft(1));
    let close = Command::Post(Request::Close { surface: OTHER });
    assert_eq!(exchange.closed(OTHER), [close, Command::Rest]);
    assert!(told(&exchange.replied(answer_to(OTHER, 1, 1, 1))).is_empty());
    assert!(exchange.edited(OTHER, draft(2)).is_empty());
}

#[test]
fn the_worker_is_told_how_many_secondary_workers_it_may_ask_for() {
    let mut exchange = starting();
    let commands = exchange.replied(Reply::Started);
    let allowed = commands.iter().find_map(|command| match command {
        Command::Post(Request::Load { secondaries, .. }) => Some(*secondaries),
        _ => None,
    });
    assert_eq!(allowed, Some(3));
}

#[test]
fn secondary_workers_come_and_go_as_the_worker_wants() {
    let mut exchange = settled();
    let commands = exchange.replied(Reply::StartSecondary { secondary: 0 });
    assert_eq!(commands[0], Command::StartSecondary(0));
    let commands = exchange.replied(Reply::StopSecondary { secondary: 0 });
    assert_eq!(commands[0], Command::StopSecondary(0));
}

#[test]
fn the_worker_hears_of_a_secondary_worker_that_is_lost() {
    let lost = |exchange: &mut Exchange| exchange.lost_secondary(2);
    let heard = Command::Post(Request::SecondaryLost { secondary: 2 });
    let mut exchange = settled();
    assert_eq!(lost(&mut exchange), [Command::StopSecondary(2), heard]);
    // No news for a person: the work is done all the same.
    let mut exchange = Exchange::new("https://example.org/model".into(), 3);
    assert_eq!(lost(&mut exchange), []);
}
