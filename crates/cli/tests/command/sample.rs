//! A bundle made for these tests: an untrained network that takes every word for a place and, at its threshold, every
//! ordered pair of places for near each other.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use candle_core::{DType, Device, Tensor};
use candle_nn::{VarBuilder, VarMap};
use serde_json::{Value, json};
use spanarc_corpus::{EntityType, Hyphens, LabelSchema, RelationType, TagScheme};
use spanarc_model::{
    bundle::{self, BundleMetadata, Provenance},
    config::{Cell, NetworkConfig, RelationConfig},
    features::Vocabularies,
    network::JointNetwork,
};

pub(crate) fn bundle() -> Vec<u8> {
    bundle_with(|_| ())
}

/// The same with other metadata.
pub(crate) fn bundle_with(change: impl FnOnce(&mut BundleMetadata)) -> Vec<u8> {
    let color = || "#4477aa".to_owned();
    let mut metadata = BundleMetadata {
        name: "everything is a place".into(),
        language: "en".into(),
        schema: LabelSchema {
            entity_types: ["Loc", "Peop"]
                .map(|name| EntityType {
                    name: name.into(),
                    color: color(),
                })
                .into(),
            relation_types: vec![RelationType {
                name: "Near".into(),
                color: color(),
                signatures: Vec::new(),
            }],
        },
        network: NetworkConfig {
            encoder: None,
            elmo: None,
            words: None,
            characters: None,
            casing: true,
            cell: Cell::Gru,
            hidden: 32,
            shared_layers: 1,
            ner_layers: 0,
            re_layers: 1,
            ner_feed_forward: 8,
            scheme: TagScheme::Bio,
            relation: RelationConfig {
                label_embedding: 4,
                feed_forward: 8,
                pool_mention: false,
                context: 0,
            },
        },
        relation_threshold: 0.25,
        calibration: None,
        hyphens: Hyphens::default(),
        provenance: Provenance {
            corpora: vec!["written for tests".into()],
            ..Provenance::default()
        },
        scores: Vec::new(),
        estimated_scores: Vec::new(),
        trainable_parameters: None,
        total_parameters: None,
    };
    change(&mut metadata);
    let parameters = VarMap::new();
    let builder = VarBuilder::from_varmap(&parameters, DType::F32, &Device::Cpu);
    JointNetwork::new(&metadata.network, 2, 1, builder).unwrap();
    let tensors: BTreeMap<_, _> = parameters
        .data()
        .lock()
        .unwrap()
        .iter()
        .map(|(name, var)| (name.clone(), weights(name, var)))
        .collect();
    bundle::write(&metadata, &tensors, Vocabularies::default()).unwrap()
}

/// Small weights that are the same in every run; the bias of tag B-Loc outweighs them all.
fn weights(name: &str, var: &Tensor) -> Tensor {
    let mut values: Vec<f32> = (0..var.elem_count())
        .map(|index| 0.05 * (0.7 * index as f32).sin())
        .collect();
    if name == "emission.bias" {
        values[1] = 9.0;
    }
    Tensor::from_vec(values, var.shape(), &Device::Cpu).unwrap()
}

/// The bundle as a file of its own folder.
pub(crate) fn bundle_file(folder: &Path) -> PathBuf {
    file(folder, "tiny.safetensors", &bundle())
}

/// A file with this content.
pub(crate) fn file(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

/// A run of a second: three epochs of a network of a few units.
pub(crate) const TINY_CONFIG: &str = r#"
name = "tiny"

[network]
hidden = 4
re_layers = 1
ner_feed_forward = 4
characters = 2

[training]
epochs = 3
batch = 4
"#;

/// A corpus of 16 sentences, `Ada lives in Rome .` and the like, in the folder `towns`: 12 to train on, 4 as dev.
pub(crate) fn towns(folder: &Path) {
    fs::create_dir(folder.join("towns")).unwrap();
    for (name, towns) in [
        ("towns/train.jsonl", &["Rome", "Oslo", "Lima"][..]),
        ("towns/dev.jsonl", &["Bonn"]),
    ] {
        let people = ["Ada", "Ben", "Cleo", "Dov"];
        let pairs = towns
            .iter()
            .flat_map(|town| people.map(|person| (person, town)));
        let lines: Vec<_> = pairs
            .map(|(person, town)| sentence(person, town).to_string())
            .collect();
        file(folder, name, lines.join("\n").as_bytes());
    }
}

fn sentence(person: &str, town: &str) -> Value {
    json!({
        "id": format!("{person} {town}"),
        "tokens": [person, "lives", "in", town, "."],
        "entities": [{"type": "Person", "start": 0, "end": 1}, {"type": "Town", "start": 3, "end": 4}],
        "relations": [{"type": "Lives_In", "head": 0, "tail": 1}],
    })
}
