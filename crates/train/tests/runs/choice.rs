//! Which epoch and which threshold a run keeps.

use std::fs;

use spanarc_model::{Annotator, bundle::Bundle};
use spanarc_train::{
    Corpus, Device, Run, RunConfig,
    config::Keep,
    error::TrainError,
    evaluation,
    run_folder::{Existing, RunFolder},
};

use crate::tiny_run::{config, input, run, write_corpus};

/// A run that keeps its last epoch.
fn keep_last(epochs: usize, relation_threshold: Option<f32>) -> RunConfig {
    let mut config = config(epochs);
    config.training.keep = Keep::Last;
    config.training.relation_threshold = relation_threshold;
    config
}

#[test]
fn a_run_that_keeps_its_last_epoch_measures_dev_after_that_one_only() {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |_| ());
    let out = folder.path().join("run");
    let config = keep_last(3, None);
    let outcome = run(&config, folder.path(), &out, Existing::Refuse, 2);
    assert_eq!((outcome.epoch, outcome.score), (0, None));
    let outcome = run(&config, folder.path(), &out, Existing::Resume, usize::MAX);
    assert_eq!(outcome.epoch, 3);
    assert!(outcome.score.is_some());

    let folder = RunFolder::open(&out, Existing::Resume).unwrap();
    let epochs = folder.metrics().unwrap();
    let measured = epochs.iter().map(|epoch| {
        (
            epoch.dev.is_some(),
            epoch.relation_threshold.is_some(),
            epoch.best,
        )
    });
    let (no, yes) = ((false, false, false), (true, true, true));
    assert_eq!(measured.collect::<Vec<_>>(), [no, no, yes]);
    let file = fs::read(outcome.bundle).unwrap();
    let metadata = Bundle::parse(&file).unwrap().metadata().clone();
    assert_eq!(metadata.scores, [epochs[2].dev.clone().unwrap()]);
    assert_eq!(
        Some(metadata.relation_threshold),
        epochs[2].relation_threshold
    );
}

#[test]
fn a_run_that_chooses_nothing_needs_no_dev() {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |_| ());
    fs::remove_file(folder.path().join("dev.jsonl")).unwrap();
    let out = folder.path().join("run");
    let fixed = keep_last(2, Some(0.65));
    let outcome = run(&fixed, folder.path(), &out, Existing::Refuse, usize::MAX);
    assert_eq!((outcome.epoch, outcome.score), (2, None));
    let file = fs::read(outcome.bundle).unwrap();
    let metadata = Bundle::parse(&file).unwrap().metadata().clone();
    assert_eq!(metadata.relation_threshold, 0.65);
    assert!(metadata.scores.is_empty());

    for (config, chosen) in [(config(2), "best epoch"), (keep_last(2, None), "threshold")] {
        let input = input(folder.path(), None);
        let error = Run::prepare(&config, &input, &Device::Cpu).unwrap_err();
        assert!(matches!(error, TrainError::NoDev { .. }), "{error}");
        assert!(error.to_string().contains(chosen), "{error}");
    }
}

#[test]
fn a_fixed_threshold_is_used_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |_| ());
    let out = folder.path().join("run");
    let mut config = config(2);
    config.training.relation_threshold = Some(0.07);
    let outcome = run(&config, folder.path(), &out, Existing::Refuse, usize::MAX);
    let model = Annotator::from_bundle(&fs::read(outcome.bundle).unwrap()).unwrap();
    assert_eq!(model.relation_threshold(), 0.07);
    let epochs = RunFolder::open(&out, Existing::Resume)
        .unwrap()
        .metrics()
        .unwrap();
    assert!(
        epochs
            .iter()
            .all(|epoch| epoch.relation_threshold == Some(0.07))
    );
    // The scores are those at that threshold.
    let dev = Corpus::read(folder.path(), None).unwrap().dev;
    let predictions = evaluation::predict(&model, &dev, 16, 0.07).unwrap();
    let report = evaluation::score(&dev, &predictions, model.schema(), 0.07).unwrap();
    assert_eq!(
        model.metadata().scores,
        [evaluation::measured(
            &model.metadata().scores[0].data,
            &report
        )]
    );
}

#[test]
fn patience_ends_a_run_early() {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |_| ());
    let mut config = config(40);
    config.training.patience = 2;
    let out = folder.path().join("run");
    let outcome = run(&config, folder.path(), &out, Existing::Refuse, usize::MAX);
    let epochs = fs::read_to_string(out.join("metrics.jsonl"))
        .unwrap()
        .lines()
        .count();
    assert_eq!(epochs, outcome.epoch + 2);
}
