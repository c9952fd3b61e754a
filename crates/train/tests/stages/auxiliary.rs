//! Auxiliary corpora beside the corpus.

use super::*;

#[test]
fn auxiliary_heads_are_trained_along_and_left_out_of_the_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let input = input(sentences("Person", "Thing", true));
    let mut config = with_auxiliary(folder.path(), 3);
    config.training.average = 0.9;
    let out = folder.path().join("run");
    let bundle = fs::read(whole(&config, &input, &out).bundle).unwrap();
    Annotator::from_bundle(&bundle).unwrap();
    let bundle = Bundle::parse(&bundle).unwrap();
    assert!(
        bundle
            .parameter_names()
            .all(|name| !name.contains("auxiliary"))
    );
    let metadata = bundle.metadata();
    assert_eq!(
        metadata.provenance.corpora,
        [
            "owners",
            "more vehicles (auxiliary)",
            "more unrelated (auxiliary)"
        ]
    );
    let types = metadata.schema.entity_types.iter();
    assert_eq!(
        types.map(|kind| &kind.name).collect::<Vec<_>>(),
        ["Person", "Thing"]
    );
    let weights: usize = bundle
        .tensors()
        .map(|(_, tensor)| tensor.bytes.len() / 4)
        .sum();
    assert_eq!(metadata.total_parameters, Some(weights as u64));

    let metrics = RunFolder::open(&out, Existing::Resume)
        .unwrap()
        .metrics()
        .unwrap();
    let [first, .., last] = &metrics[..] else {
        panic!("{metrics:?}")
    };
    assert_eq!(first.auxiliary_losses.len(), 2);
    assert!(last.auxiliary_losses[0] < first.auxiliary_losses[0]);
}

#[test]
fn a_run_with_auxiliary_corpora_goes_on_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let input = input(sentences("Person", "Thing", true));
    let mut config = with_auxiliary(folder.path(), 4);
    config.training.average = 0.9;
    config.training.predicted_mentions_from = 2;
    (config.training.word_dropout, config.training.case_dropout) = (0.1, 0.2);
    let (straight, parts) = (folder.path().join("straight"), folder.path().join("parts"));
    whole(&config, &input, &straight);
    train(&config, &input, &parts, Existing::Refuse, 2).unwrap();
    train(&config, &input, &parts, Existing::Resume, usize::MAX).unwrap();
    for name in ["last.safetensors", "best.safetensors"] {
        let [one, other] = [&straight, &parts].map(|folder| fs::read(folder.join(name)).unwrap());
        assert!(one == other, "{name} differs");
    }
}

#[test]
fn a_run_goes_on_with_the_auxiliary_corpora_it_began_with_only() {
    let folder = tempfile::tempdir().unwrap();
    let input = input(sentences("Person", "Thing", true));
    let config = with_auxiliary(folder.path(), 2);
    let out = folder.path().join("run");
    train(&config, &input, &out, Existing::Refuse, 1).unwrap();
    let unrelated = folder.path().join("more/unrelated.jsonl");
    let begun_with = fs::read(&unrelated).unwrap();
    write(&unrelated, &sentences("Person", "Thing", false)[1..4]);
    let error = train(&config, &input, &out, Existing::Resume, 1).unwrap_err();
    assert!(
        matches!(&error, TrainError::OtherInput { path, input } if *path == out && input == "auxiliary[1]"),
        "{error}"
    );
    fs::write(&unrelated, begun_with).unwrap();
    train(&config, &input, &out, Existing::Resume, 1).unwrap();
}

#[test]
fn an_auxiliary_label_that_the_run_does_not_know_is_named_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let input = input(sentences("Person", "Thing", true));
    let mut config = with_auxiliary(folder.path(), 1);
    config.auxiliary[0].head = Head::Main;
    let error = Run::prepare(&config, &input, &Device::Cpu)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("vehicles.jsonl, line 1") && error.contains("Human"),
        "{error}"
    );
}

#[test]
fn the_weight_of_an_auxiliary_corpus_tells_although_gradients_are_cut_to_one_length() {
    let folder = tempfile::tempdir().unwrap();
    let input = input(sentences("Person", "Thing", true));
    let last_loss = |weight: f64| {
        let mut config = with_auxiliary(folder.path(), 3);
        config.training.clip = 0.1;
        for auxiliary in &mut config.auxiliary {
            auxiliary.weight = weight;
        }
        let out = folder.path().join(format!("weight-{weight}"));
        whole(&config, &input, &out);
        let metrics = RunFolder::at(&out).metrics().unwrap();
        metrics.last().unwrap().loss
    };
    let (whole, little) = (last_loss(1.), last_loss(1e-3));
    assert!((whole - little).abs() > 0.01 * whole, "{whole}, {little}");
}
