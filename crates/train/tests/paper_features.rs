//! Runs on the paper's features: ELMo, word vectors, characters and casing, all tiny.

// Helpers of tests may unwrap as the tests do.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use candle_core::Tensor;
use spanarc_corpus::{Entity, Relation, Sentence, Span};
use spanarc_model::{
    Annotator,
    bundle::{Bundle, quantize},
    dropout::Dropout,
    features::Featurizer,
    network::{DropoutRates, JointNetwork},
};
use spanarc_train::{
    Corpus, Device, Outcome, Run, RunConfig, RunInput,
    config::{ElmoChoice, NetworkChoice, RelationChoice, Training, WordsChoice},
    dataset::Dataset,
    evaluation,
    pretrained::{PretrainedElmo, PretrainedPaths},
    run_folder::{Existing, RunFolder},
    seeded_vars::SeededVars,
};

/// `Ann met Bob in OSLO .` and the like: a person before `met` lives in the place.
fn corpus() -> Corpus {
    let people = ["Ann", "Bob", "Cleo", "Dan"];
    let places = ["OSLO", "LIMA", "BONN"];
    let entity = |kind: &str, at| Entity {
        kind: kind.into(),
        span: Span::new(at, at + 1),
    };
    let sentence = |index: usize| {
        let (first, second) = (people[index % 4], people[(index / 4 + 1) % 4]);
        let words = [first, "met", second, "in", places[index % 3], "."];
        Sentence {
            id: index.to_string(),
            tokens: words.map(str::to_owned).into(),
            entities: vec![entity("Person", 0), entity("Person", 2), entity("Place", 4)],
            relations: vec![Relation {
                kind: "lives in".into(),
                head: 0,
                tail: 2,
            }],
        }
    };
    Corpus {
        name: "met".into(),
        train: (0..20).map(sentence).collect(),
        dev: (20..26).map(sentence).collect(),
    }
}

fn elmo_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/elmo")
}

/// Word vectors in `folder`: people in lower case only, a frequent word that the corpus does not hold, a rare one.
fn input(folder: &Path) -> RunInput {
    let vectors = "the 0.1 0.1 0.1\nann 1 0 0.1\nbob 1 0 0.2\ncleo 1 0 0.3\nOSLO 0 1 0.1\nrare 9 9 9\nLIMA 0 1 0.2\n";
    let words = folder.join("vectors.txt");
    fs::write(&words, vectors).unwrap();
    RunInput {
        corpus: corpus(),
        pretrained: PretrainedPaths {
            encoder: None,
            elmo: Some(elmo_folder()),
            words: Some(words),
        },
        git_revision: None,
    }
}

fn config() -> RunConfig {
    RunConfig {
        name: "tiny".into(),
        network: NetworkChoice {
            hidden: 8,
            characters: 4,
            ..NetworkChoice::default()
        },
        elmo: Some(ElmoChoice::default()),
        words: Some(WordsChoice {
            size: 3,
            frequent: 1,
            fine_tune: false,
        }),
        training: Training {
            epochs: 4,
            batch: 4,
            learning_rate: 0.01,
            average: 0.9,
            ..Training::default()
        },
        ..RunConfig::default()
    }
}

/// Trains in `folder`, stopping after `stop` epochs of this call.
fn train(
    config: &RunConfig,
    input: &RunInput,
    folder: &Path,
    existing: Existing,
    stop: usize,
) -> Outcome {
    let folder = RunFolder::open(folder, existing).unwrap();
    folder.write_config(config).unwrap();
    let mut left = stop;
    let mut run = Run::prepare(config, input, &Device::Cpu).unwrap();
    let outcome = run.train(&folder, |_| {
        left -= 1;
        match left {
            0 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    });
    outcome.unwrap()
}

#[test]
fn words_cannot_be_hidden_from_elmo_even_where_no_table_asks_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    config.elmo = None;
    config.training.case_dropout = 0.1;
    let error = Run::prepare(&config, &input(folder.path()), &Device::Cpu).unwrap_err();
    assert!(error.to_string().contains("case_dropout"), "{error}");
}

#[test]
fn an_interrupted_run_goes_on_bit_for_bit_and_its_bundle_holds_everything() {
    let folder = tempfile::tempdir().unwrap();
    let (config, input) = (config(), input(folder.path()));
    let (whole, parts) = (folder.path().join("whole"), folder.path().join("parts"));
    let outcome = train(&config, &input, &whole, Existing::Refuse, usize::MAX);
    train(&config, &input, &parts, Existing::Refuse, 2);
    train(&config, &input, &parts, Existing::Resume, usize::MAX);
    for name in ["last.safetensors", "best.safetensors"] {
        let [whole, parts] = [&whole, &parts].map(|folder| fs::read(folder.join(name)).unwrap());
        assert!(whole == parts, "{name} differs");
    }

    let file = fs::read(outcome.bundle).unwrap();
    let bundle = Bundle::parse(&file).unwrap();
    let words = bundle.vocabularies().words.unwrap();
    assert_eq!(words, "the\nann\nbob\ncleo\nOSLO\nLIMA");
    let metadata = bundle.metadata();
    assert_eq!(metadata.provenance.elmo.as_deref(), Some("elmo"));
    assert_eq!(metadata.provenance.words.as_deref(), Some("vectors.txt"));

    // Read again, it says of dev what was measured in training.
    let annotator = Annotator::from_bundle(&file).unwrap();
    let dev = &input.corpus.dev;
    let predictions = evaluation::predict(&annotator, dev, 16, 0.2).unwrap();
    let (schema, threshold) = (annotator.schema(), annotator.relation_threshold());
    let report = evaluation::score(dev, &predictions, schema, threshold).unwrap();
    assert_eq!(
        evaluation::measured(&metadata.scores[0].data, &report),
        metadata.scores[0]
    );
    let small = quantize(&bundle).unwrap();
    assert!(Annotator::from_bundle(&small).is_ok());
}

#[test]
fn elmo_and_word_vectors_stay_as_they_are_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    let input = input(folder.path());
    let elmo = PretrainedElmo::read(&elmo_folder()).unwrap();
    for fine_tune in [false, true] {
        let mut config = config();
        config.training.epochs = 1;
        config.words.as_mut().unwrap().fine_tune = fine_tune;
        let run = folder.path().join(fine_tune.to_string());
        let outcome = train(&config, &input, &run, Existing::Refuse, usize::MAX);
        let file = fs::read(outcome.bundle).unwrap();
        let parameters = Bundle::parse(&file).unwrap().var_builder(&Device::Cpu);
        for (name, before) in &elmo.tensors {
            let after = parameters
                .get(before.dims(), &format!("embedding.elmo.{name}"))
                .unwrap();
            assert_eq!(sum_of_differences(&after, before), 0., "{name}");
        }
        let vectors = parameters.get((6, 3), "embedding.words.vectors").unwrap();
        let vectors: Vec<Vec<f32>> = vectors.to_vec2().unwrap();
        assert_eq!(vectors[1] != [1., 0., 0.1], fine_tune);
        let mix = parameters.get(3, "embedding.elmo_mix.weights").unwrap();
        assert!(
            mix.to_vec1::<f32>()
                .unwrap()
                .iter()
                .any(|share| *share != 0.)
        );
    }
}

fn sum_of_differences(a: &Tensor, b: &Tensor) -> f32 {
    let sum = (a - b).unwrap().abs().unwrap().sum_all().unwrap();
    sum.to_scalar().unwrap()
}

#[test]
fn features_computed_once_are_those_computed_each_time() {
    let corpus = corpus();
    let elmo = PretrainedElmo::read(&elmo_folder()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (config, input) = (config(), input(folder.path()));
    let run = folder.path().join("run");
    let outcome = train(&config, &input, &run, Existing::Refuse, 1);
    let file = fs::read(outcome.bundle).unwrap();
    let bundle = Bundle::parse(&file).unwrap();
    let (shape, schema) = (&bundle.metadata().network, &bundle.metadata().schema);
    assert_eq!(shape.elmo.as_ref(), Some(&elmo.config));

    let featurizer = Featurizer::new(shape, bundle.vocabularies()).unwrap();
    let mut sentences = corpus.train;
    // Of unequal lengths, so that there is padding.
    sentences[0].tokens.push("again".into());
    let mut data = Dataset::new(&sentences, schema, shape.scheme, &featurizer).unwrap();
    let vars = SeededVars::new(1, &Device::Cpu);
    let network = JointNetwork::new(shape, 2, 1, vars.var_builder()).unwrap();
    let embed = |data: &Dataset| {
        let (batch, _) = data.batch(&[0, 1, 2], &Device::Cpu).unwrap();
        let embedding = network.embedding();
        let all = embedding.forward(&batch, 0., &mut Dropout::off()).unwrap();
        let rows = batch.lengths.iter().enumerate();
        rows.map(|(row, length)| all.get(row).unwrap().narrow(0, 0, *length).unwrap())
            .collect::<Vec<_>>()
    };
    let computed = embed(&data);
    data.cache_states(&network, false, &Device::Cpu, |_| ())
        .unwrap();
    for (cached, computed) in embed(&data).iter().zip(&computed) {
        assert!(sum_of_differences(cached, computed) < 1e-3);
    }
}

#[test]
fn what_is_asked_for_and_not_given_is_missed_with_where_it_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let config = config();
    let mut input = input(folder.path());
    for (without, parts) in [
        ("words", ["[words]", "--words", "GloVe"]),
        ("elmo", ["[elmo]", "--elmo", "AllenNLP"]),
    ] {
        match without {
            "words" => input.pretrained.words = None,
            _ => input.pretrained.elmo = None,
        }
        let error = Run::prepare(&config, &input, &Device::Cpu)
            .unwrap_err()
            .to_string();
        assert!(parts.iter().all(|part| error.contains(part)), "{error}");
    }
}

#[test]
fn the_configurations_of_the_paper_are_sound_and_ask_for_its_features() {
    for name in ["paper-conll04.toml", "paper-ade.toml"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../configs")
            .join(name);
        let config = RunConfig::read(&path).unwrap();
        assert!(config.elmo.is_some() && config.words.is_some() && config.encoder.is_none());
        let paper = NetworkChoice {
            hidden: 256,
            relation: RelationChoice {
                pool_mention: false,
                context: 0,
                ..RelationChoice::default()
            },
            ..NetworkChoice::default()
        };
        assert_eq!(config.network, paper);
        let dropout = DropoutRates::PAPER;
        assert_eq!(config.training.dropout, dropout.recurrent);
        assert_eq!(config.training.relation_dropout, dropout.relation);
        assert_eq!(config.training.relation_threshold, Some(0.9));
    }
}
