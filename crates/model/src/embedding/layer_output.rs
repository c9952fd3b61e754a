//! What is handed on of a pretrained network's layers.

use candle_core::{Device, Result, Tensor};
use candle_nn::{Init, VarBuilder, ops::softmax};

use spanarc_kernels::activation::exp;

use crate::{config::LayerChoice, host};

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
                let shares = match weights.track_op() || !host::takes(weights) {
                    true => softmax(weights, 0)?,
                    false => shares(weights)?,
                };
                let shares = shares.broadcast_mul(gamma)?;
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

/// The softmax in use: its exponential gives the same bits on every machine, on which the rounding of int8 products depends.
fn shares(weights: &Tensor) -> Result<Tensor> {
    let weights: Vec<f32> = weights.to_vec1()?;
    let largest = weights.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = weights.iter().map(|weight| exp(weight - largest)).collect();
    let sum: f32 = powers.iter().sum();
    Tensor::from_iter(powers.iter().map(|power| power / sum), &Device::Cpu)
}
