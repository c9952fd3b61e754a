//! Encoders of all kinds as they are read from their published layout, against what `transformers` and `tokenizers` say; see
//! `tests/golden/README.md`.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::VarBuilder;
use serde::Deserialize;
use spanarc_model::{
    config::EncoderKind,
    dropout::Dropout,
    embedding::{encoder::Encoder, wordpiece::WordPieces},
};
use spanarc_train::pretrained::PretrainedEncoder;

/// Largest difference of a number, relative to 1 + its size.
const TOLERANCE: f32 = 2e-5;

fn folder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/golden/encoders")
        .join(kind)
}

#[derive(Deserialize)]
struct Pieces {
    words: Vec<(String, Vec<u32>)>,
    /// All of them in a window.
    sentence: Vec<u32>,
}

#[track_caller]
fn assert_close(name: &str, found: &Tensor, expected: &Tensor) {
    assert_eq!(found.dims(), expected.dims(), "{name}");
    let values = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    for (index, (a, b)) in values(found).iter().zip(values(expected)).enumerate() {
        let near = (a - b).abs() <= TOLERANCE * (1. + b.abs());
        assert!(near, "{name}, element {index}: {a} is not {b}");
    }
}

/// Compares states and gradients with the golden ones of the folder.
fn assert_golden(folder: &Path, kind: EncoderKind) {
    let pretrained = PretrainedEncoder::read(folder).unwrap();
    assert_eq!(pretrained.config.kind, kind);
    let golden =
        candle_core::safetensors::load(folder.join("golden.safetensors"), &Device::Cpu).unwrap();
    let variable = |(name, tensor): (&String, &Tensor)| {
        (name.clone(), Var::from_tensor(tensor).unwrap().into_inner())
    };
    let variables: HashMap<String, Tensor> = pretrained.tensors.iter().map(variable).collect();
    let vb = VarBuilder::from_tensors(variables.clone(), DType::F32, &Device::Cpu);
    let encoder = Encoder::new(&pretrained.config, vb).unwrap();

    let ids = golden["ids"].to_dtype(DType::U32).unwrap();
    let lengths: Vec<i64> = golden["lengths"].to_vec1().unwrap();
    let lengths: Vec<usize> = lengths.into_iter().map(|length| length as usize).collect();
    let none = &mut Dropout::off();
    let casings = ids.zeros_like().unwrap();
    let states = encoder.forward(&ids, &casings, &lengths, 0., none).unwrap();
    assert_eq!(states.len(), 3);
    for (layer, states) in states.iter().enumerate() {
        let expected = &golden[&format!("states.{layer}")];
        for (window, &length) in lengths.iter().enumerate() {
            let within =
                |tensor: &Tensor| tensor.get(window).unwrap().narrow(0, 0, length).unwrap();
            let name = format!("layer {layer}, window {window}");
            assert_close(&name, &within(states), &within(expected));
        }
    }

    let loss = (&states[2] * &golden["weights"])
        .unwrap()
        .sum_all()
        .unwrap();
    let gradients = loss.backward().unwrap();
    let expected = golden
        .iter()
        .filter_map(|(name, tensor)| Some((name.strip_prefix("gradients.")?, tensor)));
    let mut compared = 0;
    for (name, expected) in expected {
        assert_close(name, gradients.get(&variables[name]).unwrap(), expected);
        compared += 1;
    }
    assert!(compared >= 8);
}

/// Compares word pieces with those of `tokenizers`.
fn assert_pieces(folder: &Path) {
    let PretrainedEncoder {
        config, vocabulary, ..
    } = PretrainedEncoder::read(folder).unwrap();
    let pieces = WordPieces::new(&vocabulary, config.kind, config.lowercase).unwrap();
    let text = fs::read_to_string(folder.join("pieces.json")).unwrap();
    let Pieces { words, sentence } = serde_json::from_str(&text).unwrap();
    let mut found = vec![pieces.start()];
    for (word, expected) in words {
        let ids = pieces.ids(&word);
        assert_eq!(ids, expected, "{word:?}");
        found.extend(ids);
    }
    found.push(pieces.end());
    assert_eq!(found, sentence);
}

#[test]
fn cased_bert_with_the_names_of_old_checkpoints_says_what_transformers_says() {
    let folder = folder("bert-cased");
    assert_golden(&folder, EncoderKind::Bert);
    assert_pieces(&folder);
}

#[test]
fn distilbert_says_what_transformers_says() {
    let folder = folder("distilbert");
    assert_golden(&folder, EncoderKind::DistilBert);
    assert_pieces(&folder);
}

#[test]
fn mpnet_says_what_transformers_says_at_all_distances() {
    let folder = folder("mpnet");
    assert_golden(&folder, EncoderKind::Mpnet);
    assert_pieces(&folder);
}
