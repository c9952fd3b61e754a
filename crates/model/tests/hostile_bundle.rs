//! Bundles that are well-formed files with hashes that fit, made by someone who means harm: loading one and annotating
//! with it may fail, but never panics, hangs or allocates by what the file claims.

#![allow(clippy::unwrap_used)] // Helpers of tests are no tests to clippy.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use candle_core::{DType, Device, Result, Shape, Tensor};
use candle_nn::{Init, VarBuilder, var_builder::SimpleBackend};
use proptest::prelude::*;
use serde_json::{Value, json};
use spanarc_model::{
    Annotator,
    bundle::{self, Bundle, BundleMetadata},
    features::Vocabularies,
    network::JointNetwork,
};

const PIECES: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nmary\n##s\nlives\nin\nboston\n<s>\n</s>";

const VOCABULARIES: Vocabularies = Vocabularies {
    pieces: Some(PIECES),
    words: Some("Mary\nlives\nMary\n"),
};

const KINDS: [&str; 3] = ["bert", "distilbert", "mpnet"];

/// Words that a page may send, odd ones among them.
const WORDS: &[&str] = &[
    "Mary",
    "lives",
    "in",
    "Boston",
    "",
    "\u{0}",
    "é\u{301}",
    "𝔐𝔞𝔯𝔶",
    "1999",
    "\u{200d}\u{200d}",
];

fn metadata(kind: &str) -> Value {
    json!({
        "name": "tiny",
        "language": "en",
        "schema": {
            "entity_types": [{"name": "Peop", "color": "#4477aa"}, {"name": "Loc", "color": "#aa4477"}],
            "relation_types": [
                {"name": "Live_In", "color": "#44aa77", "signatures": [{"head": "Peop", "tail": "Loc"}]},
            ],
        },
        "network": {
            "encoder": {
                "kind": kind, "vocabulary": 11, "hidden": 8, "layers": 2, "heads": 2, "intermediate": 12, "positions": 10,
                "layer_norm_eps": 1e-12, "lowercase": true, "pooling": "mean", "output": "mix",
                "casing_embedding": true,
            },
            "elmo": {
                "character_embedding": 3, "word_length": 5, "activation": "relu", "highway_layers": 1,
                "convolutions": [{"width": 1, "filters": 2}, {"width": 3, "filters": 3}], "layers": 2, "cell": 4,
                "projection": 3, "cell_clip": 3.0, "projection_clip": 3.0, "skip_connections": true, "output": "mix",
            },
            "words": {"vocabulary": 4, "size": 2},
            "characters": {"alphabet": "Mary", "embedding": 3, "hidden": 2, "word_length": 6},
            "casing": true, "cell": "gru", "hidden": 4, "shared_layers": 1, "ner_layers": 1, "re_layers": 2,
            "ner_feed_forward": 5, "scheme": "bio",
            "relation": {"label_embedding": 3, "feed_forward": 4, "pool_mention": true, "context": 2},
        },
        "relation_threshold": 0.5,
        "provenance": {"corpora": [], "seed": 1, "epochs": 1},
    })
}

fn parsed(metadata: &Value) -> BundleMetadata {
    serde_json::from_value(metadata.clone()).unwrap()
}

/// Makes every parameter that the network asks for.
#[derive(Clone, Default)]
struct Waves(Arc<Mutex<BTreeMap<String, Tensor>>>);

impl SimpleBackend for Waves {
    fn get(&self, shape: Shape, name: &str, _: Init, _: DType, device: &Device) -> Result<Tensor> {
        let values: Vec<f32> = (0..shape.elem_count())
            .map(|i| ((i * 7 + name.len()) as f32).sin())
            .collect();
        let tensor = Tensor::from_vec(values, shape, device)?;
        self.0.lock().unwrap().insert(name.into(), tensor.clone());
        Ok(tensor)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        candle_core::bail!("{name} without a shape")
    }

    fn contains_tensor(&self, _: &str) -> bool {
        false
    }
}

fn parameters(metadata: &BundleMetadata) -> BTreeMap<String, Tensor> {
    let waves = Waves::default();
    let vb = VarBuilder::from_backend(Box::new(waves.clone()), DType::F32, Device::Cpu);
    let (entities, relations) = (
        metadata.schema.entity_types.len(),
        metadata.schema.relation_types.len(),
    );
    JointNetwork::new(&metadata.network, entities, relations, vb).unwrap();
    let made = waves.0.lock().unwrap();
    made.clone()
}

/// Loads and annotates as a page does. Whether it went well.
fn annotate(file: &[u8]) -> bool {
    let Ok(annotator) = Annotator::from_bundle(file) else {
        return false;
    };
    let sentences = [WORDS.to_vec(), vec![], vec!["Mary"; 40]];
    annotator.predict(&sentences, 0.).is_ok()
}

#[test]
fn the_unchanged_bundle_annotates() {
    for kind in KINDS {
        let metadata = parsed(&metadata(kind));
        let file = bundle::write(&metadata, &parameters(&metadata), VOCABULARIES).unwrap();
        assert!(annotate(&file));
        assert!(annotate(
            &bundle::quantize(&Bundle::parse(&file).unwrap()).unwrap()
        ));
    }
}

#[test]
fn weights_of_any_size_do_no_harm() {
    let metadata = parsed(&metadata("mpnet"));
    for factor in [0., 1e-38, 1e10, 1e30, 3e38] {
        let scaled = |(name, tensor): (String, Tensor)| (name, (tensor * factor).unwrap());
        let parameters = parameters(&metadata).into_iter().map(scaled).collect();
        let file = bundle::write(&metadata, &parameters, VOCABULARIES).unwrap();
        annotate(&file);
    }
}

#[test]
fn vocabularies_of_any_kind_do_no_harm() {
    let metadata = parsed(&metadata("mpnet"));
    let parameters = parameters(&metadata);
    let all = |piece: &str| [piece; 11].join("\n");
    for pieces in [
        &all("x"),
        &all(""),
        &all("<s>"),
        &PIECES.replace("[UNK]", "x"),
        &PIECES.replace('\n', "\r\n"),
    ] {
        if let Ok(file) = bundle::write(
            &metadata,
            &parameters,
            Vocabularies {
                pieces: Some(pieces),
                ..VOCABULARIES
            },
        ) {
            annotate(&file);
        }
    }
}

#[test]
fn words_of_any_kind_do_no_harm() {
    let metadata = parsed(&metadata("mpnet"));
    let parameters = parameters(&metadata);
    for words in ["\n\n\n", "x\nx\nx\nx", "\r\n\0\n \n\u{2028}", "Mary\nlives"] {
        let words = Some(words);
        let vocabularies = Vocabularies {
            words,
            ..VOCABULARIES
        };
        if let Ok(file) = bundle::write(&metadata, &parameters, vocabularies) {
            annotate(&file);
        }
    }
}

#[test]
fn a_network_larger_than_the_file_is_refused_before_it_is_allocated() {
    let sound = parsed(&metadata("mpnet"));
    let parameters = parameters(&sound);
    let mut claimed = metadata("mpnet");
    claimed["network"]["hidden"] = json!(4096);
    claimed["network"]["shared_layers"] = json!(16);
    let file = bundle::write(&parsed(&claimed), &parameters, VOCABULARIES).unwrap();
    let error = Annotator::from_bundle(&file).unwrap_err().to_string();
    assert!(
        error.contains("of shape") && error.contains("the network needs it in shape"),
        "{error}"
    );
}

#[test]
fn an_encoder_of_another_kind_than_its_weights_is_refused() {
    for (of_weights, claimed, named) in [
        ("mpnet", "bert", "token_type_embeddings"),
        ("mpnet", "distilbert", "relative_attention_bias"),
        ("bert", "mpnet", "relative_attention_bias"),
        ("bert", "distilbert", "token_type_embeddings"),
    ] {
        let parameters = parameters(&parsed(&metadata(of_weights)));
        let file = bundle::write(&parsed(&metadata(claimed)), &parameters, VOCABULARIES).unwrap();
        let error = Annotator::from_bundle(&file).unwrap_err().to_string();
        assert!(error.contains(named), "{error}");
    }
}

/// The leaves of a JSON value, as JSON pointers.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| leaves(value, &format!("{path}/{key}"), found)),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, value)| leaves(value, &format!("{path}/{index}"), found));
        }
        _ => found.push(path.into()),
    }
    // Whole parts can be removed too.
    if matches!(
        path,
        "/network/encoder"
            | "/network/elmo"
            | "/network/elmo/convolutions"
            | "/network/words"
            | "/network/characters"
            | "/schema/entity_types/1"
    ) {
        found.push(path.into());
    }
}

fn replacement() -> impl Strategy<Value = Value> {
    let numbers = [
        0u64,
        1,
        2,
        3,
        4,
        5,
        7,
        8,
        16,
        100,
        4096,
        1 << 20,
        1 << 32,
        1 << 53,
        u64::MAX,
    ];
    prop_oneof![
        4 => prop::sample::select(numbers.to_vec()).prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => prop::sample::select(vec!["gru", "lstm", "bio", "bilou", "first", "mean", "mix", "last", "bert", "distilbert", "mpnet", "tanh", "", "Peop", "M"])
            .prop_map(Value::from),
        1 => prop::sample::select(vec![-1.5, 1e-300, 0.999, 1e300]).prop_map(Value::from),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1500) })]

    #[test]
    fn metadata_of_any_kind_does_no_harm(
        kind in prop::sample::select(&KINDS),
        edits in prop::collection::vec((any::<prop::sample::Index>(), replacement()), 1..4),
    ) {
        let sound = metadata(kind);
        let mut changed = sound.clone();
        let mut paths = Vec::new();
        leaves(&sound, "", &mut paths);
        for (path, value) in edits {
            if let Some(leaf) = changed.pointer_mut(path.get::<String>(&paths)) {
                *leaf = value;
            }
        }
        if let Ok(changed) = serde_json::from_value(changed)
            && let Ok(file) = bundle::write(&changed, &parameters(&parsed(&sound)), VOCABULARIES)
        {
            annotate(&file);
        }
    }
}
