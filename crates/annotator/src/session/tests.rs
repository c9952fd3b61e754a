use proptest::prelude::*;
use spanarc_document::{Id, State};
use spanarc_protocol::{AnnotationsReply, FoundEntity, Label, ModelSummary, SentenceAnswer};

use super::*;

const TEXT: &str = "Mary Jones works for Acme Corp. Tom Brown lives in Oslo.";

fn caret(at: usize) -> Span<Utf16> {
    Span::new(at, at)
}

fn model() -> ModelSummary {
    let label = |name: &str| Label {
        name: name.into(),
        color: "#336699".into(),
    };
    ModelSummary {
        name: "news".into(),
        bytes: 1,
        entity_types: vec![label("Loc"), label("Peop")],
        relation_types: vec![],
        relation_threshold: 0.5,
    }
}

/// The answer to a sentence at `start..end` with one person at its beginning, `len` code units long.
fn person(revision: u32, start: usize, end: usize, len: usize) -> AnnotationsReply {
    AnnotationsReply {
        surface: 0,
        revision,
        done: 1,
        total: 1,
        sentences: vec![SentenceAnswer {
            start,
            end,
            entities: vec![FoundEntity {
                entity_type: 1,
                start: 0,
                end: len,
                score: 0.9,
            }],
            relations: vec![],
        }],
        milliseconds: 1.0,
    }
}

/// Types `keys` at the end, one key at a time, 100 ms apart.
fn type_at_end(session: &mut Session, keys: &str, from_ms: u64) {
    for (i, key) in keys.chars().enumerate() {
        let before = session.offsets.length::<Utf16>();
        let text = format!("{}{key}", session.document().text());
        let after = before + key.len_utf16();
        let now = from_ms + 100 * i as u64;
        session.typed(&text, caret(before), caret(after), false, now);
    }
}

fn texts(session: &Session) -> Vec<&str> {
    let document = session.document();
    let words = |m: &spanarc_document::Mention| {
        document
            .text()
            .get(m.spans.extent().start..m.spans.extent().end)
    };
    document.mentions().iter().filter_map(words).collect()
}

#[test]
fn an_edit_is_told_in_utf16_code_units() {
    let mut session = Session::new(Document::new("😀 Ann"));
    let edit = session.typed("😀 é Ann", caret(3), caret(5), false, 0);
    let expected = TextEdit {
        start: 3,
        removed: 0,
        inserted: "é ".into(),
    };
    assert_eq!(edit, Some(expected));
    assert_eq!(
        session.typed("😀 é Ann", caret(5), caret(5), false, 0),
        None
    );
    assert_eq!(session.snapshot().revision, 2);
}

#[test]
fn of_several_places_for_one_edit_the_caret_tells_the_right_one() {
    let mut session = Session::new(Document::new("aaa"));
    let edit = session.typed("aaaa", caret(1), caret(2), false, 0).unwrap();
    assert_eq!(
        (edit.start, &*edit.inserted),
        (3, "a"),
        "the mirror may follow either"
    );
    let restored = session.undo().unwrap();
    assert_eq!(restored.selection, caret(1));

    // A mention that begins where a letter is doubled stays on its own letter.
    let mut session = Session::new(Document::new("oo"));
    session.answered(&person(1, 0, 2, 1), &model());
    session.typed("ooo", caret(0), caret(1), false, 0);
    let spans = session.document().mentions()[0].spans.extent();
    assert_eq!((spans.start, spans.end), (1, 2));
}

#[test]
fn words_are_undone_one_by_one_with_their_selections() {
    let mut session = Session::new(Document::new("I am "));
    type_at_end(&mut session, "Ann Lee", 0);
    let undone = session.undo().unwrap();
    assert_eq!(&**session.document().text(), "I am Ann ");
    assert_eq!(undone.selection, caret(9));
    session.undo();
    assert_eq!(&**session.document().text(), "I am ");
    assert_eq!(session.undo(), None);
    let redone = session.redo().unwrap();
    assert_eq!(&**session.document().text(), "I am Ann ");
    assert_eq!(redone.selection, caret(9));
}

#[test]
fn what_an_input_method_composes_is_one_step() {
    let mut session = Session::new(Document::new("Boston "));
    for (text, composing) in [
        ("Boston ひ", true),
        ("Boston ひろ", true),
        ("Boston 広島", true),
    ] {
        let len = text.encode_utf16().count();
        let edit = session.typed(text, caret(7), caret(len), composing, 0);
        assert!(edit.is_some(), "{text}");
        assert_eq!(session.undo(), None, "nothing is undone meanwhile");
    }
    session.composed();
    session.undo();
    assert_eq!(&**session.document().text(), "Boston ");
    assert_eq!(session.undo(), None);
    session.redo();
    assert_eq!(&**session.document().text(), "Boston 広島");
}

#[test]
fn undoing_a_deletion_brings_text_and_annotations_back_at_once() {
    let mut session = Session::new(Document::new(TEXT));
    session.answered(&person(1, 0, 31, 10), &model());
    let before = session.document().clone();
    assert!((session.typed("", Span::new(4, 9), caret(0), false, 0)).is_some());
    assert!(session.document().mentions().is_empty());
    let restored = session.undo().unwrap();
    assert_eq!(*session.document(), before);
    assert_eq!(restored.selection, Span::new(4, 9));
    assert_eq!(restored.edit.unwrap().inserted, TEXT);
}

#[test]
fn the_text_that_an_annotator_begins_with_is_not_taken_back_and_one_that_replaces_work_is() {
    let mut session = Session::new(Document::new(""));
    session.replaced("Ann met Bo.", caret(0));
    assert_eq!(session.undo(), None);
    type_at_end(&mut session, "!", 0);
    let (_, selected) = session
        .replaced("So Ann met Bo.!", Span::new(4, 7))
        .unwrap();
    assert_eq!(selected, Span::new(7, 10));
    assert!(session.step_edits_text(true));
    session.undo();
    assert_eq!(&**session.document().text(), "Ann met Bo.!");
}

#[test]
fn suggestions_go_with_another_schema_only_where_a_model_makes_them_again() {
    let mut session = Session::new(Document::new(TEXT));
    session.answered(&person(1, 0, 31, 10), &model());
    let schema = || Rc::new(Schema::default());
    session.set_schema(schema(), false);
    assert_eq!(texts(&session), ["Mary Jones"]);
    let (revision, _) = session.hand_over();
    session.set_schema(schema(), true);
    assert!(texts(&session).is_empty());
    assert_eq!(session.hand_over().0, revision + 2);
}

#[test]
fn an_answer_to_an_older_text_counts_for_the_sentences_that_stand() {
    let mut session = Session::new(Document::new(TEXT));
    let longer = TEXT.replace("works", "worked");
    session.typed(&longer, caret(15), caret(17), false, 0);
    // To the text before the edit, which reached into the first sentence and moved the second.
    assert!(!session.answered(&person(1, 0, 31, 10), &model()));
    assert!(session.answered(&person(1, 32, 56, 9), &model()));
    assert_eq!(texts(&session), ["Tom Brown"]);
    // To the text after it.
    assert!(session.answered(&person(2, 0, 32, 10), &model()));
    assert_eq!(texts(&session), ["Mary Jones", "Tom Brown"]);
}

#[test]
fn another_model_takes_over_without_what_the_last_one_suggested_and_with_what_a_person_decided() {
    let mut session = Session::new(Document::new(TEXT));
    session.answered(&person(1, 0, 31, 10), &model());
    session.answered(&person(1, 32, 56, 9), &model());
    session
        .perform(&[Command::Accept(Id(0))], caret(0), 0)
        .unwrap();
    session.forget_suggestions();
    assert_eq!(texts(&session), ["Mary Jones"]);
    assert_eq!(session.document().mentions()[0].state, State::Accepted);
}

#[test]
fn an_answer_that_names_unknown_types_or_places_is_passed_over() {
    let mut session = Session::new(Document::new(TEXT));
    let mut unknown = person(1, 0, 31, 10);
    unknown.sentences[0].entities[0].entity_type = 7;
    assert!(!session.answered(&unknown, &model()));
    assert!(!session.answered(&person(1, 0, 9999, 10), &model()));
    assert!(!session.answered(&person(1, 0, 31, 9999), &model()));
}

#[test]
fn an_input_method_takes_back_only_its_own_words() {
    let mut session = Session::new(Document::new("Bosto"));
    session.answered(&person(1, 0, 5, 5), &model());
    session
        .perform(&[Command::Accept(Id(0))], caret(5), 0)
        .unwrap();
    for text in ["Boston", "Bosto", "Boston"] {
        session.typed(text, caret(5), caret(text.len()), true, 0);
    }
    assert_eq!(session.document().mentions()[0].state, State::Accepted);
    // Nor what a host does meanwhile.
    session
        .perform(&[Command::Reject(Id(0))], caret(6), 0)
        .unwrap();
    session.typed("Bostons", caret(5), caret(7), true, 0);
    session.composed();
    assert!(
        session
            .document()
            .mentions()
            .iter()
            .all(|m| m.state != State::Accepted)
    );
    session.undo();
    assert_eq!(session.document().mentions()[0].state, State::Rejected);
}

#[test]
fn what_undoing_takes_back_of_a_models_answers_is_asked_for_anew() {
    let mut session = Session::new(Document::new(TEXT));
    let read = |session: &mut Session| session.hand_over().0;
    assert_eq!(read(&mut session), 1);
    type_at_end(&mut session, "!", 0);
    assert_eq!(read(&mut session), 2);
    // Nothing but text is taken back: the model need not read all of it.
    session.undo();
    assert_eq!(read(&mut session), 3);
    session.redo();
    assert_eq!(read(&mut session), 4);
    session.answered(&person(4, 0, 31, 10), &model());
    session.undo();
    assert!(session.document().mentions().is_empty());
    assert_eq!(read(&mut session), 7, "a gap");
    // An undone decision changes no text, and takes back what was answered since.
    session.answered(&person(7, 0, 31, 10), &model());
    let id = session.document().mentions()[0].id;
    session
        .perform(&[Command::Accept(id)], caret(0), 0)
        .unwrap();
    assert_eq!(read(&mut session), 7);
    session.undo();
    assert_eq!(read(&mut session), 9);
}

#[test]
fn line_breaks_become_a_textareas_and_annotations_stay_on_their_words() {
    let mut document = Document::new("Ann\r\nBo\rCy");
    for (kind, start, end) in [("Peop", 5, 7), ("Peop", 8, 10)] {
        let spans = spanarc_document::Spans::one(Span::new(start, end)).unwrap();
        let command = Command::AddMention {
            kind: kind.into(),
            spans,
        };
        let changes = document.changes_for(&command).unwrap();
        document.apply_all(changes).unwrap();
    }
    let mut session = Session::new(document);
    assert_eq!(&**session.document().text(), "Ann\nBo\nCy");
    assert_eq!(texts(&session), ["Bo", "Cy"]);
    session.replaced("Ann\r\nBo", caret(0));
    assert_eq!(&**session.document().text(), "Ann\nBo");
}

#[test]
fn the_caret_stays_on_its_letter_when_a_host_writes_before_it() {
    let mut session = Session::new(Document::new(TEXT));
    let command = Command::ReplaceText {
        span: Span::new(0, 4),
        with: "Élise".into(),
    };
    let (edit, selected) = session.perform(&[command], Span::new(11, 16), 0).unwrap();
    assert_eq!(edit.unwrap().inserted, "Élise");
    assert_eq!(selected, Span::new(12, 17));
}

proptest! {
    #[test]
    fn applying_the_edits_that_are_told_gives_the_text(
        texts in prop::collection::vec("(a|b|é|😀|\n| ){0,8}", 1..8),
        undone in prop::collection::vec(any::<bool>(), 8),
        caret_at in 0..8usize,
    ) {
        let mut session = Session::new(Document::new(""));
        let mut mirror: Vec<u16> = Vec::new();
        let apply = |mirror: &mut Vec<u16>, edit: TextEdit| {
            mirror.splice(edit.start..edit.start + edit.removed, edit.inserted.encode_utf16());
        };
        for (text, undo) in texts.iter().zip(undone) {
            let at = caret(caret_at.min(text.encode_utf16().count()));
            if let Some(edit) = session.typed(text, caret(0), at, false, 0) {
                apply(&mut mirror, edit);
            }
            if undo && let Some(edit) = session.undo().and_then(|restored| restored.edit) {
                apply(&mut mirror, edit);
            }
            let shown: Vec<u16> = session.document().text().encode_utf16().collect();
            prop_assert_eq!(&mirror, &shown);
        }
    }
}
