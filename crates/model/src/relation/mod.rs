//! The relation scorer (Crone 2020, section 3.3): DistMult and cosine over pairs of entities.

mod range_maximum;

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

use crate::{config::RelationConfig, dropout::Dropout, linear::Linear, rows};
use range_maximum::range_maximum;

/// Entities of a batch whose pairs are scored.
#[derive(Debug, Clone, Default)]
pub struct Mentions {
    /// Flat token range (`sentence·tokens + token`) of each mention, never empty.
    pub spans: Vec<std::ops::Range<usize>>,
    /// Tag of each mention's last token.
    pub last_tags: Vec<u32>,
    /// Ordered pairs (head, tail) to score, both of one sentence.
    pub pairs: Vec<(usize, usize)>,
}

impl Mentions {
    /// Adds a sentence's mentions, given as flat spans, and every ordered pair of distinct ones.
    pub fn add_sentence(
        &mut self,
        mentions: impl IntoIterator<Item = (std::ops::Range<usize>, usize)>,
    ) {
        let first = self.spans.len();
        for (span, last_tag) in mentions {
            self.spans.push(span);
            self.last_tags.push(last_tag as u32);
        }
        let own = first..self.spans.len();
        self.pairs.extend(own.clone().flat_map(|head| {
            own.clone()
                .filter(move |tail| *tail != head)
                .map(move |tail| (head, tail))
        }));
    }
}

/// Scores each relation type for ordered pairs of mentions.
#[derive(Debug)]
pub struct RelationScorer {
    config: RelationConfig,
    labels: Tensor,
    feed_forward: Linear,
    /// m_r of DistMult, `[relations, features + label]`.
    diagonal: Tensor,
    context: Option<Linear>,
    output: Linear,
}

impl RelationScorer {
    /// For RE features of width `features`.
    pub fn new(
        config: &RelationConfig,
        features: usize,
        tags: usize,
        relations: usize,
        vb: VarBuilder,
    ) -> Result<Self> {
        let width = features + config.label_embedding;
        let inputs = 2 * config.feed_forward + 1 + relations + config.context;
        Ok(Self {
            labels: vb.get_with_hints(
                (tags, config.label_embedding),
                "labels",
                Init::Randn {
                    mean: 0.,
                    stdev: 1.,
                },
            )?,
            feed_forward: Linear::new(width, config.feed_forward, vb.pp("feed_forward"))?,
            diagonal: vb.get_with_hints(
                (relations, width),
                "diagonal",
                Init::Randn {
                    mean: 0.,
                    stdev: 0.1,
                },
            )?,
            context: match config.context {
                0 => None,
                width => Some(Linear::new(features, width, vb.pp("context"))?),
            },
            output: Linear::new(inputs, relations, vb.pp("output"))?,
            config: config.clone(),
        })
    }

    /// Logits `[pairs, relations]` from RE features `[batch, tokens, features]`; there must be a pair.
    pub fn forward(
        &self,
        features: &Tensor,
        mentions: &Mentions,
        rate: f32,
        dropout: &mut Dropout,
    ) -> Result<Tensor> {
        let device = features.device();
        let flat = features.flatten_to(1)?;
        let indices = |of: &dyn Fn(&(usize, usize)) -> u32| {
            Tensor::from_iter(mentions.pairs.iter().map(of), device)
        };
        let (heads, tails) = (
            indices(&|pair| pair.0 as u32)?,
            indices(&|pair| pair.1 as u32)?,
        );

        // g = h ∘ label embedding, one row a mention.
        let tags = Tensor::from_slice(&mentions.last_tags, mentions.last_tags.len(), device)?;
        let mentioned = self.mention_features(&flat, mentions)?;
        let g = dropout.apply(
            &Tensor::cat(&[mentioned, rows::select(&self.labels, &tags)?], 1)?,
            rate,
        )?;
        let f = self.feed_forward.forward(&g)?.relu()?;

        let (f_head, f_tail) = (rows::select(&f, &heads)?, rows::select(&f, &tails)?);
        let products = (rows::select(&g, &heads)? * rows::select(&g, &tails)?)?;
        let distmult = products.matmul(&self.diagonal.t()?)?;
        let mut parts = vec![
            f_head.clone(),
            f_tail.clone(),
            cosine(&f_head, &f_tail)?,
            distmult,
        ];
        if let Some(context) = &self.context {
            let projected = context.forward(&dropout.apply(&flat, rate)?)?.relu()?;
            parts.push(range_maximum(
                &projected,
                mentions.pairs.iter().map(|pair| between(mentions, *pair)),
                0.,
            )?);
        }
        self.output.forward(&Tensor::cat(&parts, 1)?)
    }

    fn mention_features(&self, flat: &Tensor, mentions: &Mentions) -> Result<Tensor> {
        if self.config.pool_mention {
            return range_maximum(flat, mentions.spans.iter().cloned(), f32::MIN);
        }
        let last = Tensor::from_iter(
            mentions.spans.iter().map(|span| span.end as u32 - 1),
            flat.device(),
        )?;
        rows::select(flat, &last)
    }
}

/// Tokens strictly between the two mentions of a pair; empty when they touch.
fn between(mentions: &Mentions, (head, tail): (usize, usize)) -> std::ops::Range<usize> {
    let (head, tail) = (&mentions.spans[head], &mentions.spans[tail]);
    let (start, end) = (head.end.min(tail.end), head.start.max(tail.start));
    start..end.max(start)
}

/// Cosine of rows, `[rows, 1]`; 0 where a row is zero, as PyTorch's with its epsilon.
fn cosine(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let norm = |xs: &Tensor| (xs.sqr()?.sum_keepdim(1)? + 1e-12)?.sqrt();
    (a * b)?.sum_keepdim(1)? / (norm(a)? * norm(b)?)?
}
