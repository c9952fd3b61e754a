//! Brat's files of our own.

use crate::{
    File, Format, Reading, WritingRules,
    any_document::{read_one, written},
    note::Note,
    read_pair,
    reported::{links, notes, refused},
    write as write_as,
};

const TEXT: &str = "Ilse\tVogt met\r\nBo in 🎉 New Castle old town.";

fn read_files(text: &str, annotations: &str) -> Reading {
    let mut reading = Reading::default();
    let text = File {
        name: "a.txt",
        bytes: text.as_bytes(),
    };
    let annotations = File {
        name: "a.ann",
        bytes: annotations.as_bytes(),
    };
    read_pair(Format::Brat, "a", text, annotations, &mut reading);
    reading
}

fn mentions(reading: &Reading) -> Vec<String> {
    let annotated = &reading.documents[0];
    annotated
        .document
        .mentions()
        .iter()
        .map(|mention| annotated.describe(mention))
        .collect()
}

#[test]
fn what_is_kept_comes_back_as_it_was() {
    let annotations = "T1\tPer 0 9\tIlse Vogt\nA1\tKnown T1\nA2\tSure T1 High\nN1\tReference T1 Wiki:Q1\tIlse\n\
                       #1\tAnnotatorNotes T1\tcheck, twice\nT2\tLoc 23 26;34 37\tNew old\nR1\tIn Arg1:T1 Arg2:T2\n\
                       A3\tSure R1 Low\n";
    let reading = read_files(TEXT, annotations);
    assert_eq!(refused(&reading), Vec::<String>::new());
    let mut notes = Vec::new();
    let written = write_as(
        Format::Brat,
        &reading.documents[0],
        &WritingRules::default(),
        &mut notes,
    );
    let [text, written] = <[String; 2]>::try_from(written.unwrap()).unwrap();
    assert_eq!((text.as_str(), notes.len()), (TEXT, 0));
    assert_eq!(
        read_files(&text, &written).documents[0].document,
        reading.documents[0].document
    );
    assert!(
        written.contains("T2\tLoc 23 26;34 37\tNew old\n"),
        "{written}"
    );
}

#[test]
fn a_mention_that_goes_over_a_line_is_cut_in_the_file_and_whole_in_the_document() {
    let reading = read_files(TEXT, "T1\tX 10 13;15 17\tmet Bo\n");
    assert_eq!(
        mentions(&reading),
        ["X \"met\\r\\nBo\" (code points 10..17)"]
    );
    let written = write_as(
        Format::Brat,
        &reading.documents[0],
        &WritingRules::default(),
        &mut Vec::new(),
    )
    .unwrap();
    assert_eq!(written[1], "T1\tX 10 13;15 17\tmet Bo\n");
}

#[test]
fn the_text_of_a_mention_may_hold_tabs() {
    let reading = read_files(TEXT, "T1\tP 0 9\tIlse\tVogt\n");
    assert_eq!(mentions(&reading), ["P \"Ilse\\tVogt\" (code points 0..9)"]);
    assert!(reading.refused.is_empty());
}

#[test]
fn a_torn_line_is_one_error_that_names_the_cause() {
    let reading = read_files(
        TEXT,
        "T1\tX 10 17\tmet\nBo\nT2\tP 0 4\tIlse\nR1\tr Arg1:T1 Arg2:T2\n",
    );
    assert_eq!(
        refused(&reading),
        [
            "a.ann, line 1: the text of T1 goes on over the end of its line, torn by a line break: brat writes a space there"
        ]
    );
    assert_eq!(mentions(&reading).len(), 1);
}

#[test]
fn offsets_may_count_a_byte_order_mark_or_not() {
    let marked = format!("\u{feff}{TEXT}");
    for annotations in ["T1\tP 0 4\tIlse\n", "T1\tP 1 5\tIlse\n"] {
        let reading = read_files(&marked, annotations);
        assert_eq!(refused(&reading), Vec::<String>::new());
        assert_eq!(mentions(&reading), ["P \"Ilse\" (code points 0..4)"]);
    }
}

#[test]
fn offsets_may_count_a_line_end_of_two_characters_as_one() {
    let text = "Ada met\r\nBo and\r\nCy 🎉 Dee.";
    let expected = [
        "P \"Ada\" (code points 0..3)",
        "P \"Bo\" (code points 9..11)",
        "P \"Dee\" (code points 22..25)",
    ];
    let one = "T1\tP 0 3\tAda\nT2\tP 8 10\tBo\nT3\tP 20 23\tDee\n";
    let two = "T1\tP 0 3\tAda\nT2\tP 9 11\tBo\nT3\tP 22 25\tDee\n";
    for (annotations, noted) in [(one, 1), (two, 0)] {
        let reading = read_files(text, annotations);
        assert_eq!(refused(&reading), Vec::<String>::new());
        assert_eq!(mentions(&reading), expected);
        assert_eq!(reading.notes.len(), noted);
    }
}

#[test]
fn a_text_in_utf_16_is_named_once() {
    let text: Vec<u8> = TEXT.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut reading = Reading::default();
    let annotations = File {
        name: "a.ann",
        bytes: b"T1\tP 0 4\tIlse\n",
    };
    read_pair(
        Format::Brat,
        "a",
        File {
            name: "a.txt",
            bytes: &text,
        },
        annotations,
        &mut reading,
    );
    assert_eq!(
        refused(&reading),
        ["a.txt is UTF-16LE, not UTF-8: convert it, for example with `iconv -f UTF-16LE -t UTF-8`"]
    );
}

#[test]
fn a_mention_that_ends_in_control_characters_is_written_and_read_back() {
    let text = r#"{"text": "Ada\u0000\u0001 met", "entities": [[0, 5, "P"]], "relations": []}"#;
    let annotated = read_one(Format::Json, &[text]);
    let (files, notes) = written(Format::Brat, &annotated);
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(read_one(Format::Brat, &files).document, annotated.document);
}

#[test]
fn a_mention_over_a_blank_line_has_no_blank_piece_and_comes_back() {
    let text = r#"{"text": "Ada\r\n  \nBo", "entities": [[0, 10, "P"]], "relations": []}"#;
    let annotated = read_one(Format::Json, &[text]);
    let (files, notes) = written(Format::Brat, &annotated);
    assert_eq!(files[1], "T1\tP 0 3;8 10\tAda Bo\n");
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(read_one(Format::Brat, &files).document, annotated.document);
}

#[test]
fn line_ends_around_a_mention_are_left_out_with_a_note() {
    let text = r#"{"text": "Ada\r\n  \nBo", "entities": [[0, 4, "P"]], "relations": []}"#;
    let (files, notes) = written(Format::Brat, &read_one(Format::Json, &[text]));
    assert_eq!(files[1], "T1\tP 0 3\tAda\n");
    assert_eq!(
        notes[0].subject,
        "P \"Ada\\r\" (code points 0..4), without the line ends around it"
    );
}

#[test]
fn a_line_that_repeats_an_identifier_takes_nothing_from_the_first() {
    let reading = read_files(
        TEXT,
        "T1\tP 0 4\tIlse\nT2\tP 15 17\tBo\nT1\tP 5 9\tVogt\nR1\tr Arg1:T1 Arg2:T2\n",
    );
    assert_eq!(
        refused(&reading),
        ["a.ann, line 3: T1 stands on line 1 already"]
    );
    assert_eq!(links(&reading.documents[0]), ["r(Ilse, Bo)"]);
}

#[test]
fn what_is_said_of_a_refused_mention_is_noted() {
    let reading = read_files(
        TEXT,
        "T1\tP 0 4\tIlsa\nA1\tSure T1\nT2\tP 0 x\tIlse\nA2\tSure T2\n",
    );
    assert_eq!(refused(&reading).len(), 2);
    let left_out = [
        (Note::Attribute, "A2 of T2, which was refused"),
        (Note::Attribute, "Sure of T1, which was refused"),
    ];
    assert_eq!(notes(&reading), left_out);
}

#[test]
fn two_types_that_brat_writes_alike_are_noted() {
    let text = r#"{"text": "Ada Bo", "relations": [],
        "entities": [[0, 3, "Job title"], [4, 6, "Job_title"]]}"#;
    let (_, notes) = written(Format::Brat, &read_one(Format::Json, &[text]));
    let subjects: Vec<_> = notes.iter().map(|noted| noted.subject.as_str()).collect();
    assert_eq!(
        subjects,
        [
            "the type of Job title \"Ada\" (code points 0..3) is written Job_title, and so is the type \"Job_title\""
        ]
    );
}

#[test]
fn control_characters_in_a_mention_are_written_as_spaces_and_read_back() {
    let text = "New\u{14}York\0.";
    let reading = read_files(text, "T1\tPlace 0 9\tNew York \n");
    assert_eq!(refused(&reading), Vec::<String>::new());
    let written = write_as(
        Format::Brat,
        &reading.documents[0],
        &WritingRules::default(),
        &mut Vec::new(),
    )
    .unwrap();
    assert_eq!(written[1], "T1\tPlace 0 9\tNew York \n");
}
