use proptest::prelude::*;
use serde_json::{Value, json};
use spanarc_document::{Origin, State};

use crate::{
    annotated::Annotated,
    any_document::{
        Holds, any_faults, any_tokenised, read_one, read_text, renumbered, with_faults, written,
    },
    format::Format::{self, Spacy},
    note::Note,
    reading::Reading,
    reported::notes,
};

fn doc() -> Value {
    json!({
        "text": "👍 Ada met Bo. He left.",
        "ents": [{"start": 2, "end": 5, "label": "PERSON"}, {"start": 10, "end": 12, "label": "PERSON"}],
        "sents": [{"start": 0, "end": 13}, {"start": 14, "end": 22}],
        "tokens": [
            {"id": 0, "start": 0, "end": 1}, {"id": 1, "start": 2, "end": 5}, {"id": 2, "start": 6, "end": 9},
            {"id": 3, "start": 10, "end": 12}, {"id": 4, "start": 12, "end": 13}, {"id": 5, "start": 14, "end": 16},
            {"id": 6, "start": 17, "end": 21}, {"id": 7, "start": 21, "end": 22},
        ],
    })
}

fn read(doc: &Value) -> Reading {
    read_text(Spacy, &[doc.to_string()])
}

/// Words and type of each mention.
fn mentions(annotated: &Annotated) -> Vec<(String, &str)> {
    let document = &annotated.document;
    let mentions = document.mentions().iter();
    mentions
        .map(|mention| (document.words(&mention.spans).collect(), &*mention.kind))
        .collect()
}

#[test]
fn entities_count_code_points_and_sentences_keep_their_tokens() {
    let reading = read(&doc());
    assert!(reading.refused.is_empty() && reading.notes.is_empty());
    let read = &reading.documents[0];
    let person = |words: &str| (words.to_owned(), "PERSON");
    assert_eq!(mentions(read), [person("Ada"), person("Bo")]);
    let sentences = read.sentences.as_deref().unwrap();
    let words = |index: usize| -> Vec<&str> {
        let tokens = sentences[index].tokens.iter();
        tokens.map(|token| token.word.as_str()).collect()
    };
    assert_eq!(words(0), ["👍", "Ada", "met", "Bo", "."]);
    assert_eq!(words(1), ["He", "left", "."]);
}

#[test]
fn a_span_that_stands_twice_in_a_list_is_named() {
    let mut doc = doc();
    let ada = json!({"start": 2, "end": 5, "label": "PERSON"});
    doc["spans"] = json!({"sc": [ada, ada]});
    let reading = read(&doc);
    // The first of them is that of `ents`.
    assert_eq!(mentions(&reading.documents[0]).len(), 2);
    assert_eq!(notes(&reading), []);
    doc["ents"] = json!([]);
    let reading = read(&doc);
    assert_eq!(mentions(&reading.documents[0]).len(), 1);
    assert_eq!(
        notes(&reading),
        [(
            Note::OtherAnnotation,
            "spans.sc[1], which stands in spans.sc, too"
        )]
    );
}

#[test]
fn spans_of_groups_are_mentions_too_and_read_once() {
    let mut doc = doc();
    let span = |start: usize, end: usize, label: &str, kb_id: &str| json!({"start": start, "end": end, "label": label, "kb_id": kb_id});
    doc["spans"] = json!({
        "events": [span(6, 9, "MEETING", "")],
        "sc": [span(2, 5, "PERSON", ""), span(2, 12, "SCENE", "Q7"), span(0, 1, "", "")],
    });
    let reading = read(&doc);
    let kinds: Vec<_> = mentions(&reading.documents[0])
        .into_iter()
        .map(|(_, kind)| kind)
        .collect();
    assert_eq!(kinds, ["PERSON", "SCENE", "MEETING", "PERSON"]);
    let mentions = reading.documents[0].document.mentions();
    assert_eq!(mentions[1].attributes["normalizations"][0]["id"], "Q7");
    assert_eq!(mentions[2].attributes["group"], "events");
    let expected = (Note::OtherAnnotation, "spans.sc[2], a span without a label");
    assert_eq!(notes(&reading), [expected]);
}

#[test]
fn relations_stand_in_an_extension_of_the_document() {
    let mut doc = doc();
    let bo = json!({"start": 10, "end": 12, "label": "PERSON"});
    let he = json!({"start": 14, "end": 16, "label": "PERSON"});
    doc["_"] = json!({"rel": [
        {"head": 3, "child": 1, "head_span": bo, "child_span": {"start": 2, "end": 5}, "label": "knows", "score": 0.5},
        {"head": 3, "child": 5, "head_span": bo, "child_span": he, "label": "knows"},
        {"head": 3},
    ], "page": 3});
    let reading = read(&doc);
    let document = &reading.documents[0].document;
    let link = &document.links()[0];
    assert_eq!((link.head.0, link.tail.0), (1, 0));
    let origin = Origin::Model {
        name: "".into(),
        score: 0.5,
    };
    assert_eq!((&link.origin, link.state), (&origin, State::Suggested));
    assert_eq!(document.notes()["page"], 3);
    let refused: Vec<_> = reading.refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        refused,
        [
            "t, line 1: rel[1] names a span as its child, which is not there",
            "t, line 1: missing field `head_span` in rel[2]",
        ]
    );
}

#[test]
fn a_table_of_relations_and_layers_of_tokens_are_noted() {
    let mut doc = doc();
    doc["tokens"][0]["lemma"] = "👍".into();
    doc["tokens"][0]["pos"] = "SYM".into();
    doc["_"] = json!({"rel": {"(1, 3)": {"knows": 1.0}}});
    doc["underscore_span"] = json!({"sure": [{"start": 6, "end": 9, "value": true}]});
    let reading = read(&doc);
    assert_eq!(
        notes(&reading),
        [
            (Note::OtherAnnotation, "of tokens: lemma, pos"),
            (Note::OtherAnnotation, "sure of the span 6..9, no mention"),
            (Note::OtherAnnotation, "rel, which is no list of relations"),
        ]
    );
}

#[test]
fn arrays_lines_and_indented_objects_are_read_alike() {
    let doc = doc();
    let texts = [
        format!("[{doc},\n{doc}]"),
        format!("{doc}\n\n{doc}\n"),
        format!("{doc:#}\n{doc:#}"),
    ];
    for text in texts {
        assert_eq!(Format::detect(text.as_bytes()), Ok(Spacy), "{text}");
        let reading = read_text(Spacy, &[text]);
        assert!(reading.refused.is_empty());
        assert_eq!(reading.documents.len(), 2);
    }
}

#[test]
fn overlapping_mentions_stand_in_a_group_and_the_longest_are_entities() {
    let text = r#"{"text":"New York met Bo","entities":[[0,8,"Loc"],[0,3,"Adj"],[4,12,"Odd"],[13,15,"Peop"]],"relations":[]}"#;
    let mut read = read_one(Format::Text, &[text]);
    read.segment(
        &crate::any_document::Words,
        None,
        crate::Discontinuous::Drop,
        &mut Vec::new(),
    );
    let (files, notes) = written(Spacy, &read);
    assert!(notes.is_empty());
    let doc: Value = serde_json::from_str(&files[0]).unwrap();
    let labels = |list: &Value| -> Vec<Value> {
        let spans = list.as_array().unwrap().iter();
        spans.map(|span| span["label"].clone()).collect()
    };
    assert_eq!(labels(&doc["ents"]), ["Loc", "Peop"]);
    assert_eq!(labels(&doc["spans"]["sc"]), ["Adj", "Loc", "Odd", "Peop"]);
}

const HELD: Holds = Holds {
    pieces: false,
    blank_ends: false,
    ..Holds::ALL
};

proptest! {
    #[test]
    fn what_is_written_is_read_back(annotated in any_tokenised(Holds { decisions: false, ..HELD })) {
        let (files, notes) = written(Spacy, &annotated);
        prop_assert!(notes.is_empty(), "{notes:?}");
        prop_assert_eq!(Format::detect(files[0].as_bytes()), Ok(Spacy));
        let read = read_one(Spacy, &files);
        prop_assert_eq!(renumbered(&read.document), renumbered(&annotated.document));
        prop_assert_eq!(read.id, annotated.id);
        prop_assert_eq!(read.sentences, annotated.sentences.map(|mut sentences| {
            for sentence in &mut sentences {
                sentence.place = read.place.clone();
            }
            sentences
        }));
    }

    #[test]
    fn decisions_of_people_are_read_back_but_for_rejections(annotated in any_tokenised(HELD)) {
        let (files, notes) = written(Spacy, &annotated);
        prop_assert!(notes.iter().all(|noted| noted.note == Note::Rejected));
        let read = renumbered(&read_one(Spacy, &files).document);
        let states = |document: &spanarc_document::Document| -> Vec<_> {
            let mentions = document.mentions().iter();
            let standing = mentions.filter(|mention| mention.state != State::Rejected);
            standing.map(|mention| (mention.spans.clone(), mention.origin.clone(), mention.state)).collect()
        };
        prop_assert_eq!(states(&read), states(&renumbered(&annotated.document)));
    }

    #[test]
    fn faults_never_make_the_reader_panic(annotated in any_tokenised(Holds::ALL), faults in any_faults()) {
        let (files, _) = written(Spacy, &annotated);
        read_text(Spacy, &[with_faults(&files[0], &faults)]);
    }
}
