//! Which sentences secondary workers run, and how many such workers a session wants. Pure.
//!
//! A secondary worker has the same model, and is told single sentences; their answers go into the engine's cache, where they
//! belong to no text and no revision. Whatever becomes of a secondary worker, a sentence of its is at most run again.

use std::{
    collections::{BTreeMap, HashSet, VecDeque},
    sync::Arc,
};

/// Milliseconds of work, at the pace so far, that must be left to each worker once there is another. Another takes up to half a
/// second to be ready, and holds a model of its own.
const WORTH_MS: f64 = 1_000.0;

/// Bytes of text in a batch, about: what takes a worker some 50 ms. Another part of the text that comes on screen waits for no
/// more than that.
const BATCH_BYTES: usize = 512;

/// Batches that a secondary worker has at a time: one that it runs, and one for the time in which the session is busy with a
/// sentence of its own.
const BATCHES: usize = 2;

/// Milliseconds after which a secondary worker that owes an answer is given up.
const PATIENCE_MS: f64 = 5_000.0;

/// Milliseconds without work after which secondary workers are stopped.
const IDLE_MS: f64 = 20_000.0;

/// Bytes that must have been run before the pace is known.
const PACE_BYTES: f64 = 1_000.0;

/// The secondary workers of a session.
#[derive(Debug, Default)]
pub(crate) struct Secondaries {
    /// How many there may be.
    limit: usize,
    next_number: u32,
    workers: BTreeMap<u32, Secondary>,
    /// The sentences of all batches.
    away: HashSet<Arc<str>>,
    pace: Pace,
    /// When the last batch was given, or answered, or a worker asked for.
    last_used: f64,
}

#[derive(Debug, Default)]
struct Secondary {
    /// Whether it has a model.
    ready: bool,
    next_batch: u32,
    batches: VecDeque<Batch>,
    /// Since when the first of the batches has been the first.
    since: f64,
}

/// Sentences that are run together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Batch {
    /// Its number among those of its worker.
    pub(crate) number: u32,
    /// The sentences.
    pub(crate) sentences: Vec<Arc<str>>,
}

impl Secondaries {
    /// Says how many there may be.
    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Whether a secondary worker has this sentence.
    pub(crate) fn have(&self, sentence: &str) -> bool {
        self.away.contains(sentence)
    }

    /// Takes note of how long a sentence took the session itself.
    pub(crate) fn ran(&mut self, bytes: usize, milliseconds: f64) {
        self.pace.note(bytes as f64, milliseconds);
    }

    /// How many milliseconds so many bytes will take, once the pace is known.
    pub(crate) fn time_for(&self, bytes: usize) -> Option<f64> {
        self.pace.of(bytes as f64)
    }

    /// The numbers of further workers that are worth their start, since so many bytes of text wait.
    pub(crate) fn wanted(&mut self, waiting: usize, now: f64) -> Vec<u32> {
        let Some(milliseconds) = self.pace.of(waiting as f64) else {
            return Vec::new();
        };
        let mut wanted = Vec::new();
        while self.workers.len() < self.limit
            && milliseconds >= WORTH_MS * (self.workers.len() + 2) as f64
        {
            let number = self.next_number;
            self.next_number += 1;
            self.workers.insert(number, Secondary::default());
            self.last_used = now;
            wanted.push(number);
        }
        wanted
    }

    /// Whether more could be asked for.
    pub(crate) fn may_grow(&self) -> bool {
        self.workers.len() < self.limit
    }

    /// A worker has its model.
    pub(crate) fn ready(&mut self, worker: u32) {
        if let Some(secondary) = self.workers.get_mut(&worker) {
            secondary.ready = true;
        }
    }

    /// The worker that takes the next batch: the least busy one that can take any.
    pub(crate) fn free(&self) -> Option<u32> {
        let can = |secondary: &&Secondary| secondary.ready && secondary.batches.len() < BATCHES;
        (self.workers.iter())
            .filter(|(_, secondary)| can(secondary))
            .min_by_key(|(_, secondary)| secondary.batches.len())
            .map(|(&number, _)| number)
    }

    /// How many sentences of those waiting, and bytes of text, a batch may hold: a fair share.
    pub(crate) fn share(&self, waiting: usize) -> (usize, usize) {
        let ready = self.workers.values().filter(|worker| worker.ready).count();
        (waiting.div_ceil(ready + 1), BATCH_BYTES)
    }

    /// Gives a batch to a worker.
    pub(crate) fn give(
        &mut self,
        worker: u32,
        sentences: Vec<Arc<str>>,
        now: f64,
    ) -> Option<Batch> {
        let secondary = self.workers.get_mut(&worker)?;
        let number = secondary.next_batch;
        secondary.next_batch = number.wrapping_add(1);
        if secondary.batches.is_empty() {
            secondary.since = now;
        }
        self.last_used = now;
        self.away.extend(sentences.iter().cloned());
        let batch = Batch { number, sentences };
        secondary.batches.push_back(batch.clone());
        Some(batch)
    }

    /// A worker has run its first batch; its sentences. Nothing if the batch is none that it has.
    pub(crate) fn finished(&mut self, worker: u32, batch: u32, now: f64) -> Option<Vec<Arc<str>>> {
        let secondary = self.workers.get_mut(&worker)?;
        let first = secondary
            .batches
            .pop_front_if(|first| first.number == batch)?;
        secondary.since = now;
        self.last_used = now;
        for sentence in &first.sentences {
            self.away.remove(sentence);
        }
        Some(first.sentences)
    }

    /// Forgets a worker: what it has must be run by others. Returns whether it was there.
    pub(crate) fn forget(&mut self, worker: u32) -> bool {
        let forgotten = self.workers.remove(&worker);
        for sentence in (forgotten.iter().flat_map(|lost| &lost.batches)).flat_map(|b| &b.sentences)
        {
            self.away.remove(sentence);
        }
        forgotten.is_some()
    }

    /// The numbers of all.
    pub(crate) fn numbers(&self) -> Vec<u32> {
        self.workers.keys().copied().collect()
    }

    /// The workers to give up: those that are silent, or all of them where nothing has been to do for long.
    pub(crate) fn expired(&self, now: f64) -> Vec<u32> {
        if self.away.is_empty() && now - self.last_used >= IDLE_MS {
            return self.numbers();
        }
        (self.workers.iter())
            .filter(|(_, worker)| worker.deadline().is_some_and(|deadline| now >= deadline))
            .map(|(&number, _)| number)
            .collect()
    }

    /// When [`Self::expired`] must be asked again.
    pub(crate) fn deadline(&self) -> Option<f64> {
        if self.workers.is_empty() {
            return None;
        }
        let silent = self.workers.values().filter_map(Secondary::deadline);
        silent
            .min_by(f64::total_cmp)
            .or(Some(self.last_used + IDLE_MS))
    }
}

impl Secondary {
    fn deadline(&self) -> Option<f64> {
        (!self.batches.is_empty()).then_some(self.since + PATIENCE_MS)
    }
}

/// How fast sentences are run; what was run lately counts most.
#[derive(Debug, Default)]
struct Pace {
    bytes: f64,
    milliseconds: f64,
    seen: f64,
}

impl Pace {
    /// How much of the past remains at each sentence.
    const MEMORY: f64 = 0.9;

    fn note(&mut self, bytes: f64, milliseconds: f64) {
        self.bytes = self.bytes * Self::MEMORY + bytes;
        self.milliseconds = self.milliseconds * Self::MEMORY + milliseconds;
        self.seen += bytes;
    }

    /// The milliseconds that so many bytes take, once enough was run to tell.
    fn of(&self, bytes: f64) -> Option<f64> {
        (self.seen >= PACE_BYTES).then(|| bytes * self.milliseconds / self.bytes)
    }
}
