use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::{json_lines, sample, spanarc};

fn annotate(more: &[&str], input: &str) -> Vec<Value> {
    let folder = tempdir().unwrap();
    let model = sample::bundle_file(folder.path());
    let fixed = ["annotate", "--model", model.to_str().unwrap()];
    json_lines(&spanarc(fixed.iter().chain(more), input.as_bytes()))
}

fn spans(document: &Value) -> Vec<(u64, u64)> {
    let entities = document["entities"].as_array().unwrap();
    let number = |entity: &Value, key: &str| entity[key].as_u64().unwrap();
    entities
        .iter()
        .map(|entity| (number(entity, "start"), number(entity, "end")))
        .collect()
}

#[test]
fn a_text_becomes_one_object() {
    let documents = annotate(&[], "Oslo Bergen\n");
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0]["text"], "Oslo Bergen\n");
    let entity = &documents[0]["entities"][1];
    assert_eq!(
        (&entity["type"], &entity["text"]),
        (&json!("Loc"), &json!("Bergen"))
    );
    assert_eq!((&entity["start"], &entity["end"]), (&json!(5), &json!(11)));
    assert!(
        entity["score"]
            .as_f64()
            .is_some_and(|score| score > 0.5 && score <= 1.0)
    );
    let relations = documents[0]["relations"].as_array().unwrap();
    let arguments: Vec<_> = relations
        .iter()
        .map(|r| (&r["type"], &r["head"], &r["tail"]))
        .collect();
    let near = json!("Near");
    assert_eq!(
        arguments,
        [(&near, &json!(0), &json!(1)), (&near, &json!(1), &json!(0))]
    );
}

#[test]
fn offsets_are_counted_in_the_unit_asked_for() {
    let text = "Zoë 👍 Oslo";
    for (unit, expected) in [("byte", (10, 14)), ("utf16", (7, 11)), ("char", (6, 10))] {
        let documents = annotate(&["--offsets", unit], text);
        assert_eq!(spans(&documents[0]).last(), Some(&expected), "{unit}");
    }
    assert_eq!(
        spans(&annotate(&[], text)[0]),
        spans(&annotate(&["--offsets", "char"], text)[0])
    );
}

#[test]
fn each_line_is_a_document_when_asked() {
    let documents = annotate(&["--input", "lines"], "Oslo\r\n\nTo Bergen\n");
    assert_eq!(
        documents.iter().map(|d| &d["text"]).collect::<Vec<_>>(),
        ["Oslo", "To Bergen"]
    );
    // By which they are found again, though the empty line between them is passed over.
    assert_eq!(documents[1]["id"], 3);
}

#[test]
fn an_empty_file_among_others_is_a_document_without_annotations() {
    let folder = tempdir().unwrap();
    let files = [("a.txt", "Oslo"), ("empty.txt", ""), ("b.txt", "Bergen")]
        .map(|(name, content)| sample::file(folder.path(), name, content.as_bytes()));
    let documents = annotate(&files.each_ref().map(|path| path.to_str().unwrap()), "");
    let counts: Vec<usize> = documents
        .iter()
        .map(|document| spans(document).len())
        .collect();
    assert_eq!(counts, [1, 0, 1]);
}

#[test]
fn json_lines_hold_text_or_tokens() {
    let input = "\u{feff}{\"id\": 7, \"text\": \"Oslo, é\"}\n{\"tokens\": [\"Oslo\", \",\", \"é\"], \"entities\": []}\n{\"text\": \"\"}\n";
    let documents = annotate(&["--input", "jsonl"], input);
    assert_eq!(documents[0]["id"], 7);
    assert_eq!(spans(&documents[0]), [(0, 4), (4, 5), (6, 7)]);
    assert_eq!(documents[1]["text"], "Oslo , é");
    assert!(documents[1].get("id").is_none());
    assert_eq!(spans(&documents[1]), [(0, 4), (5, 6), (7, 8)]);
    assert_eq!(
        documents[2],
        json!({"text": "", "entities": [], "relations": []})
    );
}

#[test]
fn files_are_documents_named_by_their_path() {
    let folder = tempdir().unwrap();
    let paths = ["a.txt", "b.txt"].map(|name| {
        let path = sample::file(folder.path(), name, b"Oslo.");
        path.to_str().unwrap().to_owned()
    });
    let documents = annotate(&[&paths[0], &paths[1]], "");
    assert_eq!(
        documents.iter().map(|d| &d["id"]).collect::<Vec<_>>(),
        [&paths[0], &paths[1]]
    );
}

#[test]
fn relations_below_the_threshold_are_left_out() {
    assert_eq!(
        annotate(&["--threshold", "0.99"], "Oslo Bergen")[0]["relations"],
        json!([])
    );
}

#[test]
fn a_threshold_below_what_the_engine_keeps_is_refused() {
    let refused = spanarc(["annotate", "--model", "x", "--threshold", "0.04"], b"");
    assert!(!refused.status.success());
    let message = String::from_utf8_lossy(&refused.stderr);
    assert!(
        message.contains("relations below 0.05 are not kept"),
        "{message}"
    );
    assert_eq!(annotate(&["--threshold", "0.05"], "Oslo").len(), 1);
}

/// The program as it waits for lines.
fn annotates_lines(folder: &Path) -> Command {
    let model = sample::bundle_file(folder);
    let mut command = Command::new(env!("CARGO_BIN_EXE_spanarc"));
    command
        .args([
            "annotate",
            "--input",
            "lines",
            "--model",
            model.to_str().unwrap(),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn annotating_lines(folder: &Path) -> Child {
    annotates_lines(folder).spawn().unwrap()
}

/// Whoever talks to the program line by line waits for each answer.
#[test]
fn a_line_is_answered_before_the_next_one_is_there() {
    let folder = tempdir().unwrap();
    let mut child = annotating_lines(folder.path());
    let mut input = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for line in ["Oslo", "Bergen", "Rome"] {
        writeln!(input, "{line}").unwrap();
        let answer: Value = serde_json::from_str(&answers.next().unwrap().unwrap()).unwrap();
        assert_eq!(answer["text"], line);
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

/// Its threads spin while they wait, which costs more than it gains.
#[cfg(target_os = "linux")]
#[test]
fn candles_own_pool_is_off_unless_its_variable_is_set() {
    const THREADS: &str = "CANDLE_NUM_THREADS";
    let folder = tempdir().unwrap();
    for (given, expected) in [(None, "1"), (Some("3"), "3")] {
        let mut command = annotates_lines(folder.path());
        command.env_remove(THREADS);
        command.envs(given.map(|threads| (THREADS, threads)));
        let mut child = command.spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
        writeln!(input, "Oslo").unwrap();
        assert!(answers.next().unwrap().unwrap().contains("Oslo"));
        let environment = std::fs::read(format!("/proc/{}/environ", child.id())).unwrap();
        let entry = format!("{THREADS}={expected}");
        assert!(
            environment
                .split(|&byte| byte == 0)
                .any(|other| other == entry.as_bytes())
        );
        drop(input);
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn documents_before_and_after_a_broken_line_are_written() {
    let folder = tempdir().unwrap();
    let model = sample::bundle_file(folder.path());
    let input =
        "{\"text\": \"Oslo\"}\n{\"tokens\": [\"Rome\"]}\n{\"text\":\n{\"text\": \"Bergen\"}\n";
    let arguments = [
        "annotate",
        "--input",
        "jsonl",
        "--model",
        model.to_str().unwrap(),
    ];
    let output = spanarc(arguments, input.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 3);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("standard input, line 3"), "{message}");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let folder = tempdir().unwrap();
    let mut child = annotating_lines(folder.path());
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    let _ = std::io::Write::write_all(&mut input, b"Oslo\nBergen\n");
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

#[test]
fn a_broken_line_is_named_and_the_others_are_annotated() {
    let folder = tempdir().unwrap();
    let model = sample::bundle_file(folder.path());
    let lines = "{\"text\": \"Oslo\"}\n{\"text\": \"\\ud800\"}\n{\"text\": \"Bergen\"}\n";
    let arguments = [
        "annotate",
        "--model",
        model.to_str().unwrap(),
        "--input",
        "jsonl",
    ];
    let output = spanarc(arguments, lines.as_bytes());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 2);
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("standard input, line 2: "), "{message}");
    assert!(
        message.ends_with("error: one document could not be read\n"),
        "{message}"
    );
}

#[test]
fn offsets_of_another_unit_are_marked_so_that_they_are_read_back() {
    let folder = tempdir().unwrap();
    let model = sample::bundle_file(folder.path());
    for unit in ["byte", "utf16", "char"] {
        let arguments = [
            "annotate",
            "--model",
            model.to_str().unwrap(),
            "--offsets",
            unit,
        ];
        let output = spanarc(arguments, "Zoë 👍 Oslo".as_bytes());
        let data = sample::file(folder.path(), "annotated.jsonl", &output.stdout);
        let keep = b"[corpus]\nsuggestions = \"keep\"\n";
        let config = sample::file(folder.path(), "keep.toml", keep);
        let [data, config] = [&data, &config].map(|path| path.as_os_str());
        let checked = spanarc(
            [
                "check".as_ref(),
                "--data".as_ref(),
                data,
                "--config".as_ref(),
                config,
            ],
            b"",
        );
        let message = String::from_utf8_lossy(&checked.stdout);
        assert!(checked.status.success(), "{unit}: {message}");
        assert!(
            !message.contains("Left out or changed"),
            "{unit}: {message}"
        );
    }
}

#[test]
fn a_file_in_utf_16_is_named_with_the_way_out() {
    let folder = tempdir().unwrap();
    let model = sample::bundle_file(folder.path());
    let bytes: Vec<u8> = "Oslo and Bergen"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let output = spanarc(["annotate", "--model", model.to_str().unwrap()], &bytes);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error: standard input is UTF-16LE, not UTF-8: convert it, for example with `iconv -f UTF-16LE -t UTF-8`\n"
    );
}
