//! Affine maps: the seam where a faster product takes the place of Candle's.

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};

/// `x ↦ x Wᵀ + b` over the last dimension.
#[derive(Debug, Clone)]
pub struct Linear {
    /// `[output, input]`
    weight: Tensor,
    /// `[output]`
    bias: Tensor,
}

impl Linear {
    /// PyTorch's default initialisation: both uniform in ±1/√input.
    pub fn new(input: usize, output: usize, vb: VarBuilder) -> Result<Self> {
        let bound = 1. / (input.max(1) as f64).sqrt();
        let init = Init::Uniform {
            lo: -bound,
            up: bound,
        };
        Ok(Self {
            weight: vb.get_with_hints((output, input), "weight", init)?,
            bias: vb.get_with_hints(output, "bias", init)?,
        })
    }

    /// `[…, input]` to `[…, output]`.
    pub fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let (output, input) = self.weight.dims2()?;
        let mut shape = xs.dims().to_vec();
        if let Some(last) = shape.last_mut() {
            *last = output;
        }
        // One flat product: Candle would otherwise run a batch of small ones and sum their gradients.
        xs.reshape(((), input))?
            .matmul(&self.weight.t()?)?
            .broadcast_add(&self.bias)?
            .reshape(shape)
    }
}
