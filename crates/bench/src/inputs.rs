//! The inputs that every engine gets: the same sentences, cut into the same word pieces, and the same weights.

use std::{collections::HashMap, fs, path::Path};

use anyhow::{Context, Result, bail};
use candle_core::{Device, Tensor};
use serde::{Deserialize, Serialize};
use spanarc_corpus::Hyphens;
use spanarc_engine::token::tokens;
use spanarc_model::{
    batch::Batch,
    bundle::Bundle,
    dropout::Dropout,
    features::{Featurizer, SentenceFeatures},
    network::{DropoutRates, JointNetwork},
};

use crate::{sentences::Sentences, work::Lengths};

/// Words of the sentences timed in a browser.
pub(crate) const LENGTHS: [usize; 5] = [8, 16, 32, 64, 128];
/// Words of the documents typed into.
const DOCUMENTS: [usize; 3] = [30, 2_000, 20_000];
/// Sentences of each length: no engine sees one twice.
const SENTENCES: usize = 80;
/// Sentences annotated natively.
const MANY: usize = 10_000;
/// Sentences that the engines' results are compared on.
const COMPARED: usize = 4;
/// Where the encoder's parameters are among the network's.
const ENCODER: &str = "embedding.encoder.";

/// A sentence with what the network reads of it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Input {
    pub(crate) text: String,
    pub(crate) words: usize,
    pub(crate) ids: Vec<u32>,
    piece_casings: Vec<u32>,
    /// For each piece the word that it is part of and its share of it.
    word_of_piece: Vec<Option<(usize, f32)>>,
    casings: Vec<u32>,
    /// Character rows of each distinct word.
    pub(crate) characters: Vec<Vec<u32>>,
    /// The distinct word of each word.
    character_words: Vec<usize>,
}

impl Input {
    pub(crate) fn lengths(&self) -> Lengths {
        Lengths {
            words: self.words,
            pieces: self.ids.len(),
            characters: self.characters.iter().map(Vec::len).sum(),
        }
    }
}

/// Sentences of one length, and documents by their words.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Inputs {
    pub(crate) sentences: Vec<Vec<Input>>,
    documents: Vec<(usize, String)>,
}

/// The sentences of the native measurements.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Many {
    /// Piece ids of each.
    pub(crate) ids: Vec<Vec<u32>>,
    pub(crate) words: usize,
    /// Characters of the distinct words of each sentence, over all.
    pub(crate) characters: usize,
}

/// What our network in f32 says of a sentence, beside the sentence itself.
#[derive(Serialize)]
struct Reference<'a> {
    #[serde(flatten)]
    input: &'a Input,
    emissions: Vec<f32>,
    relation_features: Vec<f32>,
}

/// Reads what [`write`] has written.
pub(crate) fn read<T: for<'a> Deserialize<'a>>(folder: &Path, name: &str) -> Result<T> {
    let file = folder.join(name);
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("cannot understand {}", file.display()))
}

/// Writes all inputs for a model's bundle to a folder.
pub(crate) fn write(model: &Path, out: &Path) -> Result<()> {
    fs::create_dir_all(out).with_context(|| format!("cannot create {}", out.display()))?;
    let bytes = fs::read(model).with_context(|| format!("cannot read {}", model.display()))?;
    let bundle = Bundle::parse(&bytes).with_context(|| model.display().to_string())?;
    let metadata = bundle.metadata();
    let reader = Reader {
        featurizer: Featurizer::new(&metadata.network, bundle.vocabularies())?,
        hyphens: metadata.hyphens,
    };
    let json = |name: &str, text: String| {
        fs::write(out.join(name), text)
            .with_context(|| format!("cannot write {name} to {}", out.display()))
    };

    let mut source = Sentences::new(1);
    let sentences: Vec<Vec<Input>> = LENGTHS
        .iter()
        .map(|&length| {
            (0..SENTENCES)
                .map(|_| Ok(reader.input(source.of(length))?.1))
                .collect()
        })
        .collect::<Result<_>>()?;
    let documents = DOCUMENTS
        .map(|words| (words, source.document(words)))
        .into();
    json(
        "sentences.json",
        serde_json::to_string(&Inputs {
            sentences,
            documents,
        })?,
    )?;

    let (mut lines, mut many) = (
        String::new(),
        Many {
            ids: Vec::new(),
            words: 0,
            characters: 0,
        },
    );
    for _ in 0..MANY {
        let (_, input) = reader.input(source.any())?;
        lines += &input.text;
        lines.push('\n');
        many.words += input.words;
        many.characters += input.lengths().characters;
        many.ids.push(input.ids);
    }
    json("many.txt", lines)?;
    json("many.json", serde_json::to_string(&many)?)?;
    json("network.json", serde_json::to_string(&metadata.network)?)?;

    // The rivals' graph is made from weights in f32, and so is what it is compared with.
    spanarc_model::host::leave_out_kernels(true);
    let parameters = bundle.var_builder(&Device::Cpu);
    let mut tensors: HashMap<String, Tensor> = HashMap::new();
    for name in bundle.parameter_names() {
        tensors.insert(name.to_owned(), parameters.get_unchecked(name)?);
    }
    candle_core::safetensors::save(&tensors, out.join("weights.safetensors"))?;
    let encoder: HashMap<String, Tensor> = tensors
        .into_iter()
        .filter_map(|(name, tensor)| Some((name.strip_prefix(ENCODER)?.to_owned(), tensor)))
        .collect();
    candle_core::safetensors::save(&encoder, out.join("encoder.safetensors"))?;

    let schema = &metadata.schema;
    let network = JointNetwork::new(
        &metadata.network,
        schema.entity_types.len(),
        schema.relation_types.len(),
        parameters,
    )?;
    let compared = (0..COMPARED)
        .map(|_| reader.input(source.any()))
        .collect::<Result<Vec<_>>>()?;
    let references = compared
        .iter()
        .map(|(features, input)| reference(&network, features, input))
        .collect::<Result<Vec<_>>>()?;
    json("reference.json", serde_json::to_string(&references)?)
}

fn reference<'a>(
    network: &JointNetwork,
    features: &SentenceFeatures,
    input: &'a Input,
) -> Result<Reference<'a>> {
    let batch = Batch::new(&[features], &Device::Cpu)?;
    let found = network.features(&batch, DropoutRates::NONE, &mut Dropout::off())?;
    Ok(Reference {
        input,
        emissions: found.emissions.flatten_all()?.to_vec1()?,
        relation_features: found.relation.flatten_all()?.to_vec1()?,
    })
}

struct Reader {
    featurizer: Featurizer,
    hyphens: Hyphens,
}

impl Reader {
    fn input(&self, text: String) -> Result<(SentenceFeatures, Input)> {
        let tokens = tokens(&text, self.hyphens);
        let words: Vec<&str> = tokens.iter().map(|token| token.word.as_str()).collect();
        let features = self.featurizer.features(&words);
        let [window] = &features.windows[..] else {
            bail!(
                "{text:?} has {} windows of word pieces, and the rivals read one",
                features.windows.len()
            );
        };
        let mut distinct: Vec<Vec<u32>> = Vec::new();
        let mut character_words = Vec::with_capacity(words.len());
        for rows in &features.characters {
            let known = distinct.iter().position(|other| other == rows);
            character_words.push(known.unwrap_or(distinct.len()));
            if known.is_none() {
                distinct.push(rows.clone());
            }
        }
        let input = Input {
            words: words.len(),
            ids: window.ids.clone(),
            piece_casings: window.casings.clone(),
            word_of_piece: window.words.clone(),
            casings: features.casings.clone(),
            characters: distinct,
            character_words,
            text,
        };
        Ok((features, input))
    }
}
