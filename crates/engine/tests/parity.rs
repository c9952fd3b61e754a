//! The native half of the proof that all builds give the same annotations; the other half is in the `wasm` crate.
#![allow(dead_code)]

use std::{fs, path::Path};

include!("../../../tests/parity/snapshot.rs");

#[test]
fn the_shipped_model_gives_the_annotations_of_the_snapshot() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read =
        |path: &str| fs::read(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let mut engine = Engine::from_bundle(&read("web/models/news.safetensors")).unwrap();
    let snapshot = String::from_utf8(read("tests/parity/expected.json")).unwrap();
    let found = differences(&mut engine, &snapshot).unwrap();
    assert!(
        found.is_empty(),
        "{found}If the model was changed: cargo run -p spanarc-engine --example parity_snapshot"
    );
}
