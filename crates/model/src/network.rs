//! The joint network (Crone 2020, figure 1): shared layers, entity layers with a CRF, relation layers with a scorer.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use crate::{
    batch::Batch,
    config::NetworkConfig,
    crf::Crf,
    dropout::Dropout,
    embedding::TokenEmbedding,
    linear::Linear,
    recurrent::BiRnnStack,
    relation::{Mentions, RelationScorer},
};

/// Dropout rates in training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DropoutRates {
    /// Within a fine-tuned encoder (0.1 in BERT).
    pub encoder: f32,
    /// Before each BiRNN layer (0.35 in the paper).
    pub recurrent: f32,
    /// Before relation scoring (0.5 in the paper).
    pub relation: f32,
}

impl DropoutRates {
    /// No dropout: use.
    pub const NONE: Self = Self {
        encoder: 0.,
        recurrent: 0.,
        relation: 0.,
    };

    /// The paper's rates, and BERT's own within an encoder (the paper's is frozen).
    pub const PAPER: Self = Self {
        encoder: 0.1,
        recurrent: 0.35,
        relation: 0.5,
    };
}

/// What both tasks read of a batch.
#[derive(Debug)]
pub struct TaskFeatures {
    /// CRF emissions `[batch, tokens, tags]`.
    pub emissions: Tensor,
    /// RE features `[batch, tokens, features]`.
    pub relation: Tensor,
}

/// From entity features to tags of one label set: tanh layer, linear layer, CRF.
#[derive(Debug)]
pub struct EntityHead {
    feed_forward: Linear,
    emission: Linear,
    /// Transition scores of the tags.
    pub crf: Crf,
}

impl EntityHead {
    /// For entity features of width `features`; parameters under `ner_feed_forward`, `emission` and `crf`.
    pub fn new(features: usize, feed_forward: usize, tags: usize, vb: &VarBuilder) -> Result<Self> {
        Ok(Self {
            feed_forward: Linear::new(features, feed_forward, vb.pp("ner_feed_forward"))?,
            emission: Linear::new(feed_forward, tags, vb.pp("emission"))?,
            crf: Crf::new(tags, vb.pp("crf"))?,
        })
    }

    /// Entity features `[batch, tokens, features]` to CRF emissions `[batch, tokens, tags]`.
    pub fn emissions(&self, features: &Tensor) -> Result<Tensor> {
        self.emission
            .forward(&self.feed_forward.forward(features)?.tanh()?)
    }
}

/// The network. Parameter paths are the names in a bundle.
#[derive(Debug)]
pub struct JointNetwork {
    embedding: TokenEmbedding,
    shared: BiRnnStack,
    ner: BiRnnStack,
    re: BiRnnStack,
    /// Tags of the schema's entity types.
    pub entity: EntityHead,
    /// Absent when the schema has no relations.
    relation: Option<RelationScorer>,
}

impl JointNetwork {
    /// For `entity_types` and `relation_types` labels; parameters come from, or are created in, `vb`.
    pub fn new(
        config: &NetworkConfig,
        entity_types: usize,
        relation_types: usize,
        vb: VarBuilder,
    ) -> Result<Self> {
        let tags = config.scheme.tag_count(entity_types);
        let stack = |input, layers, name: &str| {
            BiRnnStack::new(config.cell, input, config.hidden, layers, vb.pp(name))
        };
        let embedding = TokenEmbedding::new(config, vb.pp("embedding"))?;
        let shared = stack(embedding.size(), config.shared_layers, "shared")?;
        let ner = stack(shared.output_size(), config.ner_layers, "ner")?;
        let re = stack(shared.output_size(), config.re_layers, "re")?;
        let relation = match relation_types {
            0 => None,
            _ => Some(RelationScorer::new(
                &config.relation,
                re.output_size(),
                tags,
                relation_types,
                vb.pp("relation"),
            )?),
        };
        Ok(Self {
            entity: EntityHead::new(ner.output_size(), config.ner_feed_forward, tags, &vb)?,
            relation,
            embedding,
            shared,
            ner,
            re,
        })
    }

    /// The token embedding, for what a trainer computes once.
    pub fn embedding(&self) -> &TokenEmbedding {
        &self.embedding
    }

    /// Width of [`Self::entity_features`].
    pub fn entity_feature_size(&self) -> usize {
        self.ner.output_size()
    }

    /// What an entity head reads, `[batch, tokens, features]`: the network without its heads and its relation layers.
    pub fn entity_features(
        &self,
        batch: &Batch,
        rates: DropoutRates,
        dropout: &mut Dropout,
    ) -> Result<Tensor> {
        let shared = self.shared_features(batch, rates, dropout)?;
        let mut drop = |xs: &Tensor| dropout.apply(xs, rates.recurrent);
        self.ner.forward(&shared, &batch.lengths, &mut drop)
    }

    /// Runs everything up to the CRF and the relation scorer.
    pub fn features(
        &self,
        batch: &Batch,
        rates: DropoutRates,
        dropout: &mut Dropout,
    ) -> Result<TaskFeatures> {
        let shared = self.shared_features(batch, rates, dropout)?;
        let mut drop = |xs: &Tensor| dropout.apply(xs, rates.recurrent);
        let ner = self.ner.forward(&shared, &batch.lengths, &mut drop)?;
        let relation = self.re.forward(&shared, &batch.lengths, &mut drop)?;
        Ok(TaskFeatures {
            emissions: self.entity.emissions(&ner)?,
            relation,
        })
    }

    fn shared_features(
        &self,
        batch: &Batch,
        rates: DropoutRates,
        dropout: &mut Dropout,
    ) -> Result<Tensor> {
        let embedded = self.embedding.forward(batch, rates.encoder, dropout)?;
        let mut drop = |xs: &Tensor| dropout.apply(xs, rates.recurrent);
        self.shared.forward(&embedded, &batch.lengths, &mut drop)
    }

    /// Relation logits `[pairs, relations]`; there must be a pair and a relation type.
    pub fn relation_logits(
        &self,
        features: &TaskFeatures,
        mentions: &Mentions,
        rates: DropoutRates,
        dropout: &mut Dropout,
    ) -> Result<Tensor> {
        match &self.relation {
            Some(relation) => {
                relation.forward(&features.relation, mentions, rates.relation, dropout)
            }
            None => candle_core::bail!("the network knows no relations"),
        }
    }
}
