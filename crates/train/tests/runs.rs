//! Whole runs on a corpus of a few sentences.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

use std::{collections::HashMap, fs, ops::ControlFlow, path::Path};

use spanarc_corpus::{Entity, Overlaps, Relation, Sentence, Span, jsonl};
use spanarc_model::{
    Annotator,
    bundle::{Bundle, quantize},
    embedding::encoder::Encoder,
};
use spanarc_train::{
    Corpus, Device, Outcome, Result, Run, RunConfig, RunInput,
    config::{EncoderChoice, Keep, NetworkChoice, Training},
    error::TrainError,
    evaluation,
    pretrained::{PretrainedEncoder, PretrainedPaths},
    run_folder::{EpochMetrics, Existing, RunFolder},
    seeded_vars::SeededVars,
};

const PEOPLE: [&str; 6] = ["Ann", "Bob", "Cleo", "Dan", "Eve", "Finn"];
const PLACES: [&str; 6] = ["ROME", "OSLO", "LIMA", "BONN", "RIGA", "ACCRA"];

/// `Ann lives in ROME .`, and with places first: `In ROME lives Ann .`
fn corpus() -> Vec<Sentence> {
    let names = PEOPLE
        .iter()
        .flat_map(|person| PLACES.iter().map(move |place| (person, place)));
    let entity = |kind: &str, at: usize| Entity {
        kind: kind.into(),
        span: Span::new(at, at + 1),
    };
    names
        .enumerate()
        .map(|(index, (person, place))| {
            let (words, at): (Vec<&str>, [usize; 2]) = match index % 2 {
                0 => (vec![person, "lives", "in", place, "."], [0, 3]),
                _ => (vec!["In", place, "lives", person, "."], [3, 1]),
            };
            Sentence {
                id: format!("s{index}"),
                tokens: words.into_iter().map(str::to_owned).collect(),
                entities: vec![entity("Person", at[0]), entity("Place", at[1])],
                relations: vec![Relation {
                    kind: "lives in".into(),
                    head: 0,
                    tail: 1,
                }],
            }
        })
        .collect()
}

/// Writes `train.jsonl` and `dev.jsonl`, every fifth sentence being for dev, as `edit` leaves them.
fn write_corpus(folder: &Path, edit: impl Fn(&mut Sentence)) {
    let mut sentences = corpus();
    sentences.iter_mut().for_each(edit);
    let (dev, train): (Vec<_>, Vec<_>) = sentences
        .into_iter()
        .enumerate()
        .partition(|(index, _)| index % 5 == 0);
    for (name, part) in [("train.jsonl", train), ("dev.jsonl", dev)] {
        let file = fs::File::create(folder.join(name)).unwrap();
        jsonl::write(file, part.iter().map(|(_, sentence)| sentence)).unwrap();
    }
}

fn config(epochs: usize) -> RunConfig {
    RunConfig {
        name: "tiny".into(),
        network: NetworkChoice {
            hidden: 12,
            re_layers: 1,
            characters: 8,
            ..NetworkChoice::default()
        },
        training: Training {
            epochs,
            batch: 4,
            learning_rate: 0.01,
            average: 0.9,
            ..Training::default()
        },
        ..RunConfig::default()
    }
}

/// The corpus in a folder, and perhaps an encoder.
fn input(data: &Path, encoder: Option<&Path>) -> RunInput {
    RunInput {
        corpus: Corpus::read(data, None).unwrap(),
        pretrained: PretrainedPaths {
            encoder: encoder.map(Path::to_owned),
            ..PretrainedPaths::default()
        },
        git_revision: None,
    }
}

fn train(
    config: &RunConfig,
    input: &RunInput,
    folder: &RunFolder,
    after_epoch: impl FnMut(&EpochMetrics) -> ControlFlow<()>,
) -> Result<Outcome> {
    Run::prepare(config, input, &Device::Cpu)?.train(folder, after_epoch)
}

/// Trains in `folder`, stopping after `stop` epochs of this call.
fn run(config: &RunConfig, data: &Path, folder: &Path, existing: Existing, stop: usize) -> Outcome {
    let folder = RunFolder::open(folder, existing).unwrap();
    folder.write_config(config).unwrap();
    let input = input(data, None);
    let mut left = stop;
    train(config, &input, &folder, |_| {
        left -= 1;
        if left == 0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .unwrap()
}

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
    let outcome = run(
        &config(12),
        folder.path(),
        &out,
        Existing::Refuse,
        usize::MAX,
    );
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
    let config = keep_last(2, Some(0.65));
    let outcome = run(&config, folder.path(), &out, Existing::Refuse, usize::MAX);
    assert_eq!((outcome.epoch, outcome.score), (2, None));
    let file = fs::read(outcome.bundle).unwrap();
    let metadata = Bundle::parse(&file).unwrap().metadata().clone();
    assert_eq!(metadata.relation_threshold, 0.65);
    assert!(metadata.scores.is_empty());

    for (config, chosen) in [
        (self::config(2), "best epoch"),
        (keep_last(2, None), "threshold"),
    ] {
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
fn a_corpus_without_relations_trains_entities_alone() {
    let folder = tempfile::tempdir().unwrap();
    write_corpus(folder.path(), |sentence| sentence.relations.clear());
    let out = folder.path().join("run");
    let outcome = run(
        &config(12),
        folder.path(),
        &out,
        Existing::Refuse,
        usize::MAX,
    );
    let annotator = Annotator::from_bundle(&fs::read(outcome.bundle).unwrap()).unwrap();
    assert!(annotator.schema().relation_types.is_empty());
    let prediction = annotator
        .predict(&[vec!["Ann", "lives", "in", "ROME", "."]], 0.)
        .unwrap()
        .remove(0);
    assert_eq!(prediction.entities.len(), 2);
    assert!(prediction.relations.is_empty());
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
fn settings_that_cannot_train_are_refused_with_file_and_field() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    for (text, named) in [
        ("[training]\nepochs = 0", "training.epochs"),
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
