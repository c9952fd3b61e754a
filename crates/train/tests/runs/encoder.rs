//! Runs with a pretrained encoder.

use std::{collections::HashMap, fs, ops::ControlFlow, path::Path};

use spanarc_model::{bundle::Bundle, embedding::encoder::Encoder};
use spanarc_train::{
    Device, RunConfig,
    config::EncoderChoice,
    pretrained::PretrainedEncoder,
    run_folder::{Existing, RunFolder},
    seeded_vars::SeededVars,
};

use crate::tiny_run::{config, input, train, write_corpus};

/// An encoder of random weights and a vocabulary of letters, in the layout of the hub.
fn write_encoder(folder: &Path, without: Option<&str>) {
    let config = r#"{"vocab_size": 57, "hidden_size": 12, "num_hidden_layers": 3, "num_attention_heads": 3,
        "intermediate_size": 16, "max_position_embeddings": 32, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}"#;
    let letters = ('a'..='z').flat_map(|letter| [format!("{letter}"), format!("##{letter}")]);
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "."].map(str::to_owned);
    let vocabulary: Vec<String> = special.into_iter().chain(letters).collect();
    assert_eq!(vocabulary.len(), 57);
    fs::write(folder.join("config.json"), config).unwrap();
    fs::write(folder.join("vocab.txt"), vocabulary.join("\n")).unwrap();

    let vars = SeededVars::new(5, &Device::Cpu);
    let shape = PretrainedEncoder::read_config(folder).unwrap();
    Encoder::new(&shape, vars.var_builder()).unwrap();
    let mut tensors: HashMap<String, _> = vars.tensors().into_iter().collect();
    if let Some(name) = without {
        tensors.remove(name).unwrap();
    }
    candle_core::safetensors::save(&tensors, folder.join("model.safetensors")).unwrap();
}

fn with_encoder(fine_tune: bool) -> RunConfig {
    let mut config = config(10);
    config.encoder = Some(EncoderChoice {
        layers: 2,
        fine_tune,
        ..EncoderChoice::default()
    });
    config
}

#[test]
fn an_encoder_is_trained_along_or_frozen() {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |_| ());
    write_encoder(folder.path(), None);
    let pretrained = PretrainedEncoder::read(folder.path()).unwrap();
    for fine_tune in [true, false] {
        let out = RunFolder::open(
            &folder.path().join(format!("run-{fine_tune}")),
            Existing::Refuse,
        )
        .unwrap();
        let input = input(folder.path(), Some(folder.path()));
        let config = with_encoder(fine_tune);
        let outcome = train(&config, &input, &out, |_| ControlFlow::Continue(())).unwrap();
        assert!(outcome.score > Some(90.), "{fine_tune}: {outcome:?}");
        let file = fs::read(outcome.bundle).unwrap();
        let bundle = Bundle::parse(&file).unwrap();
        let trained = |name: &str| {
            let vb = bundle.var_builder(&Device::Cpu);
            let before = &pretrained.tensors[name];
            let after = vb
                .get(before.dims(), &format!("embedding.encoder.{name}"))
                .unwrap();
            let difference = (after - before).unwrap().abs().unwrap().sum_all().unwrap();
            difference.to_scalar::<f32>().unwrap() > 0.
        };
        assert_eq!(trained("encoder.layer.1.output.dense.weight"), fine_tune);
        assert!(!trained("embeddings.word_embeddings.weight"));
        assert!(bundle.tensors().all(|(name, _)| !name.contains("layer.2.")));
    }
}

#[test]
fn an_encoder_that_lacks_a_parameter_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |_| ());
    let missing = "encoder.layer.1.attention.self.key.bias";
    write_encoder(folder.path(), Some(missing));
    let out = RunFolder::open(&folder.path().join("run"), Existing::Refuse).unwrap();
    let input = input(folder.path(), Some(folder.path()));
    let result = train(&with_encoder(true), &input, &out, |_| {
        ControlFlow::Continue(())
    });
    let error = result.unwrap_err().to_string();
    assert!(
        error.contains("model.safetensors") && error.contains(missing),
        "{error}"
    );
}

#[test]
fn an_encoder_that_is_asked_for_and_not_given_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |_| ());
    let out = RunFolder::open(&folder.path().join("run"), Existing::Refuse).unwrap();
    let input = input(folder.path(), None);
    let result = train(&with_encoder(true), &input, &out, |_| {
        ControlFlow::Continue(())
    });
    assert!(result.unwrap_err().to_string().contains("[encoder]"));
}

#[test]
fn an_encoder_whose_files_do_not_fit_each_other_is_refused_by_file() {
    let folder = tempfile::tempdir().unwrap();
    write_encoder(folder.path(), None);
    let refused = |file: &str, from: &str, to: &str, reason: &str| {
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let error = PretrainedEncoder::read(folder.path())
            .unwrap_err()
            .to_string();
        fs::write(&path, text).unwrap();
        let path = path.display().to_string();
        assert!(error.contains(&path) && error.contains(reason), "{error}");
    };
    refused(
        "vocab.txt",
        "a\n",
        "",
        "56 pieces, by config.json there are 57",
    );
    refused("vocab.txt", "[CLS]", "[CLZ]", "lacks [CLS]");
    refused(
        "config.json",
        "\"num_attention_heads\": 3",
        "\"num_attention_heads\": 5",
        "num_attention_heads 5 does not divide hidden_size 12",
    );
}
