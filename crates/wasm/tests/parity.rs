//! The browser's half of the proof that all builds give the same annotations; the other half is in the `engine` crate.
#![cfg(target_arch = "wasm32")]
// Clippy does not know that these are tests.
#![allow(clippy::unwrap_used)]
#![allow(dead_code)]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

include!("../../../tests/parity/snapshot.rs");

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
fn the_shipped_model_gives_the_annotations_of_the_snapshot() {
    let bundle = include_bytes!("../../../web/models/news.safetensors");
    let mut engine = Engine::from_bundle(bundle).unwrap();
    let found = differences(
        &mut engine,
        include_str!("../../../tests/parity/expected.json"),
    )
    .unwrap();
    assert!(found.is_empty(), "{found}");
}
