//! A corpus in the network's terms: features and gold annotations, sentence by sentence.

use std::borrow::Cow;

use candle_core::{Device, Result as TensorResult, Tensor};
use spanarc_corpus::{LabelSchema, Sentence, Span, TagScheme};
use spanarc_model::{
    batch::Batch,
    embedding::PretrainedStates,
    features::{Featurizer, SentenceFeatures},
    network::JointNetwork,
};

use crate::{
    batching,
    error::{Result, TrainError},
    input_noise::InputNoise,
    loss::Gold,
    masking::{MaskedPieces, Masking},
};

/// A corpus ready to be batched.
#[derive(Debug)]
pub struct Dataset {
    features: Vec<SentenceFeatures>,
    /// The same of the sentences in lower case, where training needs them.
    lowercase: Option<Vec<SentenceFeatures>>,
    gold: Vec<Gold>,
    /// Per sentence what frozen networks say of it, tensors `[tokens, size]`; empty until it is computed.
    states: Vec<PretrainedStates>,
}

impl Dataset {
    /// Labels that the schema lacks are an error of the caller, who checks the corpus first; they are passed over.
    pub fn new(
        sentences: &[Sentence],
        schema: &LabelSchema,
        scheme: TagScheme,
        featurizer: &Featurizer,
    ) -> Result<Self> {
        let gold = sentences
            .iter()
            .map(|sentence| {
                gold(sentence, schema, scheme).map_err(|source| TrainError::Sentence {
                    id: sentence.id.clone(),
                    source,
                })
            })
            .collect::<Result<_>>()?;
        let features = sentences
            .iter()
            .map(|sentence| featurizer.features(&sentence.tokens))
            .collect();
        Ok(Self {
            features,
            lowercase: None,
            gold,
            states: Vec::new(),
        })
    }

    /// Sentences without annotations, for an encoder to read.
    pub(crate) fn of_text(sentences: &[Sentence], featurizer: &Featurizer) -> Self {
        let features = sentences.iter().map(|sentence| SentenceFeatures {
            // Only the encoder reads it, and text is long.
            characters: Vec::new(),
            symbols: Vec::new(),
            word_rows: Vec::new(),
            ..featurizer.features(&sentence.tokens)
        });
        Self {
            features: features.collect(),
            lowercase: None,
            gold: Vec::new(),
            states: Vec::new(),
        }
    }

    /// Keeps features of the sentences in lower case too, for noise that takes away capitals.
    #[must_use]
    pub fn with_lowercase(mut self, sentences: &[Sentence], featurizer: &Featurizer) -> Self {
        let lower = |sentence: &Sentence| {
            let words = sentence.tokens.iter().map(|word| word.to_lowercase());
            featurizer.features(&words.collect::<Vec<_>>())
        };
        self.lowercase = Some(sentences.iter().map(lower).collect());
        self
    }

    /// Number of words of each sentence.
    pub fn lengths(&self) -> Vec<usize> {
        self.features
            .iter()
            .map(|features| features.length)
            .collect()
    }

    /// What the network reads of each sentence, and what it is to say.
    pub fn sentences(&self) -> impl ExactSizeIterator<Item = (&SentenceFeatures, &Gold)> {
        self.features.iter().zip(&self.gold)
    }

    /// Number of sentences.
    pub fn len(&self) -> usize {
        self.features.len()
    }

    /// Whether there is no sentence.
    pub fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// Runs the frozen parts of `network`, ELMo and if that is frozen the encoder, once over everything and keeps what
    /// they say. `progress` is told of each batch's number of sentences.
    pub fn cache_states(
        &mut self,
        network: &JointNetwork,
        encoder_is_frozen: bool,
        device: &Device,
        mut progress: impl FnMut(usize),
    ) -> TensorResult<()> {
        let mut states = vec![PretrainedStates::default(); self.len()];
        for indices in batching::by_length(&self.lengths(), 16) {
            let (batch, _) = self.batch(&indices, device)?;
            let embedding = network.embedding();
            let encoder = match encoder_is_frozen {
                true => embedding.encoder_states(&batch)?,
                false => Vec::new(),
            };
            let elmo = embedding.elmo_states(&batch)?;
            for (row, &index) in indices.iter().enumerate() {
                states[index] = PretrainedStates {
                    encoder: unpadded(&encoder, row, batch.lengths[row])?,
                    elmo: unpadded(&elmo, row, batch.lengths[row])?,
                };
            }
            progress(indices.len());
        }
        self.states = states;
        Ok(())
    }

    /// The sentences of these indices, padded, with their gold annotations.
    pub fn batch(&self, indices: &[usize], device: &Device) -> TensorResult<(Batch, Vec<&Gold>)> {
        let features = indices.iter().map(|&index| &self.features[index]);
        let batch = self.collate(indices, &features.collect::<Vec<_>>(), device)?;
        let gold = indices.iter().map(|&index| &self.gold[index]);
        Ok((batch, gold.collect()))
    }

    /// The same, with the sentences as `noise` leaves them.
    pub fn noisy_batch(
        &self,
        indices: &[usize],
        noise: &mut InputNoise,
        device: &Device,
    ) -> TensorResult<(Batch, Vec<Cow<'_, Gold>>)> {
        let (read, gold): (Vec<_>, Vec<_>) = (indices.iter())
            .map(|&index| {
                let lowercase = self.lowercase.as_ref().map(|lowercase| &lowercase[index]);
                noise.apply(&self.features[index], lowercase, &self.gold[index])
            })
            .unzip();
        let read: Vec<&SentenceFeatures> = read.iter().map(AsRef::as_ref).collect();
        Ok((self.collate(indices, &read, device)?, gold))
    }

    /// The sentences of these indices with words masked, and what is to be predicted.
    pub(crate) fn masked_batch(
        &self,
        indices: &[usize],
        masking: &mut Masking,
        device: &Device,
    ) -> TensorResult<(Batch, MaskedPieces)> {
        let sentences = indices.iter().map(|&index| &self.features[index]);
        let (read, masked) = masking.apply(sentences);
        let batch = Batch::new(&read.iter().collect::<Vec<_>>(), device)?;
        Ok((batch, masked))
    }

    fn collate(
        &self,
        indices: &[usize],
        features: &[&SentenceFeatures],
        device: &Device,
    ) -> TensorResult<Batch> {
        let mut batch = Batch::new(features, device)?;
        if !self.states.is_empty() {
            let padded = |of: fn(&PretrainedStates) -> &Vec<Tensor>| {
                let states: Vec<_> = indices.iter().map(|&at| of(&self.states[at])).collect();
                padded(&states, batch.tokens)
            };
            batch.pretrained = PretrainedStates {
                encoder: padded(|states| &states.encoder)?,
                elmo: padded(|states| &states.elmo)?,
            };
        }
        Ok(batch)
    }
}

/// Of every layer `[batch, tokens, size]` one sentence's words, `[length, size]`.
fn unpadded(layers: &[Tensor], row: usize, length: usize) -> TensorResult<Vec<Tensor>> {
    let words = |layer: &Tensor| layer.get(row)?.narrow(0, 0, length);
    // A copy of its own: a view would keep the padded batch alive.
    layers
        .iter()
        .map(|layer| words(layer)?.detach().force_contiguous())
        .collect()
}

/// The sentences' layers side by side, each `[batch, tokens, size]`.
fn padded(sentences: &[&Vec<Tensor>], tokens: usize) -> TensorResult<Vec<Tensor>> {
    let layers = sentences.first().map_or(0, |layers| layers.len());
    let pad = |state: &Tensor| state.pad_with_zeros(0, 0, tokens - state.dim(0)?);
    (0..layers)
        .map(|layer| {
            let states = sentences.iter().map(|layers| pad(&layers[layer]));
            Tensor::stack(&states.collect::<TensorResult<Vec<_>>>()?, 0)
        })
        .collect()
}

fn gold(
    sentence: &Sentence,
    schema: &LabelSchema,
    scheme: TagScheme,
) -> std::result::Result<Gold, spanarc_corpus::TagError> {
    let spans: Vec<_> = sentence
        .entities
        .iter()
        .map(|entity| entity.span.start..entity.span.end)
        .collect();
    let typed: Vec<_> = sentence
        .entities
        .iter()
        .filter_map(|entity| {
            Some((
                schema.entity_index(&entity.kind)?,
                Span::new(entity.span.start, entity.span.end),
            ))
        })
        .collect();
    let relations = sentence
        .relations
        .iter()
        .filter_map(|relation| {
            Some((
                relation.head,
                relation.tail,
                schema.relation_index(&relation.kind)?,
            ))
        })
        .collect();
    Ok(Gold {
        tags: scheme.encode(&typed, sentence.tokens.len())?,
        spans,
        relations,
    })
}
