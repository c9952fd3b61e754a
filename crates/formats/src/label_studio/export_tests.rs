//! What real exports hold besides plain texts and regions.

use serde_json::{Value, json};

use crate::{
    any_document::read_text,
    format::Format::LabelStudio,
    note::Note,
    reading::Reading,
    reported::{mentions, notes, refused},
};

fn read(tasks: &Value) -> Reading {
    read_text(LabelStudio, &[tasks.to_string()])
}

/// A task with one region.
fn task(data: &Value, value: &Value) -> Value {
    let region = json!({"id": "a", "from_name": "label", "to_name": "text", "type": "labels", "value": value});
    json!([{"id": 7, "data": data, "annotations": [{"id": 1, "result": [region]}]}])
}

#[test]
fn a_region_over_a_line_end_says_it_as_a_backslash_and_a_letter() {
    let value = json!({"start": 6, "end": 13, "text": "met\\n Bo", "labels": ["P"]});
    // Only regions that fit tell which text is meant, and what offsets count.
    let reading = read(&task(
        &json!({"title": "Other", "body": "👍 Ada met\n Bo."}),
        &json!({"start": 7, "end": 14, "text": "met\\n Bo", "labels": ["P"]}),
    ));
    assert_eq!(refused(&reading), Vec::<String>::new());
    assert_eq!(mentions(&reading.documents[0]), [("P", "met\n Bo")]);
    let reading = read(&task(&json!({"text": "👍 Ada met\n Bo."}), &value));
    assert_eq!(mentions(&reading.documents[0]), [("P", "met\n Bo")]);
}

#[test]
fn regions_of_a_file_are_not_put_on_its_address() {
    for address in ["/data/upload/1/ab12-sample.txt", "s3://texts/sample.txt"] {
        let value = json!({"start": 0, "end": 3, "labels": ["P"]});
        let reading = read(&task(&json!({"text": address}), &value));
        let expected = format!(
            "t, line 1, [0] (id 7): expected a text, found the address \"{address}\" of one in data; the keys there are `text`"
        );
        assert_eq!(refused(&reading), [expected]);
        assert!(reading.documents.is_empty());
    }
    // Somebody may label addresses.
    let value = json!({"start": 0, "end": 4, "text": "http", "labels": ["P"]});
    let reading = read(&task(&json!({"text": "http://a.example"}), &value));
    assert_eq!(mentions(&reading.documents[0]), [("P", "http")]);
}

#[test]
fn regions_of_what_a_browser_shows_are_not_put_on_html() {
    let value = |text: Option<&str>| {
        json!({"start": "/p[1]/text()[1]", "end": "/p[1]/text()[1]", "startOffset": 8, "endOffset": 10,
               "globalOffsets": {"start": 8, "end": 10}, "text": text, "hypertextlabels": ["P"]})
    };
    for text in [None, Some("Bo")] {
        let html = json!({"text": "<p>Ada met Bo.</p>"});
        let reading = read(&task(&html, &value(text)));
        let [refused] = &refused(&reading)[..] else {
            panic!("{reading:?}");
        };
        assert!(
            refused.contains("annotations[0].result[0].value") && refused.contains("HTML"),
            "{refused}"
        );
        assert!(reading.documents[0].document.mentions().is_empty());
        let plain = json!({"text": "Ada met Bo."});
        let reading = read(&task(&plain, &value(text)));
        assert_eq!(mentions(&reading.documents[0]), [("P", "Bo")]);
    }
}

#[test]
fn a_minimal_export_has_an_item_for_each_annotator_and_the_first_is_read() {
    let item = |annotator: u32, label: &str| {
        let ner = json!([{"start": 0, "end": 3, "text": "Ada", "labels": [label]}]);
        json!({"id": 12, "text": "Ada met Bo.", "annotator": annotator, "ner": ner})
    };
    let reading = read(&json!([item(1, "P"), item(2, "Q")]));
    assert_eq!(reading.documents.len(), 1);
    assert_eq!(mentions(&reading.documents[0]), [("P", "Ada")]);
    let (note, subject) = notes(&reading)[1];
    assert_eq!(
        (note, subject),
        (Note::OtherAnnotation, "a further item of task 12")
    );
}

#[test]
fn a_region_without_a_label_hides_none_behind_it() {
    let ner = json!([{"start": 0, "end": 3, "text": "Ada"}, {"start": 8, "end": 10, "text": "Bo", "labels": ["P"]}]);
    let reading = read(&json!([{"id": 1, "text": "Ada met Bo.", "ner": ner}]));
    assert_eq!(mentions(&reading.documents[0]), [("P", "Bo")]);
    assert!(
        notes(&reading)
            .iter()
            .any(|(_, subject)| subject.contains("a region without a label"))
    );
}
