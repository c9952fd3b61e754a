//! Cross-validation of a few sentences, from folds to scores.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

use std::{fs, ops::ControlFlow, path::Path};

use spanarc_corpus::{Entity, Overlaps, Relation, Sentence, Span, jsonl};
use spanarc_train::{
    Device, RunConfig,
    auxiliary::{AuxiliaryChoice, Head},
    config::{Keep, NetworkChoice, Training},
    cross_validation::{CrossValidation, FoldScores, Folds, SCORES, Scores},
    error::TrainError,
    pretrained::PretrainedPaths,
    run_folder::{Existing, RunFolder},
};

/// `Ann caught measles .`, twelve times over; in the first sentence a third entity covers two words.
fn sentences() -> Vec<Sentence> {
    let entity = |kind: &str, start: usize, end: usize| Entity {
        kind: kind.into(),
        span: Span::new(start, end),
    };
    let people = ["Ann", "Bob", "Cleo"];
    let ills = ["measles", "mumps", "gout", "flu"];
    let pairs = people
        .iter()
        .flat_map(|person| ills.iter().map(move |ill| [person, "caught", ill, "."]));
    let mut sentences: Vec<Sentence> = pairs
        .enumerate()
        .map(|(index, words)| Sentence {
            id: format!("s{index}"),
            tokens: words.map(str::to_owned).into(),
            entities: vec![entity("Person", 0, 1), entity("Ill", 2, 3)],
            relations: vec![Relation {
                kind: "caught".into(),
                head: 0,
                tail: 1,
            }],
        })
        .collect();
    sentences[0].entities.push(entity("Person", 0, 2));
    sentences[0].relations.push(Relation {
        kind: "caught".into(),
        head: 0,
        tail: 2,
    });
    sentences
}

fn folds() -> Folds {
    let ids = |fold: usize| (0..12).filter(move |id| id % 3 == fold);
    Folds {
        test: (0..3)
            .map(|fold| ids(fold).map(|id| format!("s{id}")).collect())
            .collect(),
    }
}

fn config() -> RunConfig {
    let mut config = RunConfig {
        name: "tiny".into(),
        network: NetworkChoice {
            hidden: 8,
            re_layers: 1,
            characters: 4,
            ..NetworkChoice::default()
        },
        training: Training {
            epochs: 2,
            batch: 4,
            keep: Keep::Last,
            relation_threshold: Some(0.5),
            ..Training::default()
        },
        ..RunConfig::default()
    };
    config.corpus.overlaps = Overlaps::Drop;
    config
}

fn validation(config: RunConfig, out: &Path) -> Result<CrossValidation, TrainError> {
    CrossValidation::new(
        config,
        "ills full".into(),
        sentences(),
        &folds(),
        PretrainedPaths::default(),
        out,
    )
}

/// Runs a fold, stopping after `stop` epochs of this call.
fn run(validation: &CrossValidation, fold: usize, stop: usize) -> FoldScores {
    let mut epochs = 0;
    let after_epoch = |_: &_| {
        epochs += 1;
        assert!(
            epochs <= stop,
            "a fold that is measured is not trained again"
        );
        ControlFlow::Continue(())
    };
    validation
        .run(fold, None, &Device::Cpu, after_epoch)
        .unwrap()
}

#[test]
fn each_fold_is_trained_without_its_test_part_and_the_means_are_written() {
    let place = tempfile::tempdir().unwrap();
    let validation = validation(config(), place.path()).unwrap();
    validation.open(&[0, 1, 2], Existing::Refuse).unwrap();
    for fold in 0..3 {
        let scores = run(&validation, fold, 2);
        assert_eq!((scores.train_sentences, scores.test_sentences), (8, 4));
        // The overlap is in fold 0's test part, where nothing is dropped.
        assert_eq!(scores.dropped.entities, usize::from(fold != 0));
        let summary = RunFolder::at(&validation.folder(fold)).summary().unwrap();
        assert_eq!(
            summary.unwrap().corpora,
            [format!("ills full without fold {fold}")]
        );
    }
    let scores = validation.collect().unwrap();
    assert_eq!(Scores::read(&place.path().join(SCORES)).unwrap(), scores);
    assert_eq!((scores.folds.len(), scores.fold_count), (3, 3));
    let mean = scores.everything.unwrap().entity_micro_f1;
    let sum: f64 = scores
        .folds
        .iter()
        .map(|fold| fold.everything.entity_micro_f1)
        .sum();
    assert!((mean.mean - sum / 3.).abs() < 1e-9);
    assert_eq!(
        (mean.n, scores.without_overlaps.unwrap().relation_macro_f1.n),
        (3, 3)
    );
}

#[test]
fn finished_folds_are_kept_and_others_only_on_request() {
    let place = tempfile::tempdir().unwrap();
    let validation = validation(config(), place.path()).unwrap();
    validation.open(&[1], Existing::Refuse).unwrap();
    let scores = run(&validation, 1, 2);
    assert_eq!(
        validation.collect().unwrap().folds,
        std::slice::from_ref(&scores)
    );

    let error = validation
        .open(&[0, 1], Existing::Refuse)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("fold-1") && error.contains("--resume"),
        "{error}"
    );
    validation.open(&[0, 1], Existing::Resume).unwrap();
    assert_eq!(run(&validation, 1, 0), scores);

    let other = RunConfig {
        seed: 5,
        ..config()
    };
    let other = self::validation(other, place.path()).unwrap();
    let error = other.open(&[1], Existing::Resume).unwrap_err().to_string();
    assert!(error.contains("another configuration"), "{error}");
    // Their mean would be of nothing.
    let error = other.open(&[0], Existing::Refuse).unwrap_err().to_string();
    assert!(error.contains("fold-1"), "{error}");
    other.open(&[1], Existing::Replace).unwrap();
    run(&other, 1, 2);

    // The one is trained on in the fold, the other tested on.
    for sentence in [2, 1] {
        let mut corrected = sentences();
        corrected[sentence].relations.clear();
        let config = RunConfig {
            seed: 5,
            ..config()
        };
        let corrected = CrossValidation::new(
            config,
            "ills full".into(),
            corrected,
            &folds(),
            PretrainedPaths::default(),
            place.path(),
        )
        .unwrap();
        let error = corrected.open(&[1], Existing::Resume).unwrap_err();
        assert!(
            matches!(&error, TrainError::OtherInput { path, input } if path.ends_with("fold-1") && input == "corpus"),
            "{error}"
        );
    }
}

#[test]
fn an_interrupted_fold_goes_on_and_ends_as_it_would_have() {
    let place = tempfile::tempdir().unwrap();
    let whole = validation(config(), &place.path().join("whole")).unwrap();
    whole.open(&[0], Existing::Refuse).unwrap();
    let expected = run(&whole, 0, 2);

    let parts = validation(config(), &place.path().join("parts")).unwrap();
    parts.open(&[0], Existing::Refuse).unwrap();
    let killed = std::panic::catch_unwind(|| run(&parts, 0, 0));
    assert!(killed.is_err());
    parts.open(&[0], Existing::Resume).unwrap();
    assert_eq!(run(&parts, 0, 1), expected);
}

#[test]
fn folds_may_start_from_runs_on_the_same_folds_and_from_no_others() {
    let place = tempfile::tempdir().unwrap();
    let first = validation(config(), &place.path().join("first")).unwrap();
    first.open(&[0, 1], Existing::Refuse).unwrap();
    for fold in [0, 1] {
        run(&first, fold, 2);
    }
    let started_from = |bundle: &str, out: &str| {
        let config = RunConfig {
            start_from: Some(place.path().join("first").join(bundle)),
            ..config()
        };
        validation(config, &place.path().join(out)).unwrap()
    };

    let second = started_from("fold-{fold}/best.safetensors", "second");
    // It is not there yet.
    let error = second.open(&[0, 2], Existing::Refuse).unwrap_err();
    assert!(error.to_string().contains("fold-2"), "{error}");
    assert!(!second.folder(0).exists());
    second.open(&[0, 1], Existing::Refuse).unwrap();
    for fold in [0, 1] {
        let scores = run(&second, fold, 2);
        second.open(&[fold], Existing::Resume).unwrap();
        assert_eq!(run(&second, fold, 0), scores);
    }

    let leaking = started_from("fold-1/best.safetensors", "second");
    let error = leaking.open(&[0, 1], Existing::Replace).unwrap_err();
    assert_eq!(
        error.to_string(),
        "fold 0 would learn from ills full without fold 1, which by its name holds what the fold is tested on: {fold} in a path \
         names a bundle or a file of each fold, and another corpus of the same name needs another name"
    );
    assert!(second.folder(0).join("test-scores.json").is_file());
    let alone = started_from("fold-1/best.safetensors", "alone");
    alone.open(&[1], Existing::Refuse).unwrap();
}

#[test]
fn folds_may_learn_from_files_of_their_own_but_not_from_the_corpus() {
    let place = tempfile::tempdir().unwrap();
    let write = |name: &str, sentences: &[Sentence]| {
        let path = place.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        jsonl::write(fs::File::create(path).unwrap(), sentences).unwrap();
    };
    let learning_from = |data: &str, out: &str| {
        let data = place.path().join(data);
        let choice = AuxiliaryChoice {
            data,
            head: Head::Main,
            relations: true,
            share: 1.,
            weight: 1.,
        };
        let config = RunConfig {
            auxiliary: vec![choice],
            ..config()
        };
        validation(config, &place.path().join(out)).unwrap()
    };
    for fold in [0, 1] {
        write(
            &format!("silver/fold-{fold}.jsonl"),
            &sentences()[fold + 4..],
        );
    }
    let folds = learning_from("silver/fold-{fold}.jsonl", "folds");
    folds.open(&[0, 1], Existing::Refuse).unwrap();
    for fold in [0, 1] {
        run(&folds, fold, 2);
        let summary = RunFolder::at(&folds.folder(fold)).summary().unwrap();
        assert_eq!(
            summary.unwrap().corpora[1..],
            [format!("silver fold-{fold} (auxiliary)")]
        );
    }
    folds.open(&[0, 1], Existing::Resume).unwrap();
    write("silver/fold-1.jsonl", &sentences()[4..]);
    let error = folds.open(&[0, 1], Existing::Resume).unwrap_err();
    assert!(
        matches!(&error, TrainError::OtherInput { path, input } if path.ends_with("fold-1") && input == "auxiliary[0]"),
        "{error}"
    );

    write("ills/full.jsonl", &sentences());
    let error = learning_from("ills/full.jsonl", "leaking")
        .open(&[0], Existing::Refuse)
        .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("fold 0 would learn from ills full, "),
        "{error}"
    );
}

#[test]
fn what_would_choose_on_the_test_part_is_refused() {
    let place = tempfile::tempdir().unwrap();
    for edit in [
        (|training| training.keep = Keep::Best) as fn(&mut Training),
        |training| training.relation_threshold = None,
        |training| training.with_dev = true,
    ] {
        let mut config = config();
        edit(&mut config.training);
        let error = validation(config, place.path()).unwrap_err();
        assert!(matches!(error, TrainError::FoldsChooseNothing), "{error}");
    }
    let mut config = config();
    config.corpus.dev_share = 0.1;
    let error = validation(config, place.path()).unwrap_err();
    assert!(matches!(error, TrainError::FoldsAreTheParts), "{error}");
}

#[test]
fn a_file_of_folds_that_is_malformed_is_named() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("folds.json");
    fs::write(&path, r#"{"test": [["a"], "b"]}"#).unwrap();
    let error = Folds::read(&path).unwrap_err().to_string();
    assert!(
        error.contains("folds.json") && error.contains("line 1"),
        "{error}"
    );
}
