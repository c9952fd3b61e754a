use proptest::prelude::*;
use serde_json::{Value, json};
use spanarc_document::{Document, Origin, State};

use crate::{
    any_document::{
        Holds, any_annotated, any_faults, read_one, read_text, renumbered, with_faults, written,
    },
    format::Format::{self, LabelStudio},
    note::Note,
    reading::Reading,
    reported::{notes, refused},
};

fn region(id: &str, start: usize, text: &str, label: &str) -> Value {
    let end = start + text.chars().count();
    json!({
        "id": id, "from_name": "label", "to_name": "text", "type": "labels", "origin": "manual",
        "value": {"start": start, "end": end, "text": text, "labels": [label]},
    })
}

fn relation(from: &str, to: &str, direction: &str) -> Value {
    json!({"type": "relation", "from_id": from, "to_id": to, "direction": direction, "labels": ["knows"]})
}

fn task(text: &str, results: Value) -> Value {
    json!({"id": 7, "data": {"text": text}, "annotations": [{"id": 1, "result": results}]})
}

fn read(tasks: &Value) -> Reading {
    read_text(LabelStudio, &[tasks.to_string()])
}

/// Words, types and states of all mentions.
fn mentions(document: &Document) -> Vec<(String, &str, State)> {
    let mentions = document.mentions().iter();
    mentions
        .map(|mention| {
            let words = document.words(&mention.spans).collect();
            (words, &*mention.kind, mention.state)
        })
        .collect()
}

#[test]
fn regions_count_code_points_and_relations_to_the_left_are_turned_round() {
    let results = json!([
        region("Dx_aB9", 2, "Ada", "Peop"),
        region("t5sp3T", 10, "Bo", "Peop"),
        relation("Dx_aB9", "t5sp3T", "left"),
    ]);
    let reading = read(&json!([task("👍 Ada met Bo.", results)]));
    let document = &reading.documents[0].document;
    assert_eq!(reading.documents[0].id, "7");
    let accepted = |words: &str| (words.to_owned(), "Peop", State::Accepted);
    assert_eq!(mentions(document), [accepted("Ada"), accepted("Bo")]);
    assert_eq!(document.mentions()[0].attributes["id"], "Dx_aB9");
    let link = &document.links()[0];
    assert_eq!((link.head.0, link.tail.0, &*link.kind), (1, 0, "knows"));
    assert!(reading.refused.is_empty() && reading.notes.is_empty());
}

#[test]
fn regions_that_fit_only_utf16_units_are_read_so() {
    let results = json!([region("a", 3, "Ada", "Peop"), region("b", 11, "Bo", "Peop")]);
    let reading = read(&json!([task("👍 Ada met Bo.", results)]));
    let accepted = |words: &str| (words.to_owned(), "Peop", State::Accepted);
    let document = &reading.documents[0].document;
    assert_eq!(mentions(document), [accepted("Ada"), accepted("Bo")]);
}

#[test]
fn regions_that_fit_no_unit_are_refused_by_field() {
    let results = json!([region("a", 0, "Ada", "Peop"), region("b", 2, "Bo", "Peop")]);
    let reading = read(&json!([task("Ada met Bo.", results)]));
    assert_eq!(
        refused(&reading),
        [
            r#"t, line 1, [0] (id 7): annotations[0].result[1] is said to be "Bo", but the text at its offsets, counted in code points, is "a ""#
        ]
    );
    assert_eq!(reading.documents[0].document.mentions().len(), 1);
}

#[test]
fn cancelled_annotations_are_never_gold() {
    let results = json!([region("a", 0, "May", "Peop")]);
    let mut skipped = task("May is cold.", results.clone());
    skipped["annotations"][0]["was_cancelled"] = true.into();
    let mut second = skipped.clone();
    let other = json!({"id": 2, "result": []});
    second["annotations"].as_array_mut().unwrap().push(other);
    let reading = read(&json!([skipped, second]));
    assert_eq!(reading.documents.len(), 1);
    assert!(reading.documents[0].document.mentions().is_empty());
    assert_eq!(
        notes(&reading),
        [
            (Note::NotAccepted, "task 7"),
            (Note::NotAccepted, "annotations[0] (id 1)"),
        ]
    );
}

#[test]
fn of_several_annotations_the_ground_truth_is_read() {
    let mut several = task("Ada met Bo.", json!([region("a", 0, "Ada", "Org")]));
    let truth = json!({"ground_truth": true, "result": [region("a", 0, "Ada", "Peop")]});
    several["annotations"].as_array_mut().unwrap().push(truth);
    let reading = read(&json!([several]));
    let document = &reading.documents[0].document;
    assert_eq!(
        mentions(document),
        [("Ada".to_owned(), "Peop", State::Accepted)]
    );
    let subject = "annotations[0] (id 1) beside annotations[1]";
    assert_eq!(notes(&reading), [(Note::OtherAnnotation, subject)]);
}

#[test]
fn predictions_are_suggestions_and_what_stands_there_already_is_read_once() {
    let mut task = task("Ada met Bo.", json!([region("a", 0, "Ada", "Peop")]));
    let mut scored = region("e2", 8, "Bo", "Peop");
    scored["score"] = 0.5.into();
    task["predictions"] = json!([
        {"model_version": "news", "score": 0.9, "result": [
            region("e1", 0, "Ada", "Peop"), scored, relation("e1", "e2", "right"),
        ]},
        12,
    ]);
    let reading = read(&json!([task]));
    let document = &reading.documents[0].document;
    let expected = [
        ("Ada".to_owned(), "Peop", State::Accepted),
        ("Bo".to_owned(), "Peop", State::Suggested),
    ];
    assert_eq!(mentions(document), expected);
    let origin = |score| Origin::Model {
        name: "news".into(),
        score,
    };
    assert_eq!(document.mentions()[1].origin, origin(0.5));
    assert_eq!(document.links()[0].origin, origin(0.9));
    assert_eq!(
        notes(&reading),
        [
            (
                Note::OtherAnnotation,
                "predictions[1] is only its number, 12"
            ),
            (Note::SuggestionRepeated, "predictions[0].result[0], Peop"),
        ]
    );
}

#[test]
fn every_label_of_a_region_is_a_mention_and_relations_mean_the_first() {
    let mut two = region("a", 0, "Ada", "Peop");
    two["value"]["labels"] = json!(["Peop", "Author"]);
    let results = json!([two, region("b", 8, "Bo", "Peop"), relation("b", "a", "bi")]);
    let reading = read(&json!([task("Ada met Bo.", results)]));
    let document = &reading.documents[0].document;
    assert_eq!(document.mentions().len(), 3);
    let link = &document.links()[0];
    assert_eq!(&*document.mention(link.tail).unwrap().kind, "Peop");
    assert_eq!(link.attributes["direction"], "bi");
}

#[test]
fn other_results_are_attributes_of_their_region_or_noted() {
    let mut about = region("a", 0, "Ada", "Peop");
    about["meta"] = json!({"text": ["the elder"], "sure": true});
    let results = json!([
        about,
        {"id": "a", "from_name": "tone", "to_name": "text", "type": "choices",
         "value": {"start": 0, "end": 3, "text": "Ada", "choices": ["warm"]}},
        {"id": "x", "from_name": "genre", "to_name": "text", "type": "choices", "value": {"choices": ["letter"]}},
        {"id": "y", "from_name": "label", "to_name": "text", "type": "labels", "value": {"start": 8, "end": 10}},
    ]);
    let reading = read(&json!([task("Ada met Bo.", results)]));
    let attributes = &reading.documents[0].document.mentions()[0].attributes;
    assert_eq!(attributes["tone"], json!(["warm"]));
    assert_eq!(attributes["note"], "the elder");
    assert_eq!(attributes["sure"], true);
    assert_eq!(
        notes(&reading),
        [
            (
                Note::OtherAnnotation,
                r#"annotations[0].result[2], choices "genre""#
            ),
            (
                Note::OtherAnnotation,
                "annotations[0].result[3], a region without a label"
            ),
        ]
    );
}

#[test]
fn the_text_is_what_the_regions_fit_and_the_names_of_the_project_are_kept() {
    let mut named = region("a", 0, "Ada", "Peop");
    named["from_name"] = "ner".into();
    named["to_name"] = "letter".into();
    let mut task = task("", json!([named]));
    task["data"] = json!({"title": "A day", "body": "Ada met Bo.", "year": 1843});
    let read = read_one(LabelStudio, &[json!([task]).to_string()]);
    assert_eq!(&**read.document.text(), "Ada met Bo.");
    assert_eq!(read.document.notes()["year"], 1843);
    let (files, noted) = written(LabelStudio, &read);
    assert!(noted.is_empty());
    let again: Value = serde_json::from_str(&files[0]).unwrap();
    assert_eq!(again[0]["data"]["body"], "Ada met Bo.");
    let result = &again[0]["annotations"][0]["result"][0];
    assert_eq!(
        (&result["from_name"], &result["to_name"]),
        (&"ner".into(), &"letter".into())
    );
}

#[test]
fn a_task_whose_text_cannot_be_told_is_refused_with_the_keys_of_its_data() {
    let reading = read(&json!([{"data": {"title": "A", "body": "B"}}]));
    assert_eq!(
        refused(&reading),
        [
            "t, line 1, [0]: no text: there is neither the key `text` nor a string that the regions fit in data; the keys there are `title`, `body`"
        ]
    );
}

#[test]
fn a_task_without_annotations_is_a_document_that_nobody_has_annotated() {
    for tasks in [
        json!([{"data": {"text": "Ada"}}]),
        json!({"data": {"text": "Ada"}, "annotations": [], "predictions": []}),
    ] {
        let reading = read(&tasks);
        assert_eq!(reading.documents.len(), 1);
        assert_eq!(notes(&reading), [(Note::Unannotated, "task 1")]);
    }
}

#[test]
fn minimal_exports_are_read() {
    let text = r#"[
  {"id": 3, "text": "Ada met Bo.", "sentiment": "calm", "annotator": 1, "annotation_id": 9, "lead_time": 2.5,
   "label": [{"start": 0, "end": 3, "text": "Ada", "labels": ["Peop"]}]},
  {"id": 4, "text": "Nobody."}
]"#;
    assert_eq!(Format::detect(text.as_bytes()), Ok(LabelStudio));
    let reading = read_text(LabelStudio, &[text]);
    assert!(reading.refused.is_empty());
    assert_eq!(reading.documents[0].document.mentions().len(), 1);
    assert_eq!(reading.documents[0].document.notes()["sentiment"], "calm");
    assert_eq!(reading.documents[1].place.line, 4);
    let kinds: Vec<_> = reading.notes.iter().map(|noted| noted.note).collect();
    assert_eq!(kinds, [Note::NoRelationsKey; 2]);
}

#[test]
fn an_error_is_placed_on_its_line_and_the_other_tasks_are_read() {
    let text = "[{\"data\": {\"text\": \"Ada\"}},\n {\"data\": {\"text\": \"Bo\"},\n  \"annotations\": [{\"result\": 5}]}]";
    let reading = read_text(LabelStudio, &[text]);
    assert_eq!(
        refused(&reading),
        [
            "t, line 3, [1]: invalid type: integer `5`, expected a list in annotations[0].result at column 30"
        ]
    );
    assert_eq!(reading.documents.len(), 1);
}

#[test]
fn suggestions_are_written_as_predictions_with_the_regions_that_their_relations_need() {
    let text = json!({
        "text": "Ada met Bo.",
        "entities": [
            {"type": "Peop", "start": 0, "end": 3},
            {"type": "Peop", "start": 8, "end": 10, "score": 0.75, "model": "news"},
        ],
        "relations": [{"type": "knows", "head": 0, "tail": 1, "score": 0.25, "model": "news"}],
    });
    let (files, _) = written(LabelStudio, &read_one(Format::Text, &[text.to_string()]));
    let tasks: Value = serde_json::from_str(&files[0]).unwrap();
    let ids = |list: &Value| -> Vec<Value> {
        let items = list["result"].as_array().unwrap().iter();
        items.map(|item| item["id"].clone()).collect()
    };
    assert_eq!(ids(&tasks[0]["annotations"][0]), ["e0"]);
    let prediction = &tasks[0]["predictions"][0];
    assert_eq!(prediction["model_version"], "news");
    assert_eq!(ids(prediction), [json!("e0"), json!("e1"), Value::Null]);
    assert_eq!(prediction["result"][1]["score"], 0.75);
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        annotated in any_annotated(Holds { pieces: false, decisions: false, ..Holds::ALL }),
    ) {
        let (files, notes) = written(LabelStudio, &annotated);
        prop_assert!(notes.is_empty());
        prop_assert_eq!(Format::detect(files[0].as_bytes()), Ok(LabelStudio));
        let read = read_one(LabelStudio, &files);
        prop_assert_eq!(renumbered(&read.document), renumbered(&annotated.document));
        prop_assert_eq!(read.id, annotated.id);
    }

    #[test]
    fn decisions_of_people_are_read_back_but_for_rejections(
        annotated in any_annotated(Holds { pieces: false, ..Holds::ALL }),
    ) {
        let (files, notes) = written(LabelStudio, &annotated);
        let rejected = |state| usize::from(state == State::Rejected);
        let document = &annotated.document;
        let mentions: usize = document.mentions().iter().map(|mention| rejected(mention.state)).sum();
        let links: usize = document.links().iter().map(|link| rejected(link.state)).sum();
        prop_assert_eq!(notes.len(), mentions + links);
        let read = read_one(LabelStudio, &files).document;
        for mention in read.mentions() {
            let same = |other: &&spanarc_document::Mention| other.spans == mention.spans && other.kind == mention.kind;
            let original = document.mentions().iter().find(same).unwrap();
            prop_assert_eq!((&mention.origin, mention.state), (&original.origin, original.state));
        }
        prop_assert_eq!(read.mentions().len() + mentions, document.mentions().len());
        prop_assert_eq!(read.links().len() + links, document.links().len());
    }

    #[test]
    fn faults_never_make_the_reader_panic(annotated in any_annotated(Holds::ALL), faults in any_faults()) {
        let (files, _) = written(LabelStudio, &annotated);
        read_text(LabelStudio, &[with_faults(&files[0], &faults)]);
    }
}

#[test]
fn the_text_s_own_key_is_written_where_it_is_found_again() {
    let read_back = |data: Value| {
        let annotated = read_one(LabelStudio, &[json!([{"data": data}]).to_string()]);
        let (files, _) = written(LabelStudio, &annotated);
        assert_eq!(
            read_one(LabelStudio, &files).document.text(),
            annotated.document.text()
        );
        files[0].clone()
    };
    let alone = read_back(json!({"review": "Ada left.", "id": "a"}));
    assert!(alone.contains(r#""review":"Ada left.""#), "{alone}");
    // Were it called `id`, the document's id would take its place.
    let named_id = read_back(json!({"id": "Ada left."}));
    assert!(named_id.contains(r#""text":"Ada left.""#), "{named_id}");
}
