//! A document under work, and the way back.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::{
    Answer, Change, ChangeError, Command, Document, Edit,
    keystroke::Keystroke,
    span::{Byte, Span},
};

/// Most steps that can be taken back; older ones are forgotten.
pub const DEPTH: usize = 1000;

/// A document that a person edits while a model answers, with undo and redo.
///
/// Keystrokes that belong together are one step: characters typed one behind the other, up to the next word, line or
/// pause of a second; characters erased one beside the other. Every other command is a step of its own.
///
/// A model's answers are no steps. Each is woven into the steps around it, so that undoing everything gives exactly the
/// document as it was before the first step, and redoing everything exactly the last one. Answers before the first step
/// are part of the start.
#[derive(Debug, Clone, Default)]
pub struct Editor {
    document: Document,
    undo: VecDeque<Step>,
    redo: Vec<Step>,
    /// The last keystroke, as long as another may join its step.
    open: Option<Keystroke>,
}

/// Changes that take the document to the other side of a step.
#[derive(Debug, Clone)]
struct Step {
    /// The last comes off first.
    changes: Vec<Change>,
    selections: Selections,
}

impl Step {
    fn edits_text(&self) -> bool {
        self.changes.iter().any(|change| change.edit().is_some())
    }
}

/// The selected text on both sides of a step, in bytes; a caret is an empty span. Handed back as given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Selections {
    /// In the text before the step.
    pub before: Span<Byte>,
    /// In the text after it.
    pub after: Span<Byte>,
}

/// What undoing or redoing a step did.
#[derive(Debug, Clone, PartialEq)]
pub struct Restored {
    /// What was selected on this side of the step.
    pub selection: Span<Byte>,
    /// The changes that the document took, in their order.
    pub changes: Vec<Change>,
}

impl Restored {
    /// The replacements in the text, in their order.
    pub fn edits(&self) -> impl Iterator<Item = Edit> + '_ {
        self.changes.iter().filter_map(Change::edit)
    }
}

impl Editor {
    /// An editor without steps.
    pub fn new(document: Document) -> Self {
        Self {
            document,
            ..Self::default()
        }
    }

    /// The document as it stands.
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The document, without the way back.
    pub fn into_document(self) -> Document {
        self.document
    }

    /// Does what a person asks for, and gives the changes that it took. What was undone can no longer be redone. A
    /// command that changes nothing is no step. `now_ms` counts from any fixed moment. Errors as
    /// [`Document::changes_for`] does, and then nothing is changed.
    pub fn perform(
        &mut self,
        command: &Command,
        selections: Selections,
        now_ms: u64,
    ) -> Result<Vec<Change>, ChangeError> {
        let keystroke = Keystroke::of(command, self.document.text(), now_ms);
        let changes = self.document.changes_for(command)?;
        let inverses = self.document.apply_each(changes.iter().cloned())?;
        self.record(inverses, selections, keystroke);
        Ok(changes)
    }

    /// Does several things as one step. Each command sees the document as the one before it leaves it. Errors when one
    /// of them does, and then nothing is changed.
    pub fn perform_all(
        &mut self,
        commands: &[Command],
        selections: Selections,
    ) -> Result<Vec<Change>, ChangeError> {
        let mut document = self.document.clone();
        let (mut changes, mut inverses) = (Vec::new(), Vec::new());
        for command in commands {
            let more = document.changes_for(command)?;
            inverses.extend(document.apply_each(more.iter().cloned())?);
            changes.extend(more);
        }
        self.document = document;
        self.record(inverses, selections, None);
        Ok(changes)
    }

    /// Puts another document in the place of this one, as one step, and gives the changes that it took. Errors as
    /// [`Document::apply`] does, and then nothing is changed.
    pub fn replace(
        &mut self,
        with: &Document,
        selections: Selections,
    ) -> Result<Vec<Change>, ChangeError> {
        let changes = self.document.changes_to(with);
        let inverses = self.document.apply_each(changes.iter().cloned())?;
        self.record(inverses, selections, None);
        Ok(changes)
    }

    /// Merges a model's answer, and gives the changes that it took. Errors as [`Document::changes_for_answer`] does.
    pub fn answer(&mut self, answer: &Answer) -> Result<Vec<Change>, ChangeError> {
        let changes = self.document.changes_for_answer(answer)?;
        let inverses = self.document.apply_each(changes.iter().cloned())?;
        // Both ways out of this state first take the answer back. Coming back brings it again.
        for step in self.undo.back_mut().into_iter().chain(self.redo.last_mut()) {
            step.changes.extend(inverses.iter().cloned());
        }
        Ok(changes)
    }

    /// Takes the last step back; nothing when there is none.
    pub fn undo(&mut self) -> Option<Restored> {
        let step = self.undo.pop_back()?;
        let selection = step.selections.before;
        let (step, changes) = self.cross(step)?;
        self.redo.push(step);
        Some(Restored { selection, changes })
    }

    /// Takes the last step back for good: it cannot be redone. What an input method has composed so far goes that way, when
    /// it composes on.
    pub fn retract(&mut self) -> Option<Restored> {
        let step = self.undo.pop_back()?;
        let selection = step.selections.before;
        let (_, changes) = self.cross(step)?;
        Some(Restored { selection, changes })
    }

    /// Takes the step again that was last undone; nothing when there is none.
    pub fn redo(&mut self) -> Option<Restored> {
        let step = self.redo.pop()?;
        let selection = step.selections.after;
        let (step, changes) = self.cross(step)?;
        self.undo.push_back(step);
        Some(Restored { selection, changes })
    }

    /// Whether there is a step to take back.
    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    /// Whether there is a step to take again.
    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    /// Whether taking back the last step changes the text.
    pub fn undo_edits_text(&self) -> bool {
        self.undo.back().is_some_and(Step::edits_text)
    }

    /// Whether taking the last undone step again changes the text.
    pub fn redo_edits_text(&self) -> bool {
        self.redo.last().is_some_and(Step::edits_text)
    }

    /// Forgets all steps: the document begins here.
    pub fn forget_steps(&mut self) {
        self.undo.clear();
        self.redo.clear();
        self.open = None;
    }

    /// Lets the next keystroke begin a step: the caret moved, or the focus went elsewhere.
    pub fn break_group(&mut self) {
        self.open = None;
    }

    fn record(
        &mut self,
        inverses: Vec<Change>,
        selections: Selections,
        keystroke: Option<Keystroke>,
    ) {
        if inverses.is_empty() {
            return;
        }
        self.redo.clear();
        let joins = match (&self.open, &keystroke) {
            (Some(previous), Some(keystroke)) => keystroke.continues(previous),
            _ => false,
        };
        self.open = keystroke;
        match self.undo.back_mut() {
            Some(step) if joins => {
                step.changes.extend(inverses);
                step.selections.after = selections.after;
            }
            _ => {
                if self.undo.len() == DEPTH {
                    self.undo.pop_front();
                }
                self.undo.push_back(Step {
                    changes: inverses,
                    selections,
                });
            }
        }
    }

    /// Takes the changes of a step, and gives the step back across with the changes taken.
    fn cross(&mut self, step: Step) -> Option<(Step, Vec<Change>)> {
        self.open = None;
        let changes: Vec<Change> = step.changes.into_iter().rev().collect();
        let crossed = self.document.apply_each(changes.iter().cloned());
        debug_assert!(crossed.is_ok(), "a step no longer applies: {crossed:?}");
        let back = Step {
            changes: crossed.ok()?,
            selections: step.selections,
        };
        Some((back, changes))
    }
}
