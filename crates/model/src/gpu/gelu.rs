//! GELU. Twin: `embedding/encoder/gelu.rs`.

use candle_core::{
    CpuStorage, CudaStorage, CustomOp1, Layout, Result, Shape, Tensor, backend::BackendStorage,
};
use spanarc_kernels::cuda::rows;

use super::{device_of, not_here, of, storage, tensor, tensor_view, view};

/// x Φ(x) of every element.
pub(crate) fn gelu(xs: &Tensor) -> Result<Tensor> {
    xs.contiguous()?.apply_op1(Gelu)
}

struct Gelu;

impl CustomOp1 for Gelu {
    fn name(&self) -> &'static str {
        "gelu-on-gpu"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        not_here(self.name())
    }

    fn cuda_fwd(&self, xs: &CudaStorage, layout: &Layout) -> Result<(CudaStorage, Shape)> {
        let ys = rows::gelu(&of(xs.device())?, &view(xs, layout)?);
        Ok((storage(ys, xs)?, layout.shape().clone()))
    }

    fn bwd(&self, xs: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let [values, grads] = [xs, &grad].map(Tensor::storage_and_layout);
        let gpu = of(device_of(xs)?)?;
        let of_xs = rows::gelu_backward(&gpu, &tensor_view(&values)?, &tensor_view(&grads)?);
        tensor(of_xs.map_err(candle_core::Error::wrap)?, xs.shape(), xs).map(Some)
    }
}
