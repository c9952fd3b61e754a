//! The head of a masked language model: which piece stands where one is hidden (Devlin et al. 2019, section 3.1; BERT's
//! `cls.predictions`).

use candle_core::{D, Result, Tensor};
use candle_nn::{Init, VarBuilder, ops::log_softmax};

use super::{gelu::gelu, layer_norm::LayerNorm};
use crate::{config::EncoderConfig, linear::Linear};

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
        log_softmax(&logits.broadcast_add(&self.bias)?, D::Minus1)?
            .gather(&ids.unsqueeze(1)?, 1)?
            .squeeze(1)?
            .neg()
    }
}
