//! Writes what another program needs to train the same network on the same batches, and to show that it is the same:
//! `cargo run --release -p spanarc-train --example export_training -- CONFIG DATA ENCODER OUT.safetensors`.
//!
//! All lists are flat and i64 where nothing else is said; `sentences.*` give each sentence's share of them.
//!
//! | tensor | |
//! | --- | --- |
//! | `pieces.ids`, `pieces.casings`, `pieces.words`, `pieces.weights` (f32) | encoder input with `[CLS]` and `[SEP]`; the word of a piece, −1 for none, and the piece's share in it |
//! | `words.casings`, `words.characters`, `words.tags` | casing class, number of characters and gold tag of a word |
//! | `characters.rows` | rows of the character embedding |
//! | `mentions` `[mentions, 2]`, `relations` `[relations, 3]` | gold: first token and the one past the last; head, tail, type |
//! | `sentences.pieces`, `.words`, `.mentions`, `.relations` | how many of each a sentence has |
//! | `batches.sizes`, `batches.sentences` | the batches of the first epoch |
//! | `parameter.NAME` (f32) | the network before its first step |
//! | `reference.sentences` | sentences of the first batches, the longest first, of which we give, without dropout: |
//! | `reference.emissions`, `.relation_logits`, `.ner_loss`, `.re_loss` (f32) | what the network says of them |
//! | `gradient.NAME` (f32) | gradient of their joint loss by every trained parameter |

use std::{collections::HashMap, error::Error, path::Path};

use candle_core::{DType, Device, Tensor};
use spanarc_model::{dropout::Dropout, network::DropoutRates, relation::Mentions};
use spanarc_train::{
    Corpus, Run, RunConfig, RunInput,
    loss::{self, LossSettings},
    pretrained::PretrainedPaths,
};

/// Batches whose sentences are the reference.
const REFERENCE_BATCHES: usize = 2;

type Tensors = HashMap<String, Tensor>;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [config, data, encoder, out] = &arguments[..] else {
        return Err("give CONFIG DATA ENCODER OUT.safetensors".into());
    };
    let config = RunConfig::read(Path::new(config))?;
    let input = RunInput {
        corpus: Corpus::read(Path::new(data), config.labels.as_ref())?,
        pretrained: PretrainedPaths {
            encoder: Some(encoder.into()),
            ..PretrainedPaths::default()
        },
        git_revision: None,
    };
    let run = Run::prepare(&config, &input, &Device::Cpu)?;
    let batches = run.train_batches(1);
    let mut tensors = sentences(&run)?;
    insert(
        &mut tensors,
        "batches.sizes",
        batches.iter().map(|batch| batch.len() as i64),
    )?;
    insert(
        &mut tensors,
        "batches.sentences",
        batches.iter().flatten().map(|&index| index as i64),
    )?;
    for (name, tensor) in run.vars().tensors() {
        tensors.insert(format!("parameter.{name}"), tensor);
    }
    let first: Vec<usize> = batches
        .iter()
        .take(REFERENCE_BATCHES)
        .flatten()
        .copied()
        .collect();
    tensors.extend(reference(&run, &config, first)?);
    candle_core::safetensors::save(&tensors, out)?;
    println!(
        "{} sentences, {} batches",
        run.train_set().len(),
        batches.len()
    );
    Ok(())
}

/// A flat tensor.
fn insert(
    tensors: &mut Tensors,
    name: &str,
    values: impl IntoIterator<Item = i64>,
) -> candle_core::Result<()> {
    let tensor = Tensor::from_iter(values, &Device::Cpu)?;
    tensors.insert(name.into(), tensor);
    Ok(())
}

/// The training data in the network's terms.
fn sentences(run: &Run) -> Result<Tensors, Box<dyn Error>> {
    let mut lists: HashMap<&str, Vec<i64>> = HashMap::new();
    let mut weights = Vec::new();
    for (features, gold) in run.train_set().sentences() {
        let [window] = &features.windows[..] else {
            return Err("a sentence is longer than the encoder reads at once".into());
        };
        let mut extend = |name, values: Vec<i64>| lists.entry(name).or_default().extend(values);
        let numbers = |values: &[u32]| values.iter().map(|&value| i64::from(value)).collect();
        extend("pieces.ids", numbers(&window.ids));
        extend("pieces.casings", numbers(&window.casings));
        let word = |word: &Option<(usize, f32)>| word.map_or(-1, |(word, _)| word as i64);
        extend("pieces.words", window.words.iter().map(word).collect());
        weights.extend(
            window
                .words
                .iter()
                .map(|word| word.map_or(0., |(_, weight)| weight)),
        );
        extend("words.casings", numbers(&features.casings));
        let characters = &features.characters;
        extend(
            "words.characters",
            characters.iter().map(|word| word.len() as i64).collect(),
        );
        extend("characters.rows", numbers(&characters.concat()));
        extend(
            "words.tags",
            gold.tags.iter().map(|&tag| tag as i64).collect(),
        );
        let bounds = |span: &std::ops::Range<usize>| [span.start as i64, span.end as i64];
        extend("mentions", gold.spans.iter().flat_map(bounds).collect());
        let held =
            |&(head, tail, kind): &(usize, usize, usize)| [head as i64, tail as i64, kind as i64];
        extend("relations", gold.relations.iter().flat_map(held).collect());
        for (name, count) in [
            ("sentences.pieces", window.ids.len()),
            ("sentences.words", features.length),
            ("sentences.mentions", gold.spans.len()),
            ("sentences.relations", gold.relations.len()),
        ] {
            extend(name, vec![count as i64]);
        }
    }
    let mut tensors = Tensors::new();
    for (name, values) in lists {
        insert(&mut tensors, name, values)?;
    }
    for (name, columns) in [("mentions", 2), ("relations", 3)] {
        if let Some(tensor) = tensors.get_mut(name) {
            *tensor = tensor.reshape(((), columns))?;
        }
    }
    tensors.insert(
        "pieces.weights".into(),
        Tensor::from_iter(weights, &Device::Cpu)?,
    );
    Ok(tensors)
}

/// What the network says of some sentences, and the gradient of its loss.
fn reference(
    run: &Run,
    config: &RunConfig,
    mut indices: Vec<usize>,
) -> Result<Tensors, Box<dyn Error>> {
    let lengths = run.train_set().lengths();
    indices.sort_by_key(|&index| std::cmp::Reverse(lengths[index]));
    let (batch, gold) = run.train_set().batch(&indices, &Device::Cpu)?;
    let network = run.network();
    let (rates, mut dropout) = (DropoutRates::NONE, Dropout::off());

    let features = network.features(&batch, rates, &mut dropout)?;
    let mut mentions = Mentions::default();
    for (sentence, gold) in gold.iter().enumerate() {
        let offset = sentence * batch.tokens;
        mentions.add_sentence(gold.spans.iter().map(|span| {
            (
                offset + span.start..offset + span.end,
                gold.tags[span.end - 1],
            )
        }));
    }
    let logits = network.relation_logits(&features, &mentions, rates, &mut dropout)?;

    let settings = LossSettings {
        relation_types: logits.dim(1)?,
        scheme: config.network.scheme,
        predicted_mentions: false,
        rates,
    };
    let losses = loss::losses(network, &settings, &batch, &gold, &mut dropout)?;
    let re = losses
        .re
        .ok_or("no sentence of the first batches has two entities")?;
    let ner = (losses.nll / losses.sentences as f64)?;
    let re = (re / losses.paired as f64)?;
    let gradients = (&ner + (&re * config.training.relation_weight)?)?.backward()?;

    let mut tensors = Tensors::from([
        ("reference.emissions".into(), features.emissions.detach()),
        ("reference.relation_logits".into(), logits.detach()),
        ("reference.ner_loss".into(), ner.detach()),
        ("reference.re_loss".into(), re.detach()),
    ]);
    insert(
        &mut tensors,
        "reference.sentences",
        indices.iter().map(|&index| index as i64),
    )?;
    for (name, var) in run.vars().trainable() {
        let gradient = match gradients.get(&var) {
            Some(gradient) => gradient.contiguous()?,
            None => Tensor::zeros(var.shape(), DType::F32, &Device::Cpu)?,
        };
        tensors.insert(format!("gradient.{name}"), gradient);
    }
    Ok(tensors)
}
