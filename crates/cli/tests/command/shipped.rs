//! The model that the page ships, on text that its corpus has nothing like.

use std::path::Path;

use serde_json::Value;

use crate::{json_lines, spanarc};

fn annotated(text: &str) -> Option<Value> {
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/models/news.safetensors");
    if !model.exists() {
        eprintln!("SKIPPED: no model at {}", model.display());
        return None;
    }
    let output = spanarc(
        ["annotate", "--model", model.to_str().unwrap()],
        text.as_bytes(),
    );
    json_lines(&output).pop()
}

#[test]
fn the_news_model_finds_a_person_an_organisation_a_place_and_the_employment() {
    let Some(document) = annotated("Mary Jones works for Acme Corp in Boston.") else {
        return;
    };
    let entities = document["entities"].as_array().unwrap();
    let found: Vec<_> = entities
        .iter()
        .map(|entity| [&entity["type"], &entity["text"]].map(|v| v.as_str().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            ["Peop", "Mary Jones"],
            ["Org", "Acme Corp"],
            ["Loc", "Boston"]
        ]
    );
    let relations = document["relations"].as_array().unwrap();
    let employment = |relation: &Value| {
        relation["type"] == "Work_For" && relation["head"] == 0 && relation["tail"] == 1
    };
    assert!(relations.iter().any(employment), "{document}");
}
