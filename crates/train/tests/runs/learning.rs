//! What a run learns, and that nothing but its settings decides it.

use std::{fs, ops::ControlFlow, path::Path};

use spanarc_corpus::Hyphens;
use spanarc_model::{
    Annotator,
    bundle::{Bundle, quantize},
};
use spanarc_train::{
    error::TrainError,
    evaluation,
    run_folder::{Existing, RunFolder},
};

use crate::tiny_run::{config, input, run, train, whole_run, write_corpus};

#[test]
fn the_number_of_threads_changes_no_weight() {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |_| ());
    let mut config = config(2);
    config.training.parts = 3;
    let bundle = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let out = folder.path().join(format!("threads-{threads}"));
        let outcome = pool
            .build()
            .unwrap()
            .install(|| run(&config, folder.path(), &out, Existing::Refuse, usize::MAX));
        fs::read(outcome.bundle).unwrap()
    };
    assert!(bundle(1) == bundle(3));
}

#[test]
fn a_pattern_is_learnt_and_survives_quantisation() {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |_| ());
    let out = folder.path().join("run");
    let outcome = whole_run(&config(12), folder.path());
    assert_eq!(outcome.score, Some(100.));

    let bundle = fs::read(outcome.bundle).unwrap();
    let small = quantize(&Bundle::parse(&bundle).unwrap()).unwrap();
    for bundle in [bundle, small] {
        let annotator = Annotator::from_bundle(&bundle).unwrap();
        // A pair of names that only dev holds.
        let words = vec!["In", "ACCRA", "lives", "Ann", "."];
        let prediction = annotator
            .predict(&[words], annotator.relation_threshold())
            .unwrap()
            .remove(0);
        let found: Vec<_> = prediction
            .entities
            .iter()
            .map(|entity| (entity.entity_type, entity.span.start))
            .collect();
        assert_eq!(found, [(1, 1), (0, 3)]);
        assert_eq!(
            (prediction.relations[0].head, prediction.relations[0].tail),
            (1, 0)
        );
    }
    for file in [
        "config.toml",
        "metrics.jsonl",
        "curves.svg",
        "last.safetensors",
        "best.safetensors",
        "best.card.md",
        "summary.json",
    ] {
        assert!(out.join(file).metadata().unwrap().len() > 0, "{file}");
    }
}

#[test]
fn a_bundle_says_how_its_corpus_splits_hyphenated_words() {
    let folder = tempfile::tempdir().unwrap();
    for (name, end, expected) in [
        ("split", ["so", "-", "called"].as_slice(), Hyphens::Split),
        ("joined", &["so-called"], Hyphens::Joined),
    ] {
        let data = folder.path().join(name);
        fs::create_dir(&data).unwrap();
        write_corpus(&data, |sentence| {
            sentence.tokens.extend(end.iter().map(ToString::to_string));
        });
        let outcome = run(&config(1), &data, &data.join("run"), Existing::Refuse, 1);
        let file = fs::read(outcome.bundle).unwrap();
        assert_eq!(Bundle::parse(&file).unwrap().metadata().hyphens, expected);
    }
}

#[test]
fn an_interrupted_run_goes_on_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |_| ());
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    let straight = run(
        &config(4),
        folder.path(),
        &whole,
        Existing::Refuse,
        usize::MAX,
    );
    run(&config(4), folder.path(), &parts, Existing::Refuse, 2);
    let resumed = run(
        &config(4),
        folder.path(),
        &parts,
        Existing::Resume,
        usize::MAX,
    );
    assert_eq!(
        (straight.epoch, straight.score),
        (resumed.epoch, resumed.score)
    );
    let bytes = |folder: &Path, name: &str| fs::read(folder.join(name)).unwrap();
    for name in ["last.safetensors", "best.safetensors"] {
        assert!(bytes(&whole, name) == bytes(&parts, name), "{name} differs");
    }
    let epochs = |folder: &Path| {
        fs::read_to_string(folder.join("metrics.jsonl"))
            .unwrap()
            .lines()
            .count()
    };
    assert_eq!((epochs(&whole), epochs(&parts)), (4, 4));

    // A card has the hash of the file, so that equal bundles have equal cards.
    assert_eq!(bytes(&whole, "best.card.md"), bytes(&parts, "best.card.md"));
    // Both summaries tell of four epochs; only the times differ.
    let [whole, mut parts] =
        [&whole, &parts].map(|folder| RunFolder::at(folder).summary().unwrap().unwrap());
    assert_eq!((whole.epochs, whole.seed, &*whole.device), (4, 1, "cpu"));
    assert_eq!(whole.best_epoch, straight.epoch);
    assert_eq!(
        Some(evaluation::dev_score(&whole.scores[0])),
        straight.score
    );
    assert!(whole.seconds > 0. && whole.sentences_per_second > 0.);
    assert!(parts.seconds > 0. && parts.sentences_per_second > 0.);
    (parts.seconds, parts.sentences_per_second) = (whole.seconds, whole.sentences_per_second);
    assert_eq!(parts, whole);
}

#[test]
fn a_run_goes_on_with_the_corpus_it_began_with_only() {
    let place = tempfile::tempdir().unwrap();
    let (data, out) = (place.path(), place.path().join("run"));
    let config = config(2);
    let resume = || {
        let folder = RunFolder::open(&out, Existing::Resume).unwrap();
        let go_on = |_: &_| ControlFlow::Continue(());
        train(&config, &input(data, None), &folder, go_on)
    };
    write_corpus(data, |_| ());
    run(&config, data, &out, Existing::Refuse, 1);
    let metrics = fs::read(out.join("metrics.jsonl")).unwrap();
    write_corpus(data, |sentence| {
        if sentence.id == "s0" {
            sentence.relations.clear();
        }
    });
    let error = resume().unwrap_err();
    assert!(
        matches!(&error, TrainError::OtherInput { path, input } if *path == out && input == "corpus"),
        "{error}"
    );
    assert_eq!(fs::read(out.join("metrics.jsonl")).unwrap(), metrics);
    write_corpus(data, |_| ());
    assert!(resume().is_ok());
}

#[test]
fn a_corpus_without_relations_trains_entities_alone() {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |sentence| sentence.relations.clear());
    let outcome = whole_run(&config(12), folder.path());
    let annotator = Annotator::from_bundle(&fs::read(outcome.bundle).unwrap()).unwrap();
    assert!(annotator.schema().relation_types.is_empty());
    let prediction = annotator
        .predict(&[vec!["Ann", "lives", "in", "ROME", "."]], 0.)
        .unwrap()
        .remove(0);
    assert_eq!(prediction.entities.len(), 2);
    assert!(prediction.relations.is_empty());
}
