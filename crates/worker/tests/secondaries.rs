//! Facts about sessions that share their work, with a model that can be computed by hand.
#![cfg(not(target_arch = "wasm32"))]
// Clippy does not know that these are tests.
#![allow(clippy::unwrap_used)]

mod page;
#[path = "../../engine/tests/toy/mod.rs"]
mod toy;

use std::{cell::Cell, collections::BTreeMap, rc::Rc};

use page::{Page, any_piece, from_scratch};
use proptest::prelude::*;
use spanarc_document::{Span, Utf16};
use spanarc_engine::Engine;
use spanarc_protocol::{Reply, Request, SentenceAnswer};
use spanarc_worker::session::{Order, Session};
use toy::Toy;

/// Milliseconds that a sentence takes.
const SENTENCE: f64 = 50.0;

/// A session with its secondary workers, which are sessions, too, and a page that starts them.
struct Team {
    primary: Session<Toy>,
    secondaries: BTreeMap<u32, Session<Toy>>,
    /// Batches on their way to a worker.
    given: Vec<(u32, Request)>,
    page: Page,
    time: Rc<Cell<f64>>,
    /// The secondary workers that were asked for.
    asked: Vec<u32>,
}

fn toy() -> Engine<Toy> {
    Engine::new(Toy::new())
}

impl Team {
    fn new(limit: usize, text: &str) -> Self {
        let mut primary = Session::default();
        primary.allow_secondaries(limit);
        primary.adopt(toy());
        let mut page = Page::default();
        primary
            .hear(Request::Open {
                surface: 0,
                revision: 0,
                text: String::new(),
                visible: None,
            })
            .unwrap();
        primary.hear(page.edit((0, 0), text)).unwrap();
        Self {
            primary,
            secondaries: BTreeMap::new(),
            given: Vec::new(),
            page,
            time: Rc::default(),
            asked: Vec::new(),
        }
    }

    /// One round of the session's loop. Returns whether anything is left to do before something is heard.
    fn turn(&mut self) -> bool {
        for order in self.primary.share(self.time.get()) {
            match order {
                Order::Send(secondary, request) => self.given.push((secondary, request)),
                Order::Leave(secondary) => drop(self.secondaries.remove(&secondary)),
            }
        }
        let time = self.time.clone();
        // A look at the clock at the end of a sentence, too.
        let clock = || {
            time.set(time.get() + SENTENCE);
            time.get()
        };
        let mut asked = Vec::new();
        let page = &mut self.page;
        let is_left = self.primary.turn(clock, |reply| match reply {
            Reply::StartSecondary { secondary } => asked.push(secondary),
            reply => page.hear(reply),
        });
        for secondary in asked {
            self.asked.push(secondary);
            let mut session = Session::default();
            session.adopt(toy());
            self.secondaries.insert(secondary, session);
            self.primary.secondary_ready(secondary);
        }
        is_left
    }

    /// Lets the worker of the oldest batch run it. Returns whether there was one.
    fn answer(&mut self) -> bool {
        if self.given.is_empty() {
            return false;
        }
        let (secondary, request) = self.given.remove(0);
        let Some(session) = self.secondaries.get_mut(&secondary) else {
            return true;
        };
        session.hear(request).unwrap();
        let mut replies = Vec::new();
        while session.turn(|| 0.0, |reply| replies.push(reply)) {}
        for reply in replies {
            let Reply::Batch { batch, sentences } = reply else {
                panic!("{reply:?}");
            };
            let now = self.time.get();
            assert!((self.primary).secondary_answered(secondary, batch, &sentences, now));
        }
        true
    }

    /// Ends a worker without a word, and tells the session if `told`.
    fn kill(&mut self, told: bool) {
        if let Some((secondary, _)) = self.secondaries.pop_first()
            && told
        {
            self.primary.forget_secondary(secondary);
        }
    }

    /// Goes on until nothing is left to do, waking the session when it wants.
    fn finish(&mut self) {
        for _ in 0..10_000 {
            let answered = self.answer();
            if self.turn() || answered {
                continue;
            }
            match self.primary.wakes_at() {
                Some(at) if !self.secondaries.is_empty() || !self.page_is_done() => {
                    self.time.set(self.time.get().max(at));
                }
                _ => return,
            }
        }
        panic!("it never ends");
    }

    fn page_is_done(&self) -> bool {
        self.page.is_done
    }
}

/// A text of so many different sentences.
fn long(sentences: usize) -> String {
    (0..sentences)
        .map(|i| format!("Ann met Bob {i} times in the town where Cid lives. "))
        .collect()
}

/// Words of a place.
fn visible(text: &str, sentence: &str) -> Span<Utf16> {
    let start = text.find(sentence).unwrap();
    Span::new(start, start + sentence.len())
}

#[test]
fn a_long_text_wants_as_many_workers_as_are_allowed_and_a_short_one_none() {
    let asked = |limit, sentences| {
        let mut team = Team::new(limit, &long(sentences));
        while team.asked.is_empty() && team.turn() {}
        team.asked
    };
    assert_eq!(asked(3, 500), [0, 1, 2]);
    assert_eq!(asked(1, 500), [0]);
    assert_eq!(asked(0, 500), [0; 0]);
    assert_eq!(asked(3, 20), [0; 0]);
}

#[test]
fn only_the_time_in_which_sentences_run_says_whether_others_are_wanted() {
    let toy = Toy::new();
    let run = toy.run.clone();
    let (time, seen) = (Cell::new(0.0), Cell::new(0));
    // From one glance to the next, a millisecond passes where a sentence is run, else a second.
    let clock = || {
        let count = run.lock().unwrap().len();
        let has_run = seen.replace(count) < count;
        time.set(time.get() + if has_run { 1.0 } else { 1_000.0 });
        time.get()
    };
    let mut session = Session::default();
    session.allow_secondaries(3);
    session.adopt(Engine::new(toy));
    let open = Request::Open {
        surface: 0,
        revision: 0,
        text: long(500),
        visible: None,
    };
    session.hear(open).unwrap();
    // Some turns split the text, or only answer.
    let no_start = |reply| assert!(!matches!(reply, Reply::StartSecondary { .. }));
    while session.turn(clock, no_start) {}
}

#[test]
fn every_worker_has_its_share_and_the_answers_are_those_of_one() {
    let text = long(400);
    let mut team = Team::new(3, &text);
    team.finish();
    assert_eq!(team.page.answers, from_scratch(&text));
    assert_eq!(team.asked, [0, 1, 2]);
}

#[test]
fn what_is_on_screen_is_shared_first() {
    let text = long(400);
    let mut team = Team::new(3, &text);
    while team.asked.is_empty() {
        team.turn();
    }
    let look = |sentence: &str| Request::Look {
        surface: 0,
        visible: visible(&text, sentence),
    };
    team.primary.hear(look("Bob 300")).unwrap();
    team.turn();
    let shared: Vec<_> = (team.given.iter())
        .flat_map(|(_, request)| match request {
            Request::Annotate { sentences, .. } => sentences.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(shared[0].contains("Bob 300"), "{}", shared[0]);
    // Each sentence is with one worker only.
    let mut once = shared.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), shared.len());
}

#[test]
fn a_worker_that_dies_leaves_its_sentences_to_the_others() {
    for told in [true, false] {
        let text = long(400);
        let mut team = Team::new(2, &text);
        while team.given.is_empty() {
            team.turn();
        }
        team.kill(told);
        team.finish();
        assert_eq!(team.page.answers, from_scratch(&text), "told: {told}");
    }
}

#[test]
fn a_worker_that_says_nothing_is_left() {
    let mut team = Team::new(1, &long(400));
    while team.given.is_empty() {
        team.turn();
    }
    team.time.set(team.time.get() + 60_000.0);
    assert!(
        team.primary
            .share(team.time.get())
            .contains(&Order::Leave(0))
    );
    // What it says later is not heard.
    assert!(!team.primary.secondary_answered(0, 0, &[], team.time.get()));
}

#[test]
fn workers_without_work_are_left_after_a_while() {
    let mut team = Team::new(3, &long(400));
    team.finish();
    assert!(team.secondaries.is_empty());
    assert_eq!(team.primary.wakes_at(), None);
}

#[test]
fn an_answer_that_does_not_fit_is_not_believed() {
    let text = long(400);
    let mut team = Team::new(1, &text);
    while team.given.is_empty() {
        team.turn();
    }
    let (secondary, Request::Annotate { batch, sentences }) = team.given.remove(0) else {
        panic!("no batch");
    };
    let wrong = |sentence: &&std::sync::Arc<str>| SentenceAnswer {
        start: 0,
        end: sentence.len(),
        entities: vec![spanarc_protocol::FoundEntity {
            entity_type: 0,
            start: 0,
            end: 10_000,
            score: 1.0,
        }],
        relations: Vec::new(),
    };
    let answers: Vec<_> = sentences.iter().map(|sentence| wrong(&sentence)).collect();
    assert!(!(team.primary).secondary_answered(secondary, batch, &answers, 0.0));
    team.kill(true);
    team.finish();
    assert_eq!(team.page.answers, from_scratch(&text));
}

#[derive(Debug, Clone)]
enum Step {
    Edit((usize, usize), String),
    Turn,
    Answer,
    Kill { told: bool },
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (any::<(usize, usize)>(), any_piece()).prop_map(|((start, removed), piece)| {
            // Most edits are small, so that the text stays long.
            Step::Edit((start, removed % 40), piece)
        }),
        6 => Just(Step::Turn),
        3 => Just(Step::Answer),
        1 => any::<bool>().prop_map(|told| Step::Kill { told }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whoever_answers_and_dies_in_whatever_order_the_answers_are_those_of_the_newest_text(
        steps in prop::collection::vec(any_step(), 1..120),
    ) {
        let mut team = Team::new(3, &long(120));
        for step in steps {
            match step {
                Step::Edit(place, inserted) => {
                    let request = team.page.edit(place, &inserted);
                    team.primary.hear(request).unwrap();
                }
                Step::Turn => drop(team.turn()),
                Step::Answer => drop(team.answer()),
                Step::Kill { told } => team.kill(told),
            }
        }
        team.finish();
        let expected = from_scratch(&team.page.text);
        prop_assert_eq!(&team.page.answers, &expected);
    }
}
