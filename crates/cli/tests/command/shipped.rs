//! The models that the page ships: their size, their scores, and what they say of text of ours.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{json_lines, message, spanarc, stdout};

/// The least F1 of a twin that has not learnt from the dev part of CoNLL04 there, in percent: entities micro and macro,
/// relations micro and macro.
const UNSEEN: [f64; 4] = [88.0, 85.0, 71.0, 72.0];

/// The least F1 on the dev part of CoNLL04 for who has learnt from it.
const SEEN: [f64; 4] = [95.0; 4];

/// The least F1 of the model of adverse events on the fold of ADE that it has not learnt from.
const UNSEEN_FOLD: [f64; 4] = [87.0, 87.5, 76.0, 76.0];

/// The most bytes that a page is to load.
const LARGEST: u64 = 24_000_000;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn model(name: &str) -> String {
    let model = root().join(format!("web/models/{name}.safetensors"));
    model.to_str().unwrap().to_owned()
}

/// What a model says of itself.
fn metadata(model: &str) -> Value {
    let output = spanarc(["inspect", model, "--json"], b"");
    let inspected: Value = serde_json::from_str(stdout(&output)).unwrap();
    inspected["metadata"].clone()
}

/// Type and text of each entity that a model finds, and the relations between them as JSON.
fn annotated(model: &str, text: &str) -> (Vec<[String; 2]>, Vec<Value>) {
    let output = spanarc(["annotate", "--model", model], text.as_bytes());
    let document = &json_lines(&output)[0];
    let part = |name: &str| document[name].as_array().unwrap().clone();
    let words = |entity: &Value, key: &str| entity[key].as_str().unwrap().to_owned();
    let entities = part("entities").into_iter();
    let entities = entities.map(|it| ["type", "text"].map(|key| words(&it, key)));
    (entities.collect(), part("relations"))
}

/// Micro and macro F1 of entities and of relations.
const F1: [&str; 4] = [
    "entity_micro_f1",
    "entity_macro_f1",
    "relation_micro_f1",
    "relation_macro_f1",
];

fn reach(floors: [f64; 4], scores: [&Value; 4]) -> bool {
    let reaches = |(score, floor): (&Value, f64)| score.as_f64().unwrap() >= floor;
    scores.into_iter().zip(floors).all(reaches)
}

#[test]
fn the_news_model_finds_a_person_an_organisation_a_place_and_the_employment() {
    let text = "Mary Jones works for Acme Corp in Boston.";
    let (entities, relations) = annotated(&model("news"), text);
    let expected = [
        ["Peop", "Mary Jones"],
        ["Org", "Acme Corp"],
        ["Loc", "Boston"],
    ];
    assert_eq!(entities, expected);
    let employment = |relation: &Value| {
        relation["type"] == "Work_For" && relation["head"] == 0 && relation["tail"] == 1
    };
    assert!(relations.iter().any(employment), "{relations:?}");
}

#[test]
fn the_adverse_events_model_finds_a_drug_an_effect_and_that_the_one_is_laid_to_the_other() {
    let text = "A 40-year-old man developed hepatitis after treatment with isoniazid.";
    let (entities, relations) = annotated(&model("adverse-events"), text);
    let expected = [["Adverse-Effect", "hepatitis"], ["Drug", "isoniazid"]];
    assert_eq!(entities, expected);
    let [relation] = relations.as_slice() else {
        panic!("{relations:?}");
    };
    assert_eq!(relation["type"], "Adverse-Effect");
    assert_eq!(
        (&relation["head"], &relation["tail"]),
        (&0.into(), &1.into())
    );
}

#[test]
fn the_adverse_events_model_reads_hyphenated_words_as_its_corpus_splits_them() {
    let text = "We report a case of lithium-induced hypercalcemia.";
    let (entities, _) = annotated(&model("adverse-events"), text);
    let expected = [["Drug", "lithium"], ["Adverse-Effect", "hypercalcemia"]];
    assert_eq!(entities, expected);
}

#[test]
fn shipped_models_are_small_enough_for_a_page() {
    for name in ["news", "adverse-events"] {
        let bytes = std::fs::metadata(model(name)).unwrap().len();
        assert!(bytes <= LARGEST, "{name}: {bytes} bytes");
    }
}

#[test]
fn the_news_model_says_how_well_its_twin_does_on_unseen_sentences() {
    let metadata = metadata(&model("news"));
    let twins = &metadata["estimated_scores"][0];
    assert!(twins["source"].as_str().unwrap().contains("did not learn"));
    let row = &twins["scores"][0];
    assert_eq!(row["data"], "conll04 dev");
    assert!(reach(UNSEEN, F1.map(|key| &row[key])), "{row}");
}

#[test]
fn the_adverse_events_model_says_how_well_it_does_on_the_fold_that_was_kept_from_it() {
    let metadata = metadata(&model("adverse-events"));
    let learnt = metadata["provenance"]["corpora"].as_array().unwrap();
    assert_eq!(learnt[0], "ade without fold-0 train");
    let row = &metadata["scores"][0];
    assert_eq!(row["data"], "ade fold-0");
    assert!(reach(UNSEEN_FOLD, F1.map(|key| &row[key])), "{row}");
}

#[test]
fn sentences_that_tell_of_no_effect_and_words_alone_are_left_alone() {
    let text = "He drove to Boston on Monday.\n\nthe weather is fine today\n\nThe patient\n\nShe lives in Paris.\n";
    let (entities, relations) = annotated(&model("adverse-events"), text);
    assert!(entities.is_empty() && relations.is_empty(), "{entities:?}");
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
    let model = model("news");
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
    assert!(
        message(&output).contains("has learnt from conll04 dev"),
        "{}",
        message(&output)
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (entities, relations) = (&report["entities"], &report["relations"]["strict"]);
    let found = [
        &entities["micro"]["f1"],
        &entities["macro"]["f1"],
        &relations["micro"]["f1"],
        &relations["macro"]["f1"],
    ];
    assert!(reach(SEEN, found), "{found:?}, at least {SEEN:?}");
}
