//! A word's vector from its bytes, without context: convolutions, highway layers, projection (Kim et al. 2016).

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder, ops::sigmoid};

use super::symbols::SYMBOLS;
use crate::{
    config::{Activation, ConvolutionConfig, ElmoConfig},
    linear::Linear,
};

/// Words whose convolutions are held at once: those of the published model take a quarter of a megabyte a word.
const WORDS_AT_ONCE: usize = 128;

/// Filters of one width, and the largest value of each over all places of a word.
#[derive(Debug)]
struct Convolution {
    /// `[filters, symbol embedding, width]`
    weight: Tensor,
    /// `[filters]`
    bias: Tensor,
}

impl Convolution {
    fn new(config: &ConvolutionConfig, input: usize, vb: VarBuilder) -> Result<Self> {
        let bound = 1. / ((input * config.width).max(1) as f64).sqrt();
        let init = Init::Uniform {
            lo: -bound,
            up: bound,
        };
        let shape = (config.filters, input, config.width);
        Ok(Self {
            weight: vb.get_with_hints(shape, "weight", init)?,
            bias: vb.get_with_hints(config.filters, "bias", init)?,
        })
    }

    /// `[words, symbol embedding, symbols]` to `[words, filters]`.
    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        xs.conv1d(&self.weight, 0, 1, 1, 1)?
            .max(2)?
            .broadcast_add(&self.bias)
    }
}

/// x ↦ c ∘ relu(W x + b) + (1 − c) ∘ x with c = σ(W' x + b') (Srivastava et al. 2015).
#[derive(Debug)]
struct Highway {
    carry: Linear,
    transform: Linear,
}

impl Highway {
    fn new(size: usize, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            carry: Linear::in_f32(size, size, vb.pp("carry"))?,
            transform: Linear::in_f32(size, size, vb.pp("transform"))?,
        })
    }

    fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        // bilm-tf's name; what the gate lets through is the transformed part.
        let carry = sigmoid(&self.carry.forward(xs)?)?;
        let transformed = self.transform.forward(xs)?.relu()?;
        xs + (carry * (transformed - xs)?)?
    }
}

/// Bytes of words to their vectors.
#[derive(Debug)]
pub(super) struct WordEncoder {
    symbols: Tensor,
    convolutions: Vec<Convolution>,
    activation: Activation,
    highway: Vec<Highway>,
    projection: Linear,
}

impl WordEncoder {
    pub(super) fn new(config: &ElmoConfig, vb: VarBuilder) -> Result<Self> {
        let width = config.character_embedding;
        let filters = config.convolutions.iter().map(|one| one.filters).sum();
        let normal = Init::Randn {
            mean: 0.,
            stdev: 1. / (width.max(1) as f64).sqrt(),
        };
        let convolutions = config.convolutions.iter().enumerate();
        let highway = 0..config.highway_layers;
        Ok(Self {
            symbols: vb.get_with_hints((SYMBOLS, width), "symbols", normal)?,
            convolutions: convolutions
                .map(|(index, one)| Convolution::new(one, width, vb.pp("convolutions").pp(index)))
                .collect::<Result<_>>()?,
            activation: config.activation,
            highway: highway
                .map(|index| Highway::new(filters, vb.pp("highway").pp(index)))
                .collect::<Result<_>>()?,
            projection: Linear::in_f32(filters, config.projection, vb.pp("projection"))?,
        })
    }

    /// `[words, symbols]`, u32, to `[words, projection]`.
    pub(super) fn forward(&self, rows: &Tensor) -> Result<Tensor> {
        let words = rows.dim(0)?;
        let parts = (0..words).step_by(WORDS_AT_ONCE).map(|start| {
            let some = WORDS_AT_ONCE.min(words - start);
            self.encode(&rows.narrow(0, start, some)?)
        });
        Tensor::cat(&parts.collect::<Result<Vec<_>>>()?, 0)
    }

    fn encode(&self, rows: &Tensor) -> Result<Tensor> {
        let (words, length) = rows.dims2()?;
        let embedded = self
            .symbols
            .index_select(&rows.flatten_all()?, 0)?
            .reshape((words, length, ()))?
            .transpose(1, 2)?
            .contiguous()?;
        let pooled = self
            .convolutions
            .iter()
            .map(|convolution| convolution.forward(&embedded))
            .collect::<Result<Vec<_>>>()?;
        let pooled = Tensor::cat(&pooled, 1)?;
        // After the maximum, which a growing function leaves in place.
        let active = match self.activation {
            Activation::Relu => pooled.relu()?,
            Activation::Tanh => pooled.tanh()?,
        };
        let lifted = self
            .highway
            .iter()
            .try_fold(active, |xs, layer| layer.forward(&xs))?;
        self.projection.forward(&lifted)
    }
}
