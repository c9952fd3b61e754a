//! The head of a masked language model: which piece stands where one is hidden (Devlin et al. 2019, section 3.1; BERT's
//! `cls.predictions`).

use candle_core::{CpuStorage, CustomOp1, D, Layout, Result, Shape, Tensor};
use candle_nn::{Init, VarBuilder, ops::log_softmax};

use super::{gelu::gelu, layer_norm::LayerNorm};
use crate::{config::EncoderConfig, host, linear::Linear};

/// `x ↦ log softmax(norm(gelu(W x + b)) Eᵀ + c)`, E being the encoder's own embedding of pieces.
#[derive(Debug)]
pub struct MaskedLanguageHead {
    transform: Linear,
    norm: LayerNorm,
    pieces: Tensor,
    bias: Tensor,
}

impl MaskedLanguageHead {
    /// Parameters `transform.dense`, `transform.LayerNorm` and `bias`; `pieces [vocabulary, hidden]` is shared.
    pub fn new(config: &EncoderConfig, pieces: &Tensor, vb: VarBuilder) -> Result<Self> {
        let (hidden, transform) = (config.hidden, vb.pp("transform"));
        Ok(Self {
            transform: Linear::new(hidden, hidden, transform.pp("dense"))?,
            norm: LayerNorm::new(hidden, config.layer_norm_eps, transform.pp("LayerNorm"))?,
            pieces: pieces.clone(),
            bias: vb.get_with_hints(config.vocabulary, "bias", Init::Const(0.))?,
        })
    }

    /// Negative log-likelihoods `[hidden pieces]` of the pieces `ids [hidden pieces]` (u32), from what the encoder says of
    /// their places, `[hidden pieces, hidden]`.
    pub fn nll(&self, states: &Tensor, ids: &Tensor) -> Result<Tensor> {
        let transformed = self
            .norm
            .forward(&gelu(&self.transform.forward(states)?)?)?;
        let logits = transformed.matmul(&self.pieces.t()?)?;
        let logits = logits.broadcast_add(&self.bias)?;
        if host::takes(&logits) {
            return logits.apply_op1(Nll(ids.to_vec1()?));
        }
        log_softmax(&logits, D::Minus1)?
            .gather(&ids.unsqueeze(1)?, 1)?
            .squeeze(1)?
            .neg()
    }
}

/// Rows of logits to the negative log-likelihoods of these classes: composed, a vocabulary's many logits are passed over a
/// dozen times.
struct Nll(Vec<u32>);

impl Nll {
    /// Of each row the largest logit, and the sum of e to the differences from it.
    fn sums<'a>(&self, logits: &'a [f32]) -> impl Iterator<Item = (&'a [f32], f32, f32)> {
        let classes = logits.len() / self.0.len().max(1);
        logits.chunks_exact(classes.max(1)).map(|row| {
            let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum = row.iter().map(|logit| (logit - highest).exp()).sum();
            (row, highest, sum)
        })
    }
}

impl CustomOp1 for Nll {
    fn name(&self) -> &'static str {
        "nll"
    }

    fn cpu_fwd(&self, logits: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let rows = self.sums(host::values(logits, layout)?).zip(&self.0);
        let nll = |((row, highest, sum), id): ((&[f32], f32, f32), &u32)| {
            let logit = row.get(*id as usize);
            logit.map(|logit| highest + sum.ln() - logit)
        };
        match rows.map(nll).collect::<Option<Vec<f32>>>() {
            Some(nll) => Ok((CpuStorage::F32(nll), self.0.len().into())),
            None => candle_core::bail!("a class is beyond the logits of {:?}", layout.dims()),
        }
    }

    fn bwd(&self, logits: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad: Vec<f32> = grad.to_vec1()?;
        let storage = logits.storage_and_layout();
        let mut gradient = Vec::with_capacity(logits.elem_count());
        let rows = self.sums(host::tensor_values(&storage)?);
        for (((row, highest, sum), id), grad) in rows.zip(&self.0).zip(grad) {
            let start = gradient.len();
            gradient.extend(row.iter().map(|logit| grad * (logit - highest).exp() / sum));
            gradient[start + *id as usize] -= grad;
        }
        host::gradient(gradient, logits)
    }
}
