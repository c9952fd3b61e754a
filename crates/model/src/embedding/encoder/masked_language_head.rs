//! The head of a masked language model: which piece stands where one is masked (Devlin et al. 2019, section 3.1; BERT's
//! `cls.predictions`).

use candle_core::{CpuStorage, CustomOp3, D, Layout, Result, Shape, Tensor};
use candle_nn::{Init, VarBuilder, ops::log_softmax};

use super::{gelu::gelu, layer_norm::LayerNorm};
use crate::{host, linear::Linear};

/// `x ↦ log softmax(norm(gelu(W x + b)) Eᵀ + c)`, E being the encoder's own embedding of pieces.
#[derive(Debug)]
pub struct MaskedLanguageHead {
    transform: Linear,
    norm: LayerNorm,
    pieces: Tensor,
    bias: Tensor,
}

impl MaskedLanguageHead {
    /// Parameters `transform.dense`, `transform.LayerNorm` and `bias`; `pieces [vocabulary, width]` is shared.
    pub fn new(pieces: &Tensor, layer_norm_eps: f64, vb: VarBuilder) -> Result<Self> {
        let (vocabulary, width) = pieces.dims2()?;
        let transform = vb.pp("transform");
        Ok(Self {
            transform: Linear::new(width, width, transform.pp("dense"))?,
            norm: LayerNorm::new(width, layer_norm_eps, transform.pp("LayerNorm"))?,
            pieces: pieces.clone(),
            bias: vb.get_with_hints(vocabulary, "bias", Init::Const(0.))?,
        })
    }

    /// Negative log-likelihoods `[masked pieces]` of the pieces `ids [masked pieces]` (u32), from what the encoder says of
    /// their places, `[masked pieces, width]`.
    pub fn nll(&self, states: &Tensor, ids: &Tensor) -> Result<Tensor> {
        let transformed = self
            .norm
            .forward(&gelu(&self.transform.forward(states)?)?)?;
        if host::takes(&transformed) {
            // The operation has a backward pass of its own.
            let logits = self.logits(&transformed)?.detach();
            let ids = ids.to_vec1()?;
            return transformed.apply_op3(&self.pieces, &self.bias, Nll { ids, logits });
        }
        log_softmax(&self.logits(&transformed)?, D::Minus1)?
            .gather(&ids.unsqueeze(1)?, 1)?
            .squeeze(1)?
            .neg()
    }

    /// `[masked pieces, width]` to `[masked pieces, vocabulary]`.
    fn logits(&self, transformed: &Tensor) -> Result<Tensor> {
        transformed
            .matmul(&self.pieces.t()?)?
            .broadcast_add(&self.bias)
    }
}

/// Rows, pieces and bias to the negative log-likelihoods of these pieces. Composed, the many logits of a vocabulary are passed
/// over a dozen times, and a gradient as large as the vocabulary is computed for pieces that are not trained.
struct Nll {
    ids: Vec<u32>,
    logits: Tensor,
}

impl CustomOp3 for Nll {
    fn name(&self) -> &'static str {
        "masked-language-nll"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let logits = self.logits.storage_and_layout();
        let rows = host::tensor_values(&logits)?.chunks_exact(self.logits.dim(1)?);
        let nll = |(row, id): (&[f32], &u32)| {
            let logit = row.get(*id as usize)?;
            let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let sum: f32 = row.iter().map(|logit| (logit - highest).exp()).sum();
            Some(highest + sum.ln() - logit)
        };
        match rows.zip(&self.ids).map(nll).collect::<Option<Vec<f32>>>() {
            Some(nll) => Ok((CpuStorage::F32(nll), self.ids.len().into())),
            None => candle_core::bail!("a piece is beyond logits of {:?}", self.logits.shape()),
        }
    }

    fn bwd(
        &self,
        rows: &Tensor,
        pieces: &Tensor,
        _: &Tensor,
        nll: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (nll, grad): (Vec<f32>, Vec<f32>) = (nll.to_vec1()?, grad.to_vec1()?);
        let mut of_logits = Vec::with_capacity(self.logits.elem_count());
        let logits = self.logits.storage_and_layout();
        let rows_of_logits = host::tensor_values(&logits)?.chunks_exact(self.logits.dim(1)?);
        for (((row, id), nll), grad) in rows_of_logits.zip(&self.ids).zip(nll).zip(grad) {
            let (start, id) = (of_logits.len(), *id as usize);
            let log_sum = nll + row[id];
            of_logits.extend(row.iter().map(|logit| grad * (logit - log_sum).exp()));
            of_logits[start + id] -= grad;
        }
        let of_logits = Tensor::from_vec(of_logits, self.logits.shape(), rows.device())?;
        let of_pieces = match pieces.track_op() {
            true => Some(of_logits.t()?.matmul(rows)?),
            false => None,
        };
        Ok((
            Some(of_logits.matmul(pieces)?),
            of_pieces,
            Some(of_logits.sum(0)?),
        ))
    }
}
