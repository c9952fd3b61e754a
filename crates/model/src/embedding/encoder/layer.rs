//! A layer of the encoder: composed of its parts, or one operation where all its weights are packed.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};
use candle_nn::VarBuilder;
use spanarc_kernels::int8::{Affine, EncoderLayer, Matrix};

use super::{attention::attention, gelu::gelu, layer_norm::LayerNorm};
use crate::{config::EncoderConfig, dropout::Dropout, host, linear::Linear};

/// A layer in the form that it runs in.
#[derive(Debug)]
pub(super) enum Layer {
    Composed(Box<Parts>),
    Packed(Arc<EncoderLayer>),
}

impl Layer {
    pub(super) fn new(config: &EncoderConfig, vb: VarBuilder) -> Result<Self> {
        let parts = Parts::new(config, vb)?;
        // The one operation knows no bias: there each product is packed by itself.
        let packed = match config.kind.has_relative_bias() {
            true => None,
            false => parts.packed()?,
        };
        Ok(match packed {
            Some(layer) => Self::Packed(Arc::new(layer)),
            None => Self::Composed(Box::new(parts)),
        })
    }

    /// `xs [windows, pieces, hidden]` to the same shape, with the `bias [heads, pieces, pieces]` of attention scores where
    /// the encoder has one. Dropout as in BERT: of the attention weights and before both residual sums. Packed weights are
    /// not trained, so there `rate` must be 0.
    pub(super) fn forward(
        &self,
        xs: &Tensor,
        bias: Option<&Tensor>,
        lengths: &[usize],
        rate: f32,
        dropout: &mut Dropout,
    ) -> Result<Tensor> {
        match self {
            Self::Composed(parts) => parts.forward(xs, bias, lengths, rate, dropout),
            Self::Packed(_) if rate > 0. => bail!("packed weights are not trained"),
            Self::Packed(layer) => {
                let op = PackedLayer { layer, lengths };
                xs.contiguous()?.apply_op1_no_bwd(&op)
            }
        }
    }
}

struct PackedLayer<'a> {
    layer: &'a EncoderLayer,
    lengths: &'a [usize],
}

impl CustomOp1 for PackedLayer<'_> {
    fn name(&self) -> &'static str {
        "int8-encoder-layer"
    }

    fn cpu_fwd(&self, xs: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, pieces, _) = layout.shape().dims3()?;
        let ys = (self.layer)
            .forward(host::values(xs, layout)?, pieces, self.lengths)
            .map_err(candle_core::Error::wrap)?;
        Ok((CpuStorage::F32(ys), layout.shape().clone()))
    }
}

/// The layer, composed of its parts: for training, and wherever a weight is f32.
#[derive(Debug)]
pub(super) struct Parts {
    query: Linear,
    key: Linear,
    value: Linear,
    attended: Linear,
    attended_norm: LayerNorm,
    intermediate: Linear,
    output: Linear,
    output_norm: LayerNorm,
    heads: usize,
}

impl Parts {
    fn new(config: &EncoderConfig, vb: VarBuilder) -> Result<Self> {
        let (hidden, eps) = (config.hidden, config.layer_norm_eps);
        let attention = vb.pp("attention");
        let projection = |name| Linear::new(hidden, hidden, attention.pp("self").pp(name));
        Ok(Self {
            query: projection("query")?,
            key: projection("key")?,
            value: projection("value")?,
            attended: Linear::new(hidden, hidden, attention.pp("output.dense"))?,
            attended_norm: LayerNorm::new(hidden, eps, attention.pp("output.LayerNorm"))?,
            intermediate: Linear::new(hidden, config.intermediate, vb.pp("intermediate.dense"))?,
            output: Linear::new(config.intermediate, hidden, vb.pp("output.dense"))?,
            output_norm: LayerNorm::new(hidden, eps, vb.pp("output.LayerNorm"))?,
            heads: config.heads,
        })
    }

    /// See [`Layer::forward`].
    fn forward(
        &self,
        xs: &Tensor,
        bias: Option<&Tensor>,
        lengths: &[usize],
        rate: f32,
        dropout: &mut Dropout,
    ) -> Result<Tensor> {
        let query = self.query.forward(xs)?;
        let key = self.key.forward(xs)?;
        let value = self.value.forward(xs)?;
        let projected = [&query, &key, &value];
        let context = attention(projected, bias, self.heads, lengths, rate, dropout)?;
        let attended = dropout.apply(&self.attended.forward(&context)?, rate)?;
        let xs = self.attended_norm.forward(&(attended + xs)?)?;
        let widened = gelu(&self.intermediate.forward(&xs)?)?;
        let output = dropout.apply(&self.output.forward(&widened)?, rate)?;
        self.output_norm.forward(&(output + xs)?)
    }

    /// Everything as one operation, if all weights are packed.
    fn packed(&self) -> Result<Option<EncoderLayer>> {
        let projections = [&self.query, &self.key, &self.value].map(Linear::packed);
        let [query, key, value] = projections;
        let (Some(query), Some(key), Some(value)) = (query?, key?, value?) else {
            return Ok(None);
        };
        let parts = [&self.attended, &self.intermediate, &self.output].map(Linear::packed);
        let [attended, intermediate, output] = parts;
        let (Some(attended), Some(intermediate), Some(output)) =
            (attended?, intermediate?, output?)
        else {
            return Ok(None);
        };
        let qkv = Matrix::side_by_side(&[&query.weight, &key.weight, &value.weight])
            .map_err(candle_core::Error::wrap)?;
        Ok(Some(EncoderLayer {
            qkv: Affine {
                weight: Arc::new(qkv),
                bias: [query.bias, key.bias, value.bias].concat(),
            },
            attended,
            attended_norm: self.attended_norm.values()?,
            intermediate,
            output,
            output_norm: self.output_norm.values()?,
            heads: self.heads,
        }))
    }
}
