//! Maxima over ranges of rows. Twin: `relation/range_maximum.rs`.

use std::{ops::Range, sync::OnceLock};

use candle_core::{
    CpuStorage, CudaStorage, CustomOp1, Layout, Result, Shape, Tensor, backend::BackendStorage,
    bail,
};
use spanarc_kernels::cuda::ranges::{self, Trace};

use super::{device_of, not_here, of, storage, tensor, tensor_view, view};

/// Maximum over each range of `rows [rows, width]`, as `[ranges, width]`; `floor` where a range is empty.
pub(crate) fn range_maximum(
    rows: &Tensor,
    ranges: Vec<Range<usize>>,
    floor: f32,
) -> Result<Tensor> {
    let trace = OnceLock::new();
    rows.contiguous()?.apply_op1(Maximum {
        ranges,
        floor,
        trace,
    })
}

struct Maximum {
    ranges: Vec<Range<usize>>,
    floor: f32,
    /// Left by the forward pass for the backward pass.
    trace: OnceLock<Trace>,
}

impl CustomOp1 for Maximum {
    fn name(&self) -> &'static str {
        "range-maximum-on-gpu"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        not_here(self.name())
    }

    fn cuda_fwd(&self, rows: &CudaStorage, layout: &Layout) -> Result<(CudaStorage, Shape)> {
        let (_, width) = layout.shape().dims2()?;
        let (gpu, values) = (of(rows.device())?, view(rows, layout)?);
        let (maxima, trace) = ranges::maximum(&gpu, &values, width, &self.ranges, self.floor)
            .map_err(candle_core::Error::wrap)?;
        self.trace.get_or_init(|| trace);
        Ok((
            storage(Ok(maxima), rows)?,
            (self.ranges.len(), width).into(),
        ))
    }

    fn bwd(&self, rows: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let Some(trace) = self.trace.get() else {
            bail!("the maxima went backward before they went forward");
        };
        let grad = grad.contiguous()?;
        let grads = grad.storage_and_layout();
        let of_rows = ranges::backward(
            &of(device_of(rows)?)?,
            trace,
            &tensor_view(&grads)?,
            rows.dim(0)?,
        )
        .map_err(candle_core::Error::wrap)?;
        tensor(of_rows, rows.shape(), rows).map(Some)
    }
}
