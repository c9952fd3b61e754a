//! One text of the page: its sentences, and which of their answers the page has.

use std::{
    collections::VecDeque,
    mem::{replace, take},
    sync::Arc,
};

use spanarc_document::{Byte, OffsetError, OffsetMap, Span, Utf16};
use spanarc_engine::{Annotations, Engine, EngineError, SentenceModel};
use spanarc_protocol::{AnnotationsReply, SentenceAnswer};

use crate::reply;

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
    /// Indices of sentences without answer, in the order in which they run.
    pending: VecDeque<usize>,
    /// Whether the last reply to this revision has been made.
    finished: bool,
    /// Milliseconds spent on this revision.
    pub(crate) milliseconds: f64,
    /// When the next reply that is not the last may be made, on the clock of the session.
    pub(crate) next_reply: f64,
}

struct Sentence {
    span: Span<Byte>,
    answer: Answer,
}

enum Answer {
    /// There is none yet.
    Pending,
    /// The page lacks it.
    Known(Arc<Annotations>),
    /// The page has it.
    Sent,
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
            pending: VecDeque::new(),
            finished: false,
            milliseconds: 0.0,
            next_reply: f64::NEG_INFINITY,
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
        Ok(())
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
        self.split = false;
        self.finished = false;
        self.milliseconds = 0.0;
    }

    /// Whether the last reply to this revision has been made.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished
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
                (Some(Sentence { answer, .. }), _) if !matches!(answer, Answer::Pending) => answer,
                (_, Some(known)) => Answer::Known(known),
                (_, None) => Answer::Pending,
            };
            self.sentences.push(Sentence { span, answer });
        }
        self.order();
    }

    /// Queues the sentences without answer, visible ones first.
    fn order(&mut self) {
        let visible = self
            .visible
            .and_then(|visible| self.offsets.to_byte(visible).ok());
        let is_visible = |&index: &usize| {
            visible.is_some_and(|visible| self.sentences[index].span.overlaps(visible))
        };
        let pending = (0..self.sentences.len())
            .filter(|&index| matches!(self.sentences[index].answer, Answer::Pending));
        let (first, later): (Vec<usize>, Vec<usize>) = pending.partition(is_visible);
        self.pending = first.into_iter().chain(later).collect();
    }

    /// Annotates the next sentence of the split text. One that fails counts as done, without annotations.
    pub(crate) fn run<M: SentenceModel>(
        &mut self,
        engine: &mut Engine<M>,
    ) -> Result<(), EngineError> {
        let Some(index) = self.pending.pop_front() else {
            return Ok(());
        };
        let Sentence { span, answer } = &mut self.sentences[index];
        *answer = Answer::Known(Arc::default());
        let found = engine
            .annotate_sentence(&self.text[span.start..span.end])
            .map_err(|source| EngineError::Sentence {
                span: *span,
                source,
            })?;
        *answer = Answer::Known(found);
        Ok(())
    }

    /// Whether a reply is to be made now that the text is split: the last one at once, others when their time has come.
    pub(crate) fn is_due(&self, now: f64) -> bool {
        let news =
            || (self.sentences.iter()).any(|sentence| matches!(sentence.answer, Answer::Known(_)));
        !self.finished && (self.pending.is_empty() || (now >= self.next_reply && news()))
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
        self.finished = self.pending.is_empty();
        AnnotationsReply {
            surface,
            revision: self.revision,
            done: self.sentences.len() - self.pending.len(),
            total: self.sentences.len(),
            sentences,
            milliseconds: self.milliseconds,
        }
    }
}
