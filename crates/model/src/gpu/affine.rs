//! Affine maps: cuBLAS's product and one pass for the bias. Twin: `linear.rs`.

use candle_core::{
    CpuStorage, CudaStorage, CustomOp3, Layout, Result, Shape, Tensor, backend::BackendStorage,
};
use spanarc_kernels::cuda::rows;

use super::{device_of, not_here, of, tensor, tensor_view, view};

/// `x Wᵀ + b` of `xs [rows, input]`, `weight [output, input]` and `bias [output]`.
pub(crate) fn affine(xs: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    xs.contiguous()?
        .apply_op3(&weight.contiguous()?, bias, Affine)
}

struct Affine;

impl CustomOp3 for Affine {
    fn name(&self) -> &'static str {
        "affine-on-gpu"
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
        let (count, input) = xs_layout.shape().dims2()?;
        let output = weight_layout.dim(0)?;
        let sizes = (1, count, output, input);
        let mut ys = xs.matmul(weight, sizes, xs_layout, &weight_layout.transpose(0, 1)?)?;
        let bias = view(bias, bias_layout)?;
        rows::add_bias(&of(xs.device())?, ys.as_cuda_slice_mut()?, &bias)
            .map_err(candle_core::Error::wrap)?;
        Ok((ys, (count, output).into()))
    }

    fn bwd(
        &self,
        xs: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (xs, weight, grad) = (xs.detach(), weight, grad.contiguous()?);
        let of_bias = {
            let grads = grad.storage_and_layout();
            let gpu = of(device_of(&grad)?)?;
            rows::column_sums(&gpu, &tensor_view(&grads)?, 1, bias.dim(0)?)
                .map_err(candle_core::Error::wrap)?
        };
        Ok((
            Some(grad.matmul(&weight.detach())?),
            Some(grad.t()?.matmul(&xs)?),
            Some(tensor(of_bias, bias.shape(), bias)?),
        ))
    }
}
