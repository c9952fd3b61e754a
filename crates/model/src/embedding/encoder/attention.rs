//! Attention over padded windows: by its kernel on the CPU, composed elsewhere.

use std::sync::OnceLock;

use candle_core::{CpuStorage, CustomOp3, D, DType, Layout, Result, Shape, Tensor, bail};
use spanarc_kernels::attention::{self, Arguments};

use crate::{dropout::Dropout, host};

/// softmax(Q Kᵀ / √size + B) V for each of `heads` heads. All tensors are `[windows, pieces, hidden]`, but for the bias
/// B `[heads, pieces, pieces]`, which no kernel knows; pieces at or beyond a window's length are ignored by the others. In
/// training weights drop out at `rate`.
pub(super) fn attention(
    [query, key, value]: [&Tensor; 3],
    bias: Option<&Tensor>,
    heads: usize,
    lengths: &[usize],
    rate: f32,
    dropout: &mut Dropout,
) -> Result<Tensor> {
    if bias.is_some() {
        return composed([query, key, value], bias, heads, lengths, rate, dropout);
    }
    #[cfg(feature = "cuda")]
    if crate::gpu::attends([query, key, value], heads)? {
        let (windows, pieces, _) = query.dims3()?;
        let draws = dropout.draws(windows * heads * pieces * pieces, rate);
        return crate::gpu::attention([query, key, value], heads, lengths, draws);
    }
    if ![query, key, value].into_iter().all(host::takes) {
        return composed([query, key, value], None, heads, lengths, rate, dropout);
    }
    let (windows, pieces, hidden) = query.dims3()?;
    let op = Fused {
        heads,
        size: hidden / heads,
        pieces,
        lengths: lengths.to_vec(),
        keep: dropout.mask(windows * heads * pieces * pieces, rate),
        weights: OnceLock::new(),
    };
    query
        .contiguous()?
        .apply_op3(&key.contiguous()?, &value.contiguous()?, op)
}

fn composed(
    tensors: [&Tensor; 3],
    bias: Option<&Tensor>,
    heads: usize,
    lengths: &[usize],
    rate: f32,
    dropout: &mut Dropout,
) -> Result<Tensor> {
    let (windows, pieces, hidden) = tensors[0].dims3()?;
    let size = hidden / heads;
    let split = |xs: &Tensor| {
        xs.reshape((windows, pieces, heads, size))?
            .transpose(1, 2)?
            .contiguous()
    };
    let [query, key, value] = tensors.map(split);
    let mask: Vec<f32> = lengths
        .iter()
        .flat_map(|&length| {
            (0..pieces).map(move |at| if at < length { 0. } else { f32::NEG_INFINITY })
        })
        .collect();
    let query = (query? * (1. / (size as f64).sqrt()))?;
    let mask = Tensor::from_vec(mask, (windows, 1, 1, pieces), query.device())?;
    let mut scores = query.matmul(&key?.t()?)?;
    if let Some(bias) = bias {
        scores = scores.broadcast_add(bias)?;
    }
    let scores = scores.broadcast_add(&mask.to_dtype(scores.dtype())?)?;
    let mut weights = candle_nn::ops::softmax(&scores, D::Minus1)?;
    if let Some(keep) = dropout.mask(windows * heads * pieces * pieces, rate) {
        let keep = spread(&keep, heads, pieces, lengths);
        let keep = Tensor::from_vec(keep, weights.shape(), weights.device())?;
        weights = (weights * keep.to_dtype(scores.dtype())?)?;
    }
    weights
        .matmul(&value?)?
        .transpose(1, 2)?
        .reshape((windows, pieces, hidden))
}

/// A mask as the kernel reads it, a block for each head of each window that begins with `[length, length]`, as
/// `[windows, heads, pieces, pieces]`: the same draws drop the same weights on any device.
fn spread(keep: &[f32], heads: usize, pieces: usize, lengths: &[usize]) -> Vec<f32> {
    let mut spread = vec![1.; keep.len()];
    let block = (pieces * pieces).max(1);
    let lengths = lengths
        .iter()
        .flat_map(|&length| std::iter::repeat_n(length, heads));
    let blocks = spread.chunks_mut(block).zip(keep.chunks(block));
    for ((spread, keep), length) in blocks.zip(lengths) {
        let rows = spread.chunks_mut(pieces).zip(keep.chunks(length.max(1)));
        for (row, keep) in rows.take(length) {
            row[..length].copy_from_slice(keep);
        }
    }
    spread
}

struct Fused {
    heads: usize,
    size: usize,
    pieces: usize,
    lengths: Vec<usize>,
    keep: Option<Vec<f32>>,
    /// Left by the forward pass for the backward pass.
    weights: OnceLock<Vec<f32>>,
}

impl Fused {
    fn attention(&self) -> attention::Attention<'_> {
        attention::Attention {
            heads: self.heads,
            size: self.size,
            pieces: self.pieces,
            lengths: &self.lengths,
        }
    }

    fn arguments<'a>(
        &'a self,
        query: &'a [f32],
        key: &'a [f32],
        value: &'a [f32],
    ) -> Arguments<'a> {
        Arguments {
            query,
            key,
            value,
            keep: self.keep.as_deref(),
        }
    }
}

impl CustomOp3 for Fused {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        query: &CpuStorage,
        query_layout: &Layout,
        key: &CpuStorage,
        key_layout: &Layout,
        value: &CpuStorage,
        value_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let arguments = self.arguments(
            host::values(query, query_layout)?,
            host::values(key, key_layout)?,
            host::values(value, value_layout)?,
        );
        let attended = self
            .attention()
            .forward(arguments)
            .map_err(candle_core::Error::wrap)?;
        self.weights.get_or_init(|| attended.weights);
        Ok((
            CpuStorage::F32(attended.output),
            query_layout.shape().clone(),
        ))
    }

    fn bwd(
        &self,
        query: &Tensor,
        key: &Tensor,
        value: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let Some(weights) = self.weights.get() else {
            bail!("attention went backward before it went forward");
        };
        let grad = grad.to_dtype(DType::F32)?.contiguous()?;
        let [q, k, v, g] = [query, key, value, &grad].map(Tensor::storage_and_layout);
        let arguments = self.arguments(
            host::tensor_values(&q)?,
            host::tensor_values(&k)?,
            host::tensor_values(&v)?,
        );
        let gradients = self
            .attention()
            .backward(arguments, weights, host::tensor_values(&g)?)
            .map_err(candle_core::Error::wrap)?;
        Ok((
            host::gradient(gradients.query, query)?,
            host::gradient(gradients.key, key)?,
            host::gradient(gradients.value, value)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    /// Values within the lengths, and gradients of the sum of their squares, by one of the two forms.
    fn pass(
        vars: &[Var; 3],
        form: impl Fn([&Tensor; 3], &[usize]) -> Result<Tensor>,
    ) -> Result<Vec<f32>> {
        let lengths = [4, 2];
        let [query, key, value] = vars;
        let output = form([query, key, value], &lengths)?;
        let within = Tensor::cat(&[output.get(0)?, output.get(1)?.narrow(0, 0, 2)?], 0)?;
        let grads = within.sqr()?.sum_all()?.backward()?;
        let mut all = within.flatten_all()?.to_vec1::<f32>()?;
        for var in vars {
            let Some(grad) = grads.get(var) else {
                bail!("an argument without a gradient");
            };
            all.extend(grad.flatten_all()?.to_vec1::<f32>()?);
        }
        Ok(all)
    }

    #[test]
    fn the_kernel_and_the_composed_form_agree_in_value_and_gradient() -> Result<()> {
        let var = |seed: f32| {
            let numbers: Vec<f32> = (0..2 * 4 * 6).map(|i| (i as f32 * seed).sin()).collect();
            Var::from_vec(numbers, (2, 4, 6), &Device::Cpu)
        };
        let vars = [var(0.7)?, var(1.3)?, var(2.1)?];
        for rate in [0., 0.3] {
            let fused = pass(&vars, |tensors, lengths| {
                attention(tensors, None, 2, lengths, rate, &mut Dropout::seeded(5))
            })?;
            let composed = pass(&vars, |tensors, lengths| {
                composed(tensors, None, 2, lengths, rate, &mut Dropout::seeded(5))
            })?;
            let near = |(a, b): (&f32, &f32)| (a - b).abs() < 1e-5;
            assert_eq!(fused.len(), composed.len());
            assert!(
                fused.iter().zip(&composed).all(near),
                "rate {rate}: {fused:?} {composed:?}"
            );
        }
        Ok(())
    }

    #[test]
    fn weights_drop_out_in_training() -> Result<()> {
        let ones = Tensor::ones((1, 8, 4), DType::F32, &Device::Cpu)?;
        let ones = [&ones, &ones, &ones];
        let output = attention(ones, None, 2, &[8], 0.5, &mut Dropout::seeded(3))?;
        let values = output.flatten_all()?.to_vec1::<f32>()?;
        assert!(values.iter().any(|value| (value - 1.).abs() > 0.1));
        Ok(())
    }
}
