//! Auxiliary corpora, starting from another run's weights, and training on dev too.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

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
fn a_run_starts_from_what_another_has_in_common_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let pretraining = input(sentences("Person", "Thing", false));
    let first = whole(&config(2), &pretraining, &folder.path().join("first"));
    let file = fs::read(&first.bundle).unwrap();
    let earlier = Bundle::parse(&file).unwrap();

    let started = RunConfig {
        start_from: Some(first.bundle.clone()),
        seed: 9,
        ..config(1)
    };
    let joint = input(sentences("Person", "Thing", true));
    let run = Run::prepare(&started, &joint, &Device::Cpu).unwrap();
    let taken_over = run.taken_over.clone().unwrap();
    assert_eq!(
        taken_over.taken,
        earlier.parameter_names().collect::<Vec<_>>()
    );
    assert!(taken_over.unused.is_empty());
    assert!(!taken_over.others.is_empty());
    assert!(
        taken_over
            .others
            .iter()
            .all(|name| name.starts_with("relation.")),
        "{taken_over}"
    );

    let second = whole(&started, &joint, &folder.path().join("second"));
    let bundle = fs::read(second.bundle).unwrap();
    let provenance = Bundle::parse(&bundle)
        .unwrap()
        .metadata()
        .provenance
        .clone();
    assert_eq!(provenance.started_from.as_deref(), Some("tiny"));
    assert_eq!(provenance.corpora, ["owners"]);

    // Other labels, other characters: what reads labels is drawn anew.
    let mut renamed = input(sentences("Human", "Artefact", true));
    renamed.corpus.name = "humans".into();
    for sentence in &mut renamed.corpus.train {
        sentence.tokens[1] = "HAS".into();
    }
    let run = Run::prepare(&started, &renamed, &Device::Cpu).unwrap();
    let taken_over = run.taken_over.unwrap();
    for (name, taken) in [
        ("emission.weight", false),
        ("crf.transitions", false),
        ("ner_feed_forward.weight", true),
        ("embedding.characters.embedding", true),
    ] {
        assert_eq!(
            taken_over.taken.iter().any(|other| other == name),
            taken,
            "{name}"
        );
    }
    assert!(
        taken_over
            .unused
            .iter()
            .any(|name| name == "emission.weight")
    );
}

#[test]
fn the_last_weights_are_averaged_with_those_of_other_runs() {
    let folder = tempfile::tempdir().unwrap();
    let joint = input(sentences("Person", "Thing", true));
    let last = |seed| RunConfig {
        seed,
        training: Training {
            keep: Keep::Last,
            ..config(2).training
        },
        ..config(2)
    };
    // Characters of its own: another number of rows in their table.
    let mut renamed = joint.clone();
    renamed.corpus.name = "others".into();
    renamed.corpus.train[0].tokens[1] = "ÀÉ".into();
    let place = |name: &str| folder.path().join(name);
    let one = whole(&last(1), &joint, &place("one"));
    let other = whole(&last(2), &renamed, &place("other"));
    let averaging = RunConfig {
        average_with: vec![other.bundle.clone()],
        ..last(1)
    };
    let mean = whole(&averaging, &joint, &place("mean"));

    let [one, other, mean] = [one, other, mean].map(|outcome| fs::read(outcome.bundle).unwrap());
    let [one, other, mean] = [&one, &other, &mean].map(|file| Bundle::parse(file).unwrap());
    let numbers = |bundle: &Bundle, name: &str| {
        let parameters = bundle.var_builder(&Device::Cpu);
        let tensor = parameters.get_unchecked(name).unwrap();
        tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap()
    };
    let names: Vec<_> = one.parameter_names().collect();
    assert_eq!(names, mean.parameter_names().collect::<Vec<_>>());
    for name in names {
        let of = [&one, &other, &mean].map(|bundle| numbers(bundle, name));
        if name == "embedding.characters.embedding" {
            assert_ne!(of[0].len(), of[1].len());
            continue;
        }
        for ((one, other), mean) in of[0].iter().zip(&of[1]).zip(&of[2]) {
            assert!((mean - (one + other) / 2.).abs() < 1e-6, "{name}");
        }
    }
    let provenance = &mean.metadata().provenance;
    assert_eq!(provenance.averaged_runs, Some(2));
    assert_eq!(provenance.corpora, ["owners", "others (averaged run)"]);
}

#[test]
fn a_run_with_other_labels_is_refused_before_training() {
    let folder = tempfile::tempdir().unwrap();
    let other = input(sentences("Human", "Artefact", true));
    let other = whole(&config(1), &other, &folder.path().join("other"));
    let averaging = RunConfig {
        average_with: vec![other.bundle],
        ..config(1)
    };
    let input = input(sentences("Person", "Thing", true));
    let error = Run::prepare(&averaging, &input, &Device::Cpu)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("other") && error.contains("best.safetensors"),
        "{error}"
    );
    assert!(error.contains("with other labels"), "{error}");
}

#[test]
fn a_file_that_is_no_bundle_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.safetensors");
    fs::write(&path, "no bundle").unwrap();
    let config = RunConfig {
        start_from: Some(path),
        ..config(1)
    };
    let input = input(sentences("Person", "Thing", true));
    let error = Run::prepare(&config, &input, &Device::Cpu)
        .unwrap_err()
        .to_string();
    assert!(error.contains("other.safetensors"), "{error}");
}

#[test]
fn an_alphabet_that_does_not_fit_its_table_is_not_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let input = input(sentences("Person", "Thing", true));
    let first = whole(&config(1), &input, &folder.path().join("first"));
    let file = fs::read(&first.bundle).unwrap();
    let earlier = Bundle::parse(&file).unwrap();
    let mut metadata = earlier.metadata().clone();
    let characters = metadata.network.characters.as_mut().unwrap();
    // Characters of the corpus, which sort to where the table has ended.
    characters.alphabet = format!("{}{}", "\u{1}\u{2}\u{3}", characters.alphabet);
    let parameters = earlier.var_builder(&Device::Cpu);
    let tensors = earlier.parameter_names();
    let tensors = tensors
        .map(|name| {
            let tensor = parameters.get_unchecked(name).unwrap();
            (name.to_owned(), tensor)
        })
        .collect();
    let altered = bundle::write(&metadata, &tensors, earlier.vocabularies()).unwrap();
    let path = folder.path().join("altered.safetensors");
    fs::write(&path, altered).unwrap();

    let started = RunConfig {
        start_from: Some(path),
        ..config(1)
    };
    let run = Run::prepare(&started, &input, &Device::Cpu).unwrap();
    let unused = run.taken_over.unwrap().unused;
    assert_eq!(unused, ["embedding.characters.embedding"]);
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
