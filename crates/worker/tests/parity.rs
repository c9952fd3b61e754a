//! The browser's half of the proof that all builds give the same annotations; the other half is in the `engine` crate.
#![cfg(target_arch = "wasm32")]
// Clippy does not know that these are tests.
#![allow(clippy::unwrap_used)]
#![allow(dead_code)]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

include!("../../../tests/parity/snapshot.rs");

wasm_bindgen_test_configure!(run_in_dedicated_worker);

fn check_model(bundle: &[u8], snapshot: &str) {
    let mut engine = Engine::from_bundle(bundle).unwrap();
    let found = differences(&mut engine, snapshot).unwrap();
    assert!(found.is_empty(), "{found}");
}

#[wasm_bindgen_test]
fn the_news_model_gives_the_annotations_of_its_snapshot() {
    check_model(
        include_bytes!("../../../web/models/news.safetensors"),
        include_str!("../../../tests/parity/news.json"),
    );
}

#[wasm_bindgen_test]
fn the_model_of_adverse_events_gives_the_annotations_of_its_snapshot() {
    check_model(
        include_bytes!("../../../web/models/adverse-events.safetensors"),
        include_str!("../../../tests/parity/adverse-events.json"),
    );
}
