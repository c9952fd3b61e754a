//! What a person does in the text: types, pastes, selects, labels.

use spanarc_document::{Byte, Command, Id, Span, Spans};

use super::{Handle, now};
use crate::{
    Event, Step,
    surface::{NextFrame, Surface, after_frame},
};

/// Bytes of inserted text from which it is laid out and drawn in a task of its own. For 10,000 pasted words Chromium's command and
/// what must be done at once take 40 ms, and the rest as much again.
const LONG: usize = 2_000;

impl Handle {
    /// A key or a pointer is about to act on the textarea.
    pub(crate) fn about_to_type(&self) {
        if let Some(surface) = self.surface() {
            surface.settle();
            self.0.selected.set(surface.selection());
        }
    }

    /// The textarea was edited; `typing` when by single keys, so that the word at the caret may be half typed.
    pub(crate) fn typed(&self, typing: bool) {
        let Some(surface) = self.surface() else {
            return;
        };
        let (text, after) = (surface.text(), surface.selection());
        let composing = self.0.composing.get();
        let before = self.0.selected.replace(after);
        let previous = self.before_step();
        let edit = (self.0.session.borrow_mut()).typed(&text, before, after, composing, now());
        let Some(edit) = edit else { return };
        surface.follow(&edit);
        let half_typed = self.0.session.borrow().half_typed(after.end);
        self.send(half_typed.filter(|_| composing || typing));
        if edit.inserted.len() >= LONG {
            let later = self.downgrade();
            self.0.frame.replace(NextFrame::new(move || {
                if let Some(handle) = later.upgrade() {
                    handle.tell();
                }
            }));
        } else {
            self.tell();
        }
        self.tell_step(Step::Edit, Some(edit), previous);
    }

    /// Pastes a long text in place of what is selected, as the browser would, but in several tasks. Whether it did.
    pub(crate) fn paste(&self, text: &str) -> bool {
        let Some(surface) = self.surface().filter(|_| Surface::is_long(text.len())) else {
            return false;
        };
        let selected = surface.selection();
        let previous = self.before_step();
        let pasted = (self.0.session.borrow_mut()).pasted(text, selected, now());
        let Some((edit, selected)) = pasted else {
            return false;
        };
        surface.write(&edit, &self.text());
        surface.select(selected);
        self.0.selected.set(selected);
        self.send(None);
        let later = self.downgrade();
        after_frame(move || {
            let Some(handle) = later.upgrade() else {
                return;
            };
            handle.tell();
            if let Some(surface) = handle.surface() {
                surface.reveal_caret(surface.selection().end);
            }
        });
        self.tell_step(Step::Edit, Some(edit), previous);
        true
    }

    /// An input method begins a word, or is done with it.
    pub(crate) fn compose(&self, composing: bool) {
        self.0.composing.set(composing);
        if !composing {
            self.0.session.borrow_mut().composed();
        }
    }

    /// Whether an input method is at work.
    pub(crate) fn is_composing(&self) -> bool {
        self.0.composing.get()
    }

    /// The selection may have changed.
    pub(crate) fn selected(&self) {
        let span = self.selection();
        if self.0.told.replace(span) != span {
            self.announce(Event::Selected { span, chosen: None });
        }
    }

    /// An annotation was chosen in a list: its words are selected.
    pub(crate) fn choose(&self, id: Id, extent: Span<Byte>) {
        self.select(extent);
        let (span, chosen) = (self.selection(), Some(id));
        self.0.told.set(span);
        self.announce(Event::Selected { span, chosen });
    }

    /// Makes a mention of what is selected, without the white space around it, of the type that `key` stands for. Whether
    /// there is such a type and something is selected.
    pub(crate) fn label_selection(&self, key: &str) -> bool {
        let (kind, span) = {
            let session = self.0.session.borrow();
            let kind = session.schema().entity_type_of_key(key).cloned();
            (kind, session.words_in(self.selection()))
        };
        let spans = Spans::one(span).ok();
        let Some((kind, spans)) = kind.zip(spans) else {
            return false;
        };
        self.perform(&Command::AddMention { kind, spans }).is_ok()
    }

    /// The caret was moved.
    pub(crate) fn moved(&self) {
        self.0.session.borrow_mut().moved();
    }

    /// Takes the last step back, or forth again, in a text that is read only: not if it would change the text.
    pub(crate) fn cross_reading(&self, back: bool) {
        let edits = self.0.session.borrow().step_edits_text(back);
        match (edits, back) {
            (true, _) => {}
            (false, true) => _ = self.undo(),
            (false, false) => _ = self.redo(),
        }
    }
}
