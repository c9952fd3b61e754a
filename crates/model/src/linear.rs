//! Affine maps: the seam where a faster product takes the place of Candle's.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use candle_nn::{Init, VarBuilder};
use spanarc_kernels::{affine::Affine, int8};

use crate::{
    host,
    weight::{PackedProduct, Weight},
};

/// `x ↦ x Wᵀ + b` over the last dimension.
#[derive(Debug, Clone)]
pub struct Linear {
    weight: Weight,
    /// `[output]`
    bias: Tensor,
}

impl Linear {
    /// PyTorch's default initialisation: both uniform in ±1/√input.
    pub fn new(input: usize, output: usize, vb: VarBuilder) -> Result<Self> {
        let init = uniform(input);
        Ok(Self {
            weight: Weight::new((output, input), "weight", init, &vb)?,
            bias: vb.get_with_hints(output, "bias", init)?,
        })
    }

    /// The same in f32 whatever the bundle holds.
    pub(crate) fn in_f32(input: usize, output: usize, vb: VarBuilder) -> Result<Self> {
        let init = uniform(input);
        Ok(Self {
            weight: Weight::Float(vb.get_with_hints((output, input), "weight", init)?),
            bias: vb.get_with_hints(output, "bias", init)?,
        })
    }

    /// `[…, input]` to `[…, output]`.
    pub fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        let mut shape = xs.dims().to_vec();
        let input = shape.pop().unwrap_or(1);
        shape.push(self.bias.dim(0)?);
        // One flat product: Candle would otherwise run a batch of small ones and sum their gradients.
        let xs = xs.reshape(((), input))?;
        let ys = match &self.weight {
            Weight::Packed(weight) => {
                let op = PackedProduct(weight.clone());
                xs.contiguous()?.apply_op2_no_bwd(&self.bias, &op)?
            }
            Weight::Float(weight) => affine(&xs, weight, &self.bias)?,
        };
        ys.reshape(shape)
    }

    /// Weights and bias where they are packed, for an operation that holds several products.
    pub(crate) fn packed(&self) -> Result<Option<int8::Affine>> {
        Ok(match &self.weight {
            Weight::Packed(weight) => Some(int8::Affine {
                weight: weight.clone(),
                bias: self.bias.to_vec1()?,
            }),
            Weight::Float(_) => None,
        })
    }
}

/// `xs [rows, input]` with `weight [output, input]` and `bias [output]` in f32, by what the device has for it.
pub(crate) fn affine(xs: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    #[cfg(feature = "cuda")]
    if crate::gpu::takes(xs) {
        return crate::gpu::affine(xs, weight, bias);
    }
    if !host::takes(xs) {
        return xs.matmul(&weight.t()?)?.broadcast_add(bias);
    }
    let (output, input) = weight.dims2()?;
    xs.contiguous()?
        .apply_op3(&weight.contiguous()?, bias, Fused { input, output })
}

/// ±1/√input.
fn uniform(input: usize) -> Init {
    let bound = 1. / (input.max(1) as f64).sqrt();
    Init::Uniform {
        lo: -bound,
        up: bound,
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
