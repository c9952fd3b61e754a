//! What is handed on of a pretrained network's layers.

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder, ops::softmax};

use crate::config::LayerChoice;

/// One vector a word out of one for every layer.
#[derive(Debug)]
pub(super) enum LayerOutput {
    /// γ Σ softmax(w)ₗ hₗ (Peters et al. 2018, equation 1).
    Mix { weights: Tensor, gamma: Tensor },
    /// The top layer.
    Last,
}

impl LayerOutput {
    /// Of `states` layers; a mix has the parameters `weights [states]` and `gamma [1]`.
    pub(super) fn new(choice: LayerChoice, states: usize, vb: VarBuilder) -> Result<Self> {
        Ok(match choice {
            LayerChoice::Mix => Self::Mix {
                weights: vb.get_with_hints(states, "weights", Init::Const(0.))?,
                gamma: vb.get_with_hints(1, "gamma", Init::Const(1.))?,
            },
            LayerChoice::Last => Self::Last,
        })
    }

    pub(super) fn forward(&self, states: &[Tensor]) -> Result<Tensor> {
        let [first, others @ ..] = states else {
            candle_core::bail!("there are no layers to choose from");
        };
        match self {
            Self::Mix { weights, gamma } => {
                let shares = softmax(weights, 0)?.broadcast_mul(gamma)?;
                #[cfg(feature = "cuda")]
                if crate::gpu::takes(first) {
                    // One product in place of a launch or more for each layer's share.
                    let layers = Tensor::stack(states, 0)?.flatten_from(1)?;
                    return shares.unsqueeze(0)?.matmul(&layers)?.reshape(first.shape());
                }
                let mut mixed = first.broadcast_mul(&shares.narrow(0, 0, 1)?)?;
                for (index, state) in others.iter().enumerate() {
                    mixed = (mixed + state.broadcast_mul(&shares.narrow(0, index + 1, 1)?)?)?;
                }
                Ok(mixed)
            }
            Self::Last => Ok(states[states.len() - 1].clone()),
        }
    }
}
