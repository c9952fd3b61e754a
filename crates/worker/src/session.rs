//! The texts that a worker annotates, and whose turn it is. Pure: no browser is needed to run it.

use std::{
    cell::Cell,
    collections::{BTreeMap, VecDeque},
    ops::Bound,
    sync::Arc,
};

use spanarc_document::{OffsetError, Span};
use spanarc_engine::{Engine, SentenceModel};
use spanarc_model::Annotator;
use spanarc_protocol::{AnnotationsReply, Reply, Request, SentenceAnswer, Stage};

use crate::{reply, secondaries::Secondaries, surface::Surface};

/// Milliseconds between two replies to a surface that are not the last of a revision, at least.
pub const REPLY_INTERVAL: f64 = 50.0;

/// The time between two such replies is at least this many times what a reply costs: those of a very long text are slow
/// themselves, on both sides, and most of the time is for annotating.
const REPLY_SHARE: f64 = 8.0;

/// Milliseconds that a sentence may take to be read ahead: no more than there are between two keys, so that no answer waits for it.
const AHEAD_MS: f64 = 50.0;

/// Why an edit could not be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Nobody has opened the surface, or an earlier edit did not fit.
    #[error("the edit is for surface {surface}, which is not open")]
    NotOpen {
        /// The surface.
        surface: u32,
    },
    /// The text differs from the one that the page edited.
    #[error(
        "revision {revision} of surface {surface} is an edit that does not fit the text: {source}"
    )]
    Misfit {
        /// The surface.
        surface: u32,
        /// The revision that the edit leads to.
        revision: u32,
        /// Which end of it does not fit.
        source: OffsetError,
    },
}

/// What a session asks of whoever runs it, besides replies to the page.
#[derive(Debug, Clone, PartialEq)]
pub enum Order {
    /// Send a request to a secondary worker.
    Send(u32, Request),
    /// Leave a secondary worker: nothing that it says counts any more.
    Leave(u32),
}

/// The open surfaces and the model that annotates them, once there is one.
pub struct Session<M = Annotator> {
    engine: Option<Engine<M>>,
    surfaces: BTreeMap<u32, Surface>,
    /// The surface that had the last turn.
    last: u32,
    secondaries: Secondaries,
    /// Batches that are to be run for another worker, with their numbers.
    batches: VecDeque<(u32, Vec<Arc<str>>)>,
}

impl<M> Default for Session<M> {
    fn default() -> Self {
        Self {
            engine: None,
            surfaces: BTreeMap::new(),
            last: 0,
            secondaries: Secondaries::default(),
            batches: VecDeque::new(),
        }
    }
}

impl<M: SentenceModel> Session<M> {
    /// Gives the session a model. All texts are annotated anew; secondary workers have the model before, and must have been
    /// [forgotten](Self::stop_secondaries).
    pub fn adopt(&mut self, engine: Engine<M>) {
        self.engine = Some(engine);
        for surface in self.surfaces.values_mut() {
            surface.forget_answers();
        }
    }

    /// Takes note of a request, without annotating anything yet. Ignored are [`Request::Load`], since whoever loads a model calls
    /// [`Self::adopt`], and what the page says of secondary workers.
    ///
    /// A surface whose edit fails is forgotten until it is opened again.
    pub fn hear(&mut self, request: Request) -> Result<(), EditError> {
        match request {
            Request::Load { .. }
            | Request::SecondaryStarted { .. }
            | Request::SecondaryLost { .. } => {}
            Request::Annotate { batch, sentences } => self.batches.push_back((batch, sentences)),
            Request::Open {
                surface,
                revision,
                text,
                visible,
            } => {
                let opened = Surface::new(revision, text, visible);
                self.surfaces.insert(surface, opened);
            }
            Request::Edit {
                surface,
                revision,
                start,
                removed,
                inserted,
                visible,
            } => {
                let Some(edited) = self.surfaces.get_mut(&surface) else {
                    return Err(EditError::NotOpen { surface });
                };
                let removed = Span::new(start, start.saturating_add(removed));
                if let Err(source) = edited.edit(revision, removed, &inserted) {
                    self.surfaces.remove(&surface);
                    return Err(EditError::Misfit {
                        surface,
                        revision,
                        source,
                    });
                }
                if let Some(visible) = visible {
                    edited.look(visible);
                }
            }
            Request::Foresee {
                surface,
                revision,
                start,
                removed,
                inserted,
            } => {
                if let Some(surface) = self.surfaces.get_mut(&surface) {
                    let removed = Span::new(start, start.saturating_add(removed));
                    surface.foresee(revision, removed, inserted);
                }
            }
            Request::Look { surface, visible } => {
                if let Some(surface) = self.surfaces.get_mut(&surface) {
                    surface.look(visible);
                }
            }
            Request::Close { surface } => {
                self.surfaces.remove(&surface);
            }
        }
        Ok(())
    }

    /// Lets the session ask for so many secondary workers.
    pub fn allow_secondaries(&mut self, limit: usize) {
        self.secondaries.set_limit(limit);
    }

    /// A secondary worker has its model: it gets sentences from now on.
    pub fn secondary_ready(&mut self, secondary: u32) {
        self.secondaries.ready(secondary);
    }

    /// A secondary worker has answered for a batch. Returns whether it is of further use: not if the answer makes no sense.
    pub fn secondary_answered(
        &mut self,
        secondary: u32,
        batch: u32,
        answers: &[SentenceAnswer],
        now: f64,
    ) -> bool {
        let Some(engine) = &mut self.engine else {
            return false;
        };
        let Some(sentences) = self.secondaries.finished(secondary, batch, now) else {
            return false;
        };
        let is_whole = answers.len() == sentences.len();
        let mut fits = is_whole;
        for (sentence, answer) in sentences.iter().zip(answers).filter(|_| is_whole) {
            match reply::annotations(sentence, answer, engine.schema()) {
                Some(found) => engine.remember(sentence, Arc::new(found)),
                None => fits = false,
            }
        }
        for surface in self.surfaces.values_mut() {
            surface.collect(engine);
            if !fits {
                surface.order();
            }
        }
        fits
    }

    /// A secondary worker has died, or is left: its sentences are run elsewhere. Returns whether the session knew it.
    pub fn forget_secondary(&mut self, secondary: u32) -> bool {
        let known = self.secondaries.forget(secondary);
        for surface in self.surfaces.values_mut().filter(|_| known) {
            surface.order();
        }
        known
    }

    /// Forgets all secondary workers; their numbers.
    pub fn stop_secondaries(&mut self) -> Vec<u32> {
        let all = self.secondaries.numbers();
        for &secondary in &all {
            self.forget_secondary(secondary);
        }
        all
    }

    /// Shares out sentences among the secondary workers that wait for some, and leaves those that are silent or have had nothing
    /// to do for long. `now` is in milliseconds.
    pub fn share(&mut self, now: f64) -> Vec<Order> {
        let mut orders = Vec::new();
        for secondary in self.secondaries.expired(now) {
            self.forget_secondary(secondary);
            orders.push(Order::Leave(secondary));
        }
        let Some(engine) = &mut self.engine else {
            return orders;
        };
        if self.secondaries.free().is_some() {
            for surface in self.surfaces.values_mut() {
                surface.split(engine);
            }
        }
        while let Some(secondary) = self.secondaries.free() {
            // The session itself has work for one turn more.
            let Some(id) = self.next_in_circle(|surface| surface.waiting().0 > 1) else {
                break;
            };
            self.last = id;
            let Some(surface) = self.surfaces.get_mut(&id) else {
                break;
            };
            let share = self.secondaries.share(surface.waiting().0);
            let sentences = surface.take(&self.secondaries, share);
            if sentences.is_empty() {
                continue;
            }
            if let Some(batch) = self.secondaries.give(secondary, sentences, now) {
                let request = Request::Annotate {
                    batch: batch.number,
                    sentences: batch.sentences,
                };
                orders.push(Order::Send(secondary, request));
            }
        }
        orders
    }

    /// Whether a turn has anything to do at `now`.
    pub fn has_work(&self, now: f64) -> bool {
        self.engine.is_some()
            && (!self.batches.is_empty()
                || (self.surfaces.values())
                    .any(|surface| surface.has_work(now) || surface.may_read_ahead()))
    }

    /// The time at which there is something to do although nothing new is heard; for when there is nothing now.
    pub fn wakes_at(&self) -> Option<f64> {
        let replies = self.surfaces.values().filter_map(Surface::next_reply);
        let times = replies.chain(self.secondaries.deadline());
        times.min_by(f64::total_cmp)
    }

    fn next_in_circle(&self, wanted: impl Fn(&Surface) -> bool) -> Option<u32> {
        let after = (Bound::Excluded(self.last), Bound::Unbounded);
        let mut circle = self.surfaces.range(after).chain(&self.surfaces);
        circle
            .find(|(_, surface)| wanted(surface))
            .map(|(&id, _)| id)
    }

    /// Gives one surface its turn, the next one in a circle that has work: at most one sentence is run, and at most one answer
    /// posted. A batch of another worker's goes first, and is run whole. `clock` counts milliseconds. Returns whether anything is
    /// left to do.
    pub fn turn(&mut self, clock: impl Fn() -> f64, mut post: impl FnMut(Reply)) -> bool {
        let begun = clock();
        if let Some(engine) = &self.engine
            && let Some((batch, sentences)) = self.batches.pop_front()
        {
            post(reply::batch(engine, batch, &sentences));
            return self.has_work(clock());
        }
        let next = self.next_in_circle(|surface| surface.has_work(begun));
        if next.is_none() {
            if let Some(answer) = self.read_ahead(&clock) {
                post(Reply::Foreseen(answer));
            }
            return self.has_work(clock());
        }
        let surface = next.and_then(|id| Some((id, self.surfaces.get_mut(&id)?)));
        let (Some(engine), Some((id, surface))) = (&mut self.engine, surface) else {
            return false;
        };
        self.last = id;
        surface.split(engine);
        let split = clock();
        let run = match surface.is_due(begun) {
            true => Ok(0),
            false => surface.run(engine, &self.secondaries),
        };
        let ended = clock();
        surface.milliseconds += ended - begun;
        match run {
            // Nothing was run: the time says nothing of the pace.
            Ok(0) => {}
            Ok(bytes) => self.secondaries.ran(bytes, ended - split),
            Err(error) => post(Reply::Failed {
                stage: Stage::Annotate,
                surface: Some(id),
                message: error.to_string(),
            }),
        }
        if surface.is_due(ended) {
            post(Reply::Annotations(surface.answer(id)));
            let answered = clock();
            surface.next_reply = answered + REPLY_INTERVAL.max(REPLY_SHARE * (answered - ended));
        }
        if self.secondaries.may_grow() {
            let waiting = self.surfaces.values().map(|surface| surface.waiting().1);
            for secondary in self.secondaries.wanted(waiting.sum(), ended) {
                post(Reply::StartSecondary { secondary });
            }
        }
        self.has_work(clock())
    }

    /// Reads what may come in one of the texts, unless that would keep an answer waiting.
    fn read_ahead(&mut self, clock: impl Fn() -> f64) -> Option<AnnotationsReply> {
        let mut waiting = self.surfaces.iter_mut();
        let (&id, surface) = waiting.find(|(_, surface)| surface.may_read_ahead())?;
        let engine = self.engine.as_mut()?;
        let begun = clock();
        let split = Cell::new(begun);
        // Asked between splitting and running.
        let is_quick = |bytes| {
            split.set(clock());
            (self.secondaries.time_for(bytes)).is_none_or(|milliseconds| milliseconds <= AHEAD_MS)
        };
        let (answer, bytes) = surface.read_ahead(id, engine, is_quick)?;
        let ended = clock();
        if bytes > 0 {
            self.secondaries.ran(bytes, ended - split.get());
        }
        Some(AnnotationsReply {
            milliseconds: ended - begun,
            ..answer
        })
    }
}
