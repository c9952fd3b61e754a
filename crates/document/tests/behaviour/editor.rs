//! Undo, redo, and which keystrokes are one step.

use spanarc_document::{Byte, Command, Document, Edit, Editor, Id, Selections, Span, editor};

use crate::samples::{ACME, BOSTON, MARY, TEXT, answer, replace, shown, suggested};

fn caret(before: usize, after: usize) -> Selections {
    Selections {
        before: Span::new(before, before),
        after: Span::new(after, after),
    }
}

fn perform(editor: &mut Editor, command: &Command, now_ms: u64) {
    editor.perform(command, caret(0, 0), now_ms).unwrap();
}

/// Types characters one behind the other from `start` on, 100 ms apart.
fn type_at(editor: &mut Editor, mut start: usize, characters: &str) {
    for (beat, character) in characters.chars().enumerate() {
        let after = start + character.len_utf8();
        let typed = replace(start, start, &character.to_string());
        let moved = caret(start, after);
        editor.perform(&typed, moved, 100 * beat as u64).unwrap();
        start = after;
    }
}

fn erase(editor: &mut Editor, start: usize, end: usize) {
    perform(editor, &replace(start, end, ""), 0);
}

fn empty() -> Editor {
    Editor::new(Document::new(""))
}

/// The texts on the way back, from the last to the start.
fn texts(editor: &Editor) -> Vec<String> {
    let mut editor = editor.clone();
    let mut texts = vec![editor.document().text().to_string()];
    while editor.undo().is_some() {
        texts.push(editor.document().text().to_string());
    }
    texts
}

#[test]
fn typing_is_taken_back_word_by_word() {
    let mut editor = empty();
    type_at(&mut editor, 0, "Zoë is  in");
    assert_eq!(texts(&editor), ["Zoë is  in", "Zoë is  ", "Zoë ", ""]);
}

#[test]
fn a_line_break_begins_a_step() {
    let mut editor = empty();
    type_at(&mut editor, 0, "ab\n\n c");
    assert_eq!(texts(&editor), ["ab\n\n c", "ab\n\n ", "ab\n", "ab", ""]);
}

#[test]
fn typing_elsewhere_begins_a_step() {
    let mut editor = empty();
    type_at(&mut editor, 0, "ab");
    type_at(&mut editor, 0, "c");
    assert_eq!(texts(&editor), ["cab", "ab", ""]);
}

#[test]
fn a_pause_of_more_than_a_second_begins_a_step() {
    let mut editor = empty();
    perform(&mut editor, &replace(0, 0, "a"), 500);
    perform(&mut editor, &replace(1, 1, "b"), 1500);
    perform(&mut editor, &replace(2, 2, "c"), 2501);
    assert_eq!(texts(&editor), ["abc", "ab", ""]);
}

#[test]
fn a_caller_can_begin_a_step() {
    let mut editor = empty();
    type_at(&mut editor, 0, "a");
    editor.break_group();
    type_at(&mut editor, 1, "b");
    assert_eq!(texts(&editor), ["ab", "a", ""]);
}

#[test]
fn pasted_text_is_a_step_of_its_own() {
    let mut editor = empty();
    type_at(&mut editor, 0, "a");
    perform(&mut editor, &replace(1, 1, "bc"), 0);
    type_at(&mut editor, 3, "de");
    assert_eq!(texts(&editor), ["abcde", "abc", "a", ""]);
}

#[test]
fn typing_over_a_selection_begins_a_step_that_goes_on() {
    let mut editor = Editor::new(Document::new("a bad day"));
    type_at(&mut editor, 1, " ");
    perform(&mut editor, &replace(2, 6, "g"), 0);
    type_at(&mut editor, 3, "ood");
    assert_eq!(texts(&editor), ["a good day", "a  bad day", "a bad day"]);
}

#[test]
fn characters_erased_side_by_side_are_one_step() {
    let mut editor = Editor::new(Document::new("abcdéf"));
    erase(&mut editor, 4, 6);
    erase(&mut editor, 3, 4);
    erase(&mut editor, 3, 4);
    assert_eq!(texts(&editor), ["abc", "abcdéf"]);
    erase(&mut editor, 0, 1);
    assert_eq!(texts(&editor), ["bc", "abc", "abcdéf"]);
}

#[test]
fn a_selection_erased_is_a_step_of_its_own() {
    let mut editor = Editor::new(Document::new("abcdef"));
    erase(&mut editor, 5, 6);
    erase(&mut editor, 3, 5);
    erase(&mut editor, 2, 3);
    assert_eq!(texts(&editor), ["ab", "abc", "abcde", "abcdef"]);
}

#[test]
fn erasing_after_typing_begins_a_step() {
    let mut editor = empty();
    type_at(&mut editor, 0, "ab");
    erase(&mut editor, 1, 2);
    type_at(&mut editor, 1, "c");
    assert_eq!(texts(&editor), ["ac", "a", "ab", ""]);
}

#[test]
fn a_command_on_annotations_is_a_step_of_its_own() {
    let mut editor = Editor::new(suggested());
    type_at(&mut editor, TEXT.len(), "a");
    perform(&mut editor, &Command::Accept(Id(0)), 0);
    type_at(&mut editor, TEXT.len() + 1, "b");
    for _ in 0..3 {
        editor.undo().unwrap();
    }
    assert!(!editor.can_undo());
    assert_eq!(*editor.document(), suggested());
}

#[test]
fn a_command_that_changes_nothing_or_fails_is_no_step() {
    let mut editor = Editor::new(suggested());
    perform(&mut editor, &Command::Accept(Id(0)), 0);
    editor.undo();
    perform(&mut editor, &replace(2, 2, ""), 0);
    let unknown = Command::Accept(Id(99));
    assert!(editor.perform(&unknown, caret(0, 0), 0).is_err());
    assert!(!editor.can_undo() && editor.can_redo());
}

#[test]
fn undo_and_redo_give_the_selection_and_the_edits() {
    let mut editor = empty();
    type_at(&mut editor, 0, "ab");
    let undone = editor.undo().unwrap();
    assert_eq!(undone.selection, Span::<Byte>::new(0, 0));
    let edit = |start, removed, inserted| Edit {
        start,
        removed,
        inserted,
    };
    let edits: Vec<_> = undone.edits().collect();
    assert_eq!(edits, [edit(1, 1, 0), edit(0, 1, 0)]);

    let redone = editor.redo().unwrap();
    assert_eq!(redone.selection, Span::<Byte>::new(2, 2));
    let edits: Vec<_> = redone.edits().collect();
    assert_eq!(edits, [edit(0, 0, 1), edit(1, 0, 1)]);
    assert_eq!(editor.redo(), None);
}

#[test]
fn undo_brings_back_a_mention_with_its_links() {
    let mut editor = Editor::new(suggested());
    erase(&mut editor, MARY.start, BOSTON.end);
    assert!(editor.document().links().is_empty());
    editor.undo();
    assert_eq!(*editor.document(), suggested());
}

#[test]
fn what_a_person_does_clears_what_was_undone() {
    let mut editor = empty();
    type_at(&mut editor, 0, "a");
    editor.undo();
    type_at(&mut editor, 0, "b");
    assert!(!editor.can_redo());
    editor.undo();
    type_at(&mut editor, 0, "c");
    assert_eq!(texts(&editor), ["c", ""]);
}

#[test]
fn typing_after_an_undo_begins_a_step() {
    let mut editor = empty();
    type_at(&mut editor, 0, "a b");
    editor.undo();
    type_at(&mut editor, 2, " ");
    assert_eq!(texts(&editor), ["a  ", "a ", ""]);
}

#[test]
fn an_answer_is_no_step_and_goes_with_the_step_before_it() {
    let mut editor = Editor::new(Document::new(TEXT));
    editor.answer(&answer(&[("Peop", MARY)], &[])).unwrap();
    assert!(!editor.can_undo());
    let start = editor.document().clone();

    perform(&mut editor, &Command::Accept(Id(0)), 0);
    editor.answer(&answer(&[("Org", ACME)], &[])).unwrap();
    let end = editor.document().clone();
    assert_eq!(
        shown(&end),
        ["0 Peop Mary Jones accepted", "1 Org Acme Corp"]
    );

    editor.undo().unwrap();
    assert_eq!(*editor.document(), start);
    editor.redo().unwrap();
    assert_eq!(*editor.document(), end);
}

#[test]
fn an_answer_does_not_keep_keystrokes_apart() {
    let mut editor = Editor::new(suggested());
    type_at(&mut editor, 4, "a");
    editor.answer(&answer(&[], &[])).unwrap();
    type_at(&mut editor, 5, "b");
    editor.undo().unwrap();
    assert_eq!(*editor.document(), suggested());
}

#[test]
fn an_answer_after_an_undo_leaves_what_can_be_redone() {
    let mut editor = Editor::new(suggested());
    perform(&mut editor, &Command::Accept(Id(0)), 0);
    perform(&mut editor, &Command::Reject(Id(2)), 0);
    let end = editor.document().clone();
    editor.undo().unwrap();
    let accepted = editor.document().clone();

    editor.answer(&answer(&[("Org", ACME)], &[])).unwrap();
    let answered = editor.document().clone();
    assert_ne!(answered, accepted);

    editor.redo().unwrap();
    assert_eq!(*editor.document(), end);
    editor.undo().unwrap();
    assert_eq!(*editor.document(), answered);
    editor.undo().unwrap();
    assert_eq!(*editor.document(), suggested());
    editor.redo().unwrap();
    assert_eq!(*editor.document(), answered);
}

#[test]
fn several_commands_can_be_one_step() {
    let mut editor = Editor::new(suggested());
    let all = [0, 1, 2, 3, 4].map(|id| Command::Accept(Id(id)));
    editor.perform_all(&all, caret(0, 0)).unwrap();
    let shown = shown(editor.document());
    assert!(shown.iter().all(|mention| mention.ends_with("accepted")));
    editor.undo().unwrap();
    assert_eq!(*editor.document(), suggested());

    let failing = [Command::Accept(Id(0)), Command::Accept(Id(9))];
    assert!(editor.perform_all(&failing, caret(0, 0)).is_err());
    assert_eq!(*editor.document(), suggested());
    assert!(editor.can_redo());
}

#[test]
fn the_oldest_steps_are_forgotten() {
    let mut editor = empty();
    for _ in 0..editor::DEPTH + 5 {
        type_at(&mut editor, 0, "a");
        editor.break_group();
    }
    let mut steps = 0;
    while editor.undo().is_some() {
        steps += 1;
    }
    assert_eq!(steps, editor::DEPTH);
    assert_eq!(&**editor.document().text(), "aaaaa");
}
