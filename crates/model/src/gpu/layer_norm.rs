//! Layer normalisation. Twin: `embedding/encoder/layer_norm.rs`.

use candle_core::{
    CpuStorage, CudaStorage, CustomOp3, Layout, Result, Shape, Tensor, backend::BackendStorage,
};
use spanarc_kernels::{cuda::rows, layer_norm::LayerNorm};

use super::{device_of, not_here, of, storage, tensor, tensor_view, view};

/// Normalises the last dimension of `xs`, then scales by `weight [size]` and shifts by `bias [size]`.
pub(crate) fn layer_norm(xs: &Tensor, weight: &Tensor, bias: &Tensor, eps: f64) -> Result<Tensor> {
    let op = Fused(LayerNorm {
        size: weight.dim(0)?,
        eps: eps as f32,
    });
    xs.contiguous()?.apply_op3(weight, bias, op)
}

struct Fused(LayerNorm);

impl CustomOp3 for Fused {
    fn name(&self) -> &'static str {
        "layer-norm-on-gpu"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        not_here(self.name())
    }

    fn cuda_fwd(
        &self,
        xs: &CudaStorage,
        xs_layout: &Layout,
        weight: &CudaStorage,
        weight_layout: &Layout,
        bias: &CudaStorage,
        bias_layout: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        let ys = rows::layer_norm(
            &of(xs.device())?,
            self.0,
            &view(xs, xs_layout)?,
            &view(weight, weight_layout)?,
            &view(bias, bias_layout)?,
        );
        Ok((storage(ys, xs)?, xs_layout.shape().clone()))
    }

    fn bwd(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        _: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let [x, w, g] = [xs, weight, &grad].map(Tensor::storage_and_layout);
        let (of_xs, of_parameters) = rows::layer_norm_backward(
            &of(device_of(xs)?)?,
            self.0,
            &tensor_view(&x)?,
            &tensor_view(&w)?,
            &tensor_view(&g)?,
        )
        .map_err(candle_core::Error::wrap)?;
        let of_parameters = tensor(of_parameters, (2, self.0.size), xs)?;
        Ok((
            Some(tensor(of_xs, xs.shape(), xs)?),
            Some(of_parameters.get(0)?),
            Some(of_parameters.get(1)?),
        ))
    }
}
