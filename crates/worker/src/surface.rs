//! One text of the page: its sentences, and which of their answers the page has.

use std::{
    collections::VecDeque,
    mem::{replace, take},
    sync::Arc,
};

use spanarc_document::{Byte, OffsetError, OffsetMap, Span, Utf16};
use spanarc_engine::{Annotations, Engine, EngineError, SentenceModel};
use spanarc_protocol::{AnnotationsReply, SentenceAnswer};

use crate::{reply, secondaries::Secondaries};

/// Bytes of text above which nothing is read ahead: to split it would take longer than a key.
const LONG: usize = 200_000;

pub(crate) struct Surface {
    text: String,
    /// The map of `text`.
    offsets: OffsetMap,
    revision: u32,
    /// The part on screen. A hint: it may lie outside the text.
    visible: Option<Span<Utf16>>,
    /// The sentences of `text` once it is split; until then those of older texts that no edit has touched since.
    sentences: Vec<Sentence>,
    split: bool,
    /// Indices of sentences that are to be run, in that order.
    queue: VecDeque<usize>,
    /// How many sentences have no answer.
    unanswered: usize,
    /// Whether the last reply to this revision has been made.
    finished: bool,
    /// Milliseconds spent on this revision.
    pub(crate) milliseconds: f64,
    /// When the next reply that is not the last may be made, on the clock of the session.
    pub(crate) next_reply: f64,
    /// What the text may soon be.
    foreseen: Option<Foreseen>,
}

/// An edit that may come.
struct Foreseen {
    revision: u32,
    removed: Span<Utf16>,
    inserted: String,
}

#[derive(Clone)]
struct Sentence {
    span: Span<Byte>,
    answer: Answer,
}

#[derive(Clone)]
enum Answer {
    /// There is none yet.
    Pending,
    /// Another worker runs it.
    Away,
    /// The page lacks it.
    Known(Arc<Annotations>),
    /// The page has it.
    Sent,
}

impl Answer {
    fn is_there(&self) -> bool {
        matches!(self, Self::Known(_) | Self::Sent)
    }
}

impl Surface {
    pub(crate) fn new(revision: u32, text: String, visible: Option<Span<Utf16>>) -> Self {
        Self {
            offsets: OffsetMap::new(&text),
            text,
            revision,
            visible,
            sentences: Vec::new(),
            split: false,
            queue: VecDeque::new(),
            unanswered: 0,
            finished: false,
            milliseconds: 0.0,
            next_reply: f64::NEG_INFINITY,
            foreseen: None,
        }
    }

    /// Replaces a part of the text. Errors where its ends are not between two characters of the text, which is then
    /// unchanged.
    pub(crate) fn edit(
        &mut self,
        revision: u32,
        removed: Span<Utf16>,
        inserted: &str,
    ) -> Result<(), OffsetError> {
        let removed: Span<Byte> = self.offsets.to_byte(removed)?;
        self.text
            .replace_range(removed.start..removed.end, inserted);
        self.offsets = OffsetMap::new(&self.text);
        // A sentence that the edit adjoins counts as touched: it may end there, or go on.
        self.sentences.retain_mut(|Sentence { span, .. }| {
            if removed.end < span.start {
                let start = span.start - removed.len() + inserted.len();
                *span = Span::new(start, start + span.len());
                true
            } else {
                span.end < removed.start
            }
        });
        self.revision = revision;
        self.split = false;
        self.finished = false;
        self.milliseconds = 0.0;
        self.foreseen = None;
        Ok(())
    }

    /// Takes note of an edit that may come, unless the text is so long that reading ahead takes its time.
    pub(crate) fn foresee(&mut self, revision: u32, removed: Span<Utf16>, inserted: String) {
        let foreseen = Foreseen {
            revision,
            removed,
            inserted,
        };
        self.foreseen = Some(foreseen).filter(|_| self.text.len() <= LONG);
    }

    /// Whether there is something to read ahead, and nothing else to wait for.
    pub(crate) fn may_read_ahead(&self) -> bool {
        self.finished && self.foreseen.is_some()
    }

    /// What the answer to the foreseen edit would be, and how many bytes were run for it; they stay in the engine's cache. Nothing
    /// where the edit does not fit the text, where `is_quick` says that so many bytes take their time, or a sentence fails.
    pub(crate) fn read_ahead<M: SentenceModel>(
        &mut self,
        surface: u32,
        engine: &mut Engine<M>,
        is_quick: impl Fn(usize) -> bool,
    ) -> Option<(AnnotationsReply, usize)> {
        let Foreseen {
            revision,
            removed,
            inserted,
        } = self.foreseen.take()?;
        let mut ahead = Self {
            sentences: self.sentences.clone(),
            ..Self::new(self.revision, self.text.clone(), self.visible)
        };
        ahead.edit(revision, removed, &inserted).ok()?;
        ahead.split(engine);
        let (_, bytes) = ahead.waiting();
        if !is_quick(bytes) {
            return None;
        }
        while ahead.unanswered > 0 {
            ahead.run(engine, &Secondaries::default()).ok()?;
        }
        Some((ahead.answer(surface), bytes))
    }

    pub(crate) fn look(&mut self, visible: Span<Utf16>) {
        self.visible = Some(visible);
        if self.split {
            self.order();
        }
    }

    /// Forgets all answers: another model will give others.
    pub(crate) fn forget_answers(&mut self) {
        self.sentences.clear();
        self.foreseen = None;
        self.split = false;
        self.finished = false;
        self.milliseconds = 0.0;
    }

    /// Splits the text unless it is split, and fills in what the cache knows.
    pub(crate) fn split<M: SentenceModel>(&mut self, engine: &mut Engine<M>) {
        if replace(&mut self.split, true) {
            return;
        }
        let mut carried = take(&mut self.sentences).into_iter().peekable();
        for span in engine.sentences(&self.text) {
            while carried.next_if(|old| old.span.start < span.start).is_some() {}
            let carried = carried.next_if(|old| old.span == span);
            // Asked even if the page has the answer: the cache keeps what is in use.
            let known = engine.cached(&self.text[span.start..span.end]);
            let answer = match (carried, known) {
                (Some(Sentence { answer, .. }), _) if answer.is_there() => answer,
                (_, Some(known)) => Answer::Known(known),
                (_, None) => Answer::Pending,
            };
            self.sentences.push(Sentence { span, answer });
        }
        self.order();
    }

    /// Queues the sentences without answer, visible ones first.
    pub(crate) fn order(&mut self) {
        let visible = self
            .visible
            .and_then(|visible| self.offsets.to_byte(visible).ok());
        let is_visible = |&index: &usize| {
            visible.is_some_and(|visible| self.sentences[index].span.overlaps(visible))
        };
        let unanswered = (0..self.sentences.len())
            .filter(|&index| !self.sentences[index].answer.is_there())
            .collect::<Vec<_>>();
        self.unanswered = unanswered.len();
        let (first, later): (Vec<usize>, Vec<usize>) = unanswered.into_iter().partition(is_visible);
        self.queue = first.into_iter().chain(later).collect();
    }

    /// When the next reply is due of which there is news.
    pub(crate) fn next_reply(&self) -> Option<f64> {
        (!self.finished && self.has_news()).then_some(self.next_reply)
    }

    fn has_news(&self) -> bool {
        (self.sentences.iter()).any(|sentence| matches!(sentence.answer, Answer::Known(_)))
    }

    /// Whether anything is to be done for it but to wait for other workers.
    pub(crate) fn has_work(&self, now: f64) -> bool {
        !self.finished && (!self.split || !self.queue.is_empty() || self.is_due(now))
    }

    /// Sentences that are to be run, and about how many bytes they have.
    pub(crate) fn waiting(&self) -> (usize, usize) {
        let bytes = |&index: &usize| self.sentences[index].span.len();
        (self.queue.len(), self.queue.iter().map(bytes).sum())
    }

    /// The next sentence to run. Skips those that `secondaries` have.
    fn next(&mut self, secondaries: &Secondaries) -> Option<usize> {
        while let Some(index) = self.queue.pop_front() {
            let Sentence { span, answer } = &mut self.sentences[index];
            if answer.is_there() {
                // Another worker had it when it was queued.
                continue;
            }
            if !secondaries.have(&self.text[span.start..span.end]) {
                return Some(index);
            }
            *answer = Answer::Away;
        }
        None
    }

    /// Takes sentences for another worker, as they would run: no more than `count`, nor than `bytes` unless the first has more.
    pub(crate) fn take(
        &mut self,
        secondaries: &Secondaries,
        (count, bytes): (usize, usize),
    ) -> Vec<Arc<str>> {
        let mut taken: Vec<Arc<str>> = Vec::new();
        let mut length = 0;
        while taken.len() < count && length < bytes {
            let Some(index) = self.next(secondaries) else {
                break;
            };
            let Sentence { span, answer } = &mut self.sentences[index];
            *answer = Answer::Away;
            let sentence = &self.text[span.start..span.end];
            length += span.len();
            if !taken.iter().any(|other| **other == *sentence) {
                taken.push(sentence.into());
            }
        }
        taken
    }

    /// Looks in the cache for what other workers were running.
    pub(crate) fn collect<M: SentenceModel>(&mut self, engine: &mut Engine<M>) {
        for Sentence { span, answer } in &mut self.sentences {
            if matches!(answer, Answer::Away)
                && let Some(found) = engine.cached(&self.text[span.start..span.end])
            {
                *answer = Answer::Known(found);
                self.unanswered -= 1;
            }
        }
    }

    /// Annotates the next sentence of the split text; how many bytes it has. One that fails counts as done, without
    /// annotations.
    pub(crate) fn run<M: SentenceModel>(
        &mut self,
        engine: &mut Engine<M>,
        secondaries: &Secondaries,
    ) -> Result<usize, EngineError> {
        let Some(index) = self.next(secondaries) else {
            return Ok(0);
        };
        let Sentence { span, answer } = &mut self.sentences[index];
        *answer = Answer::Known(Arc::default());
        self.unanswered -= 1;
        let found = engine
            .annotate_sentence(&self.text[span.start..span.end])
            .map_err(|source| EngineError::Sentence {
                span: *span,
                source,
            })?;
        *answer = Answer::Known(found);
        Ok(span.len())
    }

    /// Whether a reply is to be made now that the text is split: the last one at once, others when their time has come.
    pub(crate) fn is_due(&self, now: f64) -> bool {
        !self.finished && (self.unanswered == 0 || (now >= self.next_reply && self.has_news()))
    }

    /// The answers that the page lacks; from now on it has them.
    pub(crate) fn answer(&mut self, surface: u32) -> AnnotationsReply {
        let mut sentences: Vec<SentenceAnswer> = Vec::new();
        for Sentence { span, answer } in &mut self.sentences {
            if let Answer::Known(found) = answer {
                sentences.push(reply::answer(*span, found, &self.offsets));
                *answer = Answer::Sent;
            }
        }
        self.finished = self.unanswered == 0;
        AnnotationsReply {
            surface,
            revision: self.revision,
            done: self.sentences.len() - self.unanswered,
            total: self.sentences.len(),
            sentences,
            milliseconds: self.milliseconds,
        }
    }
}
