//! What goes wrong is named with its place, and nothing panics.

use std::path::{Path, PathBuf};

use tempfile::tempdir;

use crate::{sample, spanarc};

const SENTENCE: &str = r#"{"id": "a", "tokens": ["Ada", "left"], "entities": [{"type": "Peop", "start": 0, "end": 1}], "relations": []}"#;

/// The message of a run that must fail.
fn failure(arguments: &[&str], input: &[u8]) -> String {
    let output = spanarc(arguments, input);
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.starts_with("error: ") && !message.contains("panicked"),
        "{message}"
    );
    message
}

fn assert_names(message: &str, parts: &[&str]) {
    for part in parts {
        assert!(message.contains(part), "{part:?} is not in {message}");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_truncated_bundle_is_refused_by_every_command() {
    let folder = tempdir().unwrap();
    let bundle = sample::bundle();
    for length in [0, 5, 300, bundle.len() - 1] {
        let cut = sample::file(folder.path(), "cut.safetensors", &bundle[..length]);
        let data = sample::file(folder.path(), "x.jsonl", SENTENCE.as_bytes());
        let out = folder.path().join("out.safetensors");
        for arguments in [
            vec!["evaluate", "--model", text(&cut), "--data", text(&data)],
            vec!["annotate", "--model", text(&cut)],
            vec!["inspect", text(&cut)],
            vec!["quantize", "--model", text(&cut), "--out", text(&out)],
        ] {
            let length = length.to_string();
            assert_names(&failure(&arguments, b"Oslo"), &["cut.safetensors", &length]);
        }
        assert!(!out.exists());
    }
}

#[test]
fn an_altered_bundle_is_refused_with_the_tensor_altered() {
    let folder = tempdir().unwrap();
    let mut bundle = sample::bundle();
    let last = bundle.len() - 1;
    bundle[last] ^= 1;
    let path = sample::file(folder.path(), "altered.safetensors", &bundle);
    let message = failure(&["annotate", "--model", text(&path)], b"Oslo");
    assert_names(
        &message,
        &[
            "altered.safetensors",
            "tensor `",
            "altered",
            &bundle.len().to_string(),
        ],
    );
    let path = sample::file(
        folder.path(),
        "notes.txt",
        b"These are notes and no model at all.",
    );
    assert_names(&failure(&["inspect", text(&path)], b""), &["notes.txt"]);
}

fn evaluate(corpus: &[u8]) -> String {
    let folder = tempdir().unwrap();
    let model = sample::bundle_file(folder.path());
    let data = sample::file(folder.path(), "corpus.jsonl", corpus);
    failure(
        &["evaluate", "--model", text(&model), "--data", text(&data)],
        b"",
    )
}

#[test]
fn a_faulty_corpus_is_refused_with_line_and_field() {
    let faulty = |old: &str, new: &str| {
        evaluate(format!("{SENTENCE}\n{}\n", SENTENCE.replace(old, new)).as_bytes())
    };
    assert_names(
        &faulty("\"end\": 1", "\"end\": 3"),
        &["corpus.jsonl, line 2", "entities[0].end is 3", "2 tokens"],
    );
    assert_names(
        &faulty("\"start\": 0, ", ""),
        &["line 2", "missing field `start` in entities[0]"],
    );
    assert_names(
        &faulty("Peop", "Planet"),
        &["line 2", "entities[0].type", "Planet", "Loc, Peop"],
    );
    assert_names(&faulty("}", ""), &["corpus.jsonl, line 2", "column"]);
}

#[test]
fn a_corpus_that_is_not_utf8_is_refused_with_line_and_byte() {
    let mut bytes = format!("{SENTENCE}\n").into_bytes();
    bytes.extend(b"{\"id\": \"\xe9\"}\n");
    assert_names(
        &evaluate(&bytes),
        &["corpus.jsonl, line 2", "invalid UTF-8 at byte 9"],
    );
}

#[test]
fn an_empty_corpus_is_refused() {
    for empty in ["", "\n\n"] {
        assert_names(
            &evaluate(empty.as_bytes()),
            &["corpus.jsonl holds no sentences"],
        );
    }
}

#[test]
fn a_missing_file_is_named() {
    let folder = tempdir().unwrap();
    let model = sample::bundle_file(folder.path());
    let missing = folder.path().join("nowhere.jsonl");
    for arguments in [
        [
            "evaluate",
            "--model",
            text(&model),
            "--data",
            text(&missing),
        ],
        [
            "evaluate",
            "--model",
            text(&missing),
            "--data",
            text(&model),
        ],
        [
            "annotate",
            "--model",
            text(&model),
            "--input=jsonl",
            text(&missing),
        ],
    ] {
        assert_names(
            &failure(&arguments, b""),
            &["nowhere.jsonl", "No such file"],
        );
    }
    let folder: PathBuf = folder.path().to_owned();
    assert_names(&failure(&["inspect", text(&folder)], b""), &[text(&folder)]);
}

#[test]
fn input_to_annotate_is_refused_with_source_and_line() {
    let folder = tempdir().unwrap();
    let model = sample::bundle_file(folder.path());
    let annotate = |input: &str, text_of: &[u8]| {
        failure(
            &["annotate", "--model", text(&model), "--input", input],
            text_of,
        )
    };
    assert_names(&annotate("text", b""), &["standard input holds no text"]);
    let latin = sample::file(
        folder.path(),
        "latin.toml",
        b"seed = 1\nname = \"Z\xfcrich\"\n",
    );
    let config = ["--config", text(&latin)];
    assert_names(
        &failure(&["check", "--data", ".", config[0], config[1]], b""),
        &["latin.toml", "line 2: invalid UTF-8"],
    );
    let model = text(&model);
    assert_names(
        &failure(&["silver", "--model", model, "--model", model], b"Oslo"),
        &["is named twice: each model has one vote"],
    );
    assert_names(
        &annotate("jsonl", b"\n"),
        &["standard input holds no documents"],
    );
    assert_names(
        &annotate("text", b"Oslo \xff"),
        &["standard input", "invalid UTF-8 at byte 6"],
    );
    assert_names(
        &annotate("lines", b"a\n\xff"),
        &["standard input, line 2", "byte 1"],
    );
    assert_names(
        &annotate("jsonl", b"{\"id\": 1}"),
        &["line 1", "neither \"text\" nor \"tokens\""],
    );
    assert_names(
        &annotate("jsonl", b"\n{\"text\": 1}"),
        &["line 2", "expected a string"],
    );
}
