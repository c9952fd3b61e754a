//! Layer normalisation: by its kernel on the CPU, out of differentiable operations elsewhere (Candle's fused one has no
//! backward pass).

use candle_core::{CpuStorage, CustomOp3, D, Layout, Result, Shape, Tensor};
use candle_nn::{Init, VarBuilder};
use spanarc_kernels::{int8::Norm, layer_norm};

use crate::host;

/// Normalises the last dimension, then scales and shifts.
#[derive(Debug)]
pub(super) struct LayerNorm {
    weight: Tensor,
    bias: Tensor,
    eps: f64,
}

impl LayerNorm {
    pub(super) fn new(size: usize, eps: f64, vb: VarBuilder) -> Result<Self> {
        Ok(Self {
            weight: vb.get_with_hints(size, "weight", Init::Const(1.))?,
            bias: vb.get_with_hints(size, "bias", Init::Const(0.))?,
            eps,
        })
    }

    pub(super) fn eps(&self) -> f64 {
        self.eps
    }

    /// For an operation that normalises itself.
    pub(super) fn values(&self) -> Result<Norm> {
        Ok(Norm {
            weight: self.weight.to_vec1()?,
            bias: self.bias.to_vec1()?,
            eps: self.eps as f32,
        })
    }

    pub(super) fn forward(&self, xs: &Tensor) -> Result<Tensor> {
        #[cfg(feature = "cuda")]
        if crate::gpu::takes(xs) {
            return crate::gpu::layer_norm(xs, &self.weight, &self.bias, self.eps);
        }
        if !host::takes(xs) {
            return self.composed(xs);
        }
        let op = Fused(layer_norm::LayerNorm {
            size: self.weight.dim(0)?,
            eps: self.eps as f32,
        });
        xs.contiguous()?.apply_op3(&self.weight, &self.bias, op)
    }

    fn composed(&self, xs: &Tensor) -> Result<Tensor> {
        let centred = xs.broadcast_sub(&xs.mean_keepdim(D::Minus1)?)?;
        let deviation = (centred.sqr()?.mean_keepdim(D::Minus1)? + self.eps)?.sqrt()?;
        centred
            .broadcast_div(&deviation)?
            .broadcast_mul(&self.weight)?
            .broadcast_add(&self.bias)
    }
}

struct Fused(layer_norm::LayerNorm);

impl CustomOp3 for Fused {
    fn name(&self) -> &'static str {
        "layer-norm"
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
        let ys = self
            .0
            .forward(
                host::values(xs, xs_layout)?,
                host::values(weight, weight_layout)?,
                host::values(bias, bias_layout)?,
            )
            .map_err(candle_core::Error::wrap)?;
        Ok((CpuStorage::F32(ys), xs_layout.shape().clone()))
    }

    fn bwd(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        host::gradients([xs, weight, bias], grad, |xs, weight, grad| {
            self.0.backward(xs, weight, grad)
        })
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn the_kernel_and_the_composed_form_agree_in_value_and_gradient() -> Result<()> {
        let norm = LayerNorm {
            weight: Tensor::new(&[1f32, -0.5, 2.], &Device::Cpu)?,
            bias: Tensor::new(&[0f32, 0.25, -1.], &Device::Cpu)?,
            eps: 1e-12,
        };
        let xs = Var::new(&[[1f32, 2., 4.], [-1., 0.5, 0.]], &Device::Cpu)?;
        let of = |ys: Tensor| -> Result<(Vec<f32>, Vec<f32>)> {
            let grads = ys.sqr()?.sum_all()?.backward()?;
            let grad = grads.get(&xs).map(Tensor::flatten_all).transpose()?;
            let grad = grad.map_or(Ok(Vec::new()), |grad| grad.to_vec1())?;
            Ok((ys.flatten_all()?.to_vec1()?, grad))
        };
        let fused = of(norm.forward(&xs)?)?;
        let composed = of(norm.composed(&xs)?)?;
        assert_eq!(fused.1.len(), 6);
        for (a, b) in [(fused.0, composed.0), (fused.1, composed.1)] {
            assert!(
                a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-4),
                "{a:?} {b:?}"
            );
        }
        Ok(())
    }
}
