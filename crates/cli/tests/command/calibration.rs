use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use tempfile::tempdir;

use crate::{json_lines, sample, spanarc, stdout};

/// The sample model takes both words for places, and their pairs for near each other, of which three in five are.
fn corpus(repeated: usize) -> String {
    let line = |entities, relations| {
        format!(
            r#"{{"id": "a", "tokens": ["Oslo", "Bergen"], "entities": [{entities}], "relations": [{relations}]}}"#
        ) + "\n"
    };
    let right = line(
        r#"{"type": "Loc", "start": 0, "end": 1}, {"type": "Loc", "start": 1, "end": 2}"#,
        r#"{"type": "Near", "head": 0, "tail": 1}, {"type": "Near", "head": 1, "tail": 0}"#,
    );
    let wrong = line("", "");
    (right.repeat(3) + &wrong.repeat(2)).repeat(repeated)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Quantises a model by what `option` names.
fn quantize(model: &Path, out: &Path, option: &str, named: &Path) -> Output {
    let arguments = [
        "quantize",
        "--model",
        text(model),
        "--out",
        text(out),
        option,
        text(named),
    ];
    spanarc(arguments, b"")
}

fn calibrated(folder: &Path) -> PathBuf {
    let (model, data) = (
        sample::bundle_file(folder),
        sample::file(folder, "corpus.jsonl", corpus(4).as_bytes()),
    );
    let out = folder.join("calibrated.safetensors");
    let output = quantize(&model, &out, "--calibrate", &data);
    assert!(stdout(&output).contains("bytes"));
    out
}

fn annotated(model: &Path) -> serde_json::Value {
    json_lines(&spanarc(
        ["annotate", "--model", text(model)],
        b"Oslo Bergen",
    ))
    .remove(0)
}

#[test]
fn scores_become_the_share_that_is_right_and_the_threshold_keeps_its_relations() {
    let folder = tempdir().unwrap();
    let model = calibrated(folder.path());
    let (before, after) = (
        annotated(&folder.path().join("tiny.safetensors")),
        annotated(&model),
    );
    let score = |document: &serde_json::Value| document["entities"][0]["score"].as_f64().unwrap();
    assert!(score(&before) > 0.7, "{before}");
    // A text of two words is scored lower than the same words in a corpus.
    assert!((0.4..0.6).contains(&score(&after)), "{after}");
    let related = after["relations"][0]["score"].as_f64().unwrap();
    assert!((0.58..0.62).contains(&related), "{after}");
    let relations = |document: &serde_json::Value| document["relations"].as_array().unwrap().len();
    assert_eq!(relations(&before), relations(&after));
    let card = fs::read_to_string(model.with_extension("card.md")).unwrap();
    assert!(card.contains("by Platt's method on"), "{card}");
    assert!(
        card.contains("Entities: expected calibration error"),
        "{card}"
    );
}

#[test]
fn a_calibration_can_be_taken_over_but_not_replaced() {
    let folder = tempdir().unwrap();
    let (twin, model) = (
        calibrated(folder.path()),
        folder.path().join("tiny.safetensors"),
    );
    let out = folder.path().join("shipped.safetensors");
    let quantize = |model: &Path, from: &Path| quantize(model, &out, "--calibration", from);
    assert!(quantize(&model, &twin).status.success());
    assert_eq!(annotated(&out), annotated(&twin));
    let without = quantize(&model, &model);
    assert!(String::from_utf8_lossy(&without.stderr).contains("the bundle is not calibrated"));
    let twice = quantize(&twin, &twin);
    assert!(String::from_utf8_lossy(&twice.stderr).contains("is calibrated already"));
}

#[test]
fn a_corpus_that_was_learnt_from_calibrates_nothing() {
    let folder = tempdir().unwrap();
    let bundle =
        sample::bundle_with(|metadata| metadata.provenance.corpora = vec!["mine corpus".into()]);
    let model = sample::file(folder.path(), "learnt.safetensors", &bundle);
    fs::create_dir(folder.path().join("mine")).unwrap();
    let data = sample::file(folder.path(), "mine/corpus.jsonl", corpus(4).as_bytes());
    let out = folder.path().join("out.safetensors");
    let refused = quantize(&model, &out, "--calibrate", &data);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(message.contains("has learnt from mine corpus"), "{message}");
    assert!(!out.exists());
}

#[test]
fn a_calibration_of_other_labels_is_refused() {
    let folder = tempdir().unwrap();
    let twin = calibrated(folder.path());
    let bundle =
        sample::bundle_with(|metadata| metadata.schema.entity_types[1].name = "Org".into());
    let model = sample::file(folder.path(), "other.safetensors", &bundle);
    let out = folder.path().join("out.safetensors");
    let refused = quantize(&model, &out, "--calibration", &twin);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(message.contains("of other labels"), "{message}");
}

#[test]
fn too_little_calibrates_nothing() {
    let folder = tempdir().unwrap();
    let (model, data) = (
        sample::bundle_file(folder.path()),
        sample::file(folder.path(), "corpus.jsonl", corpus(1).as_bytes()),
    );
    let out = folder.path().join("out.safetensors");
    let refused = quantize(&model, &out, "--calibrate", &data);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        message.contains("in one half of it the model finds 4 entities, too few"),
        "{message}"
    );
    assert!(!out.exists());
}

#[test]
fn a_threshold_that_the_engine_would_not_see_is_refused() {
    let folder = tempdir().unwrap();
    let wrong = r#"{"id": "a", "tokens": ["Ada", "left", "Oslo", "for", "Rome"], "entities": [], "relations": []}
"#;
    let (model, data) = (
        sample::bundle_file(folder.path()),
        sample::file(folder.path(), "wrong.jsonl", wrong.repeat(10).as_bytes()),
    );
    let out = folder.path().join("out.safetensors");
    let refused = quantize(&model, &out, "--calibrate", &data);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(message.contains("are not kept"), "{message}");
    assert!(!out.exists());
}
