//! The document under work as the text surface sees it: edits in UTF-16 code units in, snapshots out. Pure.

mod answers;
mod caret;
mod line_breaks;

use std::{collections::VecDeque, rc::Rc, sync::Arc};

use spanarc_document::{
    Byte, ChangeError, Command, Document, Edit, Editor, OffsetMap, Selections, Span, Utf16,
    utf16_len,
};

use self::{
    answers::Unanswered,
    caret::{at_caret, carried},
};
use crate::Schema;

/// A document as it stood at one moment. Equal are those of the same moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Text and annotations.
    pub document: Rc<Document>,
    /// The map between its offsets and the browser's.
    pub offsets: Rc<OffsetMap>,
    /// Counts the states of the text.
    pub revision: u32,
    /// Counts the states of text and annotations.
    version: u64,
}

impl PartialEq for Snapshot {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

impl Snapshot {
    /// A span of the text in UTF-16 code units; empty if it is not one of this text's.
    pub fn utf16(&self, span: Span<Byte>) -> Span<Utf16> {
        self.offsets.to_utf16(span).unwrap_or(Span::new(0, 0))
    }
}

/// A replacement in the text, in UTF-16 code units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextEdit {
    /// Where it begins.
    pub start: usize,
    /// Code units that went.
    pub removed: usize,
    /// What came.
    pub inserted: String,
}

/// What undoing or redoing asks of the text surface.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Restored {
    /// The replacement, if the text has changed.
    pub(crate) edit: Option<TextEdit>,
    /// What to select.
    pub(crate) selection: Span<Utf16>,
}

/// A document, its history, and the edits that a model's answers may not have seen.
#[derive(Debug)]
pub(crate) struct Session {
    editor: Editor,
    /// What the types of models are called here.
    schema: Rc<Schema>,
    offsets: Rc<OffsetMap>,
    revision: u32,
    version: u64,
    /// Edits since the last answer, oldest first.
    unanswered: VecDeque<Unanswered>,
    /// Whether answers were taken back, which no model gives again unless it is asked for the whole text.
    asks_anew: bool,
    /// Whether an input method is at work: then nothing is undone.
    composing: bool,
    /// Whether the newest step is its unfinished word.
    unfinished: bool,
}

impl Session {
    /// A session that begins with `document`. Its line breaks become those of a textarea, and annotations stay on their
    /// words.
    pub(crate) fn new(document: Document) -> Self {
        let document = line_breaks::in_document(document);
        Self {
            offsets: Rc::new(OffsetMap::new(document.text())),
            editor: Editor::new(document),
            schema: Rc::default(),
            revision: 1,
            version: 0,
            unanswered: VecDeque::new(),
            asks_anew: false,
            composing: false,
            unfinished: false,
        }
    }

    /// Another document takes the place of this one, and its history begins anew. The edit that leads from text to text, if
    /// they differ.
    pub(crate) fn open(&mut self, document: Document) -> Option<TextEdit> {
        let old = self.document().text().clone();
        self.editor = Editor::new(line_breaks::in_document(document));
        self.unfinished = false;
        self.asks_anew = true;
        self.changed_from(&old)
    }

    /// Another document takes the place of this one, as one step; `selected` is selected before. The edit that leads from text to
    /// text, if they differ.
    pub(crate) fn replaced_by(
        &mut self,
        document: Document,
        selected: Span<Utf16>,
    ) -> Result<Option<TextEdit>, ChangeError> {
        let old = self.document().text().clone();
        let selections = Selections {
            before: self.bytes(selected),
            after: Span::new(0, 0),
        };
        self.editor
            .replace(&line_breaks::in_document(document), selections)?;
        self.unfinished = false;
        self.asks_anew = true;
        Ok(self.changed_from(&old))
    }

    /// Gives models' types other names from now on. Where a model reads the text, all suggestions go, and are asked for anew.
    pub(crate) fn set_schema(&mut self, schema: Rc<Schema>, is_read: bool) {
        self.schema = schema;
        if is_read {
            self.forget_suggestions();
            self.asks_anew = true;
        }
    }

    /// Counts the states of the text.
    pub(crate) fn revision(&self) -> u32 {
        self.revision
    }

    /// What the types of models are called.
    pub(crate) fn schema(&self) -> &Rc<Schema> {
        &self.schema
    }

    /// The document as it stands.
    pub(crate) fn document(&self) -> &Document {
        self.editor.document()
    }

    /// The text for a model to read, with its revision. Revisions follow one another, unless the model must read all of it
    /// anew.
    pub(crate) fn hand_over(&mut self) -> (u32, Arc<str>) {
        if std::mem::take(&mut self.asks_anew) {
            // A gap in the numbers: see `worker::Draft`.
            self.revision += 2;
            self.version += 1;
        }
        (self.revision, self.document().text().clone())
    }

    /// The document as it stands, to keep.
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            document: Rc::new(self.document().clone()),
            offsets: self.offsets.clone(),
            revision: self.revision,
            version: self.version,
        }
    }

    /// The text surface says `text` now. `before` was selected before, `after` is now; of two places at which the same edit
    /// could have been made the caret tells the right one. While `composing`, an input method replaces its own last word,
    /// and all of that is one step. Nothing if the text is the same.
    pub(crate) fn typed(
        &mut self,
        text: &str,
        before: Span<Utf16>,
        after: Span<Utf16>,
        composing: bool,
        now_ms: u64,
    ) -> Option<TextEdit> {
        let old = self.document().text().clone();
        let whole = Edit::between(&old, text)?;
        let mut selections = Selections {
            before: self.bytes(before),
            after: Span::new(0, 0),
        };
        if composing
            && self.unfinished
            && let Some(retracted) = self.editor.retract()
        {
            selections.before = retracted.selection;
            self.asks_anew |= takes_annotations_back(&retracted);
        }
        self.composing = composing;
        let offsets = OffsetMap::new(text);
        selections.after = offsets.to_byte(after).unwrap_or(Span::new(0, 0));
        let start = self.document().text().clone();
        let edit = Edit::between(&start, text);
        self.unfinished = composing && edit.is_some();
        if let Some(edit) = edit {
            let edit = at_caret(edit, &start, text, selections.after.end);
            self.perform_edit(edit, text, selections, now_ms);
        }
        Some(self.noted(whole, &old, offsets))
    }

    /// `text` is pasted in place of `selected`. The edit, and what is selected after it; nothing if the text stays the same, or
    /// where half a character is selected.
    pub(crate) fn pasted(
        &mut self,
        text: &str,
        selected: Span<Utf16>,
        now_ms: u64,
    ) -> Option<(TextEdit, Span<Utf16>)> {
        let text = line_breaks::in_text(text);
        let (old, place) = (
            self.document().text().clone(),
            self.offsets.to_byte(selected).ok()?,
        );
        let whole = [&old[..place.start], &text, &old[place.end..]].concat();
        let caret = selected.start + utf16_len(&text);
        let after = Span::new(caret, caret);
        let edit = self.typed(&whole, selected, after, false, now_ms)?;
        Some((edit, after))
    }

    /// An input method's word is finished.
    pub(crate) fn composed(&mut self) {
        (self.composing, self.unfinished) = (false, false);
        self.editor.break_group();
    }

    /// The caret was moved, or the focus went elsewhere: what is typed next is another step.
    pub(crate) fn moved(&mut self) {
        self.editor.break_group();
    }

    /// Another text takes the place of all there is, as one step. The edit, and what is selected after it.
    pub(crate) fn replaced(
        &mut self,
        text: &str,
        selected: Span<Utf16>,
    ) -> Option<(TextEdit, Span<Utf16>)> {
        let (old, text) = (self.document().text().clone(), line_breaks::in_text(text));
        let text = &*text;
        let edit = Edit::between(&old, text)?;
        self.unfinished = false;
        let before = self.bytes(selected);
        let after = carried(before, edit.removed_span(), edit.inserted);
        let selections = Selections { before, after };
        let untouched = !self.editor.can_undo() && !self.editor.can_redo();
        self.editor.break_group();
        self.perform_edit(edit, text, selections, 0);
        self.editor.break_group();
        if untouched {
            // The text that an annotator begins with: there is nothing to go back to.
            self.editor.forget_steps();
        }
        let edit = self.noted(edit, &old, OffsetMap::new(text));
        Some((edit, self.utf16(after)))
    }

    /// A span of the text in UTF-16 code units; empty if it is not one of this text's.
    pub(crate) fn utf16(&self, span: Span<Byte>) -> Span<Utf16> {
        self.offsets.to_utf16(span).unwrap_or(Span::new(0, 0))
    }

    /// Where the word that ends at `caret` does so, in bytes, if it may go on: behind a letter, or anything that an input method is
    /// still at.
    pub(crate) fn half_typed(&self, caret: usize) -> Option<usize> {
        let at = self.bytes(Span::new(caret, caret)).end;
        let last = self.document().text().get(..at)?.chars().next_back();
        (self.composing || last.is_some_and(char::is_alphanumeric)).then_some(at)
    }

    /// `span` of the text without the white space at its ends; empty if nothing else is in it.
    pub(crate) fn words_in(&self, span: Span<Utf16>) -> Span<Byte> {
        let span = self.bytes(span);
        let words = self.document().text().get(span.start..span.end);
        let words = words.unwrap_or_default();
        let start = span.start + words.len() - words.trim_start().len();
        Span::new(start, start + words.trim().len())
    }

    /// A person changes annotations or text, in one step; `selected` is selected before. Gives the edit, and what is selected
    /// after it. Errors as [`Document::changes_for`] does.
    pub(crate) fn perform(
        &mut self,
        commands: &[Command],
        selected: Span<Utf16>,
        now_ms: u64,
    ) -> Result<(Option<TextEdit>, Span<Utf16>), ChangeError> {
        let commands: Vec<Command> = commands.iter().map(line_breaks::in_command).collect();
        let old = self.document().text().clone();
        let before = self.bytes(selected);
        let after = commands
            .iter()
            .fold(before, |after, command| match command {
                Command::ReplaceText { span, with } => carried(after, *span, with.len()),
                _ => after,
            });
        let selections = Selections { before, after };
        match &commands[..] {
            [command] => self.editor.perform(command, selections, now_ms)?,
            commands => self.editor.perform_all(commands, selections)?,
        };
        self.unfinished = false;
        let edit = self.changed_from(&old);
        Ok((edit, self.utf16(after)))
    }

    /// Whether the next step back, or forth again, changes the text.
    pub(crate) fn step_edits_text(&self, back: bool) -> bool {
        if back {
            self.editor.undo_edits_text()
        } else {
            self.editor.redo_edits_text()
        }
    }

    /// Takes the last step back; nothing when there is none, or while an input method is at work.
    pub(crate) fn undo(&mut self) -> Option<Restored> {
        self.cross(Editor::undo)
    }

    /// Takes the step again that was last undone.
    pub(crate) fn redo(&mut self) -> Option<Restored> {
        self.cross(Editor::redo)
    }

    fn cross(
        &mut self,
        step: fn(&mut Editor) -> Option<spanarc_document::Restored>,
    ) -> Option<Restored> {
        if self.composing {
            return None;
        }
        let old = self.document().text().clone();
        let restored = step(&mut self.editor)?;
        self.asks_anew |= takes_annotations_back(&restored);
        let edit = self.changed_from(&old);
        Some(Restored {
            edit,
            selection: self.utf16(restored.selection),
        })
    }

    fn perform_edit(&mut self, edit: Edit, text: &str, selections: Selections, now_ms: u64) {
        let came = edit.inserted_span();
        let command = Command::ReplaceText {
            span: edit.removed_span(),
            with: text.get(came.start..came.end).unwrap_or_default().into(),
        };
        let performed = self.editor.perform(&command, selections, now_ms);
        debug_assert!(performed.is_ok(), "{performed:?}");
    }

    /// The edit that led from `old` to the document's text, if one did.
    fn changed_from(&mut self, old: &str) -> Option<TextEdit> {
        self.version += 1;
        let text = self.document().text().clone();
        let edit = Edit::between(old, &text)?;
        Some(self.noted(edit, old, OffsetMap::new(&text)))
    }

    /// Notes an edit that led from `old` to the document's text, of which `offsets` is the map.
    fn noted(&mut self, edit: Edit, old: &str, offsets: OffsetMap) -> TextEdit {
        let cut = |text: &str, span: Span<Byte>| -> String {
            text.get(span.start..span.end).unwrap_or_default().into()
        };
        let start = offsets.to_utf16(Span::<Byte>::new(edit.start, edit.start));
        let edit = TextEdit {
            start: start.map_or(0, |at| at.start),
            removed: utf16_len(&cut(old, edit.removed_span())),
            inserted: cut(self.document().text(), edit.inserted_span()),
        };
        self.offsets = Rc::new(offsets);
        self.revision += 1;
        self.version += 1;
        self.unanswered.push_back(Unanswered {
            revision: self.revision,
            start: edit.start,
            removed: edit.removed,
            inserted: utf16_len(&edit.inserted),
        });
        edit
    }

    fn bytes(&self, span: Span<Utf16>) -> Span<Byte> {
        self.offsets.to_byte(span).unwrap_or(Span::new(0, 0))
    }
}

/// Whether undoing or redoing changed annotations, and not only the text under them.
fn takes_annotations_back(restored: &spanarc_document::Restored) -> bool {
    restored
        .changes
        .iter()
        .any(|change| change.edit().is_none())
}

#[cfg(test)]
mod tests;
