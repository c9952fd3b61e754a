//! A tiny bundle for the tests of this module.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor};
use spanarc_corpus::{EntityType, Hyphens, LabelSchema, RelationType, Signature, TagScheme};

use crate::bundle::{BundleMetadata, EstimatedScores, MeasuredScores, Provenance};
use crate::config::{
    Cell, CharacterConfig, EncoderConfig, EncoderKind, LayerChoice, NetworkConfig, PiecePooling,
    RelationConfig,
};
use crate::features::Vocabularies;

/// Word pieces of the sample.
pub(in crate::bundle) const PIECES: &str = "[PAD]\n[UNK]\nmary\n##s";

/// Metadata in which every part is present. The tensors of [`tensors`] belong to no real network.
pub(in crate::bundle) fn metadata() -> BundleMetadata {
    let entity_type = |name: &str| EntityType {
        name: name.into(),
        color: "#4477aa".into(),
    };
    BundleMetadata {
        name: "tiny".into(),
        language: "en".into(),
        schema: LabelSchema {
            entity_types: vec![entity_type("Peop"), entity_type("Loc")],
            relation_types: vec![RelationType {
                name: "Live_In".into(),
                color: "#AA4477".into(),
                signatures: vec![Signature {
                    head: "Peop".into(),
                    tail: "Loc".into(),
                }],
            }],
        },
        network: NetworkConfig {
            encoder: Some(EncoderConfig {
                kind: EncoderKind::Bert,
                vocabulary: 4,
                hidden: 4,
                layers: 1,
                heads: 2,
                intermediate: 8,
                positions: 16,
                layer_norm_eps: 1e-12,
                lowercase: true,
                pooling: PiecePooling::Mean,
                output: LayerChoice::Mix,
                casing_embedding: false,
            }),
            elmo: None,
            words: None,
            characters: Some(CharacterConfig {
                alphabet: "abc\"\\é".into(),
                embedding: 3,
                hidden: 2,
                word_length: 8,
            }),
            casing: true,
            cell: Cell::Gru,
            hidden: 3,
            shared_layers: 1,
            ner_layers: 1,
            re_layers: 2,
            ner_feed_forward: 5,
            scheme: TagScheme::Bio,
            relation: RelationConfig {
                label_embedding: 2,
                feed_forward: 4,
                pool_mention: false,
                context: 0,
            },
        },
        relation_threshold: 0.9,
        calibration: None,
        hyphens: Hyphens::Split,
        provenance: Provenance {
            corpora: vec!["written for the tests".into()],
            seed: 7,
            epochs: 3,
            ..Provenance::default()
        },
        scores: vec![MeasuredScores {
            data: "dev".into(),
            entity_micro_f1: 83.3,
            entity_macro_f1: 78.9,
            relation_micro_f1: 62.5,
            relation_macro_f1: 63.1,
        }],
        estimated_scores: vec![EstimatedScores {
            source: "two folds".into(),
            scores: Vec::new(),
        }],
        trainable_parameters: Some(8_201),
        total_parameters: None,
    }
}

/// A large matrix, a small one, a vector and a scalar.
pub(in crate::bundle) fn tensors() -> BTreeMap<String, Tensor> {
    let wave = |count: usize, step: f32| (0..count).map(move |i| (i as f32 * step).sin() * 0.1);
    let tensor = |count, step, shape: &[usize]| {
        Tensor::from_iter(wave(count, step), &Device::Cpu)
            .and_then(|flat| flat.reshape(shape))
            .unwrap()
    };
    BTreeMap::from([
        ("ner.weight".to_string(), tensor(8192, 0.37, &[64, 128])),
        ("ner.bias".to_string(), tensor(64, 0.5, &[64])),
        ("small.weight".to_string(), tensor(6, 0.9, &[2, 3])),
        ("mix".to_string(), tensor(1, 1., &[])),
    ])
}

/// The sample as an f32 bundle.
pub(in crate::bundle) fn bundle() -> Vec<u8> {
    crate::bundle::write(&metadata(), &tensors(), Vocabularies::of_pieces(PIECES)).unwrap()
}
