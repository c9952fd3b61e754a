//! Runs with a pretrained encoder.

use std::{
    collections::HashMap,
    fmt::Write as _,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use spanarc_model::{
    Annotator,
    bundle::{Bundle, quantize},
    embedding::encoder::Encoder,
};
use spanarc_train::{
    Device, Run, RunConfig,
    auxiliary::{AuxiliaryChoice, Head},
    config::EncoderChoice,
    pretrained::PretrainedEncoder,
    run_folder::{Existing, RunFolder},
    seeded_vars::SeededVars,
};
use tempfile::TempDir;

use crate::tiny_run::{config, input, run, train, write_corpus};

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

/// A folder that holds both.
fn corpus_and_encoder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |_| ());
    write_encoder(folder.path(), None);
    folder
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
    let folder = corpus_and_encoder();
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

/// A tiny encoder of the hub's layout, of those in `tests/golden/encoders`.
fn golden_encoder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/golden/encoders")
        .join(kind)
}

#[test]
fn encoders_of_every_kind_are_trained_along_and_come_back_from_the_bundle() {
    for (kind, trained, published) in [
        (
            "bert-cased",
            "encoder.layer.1.output.LayerNorm.weight",
            "bert",
        ),
        (
            "distilbert",
            "encoder.layer.0.intermediate.dense.weight",
            "distilbert",
        ),
        ("mpnet", "encoder.relative_attention_bias.weight", "mpnet"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        write_corpus(folder.path(), |_| ());
        let encoder = golden_encoder(kind);
        let pretrained = PretrainedEncoder::read(&encoder).unwrap();
        let out = RunFolder::open(&folder.path().join("run"), Existing::Refuse).unwrap();
        let input = input(folder.path(), Some(&encoder));
        let mut config = with_encoder(true);
        config.training.word_dropout = 0.05;
        let outcome = train(&config, &input, &out, |_| ControlFlow::Continue(())).unwrap();
        assert!(outcome.score > Some(90.), "{kind}: {outcome:?}");

        let file = fs::read(outcome.bundle).unwrap();
        let bundle = Bundle::parse(&file).unwrap();
        let before = &pretrained.tensors[trained];
        let vb = bundle.var_builder(&Device::Cpu);
        let after = vb.get(before.dims(), &format!("embedding.encoder.{trained}"));
        let difference = (after.unwrap() - before).unwrap().abs().unwrap();
        assert!(difference.max_all().unwrap().to_scalar::<f32>().unwrap() > 0.);
        let name = serde_json::to_value(bundle.metadata().network.encoder.as_ref().unwrap().kind);
        assert_eq!(name.unwrap(), published);

        let words = [vec!["Ann", "lives", "in", "ROME", "."]];
        for file in [&file, &quantize(&bundle).unwrap()] {
            let annotator = Annotator::from_bundle(file).unwrap();
            let found = annotator.predict(&words, 0.5).unwrap();
            assert_eq!(found[0].entities.len(), 2, "{kind}: {found:?}");
        }
    }
}

#[test]
fn a_parameter_that_is_missing_is_named_as_it_is_published() {
    for (kind, missing) in [
        ("distilbert", "transformer.layer.1.ffn.lin1.bias"),
        ("mpnet", "encoder.layer.0.attention.attn.o.weight"),
        ("mpnet", "encoder.relative_attention_bias.weight"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        write_corpus(folder.path(), |_| ());
        for file in fs::read_dir(golden_encoder(kind)).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), folder.path().join(file.file_name())).unwrap();
        }
        let weights = folder.path().join("model.safetensors");
        let mut tensors = candle_core::safetensors::load(&weights, &Device::Cpu).unwrap();
        tensors.retain(|name, _| !name.ends_with(missing));
        candle_core::safetensors::save(&tensors, &weights).unwrap();
        let input = input(folder.path(), Some(folder.path()));
        let error = Run::prepare(&with_encoder(true), &input, &Device::Cpu).unwrap_err();
        let named = format!("lacks `{missing}`");
        assert!(error.to_string().contains(&named), "{error}");
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
    refused(
        "config.json",
        "{",
        r#"{"model_type": "roberta","#,
        "unknown variant `roberta`, expected one of `bert`, `distilbert`, `mpnet`",
    );
    refused(
        "config.json",
        "{",
        r#"{"model_type": "distilbert","#,
        "missing field `dim`",
    );
    refused(
        "config.json",
        "{",
        r#"{"model_type": "mpnet", "relative_attention_num_buckets": 16,"#,
        "relative_attention_num_buckets 16, only 32 is known",
    );
    refused(
        "config.json",
        "\"gelu\"",
        "\"relu\"",
        "hidden_act \"relu\", only gelu is known",
    );
    fs::write(
        folder.path().join("tokenizer_config.json"),
        r#"{"do_lower_case": true, "strip_accents": false}"#,
    )
    .unwrap();
    let error = PretrainedEncoder::read(folder.path()).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("tokenizer_config.json: strip_accents is false"),
        "{error}"
    );
}

#[test]
fn what_a_tokenizer_says_of_case_is_believed_by_its_configuration_first() {
    let folder = tempfile::tempdir().unwrap();
    write_encoder(folder.path(), None);
    let lowercase = || {
        PretrainedEncoder::read_config(folder.path())
            .unwrap()
            .lowercase
    };
    assert!(lowercase());
    let write = |file: &str, text: &str| fs::write(folder.path().join(file), text).unwrap();
    write(
        "tokenizer.json",
        r#"{"normalizer": {"type": "BertNormalizer", "lowercase": false, "strip_accents": null}}"#,
    );
    assert!(!lowercase());
    write("tokenizer_config.json", r#"{"model_max_length": 512}"#);
    assert!(!lowercase());
    write("tokenizer_config.json", r#"{"do_lower_case": true}"#);
    assert!(lowercase());
}

/// Text in which one word follows from the others: who sings is always followed by songs.
fn write_text(path: &Path) -> AuxiliaryChoice {
    let mut text = String::new();
    for (who, what) in [("ann", "songs"), ("bob", "tunes"), ("eve", "hymns")].repeat(8) {
        writeln!(text, "{who} sings {what} . {what} are what {who} sings .\n").unwrap();
    }
    fs::write(path, text).unwrap();
    AuxiliaryChoice {
        data: path.to_owned(),
        head: Head::MaskedWords,
        relations: false,
        share: 0.8,
        weight: 1.,
    }
}

#[test]
fn masked_words_of_a_text_are_predicted_and_their_head_stays_out_of_the_bundle() {
    let folder = corpus_and_encoder();
    let mut config = with_encoder(true);
    // The encoder's weights are random and small, and have more to learn than pretrained ones.
    (
        config.training.epochs,
        config.training.encoder_learning_rate,
    ) = (40, 0.01);
    config.encoder.as_mut().unwrap().fine_tune_embeddings = true;
    config.auxiliary = vec![write_text(&folder.path().join("text.txt"))];
    let out = RunFolder::open(&folder.path().join("run"), Existing::Refuse).unwrap();
    let input = input(folder.path(), Some(folder.path()));
    let outcome = train(&config, &input, &out, |_| ControlFlow::Continue(())).unwrap();
    assert!(outcome.score > Some(90.), "{outcome:?}");

    // Who only learnt how frequent the pieces are would come to 0.7 of the first epoch's loss.
    let losses: Vec<f64> = (out.metrics().unwrap().iter())
        .map(|epoch| epoch.auxiliary_losses[0])
        .collect();
    assert!(losses[losses.len() - 1] < 0.4 * losses[0], "{losses:?}");

    let file = fs::read(outcome.bundle).unwrap();
    let bundle = Bundle::parse(&file).unwrap();
    assert!(
        bundle
            .parameter_names()
            .all(|name| !name.contains("auxiliary"))
    );
    let corpora = &bundle.metadata().provenance.corpora;
    assert!(corpora[1].ends_with(" text (auxiliary)"), "{corpora:?}");
    let alphabet = &bundle
        .metadata()
        .network
        .characters
        .as_ref()
        .unwrap()
        .alphabet;
    assert!(
        !alphabet.contains('y'),
        "characters of the text are not learnt: {alphabet}"
    );
}

#[test]
fn a_run_with_masked_words_goes_on_bit_for_bit() {
    let folder = corpus_and_encoder();
    let mut config = with_encoder(true);
    config.training.epochs = 4;
    config.training.parts = 2;
    config.auxiliary = vec![write_text(&folder.path().join("text.txt"))];
    let run = |name: &str, existing, stop: usize| {
        let out = folder.path().join(name);
        run(&config, folder.path(), &out, existing, stop);
        fs::read(out.join("last.safetensors")).unwrap()
    };
    let straight = run("straight", Existing::Refuse, usize::MAX);
    run("parts", Existing::Refuse, 2);
    assert!(run("parts", Existing::Resume, usize::MAX) == straight);
}

#[test]
fn masked_words_without_an_encoder_that_is_trained_are_refused() {
    let folder = corpus_and_encoder();
    let text = write_text(&folder.path().join("text.txt"));
    let with_text = |config| RunConfig {
        auxiliary: vec![text.clone()],
        ..config
    };
    for (config, encoder) in [
        (with_text(config(1)), None),
        (with_text(with_encoder(false)), Some(folder.path())),
    ] {
        let input = input(folder.path(), encoder);
        let error = Run::prepare(&config, &input, &Device::Cpu).unwrap_err();
        assert!(error.to_string().contains("masked-words"), "{error}");
    }
}

#[test]
fn a_text_without_words_or_in_another_encoding_is_refused_by_name() {
    let folder = corpus_and_encoder();
    let path = folder.path().join("text.txt");
    let mut config = with_encoder(true);
    config.auxiliary = vec![write_text(&path)];
    let input = input(folder.path(), Some(folder.path()));
    for (content, named) in [
        (&b" \n\n"[..], "holds no words"),
        (b"one\ncaf\xe9\n", "line 2"),
    ] {
        fs::write(&path, content).unwrap();
        let error = Run::prepare(&config, &input, &Device::Cpu)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("text.txt") && error.contains(named),
            "{error}"
        );
    }
}

#[test]
fn weights_that_are_no_numbers_are_refused_by_name() {
    let folder = corpus_and_encoder();
    let path = folder.path().join("model.safetensors");
    let mut tensors = candle_core::safetensors::load(&path, &Device::Cpu).unwrap();
    let name = "encoder.layer.1.output.dense.bias";
    let bias = tensors.get_mut(name).unwrap();
    *bias = (&*bias * f64::NAN).unwrap();
    candle_core::safetensors::save(&tensors, &path).unwrap();
    let error = PretrainedEncoder::read(folder.path())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("model.safetensors")
            && error.contains(&format!("`{name}` holds a number that is not finite")),
        "{error}"
    );
}
