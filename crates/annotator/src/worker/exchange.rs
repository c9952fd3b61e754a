//! What to send to the worker and when, and what to make of its answers. Decides only; [`super::Connection`] acts.
//!
//! One request is in flight. Keystrokes that come meanwhile wait, only the newest counting, until the worker has given a
//! sign of life; then the newest goes out and supersedes. A worker that dies or falls silent is replaced, and gets the
//! newest text; after several replacements in a row without one complete answer the page is told instead.

use std::rc::Rc;

use spanarc_document::{Span, Utf16};
use spanarc_protocol::{AnnotateRequest, Reply, Request, Stage};

/// How long a worker may say nothing while it annotates.
const ANNOTATE_PATIENCE_MS: u32 = 12_000;
/// How long a worker may say nothing while it loads: networks stall longer than programs.
const LOAD_PATIENCE_MS: u32 = 60_000;
/// Replacements in a row before the page is told.
const MAX_REPLACEMENTS: u32 = 3;
/// The page draws the line itself, so that its slider needs no answer; the worker keeps nothing below.
const LOWEST_SCORE: f32 = 0.05;

/// A state of the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Draft {
    /// Number of this state.
    pub(crate) revision: u32,
    /// The whole text.
    pub(crate) text: Rc<str>,
}

/// What the page learns.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum News {
    /// A reply that is still of interest.
    Reply(Reply),
    /// The worker is replaced by a new one, which loads the model again.
    Replaced,
    /// The worker cannot be kept alive; why.
    Lost(String),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Command {
    /// Stop the worker if there is one, and start another.
    Start,
    /// Stop the worker.
    Stop,
    /// Send.
    Post(Request),
    /// Report silence unless a message comes within so many milliseconds; replaces the last such order.
    Watch(u32),
    /// Silence is fine from now on.
    Rest,
    /// Tell the page.
    Tell(News),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Phase {
    /// No worker.
    #[default]
    Closed,
    /// The worker does not listen yet.
    Starting,
    Loading,
    /// The worker is alive but has no model.
    Unloaded,
    Ready,
}

#[derive(Debug, Clone, Copy)]
struct InFlight {
    revision: u32,
    acknowledged: bool,
}

/// The state of the conversation. It begins when a model is chosen.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// The model's absolute address.
    model_url: String,
    phase: Phase,
    newest: Option<Draft>,
    /// What is on screen.
    visible: Option<Span<Utf16>>,
    /// Whether `newest` is still to be sent.
    unsent: bool,
    in_flight: Option<InFlight>,
    replacements: u32,
}

impl Exchange {
    /// The model at an absolute address is wanted. It gets a worker of its own: no answer by another model can follow.
    pub(super) fn chose(&mut self, model_url: String) -> Vec<Command> {
        self.model_url = model_url;
        self.replacements = 0;
        self.start()
    }

    /// Another try is wanted, after the page was told that something failed.
    pub(super) fn retried(&mut self) -> Vec<Command> {
        self.replacements = 0;
        match self.phase {
            Phase::Closed => self.start(),
            Phase::Unloaded => self.load(),
            Phase::Starting | Phase::Loading | Phase::Ready => Vec::new(),
        }
    }

    /// The text has changed.
    pub(super) fn edited(&mut self, draft: Draft) -> Vec<Command> {
        self.newest = Some(draft);
        self.unsent = true;
        self.catch_up()
    }

    /// Another part of the text is on screen. While an answer is due, the worker is asked to go on there.
    pub(super) fn looked(&mut self, visible: Span<Utf16>) -> Vec<Command> {
        if self.visible == Some(visible) {
            return Vec::new();
        }
        self.visible = Some(visible);
        self.unsent |= self.in_flight.is_some();
        self.catch_up()
    }

    /// The worker said something.
    pub(super) fn replied(&mut self, reply: Reply) -> Vec<Command> {
        if self.phase == Phase::Closed {
            return Vec::new();
        }
        let mut commands = Vec::new();
        let mut of_interest = true;
        match &reply {
            Reply::Started if self.phase == Phase::Starting => return self.load(),
            Reply::Started => of_interest = false,
            Reply::Progress { .. } => {}
            Reply::Ready { .. } => {
                self.phase = Phase::Ready;
                self.in_flight = None;
            }
            Reply::Annotations(answer) => {
                if let Some(request) = &mut self.in_flight
                    && request.revision == answer.revision
                {
                    request.acknowledged = true;
                    if answer.done >= answer.total {
                        self.in_flight = None;
                        self.replacements = 0;
                    }
                }
                of_interest = self
                    .newest
                    .as_ref()
                    .is_some_and(|d| d.revision == answer.revision);
            }
            Reply::Failed {
                stage: Stage::Load, ..
            } => {
                self.phase = Phase::Unloaded;
                self.in_flight = None;
            }
            Reply::Failed {
                stage: Stage::Annotate,
                ..
            } => self.in_flight = None,
        }
        if of_interest {
            commands.push(Command::Tell(News::Reply(reply)));
        }
        commands.extend(self.send_newest());
        commands.push(self.watch());
        commands
    }

    /// The worker has died.
    pub(super) fn died(&mut self, why: &str) -> Vec<Command> {
        if self.phase == Phase::Closed {
            return Vec::new();
        }
        if self.replacements == MAX_REPLACEMENTS {
            self.phase = Phase::Closed;
            self.in_flight = None;
            return vec![
                Command::Stop,
                Command::Rest,
                Command::Tell(News::Lost(why.to_owned())),
            ];
        }
        self.replacements += 1;
        let mut commands = self.start();
        commands.push(Command::Tell(News::Replaced));
        commands
    }

    /// The worker has said nothing for as long as it was given.
    pub(super) fn fell_silent(&mut self) -> Vec<Command> {
        match self.phase {
            Phase::Ready if self.in_flight.is_some() => {
                self.died("The annotator stopped answering.")
            }
            Phase::Starting | Phase::Loading => {
                // Another worker would meet the same network.
                self.phase = Phase::Closed;
                let why = "The download of the model has stalled.".to_owned();
                vec![Command::Stop, Command::Rest, Command::Tell(News::Lost(why))]
            }
            _ => Vec::new(),
        }
    }

    fn start(&mut self) -> Vec<Command> {
        self.phase = Phase::Starting;
        self.in_flight = None;
        self.unsent = self.newest.is_some();
        vec![Command::Start, Command::Watch(LOAD_PATIENCE_MS)]
    }

    fn load(&mut self) -> Vec<Command> {
        self.phase = Phase::Loading;
        self.in_flight = None;
        self.unsent = self.newest.is_some();
        let load = Request::Load {
            url: self.model_url.clone(),
            sha256: None,
        };
        vec![Command::Post(load), Command::Watch(LOAD_PATIENCE_MS)]
    }

    /// Sends what is unsent if the worker is free, and watches it from then on. Typing on grants it no more time.
    fn catch_up(&mut self) -> Vec<Command> {
        let sent = self.send_newest();
        let watch = sent.is_some().then(|| self.watch());
        sent.into_iter().chain(watch).collect()
    }

    fn send_newest(&mut self) -> Option<Command> {
        let free = self.in_flight.is_none_or(|request| request.acknowledged);
        if self.phase != Phase::Ready || !self.unsent || !free {
            return None;
        }
        let draft = self.newest.as_ref()?;
        self.unsent = false;
        self.in_flight = Some(InFlight {
            revision: draft.revision,
            acknowledged: false,
        });
        Some(Command::Post(Request::Annotate(AnnotateRequest {
            id: 0,
            revision: draft.revision,
            text: draft.text.to_string(),
            visible: self.visible,
            relation_threshold: Some(LOWEST_SCORE),
        })))
    }

    fn watch(&self) -> Command {
        match self.phase {
            Phase::Starting | Phase::Loading => Command::Watch(LOAD_PATIENCE_MS),
            Phase::Ready if self.in_flight.is_some() => Command::Watch(ANNOTATE_PATIENCE_MS),
            _ => Command::Rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use spanarc_protocol::{AnnotationsReply, ModelSummary};

    use super::*;

    fn draft(revision: u32) -> Draft {
        Draft {
            revision,
            text: format!("state {revision}").into(),
        }
    }

    fn ready() -> Reply {
        Reply::Ready {
            model: ModelSummary {
                name: "news".into(),
                language: "en".into(),
                bytes: 1,
                cached: false,
                entity_types: vec![],
                relation_types: vec![],
                relation_threshold: 0.5,
            },
        }
    }

    fn answer(revision: u32, done: usize, total: usize) -> Reply {
        Reply::Annotations(AnnotationsReply {
            id: 0,
            revision,
            done,
            total,
            entities: vec![],
            relations: vec![],
            milliseconds: 1.0,
            words: 2,
        })
    }

    fn failed(stage: Stage) -> Reply {
        Reply::Failed {
            stage,
            id: None,
            message: "no".into(),
        }
    }

    /// Revisions of the texts that are sent.
    fn sent(commands: &[Command]) -> Vec<u32> {
        (commands.iter())
            .filter_map(|c| match c {
                Command::Post(Request::Annotate(request)) => Some(request.revision),
                _ => None,
            })
            .collect()
    }

    fn told(commands: &[Command]) -> Vec<&News> {
        (commands.iter())
            .filter_map(|c| match c {
                Command::Tell(news) => Some(news),
                _ => None,
            })
            .collect()
    }

    fn loads(commands: &[Command]) -> bool {
        commands
            .iter()
            .any(|c| matches!(c, Command::Post(Request::Load { .. })))
    }

    fn running() -> Exchange {
        let mut exchange = Exchange::default();
        exchange.chose("https://example.org/model".into());
        revive(&mut exchange);
        exchange
    }

    /// Lets a worker that was started load its model; what it is sent then.
    fn revive(exchange: &mut Exchange) -> Vec<Command> {
        assert!(loads(&exchange.replied(Reply::Started)));
        exchange.replied(ready())
    }

    #[test]
    fn a_text_written_before_the_model_is_there_is_sent_when_it_is() {
        let mut exchange = Exchange::default();
        assert_eq!(exchange.chose("u".into())[0], Command::Start);
        assert!(exchange.edited(draft(1)).is_empty());
        assert!(exchange.edited(draft(2)).is_empty());
        assert_eq!(sent(&revive(&mut exchange)), [2]);
    }

    #[test]
    fn keystrokes_wait_for_a_sign_of_life_and_only_the_newest_goes_out() {
        let mut exchange = running();
        assert_eq!(sent(&exchange.edited(draft(1))), [1]);
        assert!(exchange.edited(draft(2)).is_empty());
        assert!(exchange.edited(draft(3)).is_empty());
        assert_eq!(sent(&exchange.replied(answer(1, 1, 5))), [3]);
        assert!(exchange.edited(draft(4)).is_empty());
        assert_eq!(sent(&exchange.replied(answer(3, 5, 5))), [4]);
    }

    #[test]
    fn an_answer_to_an_older_text_is_dropped() {
        let mut exchange = running();
        exchange.edited(draft(1));
        exchange.edited(draft(2));
        assert!(told(&exchange.replied(answer(1, 1, 1))).is_empty());
        assert_eq!(told(&exchange.replied(answer(2, 1, 1))).len(), 1);
    }

    #[test]
    fn what_comes_on_screen_is_asked_for_only_while_an_answer_is_due() {
        let mut exchange = running();
        exchange.edited(draft(1));
        assert!(exchange.looked(Span::new(0, 90)).is_empty());
        assert_eq!(sent(&exchange.replied(answer(1, 1, 9))), [1]);
        exchange.replied(answer(1, 9, 9));
        assert!(exchange.looked(Span::new(90, 180)).is_empty());
    }

    #[test]
    fn silence_is_watched_only_while_an_answer_is_due() {
        let mut exchange = running();
        assert!(
            exchange
                .edited(draft(1))
                .contains(&Command::Watch(ANNOTATE_PATIENCE_MS))
        );
        assert!(exchange.edited(draft(1)).is_empty());
        let partial = exchange.replied(answer(1, 1, 2));
        assert!(partial.contains(&Command::Watch(ANNOTATE_PATIENCE_MS)));
        assert!(exchange.replied(answer(1, 2, 2)).contains(&Command::Rest));
        assert!(exchange.fell_silent().is_empty());
    }

    #[test]
    fn a_dead_worker_is_replaced_and_gets_the_newest_text() {
        let mut exchange = running();
        exchange.edited(draft(1));
        exchange.edited(draft(2));
        assert_eq!(exchange.died("panic")[0], Command::Start);
        assert_eq!(sent(&revive(&mut exchange)), [2]);
    }

    #[test]
    fn another_model_gets_a_worker_of_its_own_and_the_newest_text() {
        let mut exchange = running();
        exchange.edited(draft(1));
        exchange.edited(draft(2));
        let chosen = exchange.chose("https://example.org/other".into());
        assert_eq!(chosen[0], Command::Start);
        assert!(exchange.edited(draft(3)).is_empty());
        let load = exchange.replied(Reply::Started);
        let address = "https://example.org/other".to_owned();
        assert!(matches!(&load[0], Command::Post(Request::Load { url, .. }) if *url == address));
        assert_eq!(sent(&exchange.replied(ready())), [3]);
    }

    #[test]
    fn a_worker_that_hangs_is_replaced() {
        let mut exchange = running();
        exchange.edited(draft(1));
        assert_eq!(exchange.fell_silent()[0], Command::Start);
    }

    #[test]
    fn after_several_deaths_in_a_row_the_page_is_told_and_may_try_again() {
        let mut exchange = running();
        exchange.edited(draft(1));
        for _ in 0..MAX_REPLACEMENTS {
            assert_eq!(told(&exchange.died("panic")), [&News::Replaced]);
            revive(&mut exchange);
        }
        assert_eq!(told(&exchange.died("panic")), [&News::Lost("panic".into())]);
        assert!(exchange.died("again").is_empty());
        assert_eq!(exchange.retried()[0], Command::Start);
        assert_eq!(sent(&revive(&mut exchange)), [1]);
    }

    #[test]
    fn a_complete_answer_forgives_earlier_deaths() {
        let mut exchange = running();
        exchange.edited(draft(1));
        for _ in 0..3 * MAX_REPLACEMENTS {
            assert_eq!(told(&exchange.died("panic")), [&News::Replaced]);
            revive(&mut exchange);
            exchange.replied(answer(1, 1, 1));
        }
    }

    #[test]
    fn a_model_that_cannot_load_is_reported_and_loaded_again_by_the_same_worker() {
        let mut exchange = Exchange::default();
        exchange.chose("u".into());
        exchange.replied(Reply::Started);
        exchange.edited(draft(1));
        let commands = exchange.replied(failed(Stage::Load));
        assert_eq!(told(&commands).len(), 1);
        assert!(commands.contains(&Command::Rest));
        assert!(exchange.edited(draft(2)).is_empty());
        let again = exchange.retried();
        assert!(loads(&again) && !again.contains(&Command::Start));
        assert_eq!(sent(&exchange.replied(ready())), [2]);
    }

    #[test]
    fn a_text_that_cannot_be_annotated_does_not_hold_up_the_next() {
        let mut exchange = running();
        exchange.edited(draft(1));
        exchange.edited(draft(2));
        assert_eq!(sent(&exchange.replied(failed(Stage::Annotate))), [2]);
    }

    #[test]
    fn a_stalled_download_is_reported() {
        let mut exchange = Exchange::default();
        exchange.chose("u".into());
        assert!(matches!(told(&exchange.fell_silent())[..], [News::Lost(_)]));
    }
}
