//! Affine maps: the seam where a faster product takes the place of Candle's.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use candle_nn::{Init, VarBuilder};
use spanarc_kernels::affine::Affine;

use crate::host;

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
        let xs = xs.reshape(((), input))?;
        #[cfg(feature = "cuda")]
        if crate::gpu::takes(&xs) {
            return crate::gpu::affine(&xs, &self.weight, &self.bias)?.reshape(shape);
        }
        let ys = match host::takes(&xs) {
            true => {
                let op = Fused { input, output };
                xs.contiguous()?
                    .apply_op3(&self.weight.contiguous()?, &self.bias, op)?
            }
            false => xs.matmul(&self.weight.t()?)?.broadcast_add(&self.bias)?,
        };
        ys.reshape(shape)
    }
}

/// The kernel as a differentiable operation.
struct Fused {
    input: usize,
    output: usize,
}

impl Fused {
    fn shape(&self, xs: &Shape) -> Affine {
        Affine {
            rows: xs.elem_count() / self.input.max(1),
            input: self.input,
            output: self.output,
        }
    }
}

impl CustomOp3 for Fused {
    fn name(&self) -> &'static str {
        "affine"
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let shape = self.shape(xs_layout.shape());
        let ys = shape
            .forward(
                host::values(xs, xs_layout)?,
                host::values(weight, weight_layout)?,
                host::values(bias, bias_layout)?,
            )
            .map_err(candle_core::Error::wrap)?;
        Ok((CpuStorage::F32(ys), (shape.rows, shape.output).into()))
    }

    fn bwd(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let shape = self.shape(xs.shape());
        host::gradients([xs, weight, bias], grad, |xs, weight, grad| {
            shape.backward(xs, weight, grad)
        })
    }
}
