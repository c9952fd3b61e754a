//! What is refused before anything is trained, and what is not.

use std::{fs, path::Path};

use spanarc_corpus::{Entity, Overlaps, Span};
use spanarc_train::{Corpus, Device, Run, RunConfig, RunInput, pretrained::PretrainedPaths};

use crate::tiny_run::{config, corpus, write_corpus};

#[test]
fn labels_in_memory_that_the_schema_lacks_are_refused_before_training() {
    let (mut train, mut dev) = (corpus(), corpus());
    dev[3].entities[0].kind = "Robot".into();
    let mut input = RunInput {
        corpus: Corpus {
            name: "names".into(),
            train: train.clone(),
            dev,
        },
        pretrained: PretrainedPaths::default(),
        git_revision: None,
    };
    let refused = |config: &RunConfig, input: &RunInput| {
        let error = Run::prepare(config, input, &Device::Cpu)
            .unwrap_err()
            .to_string();
        assert!(error.contains("s3") && error.contains("Robot"), "{error}");
    };
    refused(&config(1), &input);
    let labels = input.corpus.schema();
    std::mem::swap(&mut train, &mut input.corpus.dev);
    input.corpus.train[3].entities[0].kind = "Robot".into();
    refused(
        &RunConfig {
            labels: Some(labels),
            ..config(1)
        },
        &input,
    );
}

#[test]
fn overlapping_entities_are_refused_or_one_of_them_is_left_out_of_training() {
    let mut sentences = corpus();
    sentences[2].entities.push(Entity {
        kind: "Place".into(),
        span: Span::new(2, 4),
    });
    let input = RunInput {
        corpus: Corpus {
            name: "names".into(),
            train: sentences.clone(),
            dev: sentences,
        },
        pretrained: PretrainedPaths::default(),
        git_revision: None,
    };
    let mut config = config(1);
    let error = Run::prepare(&config, &input, &Device::Cpu).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("s2") && error.contains("corpus.overlaps"),
        "{error}"
    );

    config.corpus.overlaps = Overlaps::Drop;
    let run = Run::prepare(&config, &input, &Device::Cpu).unwrap();
    assert_eq!((run.dropped.entities, run.dropped.relations), (1, 0));
}

#[test]
fn a_label_that_training_does_not_know_is_named_with_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |sentence| {
        if sentence.id == "s5" {
            sentence.entities[0].kind = "Robot".into();
        }
    });
    let error = Corpus::read(folder.path(), None).unwrap_err().to_string();
    assert!(
        error.contains("dev.jsonl") && error.contains('2') && error.contains("Robot"),
        "{error}"
    );
}

#[test]
fn settings_that_cannot_train_are_refused_with_file_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    for (text, named) in [
        ("[training]\nclip = 0.0", "training.clip"),
        ("[training]\ndropout = 1.0", "training.dropout"),
        ("[training]\naverage = 1.5", "training.average"),
        ("[corpus]\noverlaps = \"keep\"", "overlaps"),
        ("[training]\nkeep = \"first\"", "keep"),
        (
            "[training]\nkeep = \"last\"\npatience = 2",
            "training.patience",
        ),
        (
            "[training]\nrelation_threshold = 0",
            "training.relation_threshold",
        ),
        ("[training]\nlearning_rate = -1.0", "training.learning_rate"),
        ("[training]\nlerning_rate = 1.0", "lerning_rate"),
        ("[labels]\nentity_types = []\nrelation_types = []", "labels"),
    ] {
        fs::write(&path, text).unwrap();
        let error = RunConfig::read(&path).unwrap_err().to_string();
        assert!(
            error.contains("mine.toml") && error.contains(named),
            "{error}"
        );
    }
    fs::write(&path, "name = \"mine\"\n[network.relation]\ncontext = 64\n").unwrap();
    assert_eq!(
        RunConfig::read(&path)
            .unwrap()
            .network
            .relation
            .label_embedding,
        25
    );
}

#[test]
fn every_configuration_of_the_project_is_read_and_none_of_them_is_refused() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut names = Vec::new();
    for folder in ["configs", "examples"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path
                .extension()
                .is_some_and(|extension| extension == "toml")
            {
                names.push(RunConfig::read(&path).unwrap().name);
            }
        }
    }
    for name in ["news", "adverse-events", "abstracts"] {
        assert!(names.iter().any(|found| found == name), "{name}: {names:?}");
    }
}
