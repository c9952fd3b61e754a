//! Dropout. Twin: `dropout.rs` of the model, whose masks these are.

use candle_core::{
    CpuStorage, CudaStorage, CustomOp1, Layout, Result, Shape, Tensor, backend::BackendStorage,
};
use spanarc_kernels::{cuda::dropout, dropout::Draws};

use super::{device_of, not_here, of, storage, tensor, tensor_view, view};

/// `xs` times the mask of `draws`, which is computed twice rather than kept.
pub(crate) fn dropout(xs: &Tensor, draws: Draws) -> Result<Tensor> {
    xs.contiguous()?.apply_op1(Masked(draws))
}

struct Masked(Draws);

impl CustomOp1 for Masked {
    fn name(&self) -> &'static str {
        "dropout-on-gpu"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        not_here(self.name())
    }

    fn cuda_fwd(&self, xs: &CudaStorage, layout: &Layout) -> Result<(CudaStorage, Shape)> {
        let ys = dropout::dropout(&of(xs.device())?, self.0, &view(xs, layout)?);
        Ok((storage(ys, xs)?, layout.shape().clone()))
    }

    fn bwd(&self, xs: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let grads = grad.storage_and_layout();
        let of_xs = dropout::dropout(&of(device_of(xs)?)?, self.0, &tensor_view(&grads)?);
        tensor(of_xs.map_err(candle_core::Error::wrap)?, xs.shape(), xs).map(Some)
    }
}
