//! Documents from one format to another.

use std::{fs, path::Path, process::Output};

use tempfile::{TempDir, tempdir};

use crate::{json_text, message, sample, spanarc};

const TEXT: &str = "Ada 👍 met Bo\r\nin Old Oslo town. She left.";

const ANNOTATIONS: &str = "T1\tPer 0 3\tAda\nT2\tPer 10 12\tBo\nT3\tLoc 17 20;26 30\tOld town\nT4\tLoc 21 25\tOslo\n\
                           A1\tSure T1\nR1\tMet Arg1:T1 Arg2:T2\nR2\tIn Arg1:T2 Arg2:T4\n";

/// A folder with a corpus of brat's, and what else lies there in real life.
fn corpus() -> TempDir {
    let folder = tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    for (name, content) in [
        ("a.txt", TEXT),
        ("a.ann", ANNOTATIONS),
        ("._a.ann", "\0\u{5}"),
        (".DS_Store", "\0"),
        ("a.ann~", "T1"),
    ] {
        sample::file(&folder.path().join("in"), name, content.as_bytes());
    }
    folder
}

fn convert(folder: &Path, input: &str, output: &str, more: &[&str]) -> Output {
    let [input, output] =
        [input, output].map(|name| folder.join(name).to_str().unwrap().to_owned());
    let fixed = ["convert", &input, &output];
    spanarc(fixed.iter().chain(more), b"")
}

fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", message(output));
    message(output)
}

#[test]
fn what_formats_of_running_text_hold_goes_there_and_back() {
    let folder = corpus();
    let folder = folder.path();
    done(&convert(folder, "in", "expected.jsonl", &["--to", "text"]));
    let expected = fs::read_to_string(folder.join("expected.jsonl")).unwrap();
    for format in [
        "json",
        "label-studio",
        "doccano",
        "cas-xmi",
        "cas-json",
        "w3c",
        "brat",
    ] {
        let between = format!("out.{format}");
        done(&convert(folder, "in", &between, &["--to", format]));
        let back = format!("back-{format}.jsonl");
        done(&convert(
            folder,
            &between,
            &back,
            &["--from", format, "--to", "text"],
        ));
        let back = fs::read_to_string(folder.join(back)).unwrap();
        let [back, expected] = [&back, &expected].map(|text| {
            let object = json_text(text.lines().next().unwrap());
            assert_eq!(text.lines().count(), 1, "{format}");
            (
                object["text"].clone(),
                object["relations"].as_array().map(Vec::len),
            )
        });
        assert_eq!(back, expected, "{format}");
    }
}

#[test]
fn what_a_format_cannot_hold_is_named_with_its_place() {
    let folder = corpus();
    let message = done(&convert(folder.path(), "in", "out.conll", &[]));
    for part in [
        "1 document, from brat to conll",
        "1  discontinuous mentions left out",
        "a.ann, line 3: Loc \"Old … town\" (code points 17..30)",
        "2  relations left out",
        "a.ann, line 6: Met(Ada, Bo)",
    ] {
        assert!(message.contains(part), "{part:?} is not in {message}");
    }
    let columns = fs::read_to_string(folder.path().join("out.conll")).unwrap();
    assert!(columns.contains("\nOslo\tB-Loc\n"), "{columns}");
}

#[test]
fn what_cannot_be_read_is_named_and_the_rest_is_converted() {
    let folder = corpus();
    let folder = folder.path();
    sample::file(&folder.join("in"), "b.txt", b"Cy laughs.");
    sample::file(
        &folder.join("in"),
        "b.ann",
        b"T1\tPer 0 2\tCy\nT2\tPer 3 40\tlaughs\n",
    );
    let output = convert(folder, "in", "out.jsonl", &["--to", "doccano"]);
    assert_eq!(output.status.code(), Some(1));
    let message = message(&output);
    assert!(
        message.contains("b.ann, line 2: T2: char position 40 is out of range"),
        "{message}"
    );
    let lines = fs::read_to_string(folder.join("out.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 2);
    assert_eq!(
        json_text(lines.lines().nth(1).unwrap())["entities"][0]["label"],
        "Per"
    );
}

#[test]
fn an_unknown_layout_is_an_error_that_lists_what_was_tried() {
    let folder = tempdir().unwrap();
    sample::file(folder.path(), "x.json", b"{\"words\": 3}");
    let output = convert(folder.path(), "x.json", "y.jsonl", &["--to", "text"]);
    assert_eq!(output.status.code(), Some(1));
    let message = message(&output);
    assert!(
        message.contains("the format is none of brat, conll, ")
            && message.contains("a JSON object with the keys `words`"),
        "{message}"
    );
    sample::file(
        folder.path(),
        "z.jsonl",
        b"{\"text\": \"Ada\", \"entities\": []}",
    );
    let output = convert(folder.path(), "z.jsonl", "y.data", &[]);
    assert!(crate::message(&output).contains("does not tell the format: --to names it"));
}

#[test]
fn several_documents_are_refused_by_the_name_of_one_before_anything_is_written() {
    let folder = corpus();
    let folder = folder.path();
    sample::file(&folder.join("in"), "b.txt", b"Cy laughs.");
    sample::file(&folder.join("in"), "b.ann", b"T1\tPer 0 2\tCy\n");
    let output = convert(folder, "in", "one.json", &["--to", "json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        message(&output).contains("there are several documents"),
        "{}",
        message(&output)
    );
    assert!(!folder.join("one.json").exists());
}

#[test]
fn a_stray_file_of_a_folder_is_named_and_the_rest_is_converted() {
    let folder = corpus();
    let folder = folder.path();
    let input = folder.join("in");
    sample::file(&input, "b.ann", b"T1\tPer 0 2\tCy\n");
    sample::file(&input, "c.txt", b"Cy laughs.");
    sample::file(&input, "more.jsonl", b"{}");
    fs::create_dir(input.join("below")).unwrap();
    let output = convert(folder, "in", "out.jsonl", &["--to", "text"]);
    assert_eq!(output.status.code(), Some(1));
    let said = message(&output);
    for wanted in [
        "b.ann: has no .txt file beside it",
        "c.txt: has no .ann file beside it",
        "passed over: ",
        "more.jsonl",
        "below",
        "2 places could not be read",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    let lines = fs::read_to_string(folder.join("out.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 1);

    fs::create_dir(folder.join("lines")).unwrap();
    let line = b"{\"text\": \"Ada\", \"entities\": [], \"relations\": []}";
    for (name, content) in [
        ("1.jsonl", &line[..]),
        ("2.jsonl", b"junk"),
        ("3.jsonl", line),
    ] {
        sample::file(&folder.join("lines"), name, content);
    }
    let output = convert(folder, "lines", "out.jsonl", &["--to", "text"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(message(&output).contains("2.jsonl: the format is none of"));
    let lines = fs::read_to_string(folder.join("out.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 2);
}

#[test]
fn what_is_there_is_kept_where_it_would_be_lost() {
    let folder = corpus();
    let folder = folder.path();
    let line = b"{\"text\": \"Ada\", \"entities\": [{\"type\": \"P\", \"start\": 0, \"end\": 9}], \"relations\": []}";
    sample::file(folder, "only.jsonl", line);
    for (input, output, to) in [
        ("only.jsonl", "only.jsonl", "doccano"),
        ("in", "in", "brat"),
        ("in/a.ann", "in", "brat"),
    ] {
        let output = convert(folder, input, output, &["--to", to]);
        assert_eq!(output.status.code(), Some(1), "{input}");
        assert!(message(&output).contains("would replace what it is made of"));
    }
    assert_eq!(fs::read(folder.join("only.jsonl")).unwrap(), line);

    sample::file(folder, "keep.json", b"precious");
    sample::file(folder, "bad.jsonl", b"{\"text\": 3}");
    let from = ["--from", "text", "--to", "label-studio"];
    let output = convert(folder, "bad.jsonl", "keep.json", &from);
    assert!(message(&output).contains("nothing could be read, and nothing is written"));
    assert_eq!(fs::read(folder.join("keep.json")).unwrap(), b"precious");
}

#[test]
fn standard_input_is_told_by_its_content_too() {
    let line = b"{\"text\": \"Ada\", \"label\": [[0, 3, \"P\"]]}\n";
    let output = spanarc(["convert", "-", "-", "--to", "text"], line);
    assert!(output.status.success(), "{}", message(&output));
    let converted = json_text(&String::from_utf8(output.stdout.clone()).unwrap());
    assert_eq!(converted["entities"][0]["type"], "P");
    assert!(message(&output).contains("1 document, from doccano to text"));
    let output = spanarc(["convert", "-", "-", "--to", "text"], b"\x00\x01");
    assert!(
        message(&output).contains("standard input: "),
        "{}",
        message(&output)
    );
}

#[test]
fn rejected_answers_never_become_gold() {
    let folder = tempdir().unwrap();
    let lines = "{\"text\": \"May is cold.\", \"spans\": [{\"start\": 0, \"end\": 3, \"label\": \"P\"}], \"answer\": \"reject\"}\n\
                 {\"text\": \"May left.\", \"spans\": [{\"start\": 0, \"end\": 3, \"label\": \"P\"}], \"answer\": \"accept\"}\n";
    sample::file(folder.path(), "p.jsonl", lines.as_bytes());
    let message = done(&convert(
        folder.path(),
        "p.jsonl",
        "out.jsonl",
        &["--to", "text"],
    ));
    assert!(
        message.contains("1  documents that were rejected or skipped"),
        "{message}"
    );
    let text = fs::read_to_string(folder.path().join("out.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn a_text_without_a_word_takes_no_place_in_an_array_of_sentences() {
    let folder = tempdir().unwrap();
    let lines = "{\"text\": \"\", \"entities\": [], \"relations\": []}\n\
                 {\"text\": \"Ada met.\", \"entities\": [], \"relations\": []}\n\
                 {\"text\": \" \", \"entities\": [], \"relations\": []}\n";
    sample::file(folder.path(), "t.jsonl", lines.as_bytes());
    let to_spert = ["--from", "text", "--to", "spert"];
    let message = done(&convert(folder.path(), "t.jsonl", "s.json", &to_spert));
    assert!(
        message.contains("2  documents without a token"),
        "{message}"
    );
    let written = fs::read_to_string(folder.path().join("s.json")).unwrap();
    assert_eq!(json_text(&written).as_array().map(Vec::len), Some(1));
}
