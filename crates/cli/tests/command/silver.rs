use std::path::Path;

use serde_json::json;
use tempfile::tempdir;

use crate::{json_text, message, sample, spanarc};

const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/models/");

#[test]
fn the_vote_on_running_text_is_a_corpus_that_training_reads() {
    let folder = tempdir().unwrap();
    let model = sample::bundle_file(folder.path());
    let model = model.to_str().unwrap();
    let text = "\u{feff}Oslo Bergen\r\n\nRome. Oslo Bergen\n";
    let text = sample::file(folder.path(), "towns.txt", text.as_bytes());
    let output = spanarc(
        [
            "silver",
            "--model",
            model,
            model,
            "--text",
            text.to_str().unwrap(),
        ],
        b"",
    );
    assert!(output.status.success(), "{}", message(&output));
    assert_eq!(
        message(&output),
        "wrote 2 of 2 sentences: 4 entities, 4 relations\n"
    );
    let corpus = sample::file(folder.path(), "silver.jsonl", &output.stdout);
    let lines: Vec<_> = std::str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .collect();
    assert_eq!(
        json_text(lines[0]),
        json!({
            "id": format!("{}, line 1, sentence 1", text.display()),
            "tokens": ["Oslo", "Bergen"],
            "entities": [{"type": "Loc", "start": 0, "end": 1}, {"type": "Loc", "start": 1, "end": 2}],
            "relations": [{"type": "Near", "head": 0, "tail": 1}, {"type": "Near", "head": 1, "tail": 0}],
        })
    );
    let checked = spanarc(["check", "--data", corpus.to_str().unwrap()], b"");
    assert!(checked.status.success(), "{}", message(&checked));
}

#[test]
fn sentences_without_an_agreed_relation_can_be_left_out() {
    let folder = tempdir().unwrap();
    let model = sample::bundle_file(folder.path());
    let model = model.to_str().unwrap();
    let output = spanarc(
        ["silver", "--with-relations", "--model", model, model],
        b"Oslo\nOslo Bergen\n",
    );
    assert_eq!(
        message(&output),
        "wrote 1 of 2 sentences: 2 entities, 2 relations\n"
    );
    assert_eq!(
        output.stdout.iter().filter(|&&byte| byte == b'\n').count(),
        1
    );
}

#[test]
fn models_that_cannot_vote_are_refused_with_the_reason() {
    let models = ["news", "adverse-events"].map(|name| format!("{SHIPPED}{name}.safetensors"));
    assert!(models.iter().all(|model| Path::new(model).exists()));
    let refused = |models: &[&str]| {
        let output = spanarc(["silver", "--model"].iter().chain(models), b"Oslo\n");
        assert_eq!((output.status.code(), &*output.stdout), (Some(1), &b""[..]));
        message(&output)
    };
    assert_eq!(
        refused(&[&models[0]]),
        "error: a vote takes two models at least, and there is 1\n"
    );
    let message = refused(&[&models[0], &models[1]]);
    for part in ["number 2", "Kill", "Adverse-Effect"] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
}
