//! What holds after any sequence of edits, commands, answers, undo and redo.
//!
//! `PROPTEST_CASES` sets the number of sequences; each run draws new ones.
#![allow(clippy::unwrap_used)] // Helpers of tests are no tests to clippy.

mod changes;
mod invariants;
mod operations;

use proptest::prelude::*;
use spanarc_document::{Change, Command, Document, Edit, Editor};

use invariants::{check_answered, check_carried, check_document, check_opened};
use operations::{Operation, World, documents, operations};

/// The editor takes the operation and keeps to everything that is promised of it.
fn check(world: &mut World, operation: &Operation) -> Result<(), TestCaseError> {
    let before = world.editor.document().clone();
    match operation {
        Operation::Command(command) => {
            let command = world.command(command);
            check_command(world, &before, &command)?;
        }
        Operation::Answer(found) => {
            let answer = world.answer(found);
            check_detour(world, |editor| drop(editor.answer(&answer)))?;
            let changes = world.editor.answer(&answer)?;
            let after = world.editor.document();
            check_inverses(&before, after, changes)?;
            check_answered(&before, after, &answer)?;
            prop_assert_eq!(after.changes_for_answer(&answer)?, vec![]);
        }
        Operation::Open(other) => {
            let changes = world.open(other)?;
            let after = world.editor.document();
            check_inverses(&before, after, changes)?;
            check_opened(&before, after, other)?;
        }
        Operation::Undo => {
            check_detour(world, |_| ())?;
            if let Some(restored) = world.editor.undo() {
                check_edits(&before, world.editor.document(), restored.edits())?;
                check_inverses(&before, world.editor.document(), restored.changes)?;
            }
        }
        Operation::Redo => {
            if let Some(restored) = world.editor.redo() {
                check_edits(&before, world.editor.document(), restored.edits())?;
                check_inverses(&before, world.editor.document(), restored.changes)?;
            }
        }
        Operation::Break => world.editor.break_group(),
        Operation::Wait(ms) => world.now_ms += u64::from(*ms),
    }
    check_document(world.editor.document())
}

fn check_command(
    world: &mut World,
    before: &Document,
    command: &Command,
) -> Result<(), TestCaseError> {
    let performed = world.perform(command);
    let after = world.editor.document();
    let Ok(changes) = performed else {
        prop_assert_eq!(before, after);
        return Ok(());
    };
    if !changes.is_empty() {
        prop_assert!(world.editor.can_undo() && !world.editor.can_redo());
    }
    check_inverses(before, after, changes)?;
    if let Command::ReplaceText { span, with } = command {
        let text = before.text();
        let expected = [&text[..span.start], with, &text[span.end..]].concat();
        prop_assert_eq!(&**after.text(), expected);
        if **with != text[span.start..span.end] {
            let edit = Edit {
                start: span.start,
                removed: span.len(),
                inserted: with.len(),
            };
            check_carried(before, after, edit)?;
        }
    }
    Ok(())
}

/// The changes lead from `before` to `after`, and their inverses back.
fn check_inverses(
    before: &Document,
    after: &Document,
    changes: Vec<Change>,
) -> Result<(), TestCaseError> {
    let mut document = before.clone();
    let inverses = document.apply_all(changes)?;
    prop_assert_eq!(&document, after);
    document.apply_all(inverses)?;
    prop_assert_eq!(&document, before);
    Ok(())
}

/// What lies outside the edits is the same text.
fn check_edits(
    before: &Document,
    after: &Document,
    edits: impl Iterator<Item = Edit>,
) -> Result<(), TestCaseError> {
    let mut kept: Vec<Option<u8>> = before.text().bytes().map(Some).collect();
    for edit in edits {
        let went = edit.removed_span();
        kept.splice(went.start..went.end, vec![None; edit.inserted]);
    }
    prop_assert_eq!(kept.len(), after.text().len());
    for (kept, byte) in kept.into_iter().zip(after.text().bytes()) {
        prop_assert!(kept.is_none_or(|kept| kept == byte));
    }
    Ok(())
}

/// Undo, then something that is no step, then redo leads to the same document.
fn check_detour(world: &World, detour: impl Fn(&mut Editor)) -> Result<(), TestCaseError> {
    let mut editor = world.editor.clone();
    if editor.undo().is_some() {
        detour(&mut editor);
        prop_assert!(editor.redo().is_some());
        prop_assert_eq!(editor.document(), world.editor.document());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_operation_keeps_its_promises_and_undo_leads_to_the_start(
        document in documents(), operations in operations(),
    ) {
        let mut start = document.clone();
        let mut world = World::new(document);
        for operation in &operations {
            check(&mut world, operation)?;
            if !world.editor.can_undo() {
                start = world.editor.document().clone();
            }
        }
        let mut editor = world.editor;
        while editor.redo().is_some() {}
        let end = editor.document().clone();
        while editor.undo().is_some() {
            check_document(editor.document())?;
        }
        prop_assert_eq!(editor.document(), &start);
        while editor.redo().is_some() {}
        prop_assert_eq!(editor.document(), &end);

        let written = serde_json::to_string(&end).unwrap();
        prop_assert_eq!(serde_json::from_str::<Document>(&written).unwrap(), end);
    }

    #[test]
    fn a_change_of_any_kind_is_taken_back_or_refused(
        document in documents(),
        changes in prop::collection::vec(changes::changes(), 1..12),
    ) {
        let mut document = document;
        for change in changes {
            let before = document.clone();
            match document.apply(change) {
                Ok(inverse) => {
                    let mut back = document.clone();
                    back.apply(inverse)?;
                    prop_assert_eq!(back, before);
                }
                Err(_) => prop_assert_eq!(&document, &before),
            }
            invariants::check_structure(&document)?;
        }
    }
}
