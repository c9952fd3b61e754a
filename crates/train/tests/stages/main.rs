//! Auxiliary corpora, starting from another run's weights, and training on dev too.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

mod auxiliary;
mod other_runs;

use std::{fs, ops::ControlFlow, path::Path};

use spanarc_corpus::{Entity, Relation, Sentence, Span, jsonl};
use spanarc_model::{
    Annotator,
    bundle::{self, Bundle},
};
use spanarc_train::{
    Corpus, Device, Outcome, Result, Run, RunConfig, RunInput, TrainError,
    auxiliary::{AuxiliaryChoice, Head},
    config::{Keep, NetworkChoice, Training},
    pretrained::PretrainedPaths,
    run_folder::{EpochMetrics, Existing, RunFolder},
};

/// `Ada owns a BARN .`, in which persons own things, for every pair of names.
fn sentences(person_kind: &str, thing_kind: &str, related: bool) -> Vec<Sentence> {
    let persons = ["Ada", "Ben", "Cy", "Dot", "Eli"];
    let things = ["BARN", "BOAT", "KITE", "LAMP", "MILL"];
    let entity = |kind: &str, at: usize| Entity {
        kind: kind.into(),
        span: Span::new(at, at + 1),
    };
    let pairs = persons
        .iter()
        .flat_map(|person| things.iter().map(move |thing| (person, thing)));
    pairs
        .map(|(person, thing)| Sentence {
            id: format!("{person}-{thing}"),
            tokens: [person, "owns", "a", thing, "."].map(str::to_owned).into(),
            entities: vec![entity(person_kind, 0), entity(thing_kind, 3)],
            relations: Vec::from_iter(related.then(|| Relation {
                kind: "owns".into(),
                head: 0,
                tail: 1,
            })),
        })
        .collect()
}

fn input(mut train: Vec<Sentence>) -> RunInput {
    let dev = train.split_off(20);
    RunInput {
        corpus: Corpus {
            name: "owners".into(),
            train,
            dev,
        },
        pretrained: PretrainedPaths::default(),
        git_revision: None,
    }
}

fn config(epochs: usize) -> RunConfig {
    RunConfig {
        name: "tiny".into(),
        network: NetworkChoice {
            hidden: 8,
            re_layers: 1,
            characters: 6,
            ..NetworkChoice::default()
        },
        training: Training {
            epochs,
            batch: 4,
            learning_rate: 0.01,
            ..Training::default()
        },
        ..RunConfig::default()
    }
}

fn write(path: &Path, sentences: &[Sentence]) -> AuxiliaryChoice {
    jsonl::write(fs::File::create(path).unwrap(), sentences).unwrap();
    AuxiliaryChoice {
        data: path.to_owned(),
        head: Head::Own,
        relations: false,
        share: 0.5,
        weight: 0.5,
    }
}

/// Two auxiliary corpora: other labels with a head of their own, and sentences whose relations count.
fn with_auxiliary(folder: &Path, epochs: usize) -> RunConfig {
    let folder = folder.join("more");
    fs::create_dir_all(&folder).unwrap();
    let other = write(
        &folder.join("vehicles.jsonl"),
        &sentences("Human", "Artefact", false),
    );
    let unrelated = AuxiliaryChoice {
        head: Head::Main,
        relations: true,
        share: 1.,
        ..write(
            &folder.join("unrelated.jsonl"),
            &sentences("Person", "Thing", false)[..4],
        )
    };
    RunConfig {
        auxiliary: vec![other, unrelated],
        ..config(epochs)
    }
}

/// Trains in `folder`, stopping after `stop` epochs of this call.
fn train(
    config: &RunConfig,
    input: &RunInput,
    folder: &Path,
    existing: Existing,
    stop: usize,
) -> Result<Outcome> {
    let mut run = Run::prepare(config, input, &Device::Cpu)?;
    let folder = RunFolder::open(folder, existing)?;
    let mut done = 0;
    run.train(&folder, |_: &EpochMetrics| {
        done += 1;
        match done == stop {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    })
}

fn whole(config: &RunConfig, input: &RunInput, folder: &Path) -> Outcome {
    train(config, input, folder, Existing::Refuse, usize::MAX).unwrap()
}

#[test]
fn dev_is_trained_on_where_nothing_is_chosen_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config(1);
    config.training.with_dev = true;
    let path = folder.path().join("mine.toml");
    let error = config.validate(&path).unwrap_err().to_string();
    assert!(error.contains("training.with_dev"), "{error}");

    config.training.keep = Keep::Last;
    config.training.relation_threshold = Some(0.5);
    config.validate(&path).unwrap();
    let all = sentences("Person", "Thing", true);
    let parted = whole(&config, &input(all.clone()), &folder.path().join("parted"));
    assert_eq!(parted.score, None);
    let mut joined = input(all.clone());
    joined.corpus.train = all.clone();
    joined.corpus.dev.clear();
    let error = Run::prepare(&config, &joined, &Device::Cpu)
        .unwrap_err()
        .to_string();
    assert!(error.contains("no dev part"), "{error}");

    config.training.with_dev = false;
    let joined = whole(&config, &joined, &folder.path().join("joined"));
    let weights = |outcome: &Outcome| {
        let file = fs::read(&outcome.bundle).unwrap();
        let bundle = Bundle::parse(&file).unwrap();
        let tensors = bundle.tensors().map(|(_, tensor)| tensor.bytes.to_vec());
        (
            bundle.metadata().provenance.corpora.clone(),
            tensors.collect::<Vec<_>>(),
        )
    };
    let (of_parted, of_joined) = (weights(&parted), weights(&joined));
    assert_eq!(of_parted.0, ["owners (train and dev)"]);
    assert!(of_parted.1 == of_joined.1);

    // Dev has been seen by whatever starts from it.
    let later = RunConfig {
        start_from: Some(parted.bundle),
        ..self::config(1)
    };
    let later = whole(&later, &input(all), &folder.path().join("later"));
    assert_eq!(
        weights(&later).0,
        ["owners", "owners (train and dev) (earlier stage)"]
    );
}

#[test]
fn paths_of_a_configuration_are_relative_to_its_folder_and_faults_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let read = |text: &str| {
        fs::write(&path, text).unwrap();
        RunConfig::read(&path)
    };
    let config = read("start_from = \"a/b\"\n[[auxiliary]]\ndata = \"../c.jsonl\"").unwrap();
    assert_eq!(config.start_from, Some(folder.path().join("a/b")));
    assert_eq!(config.auxiliary[0].data, folder.path().join("../c.jsonl"));
    assert_eq!(
        (config.auxiliary[0].head, config.auxiliary[0].share),
        (Head::Own, 1.)
    );
    let written = toml::to_string_pretty(&config).unwrap();
    assert_eq!(toml::from_str::<RunConfig>(&written).unwrap(), config);
    for (fault, named) in [
        ("share = 1.5", "auxiliary[0].share"),
        ("weight = 0.0", "auxiliary[0].weight"),
        ("relations = true", "auxiliary[0].relations"),
        (
            "head = \"masked-words\"\n[encoder]\nfine_tune = false",
            "auxiliary[0].head",
        ),
        ("haed = \"main\"", "haed"),
    ] {
        let error = read(&format!("[[auxiliary]]\ndata = \"c.jsonl\"\n{fault}"));
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("mine.toml") && error.contains(named),
            "{error}"
        );
    }
}
