//! Decides what to send to the worker and when, and how to react to its answers; [`super::connection`] acts.
//!
//! The worker is told of every edit at once, and answers while more come. Before its model is loaded, only the newest text
//! of each surface is kept. An edit that leaves a word half typed waits until the word ends or nothing has been typed for a
//! while; the worker reads ahead, so that the answer is there when the word ends. A worker that dies or falls silent is
//! replaced, and gets the newest texts; after several replacements in a row without one complete answer the page is told
//! instead.

use std::{collections::BTreeMap, rc::Rc};

use spanarc_document::{Span, Utf16};
use spanarc_protocol::{ModelSummary, Reply, Request, Stage};

use super::{
    news::News,
    surface::{Draft, Surface},
};

/// How long a worker may say nothing while it owes an answer.
const ANNOTATE_PATIENCE_MS: u32 = 12_000;
/// How long a worker may say nothing while it loads: networks stall longer than programs.
const LOAD_PATIENCE_MS: u32 = 60_000;
/// How long a half-typed word may rest before it is annotated as it is.
const HOLD_MS: u32 = 400;
/// Replacements in a row before the page is told.
const MAX_REPLACEMENTS: u32 = 3;

/// An order to the connection. Orders are carried out in the sequence in which they were given.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Command {
    /// Stop the worker if there is one, and its secondary workers, and start another.
    Start,
    /// Stop the worker and its secondary workers.
    Stop,
    /// Send.
    Post(Request),
    /// Start a secondary worker under a number, and hand its port over.
    StartSecondary(u32),
    /// Stop a secondary worker.
    StopSecondary(u32),
    /// Report silence unless a message comes within so many milliseconds; replaces the last such order.
    Watch(u32),
    /// Silence is fine from now on.
    Rest,
    /// Report that a surface has rested for so many milliseconds; replaces the last such order for the surface.
    Hold(u32, u32),
    /// Tell a surface.
    Tell(u32, News),
    /// Tell a surface once whoever is calling is done.
    TellSoon(u32, News),
    /// Tell all surfaces.
    TellAll(News),
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

/// The conversation between the surfaces of a page and the worker that they share. The first surface starts it.
#[derive(Debug)]
pub(super) struct Exchange {
    /// The model's absolute address.
    model_url: String,
    /// How many secondary workers there may be.
    secondaries: u32,
    phase: Phase,
    /// The loaded model, as the worker last described it.
    model: Option<Rc<ModelSummary>>,
    surfaces: BTreeMap<u32, Surface>,
    replacements: u32,
}

impl Exchange {
    /// The model at an absolute address is wanted, in one worker and so many secondary ones.
    pub(super) fn new(model_url: String, secondaries: u32) -> Self {
        Self {
            model_url,
            secondaries,
            phase: Phase::default(),
            model: None,
            surfaces: BTreeMap::new(),
            replacements: 0,
        }
    }

    /// A surface joins in.
    pub(super) fn opened(&mut self, surface: u32) -> Vec<Command> {
        self.surfaces.insert(surface, Surface::default());
        match (self.phase, &self.model) {
            (Phase::Ready, Some(model)) => {
                vec![Command::TellSoon(surface, News::Ready(Rc::clone(model)))]
            }
            _ => self.retried(),
        }
    }

    /// A surface leaves.
    pub(super) fn closed(&mut self, surface: u32) -> Vec<Command> {
        let closed = self.surfaces.remove(&surface);
        if !closed.is_some_and(|closed| closed.is_known_to_worker()) {
            return Vec::new();
        }
        let mut commands = vec![Command::Post(Request::Close { surface })];
        if !self.is_owed() {
            commands.push(Command::Rest);
        }
        commands
    }

    /// Another try is wanted, after the page was told that something failed.
    pub(super) fn retried(&mut self) -> Vec<Command> {
        match self.phase {
            Phase::Closed => {
                self.replacements = 0;
                self.start()
            }
            Phase::Unloaded => self.load(),
            Phase::Starting | Phase::Loading | Phase::Ready => Vec::new(),
        }
    }

    /// A surface's text has changed.
    pub(super) fn edited(&mut self, surface: u32, draft: Draft) -> Vec<Command> {
        let Some(edited) = self.surfaces.get_mut(&surface) else {
            return Vec::new();
        };
        let half_typed = draft.half_typed.is_some();
        edited.edited(draft);
        let mut commands = self.catch_up(surface);
        if half_typed && commands.is_empty() {
            let waiting = (self.surfaces.get_mut(&surface)).filter(|_| self.phase == Phase::Ready);
            let ahead = waiting.and_then(|waiting| waiting.foresee(surface));
            commands.extend(ahead.map(Command::Post));
            commands.push(Command::Hold(surface, HOLD_MS));
        }
        commands
    }

    /// A half-typed word has rested long enough.
    pub(super) fn rested(&mut self, surface: u32) -> Vec<Command> {
        if let Some(rested) = self.surfaces.get_mut(&surface) {
            rested.release();
        }
        self.catch_up(surface)
    }

    /// Another part of a surface's text is on screen. While an answer is due, the worker is asked to go on there.
    pub(super) fn looked(&mut self, surface: u32, visible: Span<Utf16>) -> Vec<Command> {
        let Some(looking) = self.surfaces.get_mut(&surface) else {
            return Vec::new();
        };
        if looking.looked(visible) && looking.is_owed() {
            vec![Command::Post(Request::Look { surface, visible })]
        } else {
            Vec::new()
        }
    }

    /// The worker said something.
    pub(super) fn replied(&mut self, reply: Reply) -> Vec<Command> {
        if self.phase == Phase::Closed {
            return Vec::new();
        }
        let mut commands = Vec::new();
        match reply {
            Reply::Started if self.phase == Phase::Starting => return self.load(),
            Reply::Started => {}
            Reply::Progress { received, total } => {
                commands.push(Command::TellAll(News::Progress { received, total }));
            }
            Reply::Ready { model } => {
                let model = Rc::new(model);
                self.phase = Phase::Ready;
                self.model = Some(Rc::clone(&model));
                commands.push(Command::TellAll(News::Ready(model)));
                commands.extend(self.send_all());
            }
            Reply::Annotations(answer) => {
                let Some(surface) = self.surfaces.get_mut(&answer.surface) else {
                    return vec![self.watch()];
                };
                if answer.done >= answer.total && surface.answered(answer.revision) {
                    self.replacements = 0;
                }
                if !surface.was_told(&answer) {
                    commands.push(Command::Tell(answer.surface, News::Answer(answer)));
                }
            }
            Reply::Foreseen(answer) => {
                if let Some(surface) = self.surfaces.get_mut(&answer.surface) {
                    surface.foreseen(answer);
                }
            }
            Reply::StartSecondary { secondary } => {
                commands.push(Command::StartSecondary(secondary));
            }
            Reply::StopSecondary { secondary } => {
                commands.push(Command::StopSecondary(secondary));
            }
            // It is for other workers.
            Reply::Batch { .. } => {}
            Reply::Failed {
                stage: Stage::Edit,
                surface,
                ..
            } => {
                if let Some(lost) = surface.and_then(|surface| self.surfaces.get_mut(&surface)) {
                    lost.forgotten();
                }
                commands.extend(self.send_all());
            }
            Reply::Failed {
                stage,
                surface,
                message,
            } => {
                match (stage, self.phase) {
                    (Stage::Load, Phase::Starting) => return self.give_up(&message),
                    // The program as a whole has failed.
                    (Stage::Load, Phase::Ready) => return self.died(&message),
                    (Stage::Load, _) => {
                        self.phase = Phase::Unloaded;
                        self.forget_sent();
                    }
                    _ => {}
                }
                let news = News::Failed { stage, message };
                commands.push(match surface {
                    Some(surface) => Command::Tell(surface, news),
                    None => Command::TellAll(news),
                });
            }
        }
        commands.push(self.watch());
        commands
    }

    /// A secondary worker has died, or cannot be started.
    pub(super) fn lost_secondary(&mut self, secondary: u32) -> Vec<Command> {
        if self.phase == Phase::Closed {
            return Vec::new();
        }
        let lost = Request::SecondaryLost { secondary };
        vec![Command::StopSecondary(secondary), Command::Post(lost)]
    }

    /// The worker has died.
    pub(super) fn died(&mut self, why: &str) -> Vec<Command> {
        if self.phase == Phase::Closed {
            return Vec::new();
        }
        if self.replacements == MAX_REPLACEMENTS {
            return self.give_up(why);
        }
        self.replacements += 1;
        let mut commands = self.start();
        commands.push(Command::TellAll(News::Replaced));
        commands
    }

    /// The worker cannot be started, and another would not do better.
    pub(super) fn refused(&mut self, why: &str) -> Vec<Command> {
        match self.phase {
            Phase::Starting => self.give_up(why),
            _ => Vec::new(),
        }
    }

    /// The worker has said nothing for as long as it was given.
    pub(super) fn fell_silent(&mut self) -> Vec<Command> {
        match self.phase {
            Phase::Ready if self.is_owed() => self.died("The annotator stopped answering."),
            // Another worker would meet the same network.
            Phase::Starting | Phase::Loading => {
                self.give_up("The download of the model has stalled.")
            }
            _ => Vec::new(),
        }
    }

    fn start(&mut self) -> Vec<Command> {
        self.phase = Phase::Starting;
        self.forget_sent();
        vec![Command::Start, Command::Watch(LOAD_PATIENCE_MS)]
    }

    fn load(&mut self) -> Vec<Command> {
        self.phase = Phase::Loading;
        let load = Request::Load {
            url: Some(self.model_url.clone()),
            bytes: None,
            sha256: None,
            secondaries: self.secondaries,
        };
        vec![Command::Post(load), Command::Watch(LOAD_PATIENCE_MS)]
    }

    fn give_up(&mut self, why: &str) -> Vec<Command> {
        self.phase = Phase::Closed;
        self.forget_sent();
        let lost = News::Lost(why.to_owned());
        vec![Command::Stop, Command::Rest, Command::TellAll(lost)]
    }

    fn forget_sent(&mut self) {
        for surface in self.surfaces.values_mut() {
            surface.forgotten();
        }
    }

    /// Sends what the worker lacks of a surface, and watches the worker from then on. Typing on grants it no more time.
    fn catch_up(&mut self, surface: u32) -> Vec<Command> {
        let watched = self.is_owed();
        let ready = self.phase == Phase::Ready;
        let Some(lacking) = self.surfaces.get_mut(&surface).filter(|_| ready) else {
            return Vec::new();
        };
        let ahead = lacking.answer_ahead();
        let Some(request) = lacking.send(surface) else {
            return Vec::new();
        };
        let mut commands = vec![Command::Post(request)];
        // Not now: the page is in the middle of the edit.
        commands.extend(ahead.map(|answer| Command::TellSoon(surface, News::Answer(answer))));
        if !watched {
            commands.push(self.watch());
        }
        commands
    }

    fn send_all(&mut self) -> Vec<Command> {
        (self.surfaces.iter_mut())
            .filter_map(|(&id, surface)| surface.send(id))
            .map(Command::Post)
            .collect()
    }

    fn is_owed(&self) -> bool {
        self.surfaces.values().any(Surface::is_owed)
    }

    fn watch(&self) -> Command {
        match self.phase {
            Phase::Starting | Phase::Loading => Command::Watch(LOAD_PATIENCE_MS),
            Phase::Ready if self.is_owed() => Command::Watch(ANNOTATE_PATIENCE_MS),
            _ => Command::Rest,
        }
    }
}

#[cfg(test)]
mod tests;
