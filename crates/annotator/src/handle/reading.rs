//! The model that reads the text: what it is told, and what it answers.

use spanarc_document::{Span, Utf16};
use spanarc_protocol::{AnnotationsReply, ModelSummary};

use super::Handle;
use crate::{
    Event,
    worker::{Draft, Line},
};

impl Handle {
    /// A worker reads the text from now on, or none does.
    pub(crate) fn connect(&self, line: Option<Line>) {
        self.0.read.set(None);
        // The old line may tell of its end: not while it is borrowed.
        let old = self.0.line.replace(line);
        drop(old);
        self.0.sent.set(None);
        self.send(None);
    }

    /// Says what is on screen.
    pub(crate) fn look(&self, visible: Span<Utf16>) {
        if let Some(line) = &*self.0.line.borrow() {
            line.look(visible);
        }
    }

    /// Asks for the model once more.
    pub(crate) fn retry(&self) {
        if let Some(line) = &*self.0.line.borrow() {
            line.retry();
        }
    }

    /// A model has answered.
    pub(crate) fn answered(&self, reply: &AnnotationsReply, model: &ModelSummary) {
        let changed = self.0.session.borrow_mut().answered(reply, model);
        let complete = reply.done >= reply.total;
        if complete {
            self.0.read.set(Some(reply.revision));
        }
        if changed {
            self.tell();
        }
        if changed || complete {
            let complete = self.is_read();
            self.announce(Event::Annotated { complete });
        }
    }

    /// Another model is to speak: the suggestions of the last one go.
    pub(crate) fn forget_suggestions(&self) {
        self.0.session.borrow_mut().forget_suggestions();
        self.tell();
    }

    /// A model says its own threshold for links. Its first answer may come before the threshold is shown.
    pub(crate) fn adopt_threshold(&self, links: f32) {
        self.0.own_threshold.set(Some(links));
    }

    /// A person has moved a threshold: other suggestions count.
    pub(crate) fn moved_threshold(&self, links: f32) {
        self.set_thresholds(self.0.thresholds.get().0, Some(links));
        let complete = self.is_read();
        self.announce(Event::Annotated { complete });
    }

    pub(super) fn send(&self, half_typed: Option<usize>) {
        let (revision, text) = self.0.session.borrow_mut().hand_over();
        if self.0.sent.replace(Some(revision)) == Some(revision) {
            return;
        }
        if let Some(line) = &*self.0.line.borrow() {
            line.edited(Draft {
                revision,
                text,
                half_typed,
            });
        }
    }

    /// Whether the model has read all of the present text.
    pub fn is_read(&self) -> bool {
        self.0.read.get() == Some(self.0.session.borrow().revision())
    }
}
