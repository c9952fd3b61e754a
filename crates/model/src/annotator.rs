//! A loaded bundle that annotates tokenised sentences: the one path from words to predictions.

mod reading;

use candle_core::Device;
use candle_nn::{VarBuilder, ops::sigmoid};
use spanarc_corpus::{LabelSchema, Span, TagScheme, Token};

use crate::{
    bundle::{Bundle, BundleMetadata},
    crf::{Lattice, Transitions},
    dropout::Dropout,
    error::Result,
    features::{Featurizer, SentenceFeatures, Vocabularies},
    network::{DropoutRates, JointNetwork, TaskFeatures},
    relation::Mentions,
};

pub use reading::Reading;

/// Pairs scored together: their features are some kilobytes each, and a crowded text has very many.
const PAIRS_AT_ONCE: usize = 4096;

/// An entity found in a sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictedEntity {
    /// Index into the schema's entity types.
    pub entity_type: usize,
    /// Tokens covered.
    pub span: Span<Token>,
    /// Probability of this span and type, in 0..=1: that under the CRF, calibrated where the bundle says how.
    pub score: f32,
}

/// A relation scored between two found entities.
#[derive(Debug, Clone, PartialEq)]
pub struct PredictedRelation {
    /// Index into the schema's relation types.
    pub relation_type: usize,
    /// Index into the prediction's entities.
    pub head: usize,
    /// Index into the prediction's entities.
    pub tail: usize,
    /// The scorer's sigmoid, in 0..=1, calibrated where the bundle says how.
    pub score: f32,
}

/// What the network says of one sentence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Prediction {
    /// Entities in text order, never overlapping.
    pub entities: Vec<PredictedEntity>,
    /// Every relation that the schema allows between their types and that scores at or above the floor asked for.
    pub relations: Vec<PredictedRelation>,
}

/// A network with its vocabulary, schema and thresholds.
#[derive(Debug)]
pub struct Annotator {
    metadata: BundleMetadata,
    network: JointNetwork,
    featurizer: Featurizer,
    transitions: Transitions,
    device: Device,
}

impl Annotator {
    /// Reads a bundle (f32 or quantised) and builds the network on the CPU.
    pub fn from_bundle(bytes: &[u8]) -> Result<Self> {
        Self::from_bundle_on(bytes, &Device::Cpu)
    }

    /// Reads a bundle (f32 or quantised) and builds the network on `device`.
    pub fn from_bundle_on(bytes: &[u8], device: &Device) -> Result<Self> {
        Self::of_bundle(&Bundle::parse(bytes)?, device)
    }

    /// As [`Self::from_bundle`], of a file whose SHA-256 is known to be the expected one, see [`Bundle::parse_known`].
    pub fn from_known_bundle(bytes: &[u8]) -> Result<Self> {
        Self::of_bundle(&Bundle::parse_known(bytes)?, &Device::Cpu)
    }

    fn of_bundle(bundle: &Bundle, device: &Device) -> Result<Self> {
        let annotator = Self::new(
            bundle.metadata().clone(),
            bundle.vocabularies(),
            bundle.var_builder(device),
        )?;
        bundle.check_all_used()?;
        Ok(annotator)
    }

    /// From parts: `parameters` must hold every parameter of the network that `metadata` describes.
    pub fn new(
        metadata: BundleMetadata,
        vocabularies: Vocabularies,
        parameters: VarBuilder,
    ) -> Result<Self> {
        metadata.network.validate()?;
        let device = parameters.device().clone();
        let schema = &metadata.schema;
        let (entity_types, relation_types) =
            (schema.entity_types.len(), schema.relation_types.len());
        let network =
            JointNetwork::new(&metadata.network, entity_types, relation_types, parameters)?;
        Ok(Self {
            transitions: network.entity.crf.decoder(Some(metadata.network.scheme))?,
            featurizer: Featurizer::new(&metadata.network, vocabularies)?,
            network,
            metadata,
            device,
        })
    }

    /// Labels and signatures.
    pub fn schema(&self) -> &LabelSchema {
        &self.metadata.schema
    }

    /// Everything that the bundle says of itself.
    pub fn metadata(&self) -> &BundleMetadata {
        &self.metadata
    }

    /// The score from which a relation holds, tuned on dev.
    pub fn relation_threshold(&self) -> f32 {
        self.metadata.relation_threshold
    }

    /// Annotates sentences, each a list of words, as one batch. Relations below `relation_floor` are left out.
    /// A sentence of no words has an empty prediction.
    pub fn predict<W: AsRef<str>>(
        &self,
        sentences: &[Vec<W>],
        relation_floor: f32,
    ) -> Result<Vec<Prediction>> {
        let present: Vec<usize> = (0..sentences.len())
            .filter(|&index| !sentences[index].is_empty())
            .collect();
        let features: Vec<SentenceFeatures> = present
            .iter()
            .map(|&index| self.featurizer.features(&sentences[index]))
            .collect();
        let mut predictions = vec![Prediction::default(); sentences.len()];
        let found = self.predict_features(&features.iter().collect::<Vec<_>>(), relation_floor)?;
        for (index, prediction) in present.into_iter().zip(found) {
            predictions[index] = prediction;
        }
        Ok(predictions)
    }

    fn predict_features(
        &self,
        sentences: &[&SentenceFeatures],
        relation_floor: f32,
    ) -> Result<Vec<Prediction>> {
        if sentences.is_empty() {
            return Ok(Vec::new());
        }
        let reading = self.read_features(sentences)?;
        self.decide(&reading, relation_floor, |_, lattice| Ok(lattice.viterbi()))
    }

    /// Entities of the tags that `tags_of` gives each sentence, by its number in the batch, and relations between them.
    fn decide(
        &self,
        reading: &Reading,
        relation_floor: f32,
        tags_of: impl Fn(usize, &Lattice) -> Result<Vec<usize>>,
    ) -> Result<Vec<Prediction>> {
        let mut mentions = Mentions::default();
        let mut predictions = Vec::with_capacity(reading.emissions.len());
        for (sentence, emissions) in reading.emissions.iter().enumerate() {
            let lattice = Lattice::new(&self.transitions, emissions);
            let tags = tags_of(sentence, &lattice)?;
            let entities = self.entities(&lattice, &tags);
            let offset = sentence * reading.tokens;
            mentions.add_sentence(entities.iter().map(|entity| {
                (
                    offset + entity.span.start..offset + entity.span.end,
                    tags[entity.span.end - 1],
                )
            }));
            predictions.push(Prediction {
                entities,
                relations: Vec::new(),
            });
        }
        self.score_relations(
            &reading.features,
            &mentions,
            relation_floor,
            &mut predictions,
        )?;
        Ok(predictions)
    }

    fn entities(&self, lattice: &Lattice, tags: &[usize]) -> Vec<PredictedEntity> {
        let scheme = self.metadata.network.scheme;
        let spans = scheme.decode(tags).into_iter();
        spans
            .map(|(entity_type, span)| {
                let own = &tags[span.start..span.end];
                let continuation = continuation(scheme, own, entity_type);
                let score = lattice.path_marginal(span.start, own, continuation) as f32;
                let calibration = self.metadata.calibration.as_ref();
                let score = calibration.map_or(score, |known| known.entities.map.apply(score));
                PredictedEntity {
                    entity_type,
                    span,
                    score,
                }
            })
            .collect()
    }

    fn score_relations(
        &self,
        features: &TaskFeatures,
        mentions: &Mentions,
        floor: f32,
        predictions: &mut [Prediction],
    ) -> Result<()> {
        let schema = self.schema();
        if mentions.pairs.is_empty() || schema.relation_types.is_empty() {
            return Ok(());
        }
        // Mentions are numbered through the batch, predictions from 0 in each sentence.
        let owners: Vec<(usize, usize)> = predictions
            .iter()
            .enumerate()
            .flat_map(|(sentence, prediction)| {
                (0..prediction.entities.len()).map(move |entity| (sentence, entity))
            })
            .collect();
        let mut scores: Vec<Vec<f32>> = Vec::with_capacity(mentions.pairs.len());
        for pairs in mentions.pairs.chunks(PAIRS_AT_ONCE) {
            let some = Mentions {
                pairs: pairs.to_vec(),
                ..mentions.clone()
            };
            let none = DropoutRates::NONE;
            let logits =
                (self.network).relation_logits(features, &some, none, &mut Dropout::off())?;
            scores.extend(sigmoid(&logits)?.to_vec2()?);
        }
        if let Some(calibration) = &self.metadata.calibration {
            for score in scores.iter_mut().flatten() {
                *score = calibration.relations.map.apply(*score);
            }
        }
        for (&(head, tail), scores) in mentions.pairs.iter().zip(&scores) {
            let ((sentence, head), (_, tail)) = (owners[head], owners[tail]);
            let prediction = &mut predictions[sentence];
            let types = (
                prediction.entities[head].entity_type,
                prediction.entities[tail].entity_type,
            );
            for (relation_type, &score) in scores.iter().enumerate() {
                if score >= floor && schema.allows(relation_type, types.0, types.1) {
                    prediction.relations.push(PredictedRelation {
                        relation_type,
                        head,
                        tail,
                        score,
                    });
                }
            }
        }
        Ok(())
    }
}

/// The tag that, following a span's tags, would make the span one token longer, if the scheme has one.
fn continuation(scheme: TagScheme, tags: &[usize], entity_type: usize) -> Option<usize> {
    let longer = scheme
        .encode(
            &[(entity_type, Span::new(0, tags.len() + 1))],
            tags.len() + 1,
        )
        .ok()?;
    let (last, prefix) = longer.split_last()?;
    (prefix == tags).then_some(*last)
}
