use proptest::prelude::*;
use serde_json::{Value, json};
use spanarc_document::{Origin, State};

use crate::{
    any_document::{Holds, any_faults, any_tokenised, read_one, read_text, with_faults, written},
    format::Format::{self, Prodigy},
    note::Note,
    reading::Reading,
    reported::notes,
};

fn tokens() -> Value {
    json!([
        {"text": "👍", "start": 0, "end": 1, "id": 0, "ws": true},
        {"text": "Ada", "start": 2, "end": 5, "id": 1, "ws": true},
        {"text": "May", "start": 6, "end": 9, "id": 2, "ws": true},
        {"text": "met", "start": 10, "end": 13, "id": 3, "ws": true},
        {"text": "Bo", "start": 14, "end": 16, "id": 4, "ws": false},
    ])
}

fn example(relations: Value) -> Value {
    json!({
        "text": "👍 Ada May met Bo",
        "tokens": tokens(),
        "spans": [
            {"start": 2, "end": 9, "token_start": 1, "token_end": 2, "label": "PERSON"},
            {"start": 14, "end": 16, "token_start": 4, "token_end": 4, "label": "PERSON"},
        ],
        "relations": relations,
        "answer": "accept",
        "meta": {"source": "letters"},
        "_input_hash": -7,
        "_view_id": "relations",
    })
}

fn read(example: &Value) -> Reading {
    read_text(Prodigy, &[example.to_string()])
}

#[test]
fn spans_and_relations_by_tokens_are_read_in_code_points() {
    let reading = read(&example(
        json!([{"head": 4, "child": 2, "label": "knows", "color": "#fff"}]),
    ));
    assert!(reading.refused.is_empty() && reading.notes.is_empty());
    let document = &reading.documents[0].document;
    let words: Vec<String> = (document.mentions().iter())
        .map(|mention| document.words(&mention.spans).collect())
        .collect();
    assert_eq!(words, ["Ada May", "Bo"]);
    let link = &document.links()[0];
    assert_eq!((link.head.0, link.tail.0), (1, 0));
    assert!(link.attributes.is_empty());
    let keys: Vec<_> = document.notes().keys().collect();
    assert_eq!(keys, ["meta"]);
}

#[test]
fn spans_of_relations_come_before_their_tokens() {
    let ada = json!({"start": 2, "end": 9, "token_start": 1, "token_end": 2, "label": "PERSON"});
    let bo = json!({"start": 14, "end": 16, "token_start": 4, "token_end": 4, "label": "PERSON"});
    let relation =
        json!([{"head": 0, "child": 0, "head_span": ada, "child_span": bo, "label": "knows"}]);
    let reading = read(&example(relation));
    let link = &reading.documents[0].document.links()[0];
    assert_eq!((link.head.0, link.tail.0), (0, 1));
}

#[test]
fn a_token_inside_a_span_stands_for_the_span_and_one_outside_is_noted() {
    let relations = json!([
        {"head": 1, "child": 4, "label": "knows"},
        {"head": 3, "child": 4, "label": "nsubj"},
    ]);
    let reading = read(&example(relations));
    assert_eq!(reading.documents[0].document.links().len(), 1);
    let expected = (
        Note::OtherAnnotation,
        "relations[1], of tokens without a span",
    );
    assert_eq!(notes(&reading), [expected]);
}

#[test]
fn rejected_and_ignored_answers_are_never_gold() {
    let line = |answer: &str| {
        format!(
            r#"{{"text":"May is cold.","spans":[{{"start":0,"end":3,"label":"P"}}],"answer":"{answer}"}}"#
        )
    };
    let lines = ["reject", "accept", "ignore"].map(line).join("\n");
    assert_eq!(Format::detect(lines.as_bytes()), Ok(Prodigy));
    let reading = read_text(Prodigy, &[lines]);
    assert_eq!(reading.documents.len(), 1);
    assert_eq!(reading.documents[0].place.line, 2);
    let left_out: Vec<_> = (reading.notes.iter())
        .filter(|noted| noted.note == Note::NotAccepted)
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        left_out,
        [
            "t, line 1: documents that were rejected or skipped, left out: the answer is reject",
            "t, line 3: documents that were rejected or skipped, left out: the answer is ignore",
        ]
    );
}

#[test]
fn an_accepted_answer_for_one_mention_is_noted_as_such() {
    let line = r#"{"text":"May is cold.","spans":[{"start":0,"end":3,"text":"May","label":"P","score":0.5,"source":"news"}],"relations":[],"_view_id":"ner","answer":"accept"}"#;
    let reading = read_text(Prodigy, &[line]);
    assert_eq!(notes(&reading), [(Note::OneAnswer, "the text")]);
    let mention = &reading.documents[0].document.mentions()[0];
    let news = Origin::Model {
        name: "news".into(),
        score: 0.5,
    };
    assert_eq!((&mention.origin, mention.state), (&news, State::Accepted));
}

#[test]
fn scored_spans_without_an_answer_are_suggestions_and_are_written_without_one() {
    let line = r#"{"text":"May is cold.","spans":[{"start":0,"end":3,"label":"P","score":0.5}],"relations":[]}"#;
    let mut read = read_one(Prodigy, &[line]);
    assert_eq!(read.document.mentions()[0].state, State::Suggested);
    read.segment(
        &crate::any_document::Words,
        None,
        crate::Discontinuous::Drop,
        &mut Vec::new(),
    );
    let (files, _) = written(Prodigy, &read);
    assert!(!files[0].contains("answer"));
}

#[test]
fn what_a_span_says_beside_is_kept_and_a_fault_is_refused_by_field() {
    let mut faulty = example(json!([]));
    faulty["spans"][0]["pattern"] = 7.into();
    faulty["spans"][1]["end"] = 99.into();
    let reading = read(&faulty);
    let refused: Vec<_> = reading.refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        refused,
        ["t, line 1: spans[1]: char position 99 is out of range in a text of length 16"]
    );
    let mention = &reading.documents[0].document.mentions()[0];
    assert_eq!(mention.attributes["pattern"], 7);
}

#[test]
fn an_accepted_line_is_written_back_as_it_was_but_for_what_prodigy_makes_anew() {
    let ada = json!({"start": 2, "end": 9, "token_start": 1, "token_end": 2, "label": "PERSON"});
    let bo = json!({"start": 14, "end": 16, "token_start": 4, "token_end": 4, "label": "PERSON"});
    let relation =
        json!([{"head": 2, "child": 4, "head_span": ada, "child_span": bo, "label": "knows"}]);
    let mut expected = example(relation);
    let mut read = read_one(Prodigy, &[expected.to_string()]);
    read.segment(
        &crate::any_document::Words,
        None,
        crate::Discontinuous::Drop,
        &mut Vec::new(),
    );
    let (files, noted) = written(Prodigy, &read);
    assert!(noted.is_empty());
    let object = expected.as_object_mut().unwrap();
    object.retain(|key, _| !key.starts_with('_'));
    object.insert("id".to_owned(), 1.into());
    let written: Value = serde_json::from_str(&files[0]).unwrap();
    assert_eq!(written, expected);
}

const HELD: Holds = Holds {
    pieces: false,
    blank_ends: false,
    ..Holds::ALL
};

proptest! {
    #[test]
    fn what_is_written_is_read_back(annotated in any_tokenised(Holds { decisions: false, ..HELD })) {
        let (files, notes) = written(Prodigy, &annotated);
        prop_assert!(notes.is_empty(), "{notes:?}");
        prop_assert_eq!(Format::detect(files[0].as_bytes()), Ok(Prodigy));
        let read = read_one(Prodigy, &files);
        prop_assert_eq!(read.document, annotated.document);
    }

    #[test]
    fn decisions_of_people_are_read_back_but_for_rejections(annotated in any_tokenised(HELD)) {
        let (files, notes) = written(Prodigy, &annotated);
        prop_assert!(notes.iter().all(|noted| noted.note == Note::Rejected));
        let read = read_one(Prodigy, &files).document;
        let states = |document: &spanarc_document::Document| -> Vec<_> {
            let mentions = document.mentions().iter();
            let standing = mentions.filter(|mention| mention.state != State::Rejected);
            standing.map(|mention| (mention.spans.clone(), mention.origin.clone(), mention.state)).collect()
        };
        prop_assert_eq!(states(&read), states(&annotated.document));
    }

    #[test]
    fn faults_never_make_the_reader_panic(annotated in any_tokenised(Holds::ALL), faults in any_faults()) {
        let (files, _) = written(Prodigy, &annotated);
        read_text(Prodigy, &[with_faults(&files[0], &faults)]);
    }
}
