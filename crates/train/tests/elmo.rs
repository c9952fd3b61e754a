//! ELMo as it is read from its published format, against what other implementations say.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use serde::Deserialize;
use spanarc_model::{
    batch::Batch,
    config::{Cell, NetworkConfig, RelationConfig},
    embedding::elmo::Elmo,
    features::{Featurizer, Vocabularies},
};
use spanarc_train::pretrained::PretrainedElmo;

/// A network of nothing but ELMo.
fn network(elmo: &PretrainedElmo) -> NetworkConfig {
    NetworkConfig {
        encoder: None,
        elmo: Some(elmo.config.clone()),
        words: None,
        characters: None,
        casing: false,
        cell: Cell::Gru,
        hidden: 1,
        shared_layers: 0,
        ner_layers: 0,
        re_layers: 0,
        ner_feed_forward: 1,
        scheme: spanarc_corpus::TagScheme::Bio,
        relation: RelationConfig {
            label_embedding: 1,
            feed_forward: 1,
            pool_mention: false,
            context: 0,
        },
    }
}

/// ELMo of a folder, reading batch after batch.
struct Reader {
    elmo: Elmo,
    featurizer: Featurizer,
}

impl Reader {
    fn open(folder: &Path) -> Self {
        let pretrained = PretrainedElmo::read(folder).unwrap();
        let tensors: HashMap<String, Tensor> = pretrained.tensors.clone().into_iter().collect();
        let vb = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
        let network = network(&pretrained);
        Self {
            elmo: Elmo::new(&pretrained.config, vb).unwrap(),
            featurizer: Featurizer::new(&network, Vocabularies::default()).unwrap(),
        }
    }

    /// Of each batch, an equal number of sentences, and each of its sentences all layers, `[layers + 1, tokens, size]`;
    /// the state goes on from batch to batch, as the reference implementation's does.
    fn read<W: AsRef<str>>(&self, batches: &[Vec<Vec<W>>]) -> Vec<Vec<Tensor>> {
        let mut state = self
            .elmo
            .zero_state(batches[0].len(), &Device::Cpu)
            .unwrap();
        let mut read = Vec::new();
        for sentences in batches {
            let features: Vec<_> = sentences
                .iter()
                .map(|words| self.featurizer.features(words))
                .collect();
            let batch = Batch::new(&features.iter().collect::<Vec<_>>(), &Device::Cpu).unwrap();
            let (layers, next) = self
                .elmo
                .forward(batch.marked_sentences().unwrap(), &state)
                .unwrap();
            state = next;
            let layers = Tensor::stack(&layers, 1).unwrap();
            let sentence = |(row, words): (usize, &Vec<W>)| {
                let layers = layers.get(row).unwrap();
                layers.narrow(1, 0, words.len()).unwrap()
            };
            read.push(sentences.iter().enumerate().map(sentence).collect());
        }
        read
    }
}

fn difference(found: &Tensor, expected: &Tensor) -> f32 {
    let difference = (found - expected).unwrap().abs().unwrap();
    difference
        .flatten_all()
        .unwrap()
        .max(0)
        .unwrap()
        .to_scalar()
        .unwrap()
}

fn golden_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/elmo")
}

#[derive(Deserialize)]
struct Golden {
    sentences: Vec<Vec<String>>,
    from_zero: Vec<Vec<Vec<Vec<f32>>>>,
    carried: Vec<Vec<Vec<Vec<f32>>>>,
}

fn tensor(layers: &[Vec<Vec<f32>>]) -> Tensor {
    let layers: Vec<_> = layers
        .iter()
        .map(|layer| Tensor::new(layer.clone(), &Device::Cpu).unwrap())
        .collect();
    Tensor::stack(&layers, 0).unwrap()
}

#[test]
fn every_layer_says_what_the_formulas_say() {
    let text = fs::read_to_string(golden_folder().join("states.json")).unwrap();
    let golden: Golden = serde_json::from_str(&text).unwrap();
    let reader = Reader::open(&golden_folder());

    let together = reader
        .read(std::slice::from_ref(&golden.sentences))
        .remove(0);
    for (found, expected) in together.iter().zip(&golden.from_zero) {
        assert!(difference(found, &tensor(expected)) < 1e-5);
    }
    let one_by_one: Vec<_> = golden
        .sentences
        .iter()
        .map(|words| vec![words.clone()])
        .collect();
    for (found, expected) in reader.read(&one_by_one).iter().zip(&golden.carried) {
        assert!(difference(&found[0], &tensor(expected)) < 1e-5);
    }
}

#[test]
fn the_reference_of_the_original_code_is_met_on_every_sentence() {
    let shared = std::env::var_os("SPANARC_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let folder = shared.join("data/elmo-reference");
    if !folder.exists() {
        eprintln!(
            "skipped: {} is not there (SPANARC_SHARED)",
            folder.display()
        );
        return;
    }
    let text = fs::read_to_string(folder.join("sentences.json")).unwrap();
    let lists: Vec<Vec<String>> = serde_json::from_str(&text).unwrap();
    // Batch i holds the i-th sentence of every list.
    let batches: Vec<Vec<Vec<&str>>> = (0..lists[0].len())
        .map(|index| {
            let sentences = lists.iter().map(|list| list[index].as_str());
            sentences.map(|text| text.split(' ').collect()).collect()
        })
        .collect();
    let read = Reader::open(&folder).read(&batches);
    let mut worst = 0f32;
    for (list, file) in (0..lists.len()).map(|list| (list, format!("lm_embeddings_{list}.hdf5"))) {
        let file = hdf5_pure::File::open(folder.join(file)).unwrap();
        for (index, sentences) in read.iter().enumerate() {
            let dataset = file.dataset(&index.to_string()).unwrap();
            let shape: Vec<usize> = dataset
                .shape()
                .unwrap()
                .iter()
                .map(|&n| n as usize)
                .collect();
            let values = dataset.read_f32().unwrap();
            // `[direction, tokens, projection]` of the top layer.
            let expected = Tensor::from_vec(values, shape, &Device::Cpu).unwrap();
            let halves = [expected.get(0).unwrap(), expected.get(1).unwrap()];
            let expected = Tensor::cat(&halves, 1).unwrap();
            let top = sentences[list].get(2).unwrap();
            let difference = difference(&top, &expected);
            assert!(
                difference < 1e-4,
                "list {list}, sentence {index}: {difference}"
            );
            worst = worst.max(difference);
        }
    }
    eprintln!("largest difference: {worst:e}");
}

/// A copy of the golden folder.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["options.json", "weights.hdf5"] {
        fs::copy(golden_folder().join(name), folder.path().join(name)).unwrap();
    }
    folder
}

fn error(folder: &Path) -> String {
    PretrainedElmo::read(folder).unwrap_err().to_string()
}

#[test]
fn a_folder_without_weights_is_refused_with_where_they_are_found() {
    let folder = copy();
    fs::remove_file(folder.path().join("weights.hdf5")).unwrap();
    let message = error(folder.path());
    assert!(
        message.contains("weights.hdf5") && message.contains("AllenNLP"),
        "{message}"
    );
    let message = error(&folder.path().join("nowhere"));
    assert!(message.contains("nowhere"), "{message}");
}

#[test]
fn published_names_are_found_as_they_are() {
    let folder = copy();
    for (name, published) in [
        ("options.json", "elmo_2x4096_options.json"),
        ("weights.hdf5", "elmo_2x4096_weights.hdf5"),
    ] {
        fs::rename(folder.path().join(name), folder.path().join(published)).unwrap();
    }
    assert!(PretrainedElmo::read(folder.path()).is_ok());
    fs::write(folder.path().join("other_weights.hdf5"), "").unwrap();
    let message = error(folder.path());
    assert!(message.contains("2 files end in weights.hdf5"), "{message}");
}

#[test]
fn options_and_weights_that_disagree_are_refused_by_name() {
    let options = fs::read_to_string(golden_folder().join("options.json")).unwrap();
    for (from, to, message) in [
        (
            "\"dim\": 6",
            "\"dim\": 7",
            "LSTMCell/W_0` has shape [8, 24], by the options it should have [8, 28]",
        ),
        ("\"n_highway\": 2", "\"n_highway\": 3", "CNN_high_2/W_carry"),
        (
            "\"n_layers\": 2",
            "\"n_layers\": 9",
            "elmo.layers: 9 is outside",
        ),
        (
            "\"n_characters\": 262",
            "\"n_characters\": 97",
            "n_characters is 97",
        ),
        ("\"relu\"", "\"swish\"", "swish"),
        ("\"projection_dim\"", "\"projection\"", "projection_dim"),
    ] {
        assert!(options.contains(from), "{from}");
        let folder = copy();
        fs::write(
            folder.path().join("options.json"),
            options.replace(from, to),
        )
        .unwrap();
        let found = error(folder.path());
        assert!(found.contains(message), "{found}");
    }
}

#[test]
fn a_damaged_file_of_weights_is_refused() {
    let folder = copy();
    let path = folder.path().join("weights.hdf5");
    let whole = fs::read(&path).unwrap();
    let mut zeroed = whole.clone();
    zeroed[64..4096].fill(0);
    for damaged in [
        &whole[..whole.len() / 2],
        &whole[..10],
        b"not HDF5",
        b"",
        &zeroed,
    ] {
        fs::write(&path, damaged).unwrap();
        let message = error(folder.path());
        assert!(message.contains("weights.hdf5"), "{message}");
    }
}
