use proptest::prelude::*;
use spanarc_document::State;

use crate::{
    any_document::{Holds, any_annotated, read_one, read_text, written},
    format::Format::{self, Doccano},
    note::Note,
    reported::refused,
};

const RELATIONS: &str = r#"{"id":7,"text":"👍 Ada met Bo.","entities":[{"id":11,"label":"Peop","start_offset":2,"end_offset":5},{"id":12,"label":"Peop","start_offset":10,"end_offset":12}],"relations":[{"id":3,"from_id":12,"to_id":11,"type":"knows"}],"Comments":[{"id":1,"comment":"Which Bo?"}],"source":"letters","model":1843}
"#;

#[test]
fn an_export_with_relations_is_read_in_code_points_and_written_back_as_it_was() {
    let read = read_one(Doccano, &[RELATIONS]);
    let document = &read.document;
    assert_eq!(read.id, "7");
    let words: Vec<_> = (document.mentions().iter())
        .map(|mention| document.words(&mention.spans).collect::<String>())
        .collect();
    assert_eq!(words, ["Ada", "Bo"]);
    let link = &document.links()[0];
    assert_eq!((link.head.0, link.tail.0, &*link.kind), (1, 0, "knows"));
    assert_eq!(document.notes()["note"][0], "Which Bo?");
    let (files, notes) = written(Doccano, &read);
    assert!(notes.is_empty(), "{notes:?}");
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    let mut expected = value(RELATIONS);
    expected["Comments"][0]["id"] = 0.into();
    assert_eq!(value(&files[0]), expected);
}

#[test]
fn exports_without_relations_hold_triples_under_either_name() {
    for key in ["label", "labels"] {
        let line = format!(
            r#"{{"id":1,"text":"Zoë met Bo.","{key}":[[0,3,"Peop"],[8,10,"Peop"]],"Comments":["sure?"],"cats":["talk"]}}"#
        );
        let mut reading = read_text(Doccano, &[&line]);
        let notes: Vec<_> = reading.notes.iter().map(|noted| noted.note).collect();
        assert_eq!(notes, [Note::NoRelationsKey]);
        let document = reading.documents.remove(0).document;
        assert_eq!(document.mentions().len(), 2);
        assert_eq!(document.notes()["note"][0], "sure?");
        assert_eq!(document.notes()["cats"][0], "talk");
    }
}

#[test]
fn a_text_may_be_called_data() {
    let line = r#"{"id":2,"data":"No Ada here","label":[[3,6,"Peop"]]}"#;
    assert_eq!(Format::detect(line.as_bytes()), Ok(Doccano));
    let document = read_one(Doccano, &[line]).document;
    assert_eq!(&**document.text(), "No Ada here");
    assert!(document.notes().is_empty());
    let line = r#"{"text":"No Ada here","data":"letters","label":[]}"#;
    let document = read_one(Doccano, &[line]).document;
    assert_eq!(&**document.text(), "No Ada here");
    assert_eq!(document.notes()["data"], "letters");
}

#[test]
fn labels_that_are_only_numbers_are_refused() {
    let line = r#"{"id":1,"text":"Ada met Bo.","annotations":[{"label":7,"start_offset":0,"end_offset":3}]}"#;
    assert_eq!(Format::detect(line.as_bytes()), Ok(Doccano));
    assert_eq!(
        refused(&read_text(Doccano, &[line])),
        [
            "t, line 1: the labels in `annotations` are only numbers, and the export lacks their names: doccano has them in `JSONL(text label)`"
        ]
    );
}

#[test]
fn a_faulty_entity_is_named_by_its_field_and_its_relations_are_left_out() {
    let line = r#"{"text":"Ada met Bo.","entities":[{"id":1,"label":"Peop","start_offset":0,"end_offset":30},{"id":2,"label":"Peop","start_offset":8,"end_offset":10}],"relations":[{"from_id":1,"to_id":2,"type":"knows"}]}"#;
    let reading = read_text(Doccano, &[line]);
    let refused: Vec<_> = reading.refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        refused,
        ["t, line 1: entities[0]: char position 30 is out of range in a text of length 11"]
    );
    assert_eq!(reading.notes[0].note, Note::RelationOfDropped);
    assert_eq!(reading.documents[0].document.mentions().len(), 1);
}

#[test]
fn labels_of_whole_texts_are_no_entities() {
    let reading = read_text(Doccano, &[r#"{"text":"Fine.","label":["positive"]}"#]);
    let refused: Vec<_> = reading.refused.iter().map(ToString::to_string).collect();
    assert_eq!(
        refused,
        [
            "t, line 1: invalid type: string \"positive\", expected an entity: an object, or [start, end, type] in label[0] at column 35"
        ]
    );
}

#[test]
fn what_a_person_rejected_is_not_written() {
    let line = r#"{"text":"Ada met Bo.","entities":[{"id":0,"label":"Peop","start_offset":0,"end_offset":3,"state":"rejected"}],"relations":[]}"#;
    let (files, notes) = written(Doccano, &read_one(Doccano, &[line]));
    assert!(files[0].contains(r#""entities":[]"#));
    assert_eq!(notes[0].note, Note::Rejected);
    assert_eq!(notes[0].subject, r#"Peop "Ada" (code points 0..3)"#);
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        annotated in any_annotated(Holds { pieces: false, decisions: false, ..Holds::ALL }),
    ) {
        let (files, notes) = written(Doccano, &annotated);
        prop_assert!(notes.is_empty());
        prop_assert_eq!(Format::detect(files[0].as_bytes()), Ok(Doccano));
        let read = read_one(Doccano, &files);
        prop_assert_eq!(read.document, annotated.document);
        prop_assert_eq!(read.id, annotated.id);
    }

    #[test]
    fn what_one_span_cannot_hold_is_noted(annotated in any_annotated(Holds::ALL)) {
        let (files, notes) = written(Doccano, &annotated);
        let read = read_one(Doccano, &files).document;
        prop_assert!(read.mentions().iter().all(|mention| mention.state != State::Rejected));
        let count = |document: &spanarc_document::Document| document.mentions().len() + document.links().len();
        let left_out = notes.iter().filter(|noted| noted.note != Note::DiscontinuousCovered).count();
        prop_assert_eq!(count(&read) + left_out, count(&annotated.document));
    }
}
