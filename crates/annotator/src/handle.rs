//! An annotator's text and annotations, for the host around it and for its own parts.

mod reading;
mod typing;

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use spanarc_document::{Byte, ChangeError, Command, Document, Span, Utf16};
use yew::Callback;

use crate::{
    Event, Schema, Step, export,
    session::{Restored, Session, Snapshot, TextEdit},
    surface::{NextFrame, Surface},
    view::View,
    worker::Line,
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
    /// The host, told of all that happens.
    observer: RefCell<Option<Callback<Event>>>,
    /// The scores from which suggested mentions and links are shown; that of links is the model's own where it is `None`.
    thresholds: Cell<(f32, Option<f32>)>,
    /// The model's own threshold for links, once it is there.
    own_threshold: Cell<Option<f32>>,
    /// The revision that the model has read in full.
    read: Cell<Option<u32>>,
    /// The revision that the worker was told last.
    sent: Cell<Option<u32>>,
    /// What was selected before the edit that is under way.
    selected: Cell<Span<Utf16>>,
    /// What is to be selected once the text is on screen.
    to_select: Cell<Option<Span<Utf16>>>,
    /// What the host was last told to be selected.
    told: Cell<Span<Utf16>>,
    composing: Cell<bool>,
    /// Will show a long text that was inserted.
    frame: RefCell<Option<NextFrame>>,
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
            observer: RefCell::default(),
            thresholds: Cell::default(),
            own_threshold: Cell::default(),
            read: Cell::new(None),
            sent: Cell::new(None),
            selected: Cell::new(Span::new(0, 0)),
            to_select: Cell::default(),
            told: Cell::new(Span::new(0, 0)),
            composing: Cell::new(false),
            frame: RefCell::default(),
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

    /// Tells `observer` of all that happens in the document from now on, or nobody.
    pub fn observe(&self, observer: Option<Callback<Event>>) {
        self.0.observer.replace(observer);
    }

    /// Replaces the text. One step to undo, unless nobody has done anything yet. Annotations in what both texts begin and end
    /// with stay, and so does the selection. No event tells of it.
    pub fn replace_text(&self, text: &str) {
        let selected = self.selection();
        let replaced = self.0.session.borrow_mut().replaced(text, selected);
        if let Some((edit, selected)) = replaced {
            self.write(Some(edit), selected);
            self.0.told.set(self.selection());
        }
    }

    /// Puts another document in the place of this one. Its history begins anew. No event tells of it.
    pub fn open(&self, document: Document) {
        let edit = self.0.session.borrow_mut().open(document);
        self.write(edit, Span::new(0, 0));
        self.0.told.set(self.selection());
    }

    /// Puts another document in the place of this one, as a person does who opens a file: one step to undo. Errors when the
    /// document cannot be had under identities that are free here.
    pub fn replace(&self, document: Document) -> Result<(), ChangeError> {
        let before = self.before_step();
        let selected = self.selection();
        let edit = (self.0.session.borrow_mut()).replaced_by(document, selected)?;
        self.write(edit.clone(), Span::new(0, 0));
        if let Some(surface) = self.surface() {
            surface.reveal(0);
        }
        self.tell_step(Step::Command, edit, before);
        Ok(())
    }

    /// The document as JSON of the format `json`, in UTF-16 code units, called `id`. Suggestions count from the thresholds on.
    pub fn json(&self, id: &str) -> String {
        let (entity_threshold, threshold) = self.thresholds();
        let view = View {
            threshold,
            entity_threshold,
            ..View::default()
        };
        export::json(&self.snapshot(), &view, id)
    }

    /// Changes annotations or text, as a person does. Errors as [`Document::changes_for`] does, and then nothing changes.
    pub fn perform(&self, command: &Command) -> Result<(), ChangeError> {
        self.perform_all(std::slice::from_ref(command))
    }

    /// Performs several commands as one step. Each sees the document as the one before it leaves it.
    pub fn perform_all(&self, commands: &[Command]) -> Result<(), ChangeError> {
        let before = self.before_step();
        let selected = self.selection();
        let (edit, selected) = (self.0.session.borrow_mut()).perform(commands, selected, now())?;
        self.write(edit.clone(), selected);
        self.tell_step(Step::Command, edit, before);
        Ok(())
    }

    /// Takes the last step back. Whether there was one; none is while an input method composes a word.
    pub fn undo(&self) -> bool {
        let before = self.before_step();
        let restored = self.0.session.borrow_mut().undo();
        self.restore(Step::Undo, restored, before)
    }

    /// Takes the step again that was last undone. Whether there was one.
    pub fn redo(&self) -> bool {
        let before = self.before_step();
        let restored = self.0.session.borrow_mut().redo();
        self.restore(Step::Redo, restored, before)
    }

    /// The scores from which suggested mentions and links are shown, as they stand.
    pub fn thresholds(&self) -> (f32, f32) {
        let (mentions, links) = self.0.thresholds.get();
        (
            mentions,
            links.or(self.0.own_threshold.get()).unwrap_or_default(),
        )
    }

    /// What is selected in the text; nothing while it is not on screen.
    pub fn selection(&self) -> Span<Utf16> {
        self.surface()
            .map_or(Span::new(0, 0), |surface| surface.selection())
    }

    /// Scrolls to a place in the text, wherever the keyboard is.
    pub fn scroll_to(&self, place: Span<Byte>) {
        if let Some(surface) = self.surface() {
            let place = self.0.session.borrow().utf16(place);
            surface.reveal(place.start);
        }
    }

    /// Puts the keyboard into the text.
    pub fn focus(&self) {
        if let Some(surface) = self.surface() {
            surface.focus();
        }
    }

    /// Selects a span of the text, puts the keyboard there, and scrolls to it; once it is on screen, if it is not yet.
    pub fn select(&self, span: Span<Byte>) {
        let span = self.0.session.borrow().utf16(span);
        match self.surface() {
            Some(surface) => show_selected(&surface, span),
            None => self.0.to_select.set(Some(span)),
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
        let to_select = self.0.to_select.take();
        if let Some((surface, span)) = surface.as_ref().zip(to_select) {
            show_selected(surface, span);
        }
        self.0.surface.replace(surface);
        self.compose(false);
    }

    pub(crate) fn surface(&self) -> Option<Rc<Surface>> {
        self.0.surface.borrow().clone()
    }

    /// Sets the schema that renames the models' types. A mounted annotator does this with its settings.
    pub fn set_schema(&self, schema: &Rc<Schema>) {
        if self.0.session.borrow().schema() == schema {
            return;
        }
        // Without a model, nobody would make the suggestions anew.
        let read = self.0.line.borrow().is_some();
        (self.0.session.borrow_mut()).set_schema(schema.clone(), read);
        self.send(None);
        self.tell();
    }

    /// Sets the scores from which suggestions count; that of links is the model's own where it is `None`. A mounted annotator
    /// does this with its settings.
    pub fn set_thresholds(&self, mentions: f32, links: Option<f32>) {
        self.0.thresholds.set((mentions, links));
    }

    /// Tells the host.
    pub(crate) fn announce(&self, event: Event) {
        let observer = self.0.observer.borrow().clone();
        if let Some(observer) = observer {
            observer.emit(event);
        }
    }

    fn restore(&self, step: Step, restored: Option<Restored>, before: Option<Snapshot>) -> bool {
        let Some(Restored { edit, selection }) = restored else {
            return false;
        };
        self.write(edit.clone(), selection);
        if let Some(surface) = self.surface() {
            surface.reveal(selection.end);
        }
        self.tell_step(step, edit, before);
        true
    }

    /// The document before a step, if anybody will be told of the step.
    fn before_step(&self) -> Option<Snapshot> {
        let observed = self.0.observer.borrow().is_some();
        observed.then(|| self.snapshot())
    }

    fn tell_step(&self, step: Step, edit: Option<TextEdit>, before: Option<Snapshot>) {
        let Some(before) = before else { return };
        let after = self.snapshot();
        self.announce(Event::Stepped {
            step,
            edit,
            before,
            after,
        });
    }

    /// Brings everyone up to a change that did not come from the textarea.
    fn write(&self, edit: Option<TextEdit>, selection: Span<Utf16>) {
        if let (Some(edit), Some(surface)) = (&edit, self.surface()) {
            surface.write(edit, &self.text());
            surface.select(selection);
        }
        self.send(None);
        self.tell();
    }

    fn tell(&self) {
        let changed = self.0.changed.borrow().clone();
        if let Some(changed) = changed {
            changed.emit(self.snapshot());
        }
    }
}

fn show_selected(surface: &Surface, span: Span<Utf16>) {
    surface.focus();
    surface.select(span);
    surface.reveal(span.start);
}

/// Milliseconds since the page was opened.
fn now() -> u64 {
    let clock = web_sys::window().and_then(|window| window.performance());
    clock.map_or(0, |clock| clock.now() as u64)
}
