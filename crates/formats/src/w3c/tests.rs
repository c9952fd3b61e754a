use proptest::prelude::*;
use serde_json::{Value, json};
use spanarc_document::{Document, Origin, State};

use crate::{
    any_document::{Holds, any_annotated, any_faults, read_one, read_text, with_faults, written},
    format::Format::{self, W3c},
    note::Note,
    reading::Reading,
    reported::{notes, refused},
};

const TEXT: &str = "👍 Ada met Bo. Ada left.";

fn tag(value: &str) -> Value {
    json!({"type": "TextualBody", "purpose": "tagging", "value": value})
}

fn target(exact: &str, start: usize) -> Value {
    let end = start + exact.encode_utf16().count();
    json!({"source": "letter.txt", "selector": [
        {"type": "TextQuoteSelector", "exact": exact},
        {"type": "TextPositionSelector", "start": start, "end": end},
    ]})
}

fn annotation(id: &str, value: &str, target: Value) -> Value {
    json!({"@context": "http://www.w3.org/ns/anno.jsonld", "id": id, "type": "Annotation", "body": [tag(value)], "target": target})
}

fn link(id: &str, head: &str, tail: &str) -> Value {
    json!({"id": id, "type": "Annotation", "motivation": "linking", "body": [tag("knows")], "target": [{"id": head}, {"id": tail}]})
}

fn read(annotations: &Value) -> Reading {
    read_text(W3c, &[TEXT.to_owned(), format!("{annotations:#}")])
}

fn words(document: &Document) -> Vec<Vec<&str>> {
    let mentions = document.mentions().iter();
    mentions
        .map(|mention| document.words(&mention.spans).collect())
        .collect()
}

#[test]
fn keys_that_are_no_annotation_s_are_noted() {
    let mut first = annotation("#a", "Peop", target("Ada", 3));
    first["styleClass"] = "red".into();
    let page = json!({"type": "AnnotationPage", "items": [first.clone()]});
    let expected = [(Note::UnknownKey, "`styleClass` of annotations, once")];
    for annotations in [page, json!([first])] {
        assert_eq!(notes(&read(&annotations)), expected);
    }
}

#[test]
fn an_array_of_a_browser_counts_utf16_units_and_links_go_from_target_to_target() {
    let reading = read(&json!([
        annotation("#a", "Peop", target("Ada", 3)),
        annotation("#b", "Peop", json!([target("Bo", 11)])),
        link("#c", "#b", "#a"),
    ]));
    assert!(reading.refused.is_empty() && reading.notes.is_empty());
    let document = &reading.documents[0].document;
    assert_eq!(words(document), [["Ada"], ["Bo"]]);
    assert_eq!(document.mentions()[0].attributes["id"], "#a");
    let link = &document.links()[0];
    assert_eq!((link.head.0, link.tail.0, &*link.kind), (1, 0, "knows"));
    let mention = document.mentions()[1].id;
    assert_eq!(reading.documents[0].place_of(mention).line, 28);
}

#[test]
fn where_quotes_fit_code_points_positions_count_these() {
    let reading = read(&json!([annotation("#a", "Peop", target("Ada", 2))]));
    assert_eq!(words(&reading.documents[0].document), [["Ada"]]);
}

#[test]
fn a_quote_that_fits_no_unit_is_refused_by_field() {
    let page =
        json!({"type": "AnnotationPage", "items": [annotation("#a", "Peop", target("Ida", 3))]});
    assert_eq!(
        refused(&read(&page)),
        [
            r#"t.ann, line 1: items[0].target is said to be "Ida", but the text at its offsets, counted in UTF-16 units, is "Ada""#
        ]
    );
}

#[test]
fn a_quote_without_a_position_is_found_by_what_stands_around_it() {
    let quote = |selector: Value| annotation("#a", "Peop", json!({"selector": selector}));
    let only = quote(json!({"type": "TextQuoteSelector", "exact": "Ada", "suffix": " left"}));
    let reading = read(&json!([only]));
    let document = &reading.documents[0].document;
    assert_eq!(document.mentions()[0].spans.extent().start, 17);
    let ambiguous = quote(json!([{"type": "TextQuoteSelector", "exact": "Ada"}]));
    assert_eq!(
        refused(&read(&json!([ambiguous]))),
        ["t.ann, line 2: no position, and a quote that stands in several places in [0].target"]
    );
}

#[test]
fn positions_may_be_written_as_fractions_and_as_fragments() {
    let position = json!({"type": "TextPositionSelector", "start": 3.0, "end": 6.0});
    let fragment = json!({"type": "FragmentSelector", "conformsTo": "http://tools.ietf.org/rfc/rfc5147", "value": "char=2,5;length=23"});
    for selector in [position, fragment] {
        let item = annotation("#a", "Peop", json!({"selector": selector}));
        let reading = read(&json!([item]));
        assert_eq!(refused(&reading), [""; 0]);
        assert_eq!(words(&reading.documents[0].document), [["Ada"]]);
    }
}

#[test]
fn a_position_that_is_none_is_refused_unless_a_quote_says_it() {
    let at = |selector: Value| json!({"body": [tag("Peop")], "target": {"selector": selector}});
    let position = |start: Value| json!({"type": "TextPositionSelector", "start": start, "end": 6});
    let reading = read(&json!({"items": [
        at(position(json!(-5))),
        at(position(json!("3"))),
        at(json!([position(json!(0.5)), {"type": "TextQuoteSelector", "exact": "Ada"}])),
        at(json!({"type": "TextPositionSelector", "start": 3})),
        at(json!({"type": "FragmentSelector", "value": "char=3"})),
        at(json!({"type": "FragmentSelector", "value": "char=3,99"})),
    ]}));
    assert_eq!(
        refused(&reading),
        [
            "t.ann, line 1: expected a whole number from 0 as the position's start, not -5 in items[0].target",
            "t.ann, line 1: expected a whole number from 0 as the position's start, not \"3\" in items[1].target",
            "t.ann, line 1: expected a whole number from 0 as the position's start, not 0.5 in items[2].target",
            "t.ann, line 1: expected a whole number from 0 as the position's end in items[3].target",
            "t.ann, line 1: expected two whole numbers behind `char=`, not 3 in items[4].target",
            "t.ann, line 1: char position 99 is out of range in a text of length 23 in items[5].target",
        ]
    );
    let quote = json!({"type": "TextQuoteSelector", "exact": "Bo"});
    let reading = read(&json!([at(json!([position(json!(-5)), quote]))]));
    assert_eq!(words(&reading.documents[0].document), [["Bo"]]);
}

#[test]
fn several_targets_are_pieces_and_several_tags_are_mentions() {
    let mut both = annotation("#a", "Peop", json!([target("Ada", 3), target("Bo", 11)]));
    both["body"] = json!([tag("Group"), tag("Pair")]);
    let reading = read(
        &json!({"type": "AnnotationPage", "items": [both, annotation("#b", "Peop", target("Ada", 15)), link("#c", "#a", "#b")]}),
    );
    let document = &reading.documents[0].document;
    assert_eq!(
        words(document),
        [vec!["Ada", "Bo"], vec!["Ada", "Bo"], vec!["Ada"]]
    );
    assert_eq!(
        &*document.mention(document.links()[0].head).unwrap().kind,
        "Group"
    );
}

#[test]
fn comments_identities_creators_and_models_are_kept() {
    let mut annotation = annotation("#a", "Peop", target("Ada", 3));
    annotation["body"] = json!([
        {"type": "TextualBody", "purpose": "commenting", "value": "the elder"},
        tag("Peop"),
        {"type": "SpecificResource", "purpose": "identifying", "source": "http://www.wikidata.org/entity/Q7259"},
    ]);
    annotation["creator"] = json!({"id": "http://example.org/vera", "type": "Person"});
    let mut guess = self::annotation("#b", "Peop", target("Bo", 11));
    guess["creator"] = json!({"type": "Software", "name": "news"});
    let reading = read(&json!([annotation, guess]));
    let mentions = reading.documents[0].document.mentions();
    let attributes = &mentions[0].attributes;
    assert_eq!(attributes["note"], "the elder");
    assert_eq!(attributes["creator"]["id"], "http://example.org/vera");
    let id = &attributes["normalizations"][0]["id"];
    assert_eq!(id, "http://www.wikidata.org/entity/Q7259");
    let news = Origin::Model {
        name: "news".into(),
        score: 1.0,
    };
    assert_eq!(
        (&mentions[1].origin, mentions[1].state),
        (&news, State::Suggested)
    );
}

#[test]
fn relations_that_lead_to_a_body_and_are_tagged_by_an_annotation_of_their_own_are_read() {
    let reading = read(&json!([
        annotation("#a", "Peop", target("Ada", 3)),
        annotation("#b", "Peop", target("Bo", 11)),
        {"id": "#c", "type": "Annotation", "motivation": "linking", "target": "#a", "body": "#b"},
        {"id": "#d", "type": "Annotation", "motivation": "tagging", "body": {"type": "TextualBody", "value": "knows"}, "target": "#c"},
        {"id": "#e", "type": "Annotation", "motivation": "linking", "target": [{"id": "#b"}, {"id": "#a"}]},
    ]));
    assert!(reading.refused.is_empty() && reading.notes.is_empty());
    let links = reading.documents[0].document.links().iter();
    let links: Vec<_> = links
        .map(|link| (link.head.0, link.tail.0, &*link.kind))
        .collect();
    assert_eq!(links, [(0, 1, "knows"), (1, 0, "linking")]);
}

#[test]
fn what_is_no_mention_is_noted_and_what_names_nothing_is_refused() {
    let reading = read(
        &json!({"type": "AnnotationPage", "next": "page2", "items": [
            {"id": "#a", "type": "Annotation", "body": {"type": "TextualBody", "value": "fine"}, "target": target("Ada", 3)},
            {"id": "#b", "type": "Annotation", "body": [tag("Letter")], "target": "letter.txt"},
            {"id": "#c", "type": "Annotation", "motivation": "linking", "target": [{"id": "#a"}]},
            link("#d", "#a", "#b"),
            link("#e", "#a", "#x"),
        ]}),
    );
    assert_eq!(
        notes(&reading),
        [
            (Note::OtherAnnotation, "the next page, page2"),
            (Note::OtherAnnotation, "items[0], without a tag"),
            (
                Note::OtherAnnotation,
                "items[1], without a place in the text"
            ),
            (
                Note::OtherAnnotation,
                "items[2], a link of other than two annotations"
            ),
            (Note::RelationOfDropped, "items[3]"),
        ]
    );
    assert_eq!(
        refused(&reading),
        ["t.ann, line 1: items[4] names #x, which is not there"]
    );
}

#[test]
fn annotations_without_their_text_are_refused() {
    let page = json!({"type": "AnnotationPage", "items": []}).to_string();
    assert_eq!(Format::detect(page.as_bytes()), Ok(W3c));
    let reading = read_text(W3c, &[page]);
    assert_eq!(
        refused(&reading),
        [
            "t, line 1: a document of the format w3c is two files, a text and its annotations, and this is one file"
        ]
    );
}

#[test]
fn another_object_is_refused_with_its_keys() {
    assert_eq!(
        refused(&read(&json!({"text": "a"}))),
        [
            "t.ann, line 1: is neither an annotation, with `target`, nor a page, with `items`; the keys there are `text`"
        ]
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(annotated in any_annotated(Holds { decisions: false, ..Holds::ALL })) {
        let (files, notes) = written(W3c, &annotated);
        prop_assert!(notes.is_empty());
        prop_assert_eq!(Format::detect(files[1].as_bytes()), Ok(W3c));
        prop_assert_eq!(read_one(W3c, &files).document, annotated.document);
    }

    #[test]
    fn decisions_of_people_are_read_back_but_for_rejections(annotated in any_annotated(Holds::ALL)) {
        let (files, notes) = written(W3c, &annotated);
        prop_assert!(notes.iter().all(|noted| noted.note == Note::Rejected));
        let read = read_one(W3c, &files).document;
        let states = |document: &Document| -> Vec<_> {
            let mentions = document.mentions().iter();
            let standing = mentions.filter(|mention| mention.state != State::Rejected);
            standing.map(|mention| (mention.spans.clone(), mention.origin.clone(), mention.state)).collect()
        };
        prop_assert_eq!(states(&read), states(&annotated.document));
    }

    #[test]
    fn quotes_tell_the_unit_where_the_file_does_not(annotated in any_annotated(Holds { attributes: true, ..Holds::default() })) {
        let (files, _) = written(W3c, &annotated);
        let mut page: Value = serde_json::from_str(&files[1]).unwrap();
        let items = page["items"].take();
        let read = read_one(W3c, &[files[0].clone(), items.to_string()]);
        prop_assert_eq!(read.document, annotated.document);
    }

    #[test]
    fn faults_never_make_the_reader_panic(annotated in any_annotated(Holds::ALL), faults in any_faults()) {
        let (files, _) = written(W3c, &annotated);
        read_text(W3c, &[files[0].clone(), with_faults(&files[1], &faults)]);
    }
}
