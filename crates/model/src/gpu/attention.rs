//! Attention. Twin: `embedding/encoder/attention.rs`.

use std::sync::OnceLock;

use candle_core::{
    CpuStorage, CudaStorage, CustomOp3, Layout, Result, Shape, Tensor, backend::BackendStorage,
    bail,
};
use spanarc_kernels::{
    cuda::attention::{self, Trace},
    dropout::Draws,
};

use super::{device_of, not_here, of, storage, takes, tensor, tensor_view, view};

/// Whether the kernels take queries, keys and values of `heads` heads, `[windows, pieces, hidden]`.
pub(crate) fn attends(tensors: [&Tensor; 3], heads: usize) -> Result<bool> {
    let (_, pieces, hidden) = tensors[0].dims3()?;
    Ok(tensors.into_iter().all(takes) && attention::takes(pieces, hidden / heads))
}

/// softmax(Q Kᵀ / √size) V for each of `heads` heads of tensors `[windows, pieces, hidden]`.
pub(crate) fn attention(
    [query, key, value]: [&Tensor; 3],
    heads: usize,
    lengths: &[usize],
    draws: Option<Draws>,
) -> Result<Tensor> {
    let (_, pieces, hidden) = query.dims3()?;
    let op = Fused {
        heads,
        size: hidden / heads,
        pieces,
        lengths: lengths.to_vec(),
        draws,
        trace: OnceLock::new(),
    };
    query
        .contiguous()?
        .apply_op3(&key.contiguous()?, &value.contiguous()?, op)
}

struct Fused {
    heads: usize,
    size: usize,
    pieces: usize,
    lengths: Vec<usize>,
    draws: Option<Draws>,
    /// Left by the forward pass for the backward pass.
    trace: OnceLock<Trace>,
}

impl Fused {
    fn attention(&self) -> spanarc_kernels::attention::Attention<'_> {
        spanarc_kernels::attention::Attention {
            heads: self.heads,
            size: self.size,
            pieces: self.pieces,
            lengths: &self.lengths,
        }
    }
}

impl CustomOp3 for Fused {
    fn name(&self) -> &'static str {
        "attention-on-gpu"
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
        query: &CudaStorage,
        query_layout: &Layout,
        key: &CudaStorage,
        key_layout: &Layout,
        value: &CudaStorage,
        value_layout: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        let arguments = [
            &view(query, query_layout)?,
            &view(key, key_layout)?,
            &view(value, value_layout)?,
        ];
        let gpu = of(query.device())?;
        let (output, trace) = attention::forward(&gpu, &self.attention(), arguments, self.draws)
            .map_err(candle_core::Error::wrap)?;
        self.trace.get_or_init(|| trace);
        Ok((storage(Ok(output), query)?, query_layout.shape().clone()))
    }

    fn bwd(
        &self,
        query: &Tensor,
        key: &Tensor,
        value: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let Some(trace) = self.trace.get() else {
            bail!("attention went backward before it went forward");
        };
        let grad = grad.contiguous()?;
        let [q, k, v, g] = [query, key, value, &grad].map(Tensor::storage_and_layout);
        let arguments = [&tensor_view(&q)?, &tensor_view(&k)?, &tensor_view(&v)?];
        let gpu = of(device_of(query)?)?;
        let gradients =
            attention::backward(&gpu, &self.attention(), arguments, trace, &tensor_view(&g)?)
                .map_err(candle_core::Error::wrap)?;
        let like = |slice| tensor(slice, query.shape(), query).map(Some);
        Ok((
            like(gradients.query)?,
            like(gradients.key)?,
            like(gradients.value)?,
        ))
    }
}
