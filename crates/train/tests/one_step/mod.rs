//! One training step of a small network with all its parts, and how far two of them are apart.

use std::{
    collections::{BTreeMap, HashMap},
    env, fs,
    ops::ControlFlow,
    path::Path,
};

use spanarc_corpus::{Entity, Relation, Sentence, Span};
use spanarc_model::{Annotator, Prediction, config::Cell, embedding::encoder::Encoder};
use spanarc_train::{
    Corpus, Device, Run, RunConfig, RunInput,
    config::{ElmoChoice, EncoderChoice, NetworkChoice, Training, WordsChoice},
    pretrained::{PretrainedEncoder, PretrainedPaths},
    run_folder::{Existing, RunFolder},
    seeded_vars::SeededVars,
};

const LEARNING_RATE: f64 = 0.01;

/// Largest difference of a loss, relative to it.
const LOSS_TOLERANCE: f64 = 1e-5;

/// Largest difference of a gradient's element, relative to the largest element of its parameter.
const GRADIENT_TOLERANCE: f32 = 1e-3;

/// Elements of a gradient below this share of the parameter's largest are mostly rounding. AdamW's first step is as long
/// for them as for any other, so that nothing can be said of where it leads.
const NOTICEABLE: f32 = 0.01;

/// Largest difference of a weight after the step, relative to the learning rate, where the gradient is noticeable.
const WEIGHT_TOLERANCE: f32 = 1e-3;

/// Largest difference of an entity's or a relation's score.
const SCORE_TOLERANCE: f32 = 1e-4;

/// What a step came to.
pub(crate) struct Step {
    loss: f64,
    gradient_norm: f64,
    gradients: BTreeMap<String, Vec<f32>>,
    weights: BTreeMap<String, Vec<f32>>,
    averages: BTreeMap<String, Vec<f32>>,
    /// The network after the step.
    bundle: Vec<u8>,
}

/// Sentences of several lengths, with none, one and several entities, and words that are long and new.
fn sentences() -> Vec<Sentence> {
    let entity = |kind: &str, start: usize, end: usize| Entity {
        kind: kind.into(),
        span: Span::new(start, end),
    };
    let texts = [
        (
            "Ann lives in ROME .",
            vec![("Person", 0, 1), ("Place", 3, 4)],
        ),
        ("Rain .", vec![]),
        (
            "In Oslo and in Lima lives old Bob Underhill .",
            vec![("Place", 1, 2), ("Place", 4, 5), ("Person", 7, 9)],
        ),
        ("Nobody met Cleo", vec![("Person", 2, 3)]),
        (
            "Dan left Bonn , a town on the 7-armed river , for 24 hours .",
            vec![("Person", 0, 1), ("Place", 2, 3)],
        ),
    ];
    texts
        .into_iter()
        .enumerate()
        .map(|(index, (text, entities))| Sentence {
            id: format!("s{index}"),
            tokens: text.split(' ').map(str::to_owned).collect(),
            relations: match entities.len() {
                0 | 1 => Vec::new(),
                last => vec![Relation {
                    kind: "lives in".into(),
                    head: if last == 3 { 2 } else { 0 },
                    tail: 1,
                }],
            },
            entities: entities
                .into_iter()
                .map(|(kind, start, end)| entity(kind, start, end))
                .collect(),
        })
        .collect()
}

/// Writes an encoder of random weights that reads letters.
fn write_encoder(folder: &Path) {
    let config = r#"{"vocab_size": 57, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3,
        "intermediate_size": 16, "max_position_embeddings": 32, "layer_norm_eps": 1e-12, "hidden_act": "gelu"}"#;
    let letters = ('a'..='z').flat_map(|letter| [format!("{letter}"), format!("##{letter}")]);
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "."].map(str::to_owned);
    let vocabulary: Vec<String> = special.into_iter().chain(letters).collect();
    fs::write(folder.join("config.json"), config).unwrap();
    fs::write(folder.join("vocab.txt"), vocabulary.join("\n")).unwrap();
    let vars = SeededVars::new(5, &Device::Cpu);
    let shape = PretrainedEncoder::read_config(folder).unwrap();
    Encoder::new(&shape, vars.var_builder()).unwrap();
    let tensors: HashMap<String, _> = vars.tensors().into_iter().collect();
    candle_core::safetensors::save(&tensors, folder.join("model.safetensors")).unwrap();
}

/// Configurations that between them reach every part of the network.
pub(crate) fn configurations() -> Vec<RunConfig> {
    let named = |name: &str| RunConfig {
        name: name.into(),
        network: NetworkChoice {
            hidden: 9,
            re_layers: 2,
            characters: 6,
            ..NetworkChoice::default()
        },
        training: Training {
            epochs: 1,
            batch: 8,
            // A GPU takes batches whole, and masks depend on the parts.
            parts: 1,
            learning_rate: LEARNING_RATE,
            encoder_learning_rate: LEARNING_RATE,
            average: 0.9,
            predicted_mentions_from: 1,
            ..Training::default()
        },
        ..RunConfig::default()
    };
    let encoder = |fine_tune| {
        Some(EncoderChoice {
            layers: 2,
            fine_tune,
            fine_tune_embeddings: fine_tune,
            casing_embedding: fine_tune,
            ..EncoderChoice::default()
        })
    };

    let mut fine_tuned = named("encoder fine-tuned");
    fine_tuned.encoder = encoder(true);
    fine_tuned.network.relation.pool_mention = true;
    fine_tuned.network.relation.context = 5;
    fine_tuned.training.word_dropout = 0.1;
    fine_tuned.training.case_dropout = 0.2;
    let mut frozen = named("encoder frozen, LSTM");
    frozen.encoder = encoder(false);
    frozen.network.cell = Cell::Lstm;
    let mut paper = named("ELMo and word vectors");
    paper.elmo = Some(ElmoChoice::default());
    paper.words = Some(WordsChoice {
        size: 3,
        frequent: 1,
        fine_tune: true,
    });
    vec![fine_tuned, frozen, paper]
}

/// What `config` takes over, in files of `folder`.
fn pretrained(config: &RunConfig, folder: &Path) -> PretrainedPaths {
    let mut paths = PretrainedPaths::default();
    if config.encoder.is_some() {
        write_encoder(folder);
        paths.encoder = Some(folder.to_owned());
    }
    if config.elmo.is_some() {
        // At run time too, since the program may be taken to a machine with a GPU.
        let package = env::var_os("CARGO_MANIFEST_DIR");
        let package = package.unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        paths.elmo = Some(Path::new(&package).join("../../tests/golden/elmo"));
    }
    if config.words.is_some() {
        let file = folder.join("vectors.txt");
        fs::write(
            &file,
            "the 0.1 0.1 0.1\nann 1 0 0.1\nROME 0 1 0.1\nlives 0.5 0.2 9\n",
        )
        .unwrap();
        paths.words = Some(file);
    }
    paths
}

/// Trains for one step on `device`, and leaves the run folder's checkpoint to be read.
pub(crate) fn step(config: &RunConfig, device: &Device) -> Step {
    let folder = tempfile::tempdir().unwrap();
    let input = RunInput {
        corpus: Corpus {
            name: "places".into(),
            train: sentences(),
            dev: sentences(),
        },
        pretrained: pretrained(config, folder.path()),
        git_revision: None,
    };
    let run_folder = RunFolder::open(&folder.path().join("run"), Existing::Refuse).unwrap();
    let (mut loss, mut gradient_norm) = (0., 0.);
    let mut run = Run::prepare(config, &input, device).unwrap();
    run.train(&run_folder, |epoch| {
        (loss, gradient_norm) = (epoch.loss, epoch.gradient_norm);
        ControlFlow::Continue(())
    })
    .unwrap();
    let checkpoint = run_folder.read_last().unwrap();
    assert_eq!(checkpoint.progress.step, 1);
    let values = |tensors: &BTreeMap<String, candle_core::Tensor>| {
        tensors
            .iter()
            .filter(|(_, tensor)| tensor.dtype() == candle_core::DType::F32)
            .map(|(name, tensor)| {
                let values = tensor.flatten_all().unwrap().to_vec1().unwrap();
                (name.clone(), values)
            })
            .collect::<BTreeMap<String, Vec<f32>>>()
    };
    // After one step the first moment is a tenth of the gradient as it was clipped.
    let mut gradients = values(&checkpoint.optimizer);
    gradients.retain(|name, _| name.ends_with(".first"));
    Step {
        loss,
        gradient_norm,
        gradients: gradients
            .into_iter()
            .map(|(name, values)| (name.trim_end_matches(".first").to_owned(), values))
            .collect(),
        weights: values(&checkpoint.weights),
        averages: values(&checkpoint.averages),
        bundle: fs::read(run_folder.best()).unwrap(),
    }
}

impl Step {
    /// Fails where this step and `other` are further apart than the tolerances above.
    pub(crate) fn assert_near(&self, other: &Step, what: &str) {
        let near = |a: f64, b: f64| (a - b).abs() <= LOSS_TOLERANCE * a.abs().max(1.);
        assert!(
            near(self.loss, other.loss),
            "{what}: losses {} and {}",
            self.loss,
            other.loss
        );
        assert!(
            near(self.gradient_norm, other.gradient_norm),
            "{what}: gradients of norm {} and {}",
            self.gradient_norm,
            other.gradient_norm
        );
        assert!(self.gradients.keys().eq(other.gradients.keys()), "{what}");
        assert!(self.weights.keys().eq(other.weights.keys()), "{what}");
        for (name, gradient) in &self.gradients {
            let largest = gradient.iter().fold(0f32, |most, g| most.max(g.abs()));
            let elements = gradient
                .iter()
                .zip(&other.gradients[name])
                .zip(self.weights[name].iter().zip(&other.weights[name]))
                .zip(self.averages[name].iter().zip(&other.averages[name]));
            for (index, ((gradients, weights), averages)) in elements.enumerate() {
                let place = format!("{what}: {name}, element {index}");
                assert!(
                    (gradients.0 - gradients.1).abs() <= GRADIENT_TOLERANCE * largest + 1e-9,
                    "{place}: gradients {gradients:?}, largest {largest}"
                );
                if gradients.0.abs() > NOTICEABLE * largest && gradients.0.abs() > 1e-6 {
                    for (now, other) in [weights, averages] {
                        assert!(
                            (now - other).abs() <= WEIGHT_TOLERANCE * LEARNING_RATE as f32,
                            "{place}: {now} and {other} after the step"
                        );
                    }
                }
            }
        }
    }

    /// What the network after the step says of the sentences, computed on `device`.
    pub(crate) fn predictions(&self, device: &Device) -> Vec<Prediction> {
        let annotator = Annotator::from_bundle_on(&self.bundle, device).unwrap();
        let words: Vec<Vec<String>> = sentences().into_iter().map(|s| s.tokens).collect();
        annotator.predict(&words, 0.).unwrap()
    }
}

/// Fails where the predictions differ in more than the last digits of a score.
pub(crate) fn assert_same_predictions(some: &[Prediction], others: &[Prediction], what: &str) {
    assert_eq!(some.len(), others.len(), "{what}");
    for (a, b) in some.iter().zip(others) {
        let found = |p: &Prediction| {
            let entities = p.entities.iter().map(|e| (e.entity_type, e.span));
            let relations = p
                .relations
                .iter()
                .map(|r| (r.relation_type, r.head, r.tail));
            (entities.collect::<Vec<_>>(), relations.collect::<Vec<_>>())
        };
        assert_eq!(found(a), found(b), "{what}");
        let scores = |p: &Prediction| -> Vec<f32> {
            let entities = p.entities.iter().map(|e| e.score);
            entities
                .chain(p.relations.iter().map(|r| r.score))
                .collect()
        };
        for (a, b) in scores(a).into_iter().zip(scores(b)) {
            assert!(
                (a - b).abs() <= SCORE_TOLERANCE,
                "{what}: scores {a} and {b}"
            );
        }
    }
}
