//! The native half of the proof that all builds give the same annotations; the other half is in the `wasm` crate.
#![allow(dead_code, clippy::unwrap_used)] // Helpers of tests are no tests to clippy.

use std::{
    fs,
    path::{Path, PathBuf},
};

include!("../../../tests/parity/snapshot.rs");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> Vec<u8> {
    fs::read(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn snapshot(model: &str) -> String {
    String::from_utf8(read(&format!("tests/parity/{model}.json"))).unwrap()
}

/// A snapshot of other sentences, or of a model that finds nothing, would prove nothing.
fn check_snapshot(model: &str, at_least: usize) {
    let sentences = String::from_utf8(read(&format!("tests/parity/{model}.txt"))).unwrap();
    let lines: Vec<Line> = serde_json::from_str(&snapshot(model)).unwrap();
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, sentences.lines().collect::<Vec<_>>());
    assert!(texts.len() >= at_least, "{} texts", texts.len());
    let with_relations = lines
        .iter()
        .filter(|line| !line.relations.is_empty())
        .count();
    assert!(
        with_relations >= 10,
        "{with_relations} texts with relations"
    );
}

fn check_model(model: &str) {
    let bundle = read(&format!("web/models/{model}.safetensors"));
    let mut engine = Engine::from_bundle(&bundle).unwrap();
    let found = differences(&mut engine, &snapshot(model)).unwrap();
    assert!(
        found.is_empty(),
        "{found}If the model was changed: cargo run -p spanarc-engine --example parity_snapshot"
    );
}

#[test]
fn the_snapshots_are_of_the_sentences_and_say_something_of_them() {
    check_snapshot("news", 50);
    check_snapshot("adverse-events", 30);
}

#[test]
fn the_news_model_gives_the_annotations_of_its_snapshot() {
    check_model("news");
}

#[test]
fn the_model_of_adverse_events_gives_the_annotations_of_its_snapshot() {
    check_model("adverse-events");
}
