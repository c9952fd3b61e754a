use std::{collections::BTreeMap, fs};

use candle_core::{Device, Tensor};
use spanarc_model::bundle::MeasuredScores;

use super::*;

fn epoch(epoch: usize) -> EpochMetrics {
    let share = epoch as f64 / 20.;
    // Few binary digits: reading JSON keeps all but the last of a float's.
    let short = |value: f64| (value * 64.).round() / 64.;
    let rising = |limit: f64, speed: f64| short(limit * (1. - (-speed * share).exp()));
    EpochMetrics {
        epoch,
        seconds: 12.5,
        training_seconds: 10.,
        loss: short(30. / (1. + 5. * share)),
        ner_loss: short(20. / (1. + 6. * share)),
        re_loss: short(2. / (1. + 4. * share)),
        auxiliary_losses: Vec::new(),
        gradient_norm: 3.,
        learning_rate_factor: short(1. - share),
        dev: Some(MeasuredScores {
            data: "dev".into(),
            entity_micro_f1: rising(85., 6.),
            entity_macro_f1: rising(80., 5.),
            relation_micro_f1: rising(65., 4.),
            relation_macro_f1: rising(60., 4.),
        }),
        relation_threshold: Some(0.6),
        best: epoch <= 17,
    }
}

fn summary() -> RunSummary {
    RunSummary {
        format: RunSummary::FORMAT,
        name: "news".into(),
        seed: 7,
        git_revision: None,
        corpora: vec!["towns".into()],
        inputs_sha256: crate::InputHashes::default(),
        encoder: None,
        device: "cpu".into(),
        trainable_parameters: 12,
        total_parameters: 20,
        epochs: 3,
        paused: false,
        best_epoch: 2,
        relation_threshold: 0.5,
        seconds: 37.5,
        sentences_per_second: 2.5,
        scores: Vec::from_iter(epoch(2).dev),
    }
}

fn checkpoint(epoch: usize) -> Checkpoint {
    let tensor = |values: &[f32]| Tensor::new(values, &Device::Cpu).unwrap();
    Checkpoint {
        progress: Progress {
            epoch,
            step: 40 * epoch,
            best_epoch: 2,
            best_score: Some(83.25),
            inputs_sha256: crate::InputHashes::default(),
        },
        weights: BTreeMap::from([("ner.weight".into(), tensor(&[1., 2., 3.]))]),
        averages: BTreeMap::from([(
            "w".to_string(),
            Tensor::new(&[0.5f32, 1.5], &Device::Cpu).unwrap(),
        )]),
        optimizer: BTreeMap::from([
            (
                "ner.weight.first".into(),
                tensor(&[0.1, 0.2, f32::MIN_POSITIVE]),
            ),
            (
                "ner.weight.steps".into(),
                Tensor::new(7u32, &Device::Cpu).unwrap(),
            ),
        ]),
    }
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.to_vec1().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != ".lock")
        .collect();
    names.sort();
    names
}

#[test]
fn a_run_leaves_its_files() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("runs/news");
    let folder = RunFolder::open(&path, Existing::Refuse).unwrap();
    folder.write_config(&BTreeMap::from([("seed", 7)])).unwrap();
    folder.record(&epoch(1)).unwrap();
    folder.record(&epoch(2)).unwrap();
    folder.write_last(&checkpoint(2)).unwrap();
    folder.write_best(b"bundle").unwrap();
    let expected = [
        "best.safetensors",
        "config.toml",
        "curves.svg",
        "last.safetensors",
        "metrics.jsonl",
    ];
    assert_eq!(names(&path), expected);
    assert_eq!(folder.metrics().unwrap(), [epoch(1), epoch(2)]);
    assert_eq!(
        folder.read_config::<BTreeMap<String, u32>>().unwrap()["seed"],
        7
    );
    assert_eq!(fs::read(folder.best()).unwrap(), b"bundle");
}

#[test]
fn a_checkpoint_is_read_as_it_was_written() {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    folder.write_last(&checkpoint(3)).unwrap();
    let (written, read) = (checkpoint(3), folder.read_last().unwrap());
    assert_eq!(read.progress, written.progress);
    assert_eq!(values(&read.weights["ner.weight"]), [1., 2., 3.]);
    assert_eq!(
        values(&read.optimizer["ner.weight.first"]),
        [0.1, 0.2, f32::MIN_POSITIVE]
    );
    assert_eq!(
        read.optimizer["ner.weight.steps"]
            .to_scalar::<u32>()
            .unwrap(),
        7
    );
}

#[test]
fn a_summary_is_read_as_it_was_written_and_goes_with_its_run() {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    assert_eq!(folder.summary().unwrap(), None);
    folder.write_summary(&summary()).unwrap();
    assert_eq!(
        RunFolder::at(place.path()).summary().unwrap(),
        Some(summary())
    );
    drop(folder);
    let folder = RunFolder::open(place.path(), Existing::Replace).unwrap();
    assert_eq!(folder.summary().unwrap(), None);
}

#[test]
fn a_summary_of_another_format_is_refused_by_name() {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    let path = place.path().join(SUMMARY);
    fs::write(&path, r#"{"format": 2, "title": "news"}"#).unwrap();
    let error = folder.summary().unwrap_err().to_string();
    let path = path.display();
    assert_eq!(
        error,
        format!("{path}: is of format 2; this program reads 1")
    );
}

#[test]
fn a_run_is_not_overwritten_unasked() {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    folder.record(&epoch(1)).unwrap();
    folder.write_last(&checkpoint(1)).unwrap();
    drop(folder);
    let refused = || {
        RunFolder::open(place.path(), Existing::Refuse)
            .unwrap_err()
            .to_string()
    };
    let path = place.path().display();
    assert_eq!(
        refused(),
        format!("{path} holds a run already: continue it with --resume or replace it with --force")
    );
    let folder = RunFolder::at(place.path());
    folder.remove_last().unwrap();
    assert_eq!(
        refused(),
        format!(
            "{path} holds a run already, without `last.safetensors` to go on from: replace it with --force"
        )
    );
    assert_eq!(folder.metrics().unwrap().len(), 1);
}

#[test]
fn two_do_not_train_in_one_folder() {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    folder.write_last(&checkpoint(1)).unwrap();
    for existing in [Existing::Resume, Existing::Replace] {
        let error = RunFolder::open(place.path(), existing)
            .unwrap_err()
            .to_string();
        let path = place.path().display();
        assert_eq!(
            error,
            format!("{path} is in use: another process trains there")
        );
    }
    assert!(folder.has_checkpoint());
    drop(folder);
    RunFolder::open(place.path(), Existing::Resume).unwrap();
}

#[test]
fn what_a_kill_left_half_written_goes_when_the_run_goes_on() {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    folder.write_last(&checkpoint(1)).unwrap();
    drop(folder);
    fs::write(place.path().join(".writing-a1B2c3"), "half").unwrap();
    RunFolder::open(place.path(), Existing::Resume).unwrap();
    assert_eq!(names(place.path()), ["last.safetensors"]);
}

#[test]
fn a_run_that_ended_before_its_first_epoch_is_not_in_the_way() {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    folder.write_config(&BTreeMap::from([("seed", 7)])).unwrap();
    drop(folder);
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    folder.write_best(b"bundle").unwrap();
    assert!(RunFolder::open(place.path(), Existing::Refuse).is_err());
}

#[test]
fn replacing_removes_the_run_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    folder.record(&epoch(1)).unwrap();
    folder.write_last(&checkpoint(1)).unwrap();
    fs::write(place.path().join("notes.md"), "mine").unwrap();
    drop(folder);
    RunFolder::open(place.path(), Existing::Replace).unwrap();
    assert_eq!(names(place.path()), ["notes.md"]);
}

#[test]
fn resuming_needs_a_checkpoint() {
    let place = tempfile::tempdir().unwrap();
    let error = RunFolder::open(place.path(), Existing::Resume)
        .unwrap_err()
        .to_string();
    let path = place.path().display();
    assert_eq!(
        error,
        format!("{path} holds no run to resume: `last.safetensors` is missing")
    );
}

#[test]
fn a_resumed_run_forgets_what_it_repeats() {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    (1..=3).for_each(|number| folder.record(&epoch(number)).unwrap());
    folder.write_last(&checkpoint(2)).unwrap();
    let mut text = fs::read_to_string(place.path().join(METRICS)).unwrap();
    text += r#"{"epoch":4,"sec"#;
    fs::write(place.path().join(METRICS), text).unwrap();
    drop(folder);
    let folder = RunFolder::open(place.path(), Existing::Resume).unwrap();
    folder
        .forget_after(folder.read_last().unwrap().progress.epoch)
        .unwrap();
    folder.record(&epoch(3)).unwrap();
    assert_eq!(folder.metrics().unwrap(), [epoch(1), epoch(2), epoch(3)]);
}

#[test]
fn records_and_checkpoints_of_runs_that_always_measured_dev_are_read() {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    let record = r#"{"epoch":1,"seconds":1.0,"loss":2.0,"ner_loss":1.0,"re_loss":0.25,"gradient_norm":1.0,
        "learning_rate_factor":0.5,"dev":{"data":"dev","entity_micro_f1":4.0,"entity_macro_f1":3.0,
        "relation_micro_f1":2.0,"relation_macro_f1":1.0},"relation_threshold":0.5,"best":true}"#;
    fs::write(place.path().join(METRICS), record.replace('\n', "") + "\n").unwrap();
    let epochs = folder.metrics().unwrap();
    assert_eq!(epochs[0].dev.as_ref().unwrap().entity_micro_f1, 4.);
    assert_eq!(epochs[0].relation_threshold, Some(0.5));
    let progress = r#"{"epoch": 3, "step": 9, "best_epoch": 2, "best_score": 83.25}"#;
    let progress: Progress = serde_json::from_str(progress).unwrap();
    assert_eq!(progress.best_score, Some(83.25));
}

#[test]
fn a_malformed_record_is_named_by_line() {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    folder.record(&epoch(1)).unwrap();
    let path = place.path().join(METRICS);
    fs::write(
        &path,
        fs::read_to_string(&path).unwrap() + "{\"epoch\":2}\n",
    )
    .unwrap();
    let error = folder.metrics().unwrap_err().to_string();
    assert!(
        error.starts_with(&format!(
            "{}: line 2: missing field `seconds`",
            path.display()
        )),
        "{error}"
    );
}

#[test]
fn a_damaged_checkpoint_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    folder.write_last(&checkpoint(1)).unwrap();
    let path = place.path().join(LAST);
    let bytes = fs::read(&path).unwrap();
    for damaged in [&bytes[..bytes.len() - 4], &bytes[..9], b""] {
        fs::write(&path, damaged).unwrap();
        let error = folder.read_last().unwrap_err().to_string();
        assert!(error.starts_with(&path.display().to_string()), "{error}");
    }
}

#[test]
fn a_failed_write_is_named_and_leaves_the_other_files_and_no_litter() {
    let place = tempfile::tempdir().unwrap();
    let folder = RunFolder::open(place.path(), Existing::Refuse).unwrap();
    folder.write_best(b"bundle").unwrap();
    // A folder in the way of the checkpoint stands for a disk that refuses the rename.
    let last = place.path().join(LAST);
    fs::create_dir_all(last.join("in the way")).unwrap();
    let error = folder.write_last(&checkpoint(1)).unwrap_err().to_string();
    let doing = "writing (the earlier file, if any, is intact)";
    assert!(
        error.starts_with(&format!("{}: {doing}: ", last.display())),
        "{error}"
    );
    assert_eq!(
        names(place.path()),
        ["best.safetensors", "last.safetensors"]
    );
    assert!(last.join("in the way").is_dir());
    assert_eq!(fs::read(folder.best()).unwrap(), b"bundle");
}

#[test]
fn learning_curves_name_axes_and_series() {
    let svg = learning_curves(&(1..=20).map(epoch).collect::<Vec<_>>()).unwrap();
    for text in [
        "epoch",
        "loss",
        "F1 in percent",
        "entities, micro: 84.8",
        "relations, macro: 58.9",
        "kept: epoch 17",
    ] {
        assert!(svg.contains(text), "{text}");
    }
    assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
}

#[test]
fn curves_of_few_or_divergent_epochs_can_be_drawn() {
    let unmeasured = EpochMetrics {
        dev: None,
        relation_threshold: None,
        ..epoch(1)
    };
    let divergent = EpochMetrics {
        loss: f64::NAN,
        re_loss: f64::INFINITY,
        ..epoch(1)
    };
    for epochs in [
        vec![],
        vec![epoch(1)],
        vec![unmeasured, epoch(2)],
        vec![divergent, epoch(2)],
    ] {
        assert!(learning_curves(&epochs).is_ok());
    }
}
