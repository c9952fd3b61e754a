//! Rows of a table by their numbers, and sums of rows with one number. Twin: Candle's own operations, whose sums take their
//! rows one after the other with a thread for a column.

use candle_core::{
    CpuStorage, CudaStorage, CustomOp2, DType, Layout, Result, Shape, Tensor,
    backend::BackendStorage, bail,
};
use spanarc_kernels::cuda::{CudaView, rows};

use super::{not_here, of, storage, takes, view};

/// Most steps, side by side, of a sum of rows: beyond them Candle's way is the shorter one.
const MOST_STEPS: usize = 1 << 27;

/// Whether the kernels add `[ids, width]` up to `rows` rows, `like` being of that width.
pub(crate) fn adds_rows(like: &Tensor, ids: &Tensor, rows: usize) -> Result<bool> {
    let steps = (rows.saturating_mul(like.dim(1)?)).saturating_mul(ids.elem_count());
    Ok(takes(like) && ids.dtype() == DType::U32 && ids.is_contiguous() && steps <= MOST_STEPS)
}

/// The rows `ids [count]` of `table [rows, width]`.
pub(crate) fn select_rows(table: &Tensor, ids: &Tensor) -> Result<Tensor> {
    table.contiguous()?.apply_op2(ids, Select)
}

/// Sums of the rows of `xs [count, width]` by their number in `ids [count]`: `[rows, width]`.
pub(crate) fn add_rows(xs: &Tensor, ids: &Tensor, rows: usize) -> Result<Tensor> {
    xs.contiguous()?.apply_op2(ids, Add { rows })
}

fn numbers<'a>(storage: &'a CudaStorage, layout: &Layout) -> Result<CudaView<'a, u32>> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(storage.as_cuda_slice::<u32>()?.slice(start..end)),
        None => bail!("a kernel takes contiguous arguments, not {layout:?}"),
    }
}

struct Select;

impl CustomOp2 for Select {
    fn name(&self) -> &'static str {
        "rows-on-gpu"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        not_here(self.name())
    }

    fn cuda_fwd(
        &self,
        table: &CudaStorage,
        table_layout: &Layout,
        ids: &CudaStorage,
        ids_layout: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        let rows = table.index_select(ids, table_layout, ids_layout, 0)?;
        let shape = (ids_layout.shape().elem_count(), table_layout.dim(1)?);
        Ok((rows, shape.into()))
    }

    fn bwd(
        &self,
        table: &Tensor,
        ids: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let (rows, _) = table.dims2()?;
        let sums = grad.apply_op2_no_bwd(ids, &Add { rows })?;
        Ok((Some(sums), None))
    }
}

struct Add {
    rows: usize,
}

impl CustomOp2 for Add {
    fn name(&self) -> &'static str {
        "add-rows-on-gpu"
    }

    fn cpu_fwd(
        &self,
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
        ids: &CudaStorage,
        ids_layout: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        let (values, numbers) = (view(xs, xs_layout)?, numbers(ids, ids_layout)?);
        let sums = rows::add_rows(&of(xs.device())?, &values, &numbers, self.rows);
        Ok((storage(sums, xs)?, (self.rows, xs_layout.dim(1)?).into()))
    }

    fn bwd(
        &self,
        _: &Tensor,
        ids: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        Ok((Some(grad.contiguous()?.index_select(ids, 0)?), None))
    }
}
