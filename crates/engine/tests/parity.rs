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

fn snapshot() -> String {
    String::from_utf8(read("tests/parity/expected.json")).unwrap()
}

#[test]
fn the_snapshot_is_of_the_sentences_and_says_something_of_them() {
    let sentences = String::from_utf8(read("tests/parity/sentences.txt")).unwrap();
    let lines: Vec<Line> = serde_json::from_str(&snapshot()).unwrap();
    let texts: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(texts, sentences.lines().collect::<Vec<_>>());
    assert!(texts.len() >= 50, "{} texts", texts.len());
    let with_relations = lines
        .iter()
        .filter(|line| !line.relations.is_empty())
        .count();
    assert!(
        with_relations >= 10,
        "{with_relations} texts with relations"
    );
}

#[test]
fn the_shipped_model_gives_the_annotations_of_the_snapshot() {
    let mut engine = Engine::from_bundle(&read("web/models/news.safetensors")).unwrap();
    let found = differences(&mut engine, &snapshot()).unwrap();
    assert!(
        found.is_empty(),
        "{found}If the model was changed: cargo run -p spanarc-engine --example parity_snapshot"
    );
}
