//! The textarea of a surface: its text, its selection, and what is written into it.

use std::{rc::Rc, sync::Arc};

use spanarc_document::{Span, Utf16};

use super::{Surface, frame::after_frame};
use crate::session::TextEdit;

/// Bytes of inserted text that mirror and textarea take in tasks of their own: a browser lays out 10,000 words in 20 to 30 ms in
/// each of them.
const LONG: usize = 20_000;

/// What the textarea is to hold, and what of it is to be selected.
pub(super) struct Owed {
    text: Arc<str>,
    selection: Span<Utf16>,
}

impl Surface {
    /// Whether a text of so many bytes is better pasted by [`Self::write`] than by the browser, which lays it out at once.
    pub(crate) fn is_long(bytes: usize) -> bool {
        bytes >= LONG
    }

    /// What the textarea holds. Lone surrogates are U+FFFD, which is as long.
    pub(crate) fn text(&self) -> String {
        self.settle();
        self.textarea.value()
    }

    /// Gives the textarea what it is owed, before anything else happens in it.
    pub(crate) fn settle(&self) {
        if let Some(Owed { text, selection }) = self.owed.take() {
            self.textarea.set_value(&text);
            self.select(selection);
        }
    }

    /// What is selected.
    pub(crate) fn selection(&self) -> Span<Utf16> {
        if let Some(owed) = &*self.owed.borrow() {
            return owed.selection;
        }
        let end = |at: Result<Option<u32>, _>| at.ok().flatten().unwrap_or(0) as usize;
        Span::new(
            end(self.textarea.selection_start()),
            end(self.textarea.selection_end()),
        )
    }

    /// Selects `span`.
    pub(crate) fn select(&self, span: Span<Utf16>) {
        if let Some(owed) = &mut *self.owed.borrow_mut() {
            owed.selection = span;
            return;
        }
        let _ = (self.textarea).set_selection_range(span.start as u32, span.end as u32);
    }

    /// Puts the keyboard into the text, without scrolling.
    pub(crate) fn focus(&self) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = self.textarea.focus_with_options(&options);
    }

    /// Makes an edit in mirror and textarea, after which they hold `text`; in the textarea a frame later where it is long.
    pub(crate) fn write(self: &Rc<Self>, edit: &TextEdit, text: &Arc<str>) {
        if Self::is_long(edit.inserted.len()) {
            self.owe(text.clone());
            return self.follow(edit);
        }
        self.settle();
        let (start, end) = (edit.start as u32, (edit.start + edit.removed) as u32);
        let _ = self.textarea.set_range_text_with_start_and_end_and_mode(
            &edit.inserted,
            start,
            end,
            "end",
        );
        self.follow(edit);
        // A script of the host's may have changed the textarea without an event.
        if self.text() != **text {
            self.textarea.set_value(text);
        }
    }

    fn owe(self: &Rc<Self>, text: Arc<str>) {
        let surface = Rc::downgrade(self);
        let settle = move || {
            if let Some(surface) = surface.upgrade() {
                surface.settle();
            }
        };
        // One frame lays out the mirror, and the one after it draws. What comes then is the textarea's.
        after_frame(move || after_frame(settle));
        self.owed.replace(Some(Owed {
            text,
            selection: self.selection(),
        }));
    }
}
