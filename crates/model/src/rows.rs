//! Rows of a table by their numbers, and sums of rows with one number: the seam where a kernel takes the place of Candle's.

use candle_core::{Result, Tensor};

/// The rows `ids [count]` (u32) of `table [rows, width]`, as `[count, width]`.
pub(crate) fn select(table: &Tensor, ids: &Tensor) -> Result<Tensor> {
    #[cfg(feature = "cuda")]
    if crate::gpu::adds_rows(table, ids, table.dim(0)?)? {
        return crate::gpu::select_rows(table, ids);
    }
    table.index_select(ids, 0)
}

/// `[rows, width]` with in each row the sum of those of `xs [count, width]` whose number in `ids [count]` (u32) it has.
pub(crate) fn add(xs: &Tensor, ids: &Tensor, rows: usize) -> Result<Tensor> {
    #[cfg(feature = "cuda")]
    if crate::gpu::adds_rows(xs, ids, rows)? {
        return crate::gpu::add_rows(xs, ids, rows);
    }
    Tensor::zeros((rows, xs.dim(1)?), xs.dtype(), xs.device())?.index_add(ids, xs, 0)
}
