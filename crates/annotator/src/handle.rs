//! An annotator's text and annotations, for the host around it and for its own parts.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use spanarc_document::{Byte, ChangeError, Command, Document, Span, Utf16};
use spanarc_protocol::{AnnotationsReply, ModelSummary};
use yew::Callback;

use crate::{
    session::{Restored, Session, Snapshot, TextEdit},
    surface::Surface,
    worker::{Draft, Line},
};

/// A document under work, which an [`Annotator`](crate::Annotator) shows and edits. Clones are the same document. It does not need an
/// annotator: unmounted and mounted again, an annotator shows the same text and annotations.
#[derive(Clone)]
pub struct Handle(Rc<Inner>);

struct Inner {
    session: RefCell<Session>,
    /// The text on screen, while the annotator is mounted.
    surface: RefCell<Option<Rc<Surface>>>,
    /// The line to the worker, while there is one.
    line: RefCell<Option<Line>>,
    /// Told of every change, whoever made it.
    changed: RefCell<Option<Callback<Snapshot>>>,
    /// The revision that the worker was told last.
    sent: Cell<Option<u32>>,
    /// What was selected before the edit that is under way.
    selected: Cell<Span<Utf16>>,
    composing: Cell<bool>,
}

/// A handle that keeps nothing alive.
pub(crate) struct WeakHandle(Weak<Inner>);

impl WeakHandle {
    pub(crate) fn upgrade(&self) -> Option<Handle> {
        self.0.upgrade().map(Handle)
    }
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Handle {
    /// A document to work on.
    pub fn new(document: Document) -> Self {
        Self(Rc::new(Inner {
            session: RefCell::new(Session::new(document)),
            surface: RefCell::default(),
            line: RefCell::default(),
            changed: RefCell::default(),
            sent: Cell::new(None),
            selected: Cell::new(Span::new(0, 0)),
            composing: Cell::new(false),
        }))
    }

    /// Text and annotations as they stand.
    pub fn snapshot(&self) -> Snapshot {
        self.0.session.borrow().snapshot()
    }

    /// The text as it stands.
    pub fn text(&self) -> std::sync::Arc<str> {
        self.0.session.borrow().document().text().clone()
    }

    /// Makes `text` the text. One step to undo; the caret is at the start. Annotations in what both texts begin and end with stay.
    pub fn replace_text(&self, text: &str) {
        let selected = self.selection();
        let edit = self.0.session.borrow_mut().replaced(text, selected);
        if let Some(edit) = edit {
            self.write(Some(edit), Span::new(0, 0));
            if let Some(surface) = self.surface() {
                surface.reveal(0);
            }
        }
    }

    /// Changes annotations or text, as a person does. Errors as [`Document::changes_for`] does, and then nothing changes.
    pub fn perform(&self, command: &Command) -> Result<(), ChangeError> {
        let selected = self.selection();
        let (edit, selected) = (self.0.session.borrow_mut()).perform(command, selected, now())?;
        self.write(edit, selected);
        Ok(())
    }

    /// Takes the last step back. Whether there was one; none is while an input method composes a word.
    pub fn undo(&self) -> bool {
        let restored = self.0.session.borrow_mut().undo();
        self.restore(restored)
    }

    /// Takes the step again that was last undone. Whether there was one.
    pub fn redo(&self) -> bool {
        let restored = self.0.session.borrow_mut().redo();
        self.restore(restored)
    }

    /// Puts the keyboard into the text.
    pub fn focus(&self) {
        if let Some(surface) = self.surface() {
            surface.focus();
        }
    }

    /// Selects a span of the text, puts the keyboard there, and scrolls to it.
    pub fn select(&self, span: Span<Byte>) {
        if let Some(surface) = self.surface() {
            let span = self.0.session.borrow().utf16(span);
            surface.focus();
            surface.select(span);
            surface.reveal(span.start);
        }
    }

    /// Differs between documents.
    pub(crate) fn identity(&self) -> usize {
        Rc::as_ptr(&self.0) as usize
    }

    pub(crate) fn downgrade(&self) -> WeakHandle {
        WeakHandle(Rc::downgrade(&self.0))
    }

    /// Tells `changed` of every change from now on, or nobody.
    pub(crate) fn listen(&self, changed: Option<Callback<Snapshot>>) {
        self.0.changed.replace(changed);
    }

    /// The text is on screen now, or no longer.
    pub(crate) fn show_on(&self, surface: Option<Rc<Surface>>) {
        self.0.surface.replace(surface);
        self.compose(false);
    }

    pub(crate) fn surface(&self) -> Option<Rc<Surface>> {
        self.0.surface.borrow().clone()
    }

    /// A worker reads the text from now on, or none does.
    pub(crate) fn connect(&self, line: Option<Line>) {
        // The old line may tell of its end: not while it is borrowed.
        let old = self.0.line.replace(line);
        drop(old);
        self.0.sent.set(None);
        self.send(false);
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

    /// An edit is about to be made in the textarea.
    pub(crate) fn about_to_type(&self) {
        if let Some(surface) = self.surface() {
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
        let edit = (self.0.session.borrow_mut()).typed(&text, before, after, composing, now());
        let Some(edit) = edit else { return };
        surface.follow(&edit);
        self.send(composing || typing && self.is_half_typed(after.end));
        self.tell();
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

    /// The caret was moved.
    pub(crate) fn moved(&self) {
        self.0.session.borrow_mut().moved();
    }

    /// A model has answered.
    pub(crate) fn answered(&self, reply: &AnnotationsReply, model: &ModelSummary) {
        let changed = self.0.session.borrow_mut().answered(reply, model);
        if changed {
            self.tell();
        }
    }

    /// Another model is to speak: the suggestions of the last one go.
    pub(crate) fn forget_suggestions(&self) {
        self.0.session.borrow_mut().forget_suggestions();
        self.tell();
    }

    fn restore(&self, restored: Option<Restored>) -> bool {
        let Some(Restored { edit, selection }) = restored else {
            return false;
        };
        self.write(edit, selection);
        if let Some(surface) = self.surface() {
            surface.reveal(selection.end);
        }
        true
    }

    /// Brings everyone up to a change that did not come from the textarea.
    fn write(&self, edit: Option<TextEdit>, selection: Span<Utf16>) {
        if let (Some(edit), Some(surface)) = (&edit, self.surface()) {
            surface.write(edit, &self.text());
            surface.select(selection);
        }
        self.send(false);
        self.tell();
    }

    fn send(&self, half_typed: bool) {
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

    fn tell(&self) {
        let changed = self.0.changed.borrow().clone();
        if let Some(changed) = changed {
            changed.emit(self.snapshot());
        }
    }

    fn selection(&self) -> Span<Utf16> {
        self.surface()
            .map_or(Span::new(0, 0), |surface| surface.selection())
    }

    /// Whether the caret stands right behind a letter: the word may go on.
    fn is_half_typed(&self, caret: usize) -> bool {
        let session = self.0.session.borrow();
        session
            .character_before(caret)
            .is_some_and(|c| c.is_alphanumeric())
    }
}

/// Milliseconds since the page was opened.
fn now() -> u64 {
    let clock = web_sys::window().and_then(|window| window.performance());
    clock.map_or(0, |clock| clock.now() as u64)
}
