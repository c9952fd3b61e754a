//! GELU with its kernel.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use spanarc_kernels::gelu;

use crate::host;

/// x Φ(x) of every element.
pub(super) fn gelu(xs: &Tensor) -> Result<Tensor> {
    #[cfg(feature = "cuda")]
    if crate::gpu::takes(xs) {
        return crate::gpu::gelu(xs);
    }
    match host::takes(xs) {
        true => xs.contiguous()?.apply_op1(Gelu),
        false => xs.gelu_erf(),
    }
}

struct Gelu;

impl CustomOp1 for Gelu {
    fn name(&self) -> &'static str {
        "gelu"
    }

    fn cpu_fwd(&self, xs: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let ys = gelu::forward(host::values(xs, layout)?);
        Ok((CpuStorage::F32(ys), layout.shape().clone()))
    }

    fn bwd(&self, xs: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let tensors = [xs, &grad].map(Tensor::storage_and_layout);
        let [values, grad] = [&tensors[0], &tensors[1]].map(host::tensor_values);
        let grad = gelu::backward(values?, grad?).map_err(candle_core::Error::wrap)?;
        host::gradient(grad, xs)
    }
}
