//! The model that the page ships: its size, its scores, and what it says of text that its corpus has nothing like.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{json_lines, spanarc, stdout};

/// The least F1 of a twin that has not learnt from the dev part of CoNLL04 there, in percent: entities micro and macro,
/// relations micro and macro.
const UNSEEN: [f64; 4] = [86.0, 84.0, 68.0, 69.0];

/// The least F1 on the dev part of CoNLL04 for who has learnt from it.
const SEEN: [f64; 4] = [95.0; 4];

/// The most bytes that a page is to load.
const LARGEST: u64 = 24_000_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn model() -> String {
    let model = root().join("web/models/news.safetensors");
    model.to_str().unwrap().to_owned()
}

fn reach(floors: [f64; 4], scores: [&Value; 4]) -> bool {
    let reaches = |(score, floor): (&Value, f64)| score.as_f64().unwrap() >= floor;
    scores.into_iter().zip(floors).all(reaches)
}

#[test]
fn the_news_model_finds_a_person_an_organisation_a_place_and_the_employment() {
    let model = model();
    let text = "Mary Jones works for Acme Corp in Boston.";
    let output = spanarc(["annotate", "--model", &model], text.as_bytes());
    let document = &json_lines(&output)[0];
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

#[test]
fn the_news_model_is_small_and_says_how_well_its_twin_does_on_unseen_sentences() {
    let model = model();
    let bytes = std::fs::metadata(&model).unwrap().len();
    assert!(bytes <= LARGEST, "{bytes} bytes");
    let output = spanarc(["inspect", &model, "--json"], b"");
    let inspected: Value = serde_json::from_str(stdout(&output)).unwrap();
    let twins = &inspected["metadata"]["estimated_scores"][0];
    assert!(twins["source"].as_str().unwrap().contains("did not learn"));
    let row = &twins["scores"][0];
    assert_eq!(row["data"], "conll04 dev");
    let keys = [
        "entity_micro_f1",
        "entity_macro_f1",
        "relation_micro_f1",
        "relation_macro_f1",
    ];
    assert!(reach(UNSEEN, keys.map(|key| &row[key])), "{row}");
}

#[test]
fn each_shipped_model_has_its_card_beside_it() {
    let models = root().join("web/models");
    let bundles = std::fs::read_dir(models)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    for bundle in bundles.filter(|path| path.extension().is_some_and(|it| it == "safetensors")) {
        let card = std::fs::read_to_string(bundle.with_extension("card.md")).unwrap();
        let printed = spanarc(["inspect", bundle.to_str().unwrap(), "--card"], b"");
        assert_eq!(
            card,
            stdout(&printed),
            "make it anew: spanarc inspect --card"
        );
    }
}

#[test]
fn the_news_model_knows_the_dev_part_of_its_corpus_from_which_it_has_learnt() {
    let model = model();
    let shared =
        std::env::var_os("SPANARC_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let data = shared.join("data/conll04/dev.jsonl");
    if !data.exists() {
        eprintln!(
            "SKIPPED: no corpus at {} (set SPANARC_SHARED)",
            data.display()
        );
        return;
    }
    let data = data.to_str().unwrap();
    let output = spanarc(
        ["evaluate", "--json", "--model", &model, "--data", data],
        b"",
    );
    let report: Value = serde_json::from_str(stdout(&output)).unwrap();
    let (entities, relations) = (&report["entities"], &report["relations"]["strict"]);
    let found = [
        &entities["micro"]["f1"],
        &entities["macro"]["f1"],
        &relations["micro"]["f1"],
        &relations["macro"]["f1"],
    ];
    assert!(reach(SEEN, found), "{found:?}, at least {SEEN:?}");
}
