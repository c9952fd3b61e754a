//! Maps of rows and of elements: bias, GELU, layer normalisation. Twins: [`crate::affine`], [`crate::gelu`] and
//! [`crate::layer_norm`].

use cudarc::driver::{CudaSlice, CudaView, LaunchConfig, PushKernelArg};

use super::{Gpu, GpuError, WARP, grid, narrow, over};
use crate::{layer_norm::LayerNorm, size::check_length};

/// Rows that a block of a layer normalisation takes, a warp each.
const ROWS: u32 = 8;

/// Adds `bias [width]` to every row of `rows [rows, width]`.
///
/// # Errors
/// If the rows do not come out even, or CUDA refuses.
pub fn add_bias(
    gpu: &Gpu,
    rows: &mut CudaSlice<f32>,
    bias: &CudaView<f32>,
) -> Result<(), GpuError> {
    let (count, width) = (rows.len(), bias.len());
    check_length("rows", count, &[count / width.max(1), width])?;
    let (count_argument, width) = (count as u64, narrow(width)?);
    let mut launch = gpu.kernel("add_bias");
    launch.arg(rows).arg(bias).arg(&count_argument).arg(&width);
    // SAFETY: the kernel takes these arguments, and stays within `count` elements of rows and `width` of the bias.
    unsafe { launch.launch(over(count)?) }?;
    Ok(())
}

/// x Φ(x) of every element.
///
/// # Errors
/// If CUDA refuses.
pub fn gelu(gpu: &Gpu, xs: &CudaView<f32>) -> Result<CudaSlice<f32>, GpuError> {
    let mut ys = gpu.alloc(xs.len())?;
    let count = xs.len() as u64;
    let mut launch = gpu.kernel("gelu");
    launch.arg(xs).arg(&mut ys).arg(&count);
    // SAFETY: the kernel takes these arguments, and stays within `count` elements of both.
    unsafe { launch.launch(over(xs.len())?) }?;
    Ok(ys)
}

/// `grad` times the slope of [`gelu`] at every element.
///
/// # Errors
/// If the lengths differ, or CUDA refuses.
pub fn gelu_backward(
    gpu: &Gpu,
    xs: &CudaView<f32>,
    grad: &CudaView<f32>,
) -> Result<CudaSlice<f32>, GpuError> {
    check_length("grad", grad.len(), &[xs.len()])?;
    let mut out = gpu.alloc(xs.len())?;
    let count = xs.len() as u64;
    let mut launch = gpu.kernel("gelu_backward");
    launch.arg(xs).arg(grad).arg(&mut out).arg(&count);
    // SAFETY: the kernel takes these arguments, and stays within `count` elements of the three.
    unsafe { launch.launch(over(xs.len())?) }?;
    Ok(out)
}

/// [`LayerNorm::forward`] of `xs [rows, size]`.
///
/// # Errors
/// If a slice does not fit the shape, or CUDA refuses.
pub fn layer_norm(
    gpu: &Gpu,
    norm: LayerNorm,
    xs: &CudaView<f32>,
    weight: &CudaView<f32>,
    bias: &CudaView<f32>,
) -> Result<CudaSlice<f32>, GpuError> {
    let rows = rows_of(norm, xs.len(), weight.len())?;
    check_length("bias", bias.len(), &[norm.size])?;
    let mut ys = gpu.alloc(xs.len())?;
    let (count, width) = (narrow(rows)?, narrow(norm.size)?);
    let mut launch = gpu.kernel("layer_norm");
    launch.arg(xs).arg(weight).arg(bias).arg(&mut ys);
    launch.arg(&count).arg(&width).arg(&norm.eps);
    // SAFETY: the kernel takes these arguments, and stays within `rows` rows of `width` elements, which were checked.
    unsafe { launch.launch(warps(rows)?) }?;
    Ok(ys)
}

/// [`LayerNorm::backward`]: the gradient of `xs`, and those of weight and bias one after the other, `[2, size]`.
///
/// # Errors
/// If a slice does not fit the shape, or CUDA refuses.
pub fn layer_norm_backward(
    gpu: &Gpu,
    norm: LayerNorm,
    xs: &CudaView<f32>,
    weight: &CudaView<f32>,
    grad: &CudaView<f32>,
) -> Result<(CudaSlice<f32>, CudaSlice<f32>), GpuError> {
    let rows = rows_of(norm, xs.len(), weight.len())?;
    check_length("grad", grad.len(), &[xs.len()])?;
    let (mut of_xs, mut moments) = (gpu.alloc(xs.len())?, gpu.alloc::<f32>(2 * rows)?);
    let (count, width) = (narrow(rows)?, narrow(norm.size)?);
    let mut launch = gpu.kernel("layer_norm_backward");
    launch.arg(xs).arg(weight).arg(grad);
    launch.arg(&mut of_xs).arg(&mut moments);
    launch.arg(&count).arg(&width).arg(&norm.eps);
    // SAFETY: as in `layer_norm`; `moments` has two numbers a row.
    unsafe { launch.launch(warps(rows)?) }?;

    let mut of_parameters = gpu.alloc(2 * norm.size)?;
    let mut launch = gpu.kernel("column_sums");
    launch.arg(grad).arg(xs).arg(&moments);
    launch.arg(&mut of_parameters).arg(&count).arg(&width);
    // SAFETY: with `xs` given the kernel writes 2 · width sums over rows that were checked.
    unsafe { launch.launch(columns(1, width)) }?;
    Ok((of_xs, of_parameters))
}

/// Sums of the columns of `rows [groups, rows, width]`: `[groups, width]`.
///
/// # Errors
/// If the rows do not come out even, or CUDA refuses.
pub fn column_sums(
    gpu: &Gpu,
    rows: &CudaView<f32>,
    groups: usize,
    width: usize,
) -> Result<CudaSlice<f32>, GpuError> {
    let count = rows.len() / (groups * width).max(1);
    check_length("rows", rows.len(), &[groups, count, width])?;
    let mut sums = gpu.alloc(groups * width)?;
    let (groups, count, width) = (narrow(groups)?, narrow(count)?, narrow(width)?);
    let nothing = 0u64;
    let mut launch = gpu.kernel("column_sums");
    launch.arg(rows).arg(&nothing).arg(&nothing);
    launch.arg(&mut sums).arg(&count).arg(&width);
    // SAFETY: with null in place of `xs` the kernel reads the rows alone and writes `width` sums a group.
    unsafe { launch.launch(columns(groups, width)) }?;
    Ok(sums)
}

/// `[rows, width]` with in each row the sum of those of `xs [ids, width]` whose number it has; the way back from rows that were
/// looked up. Works in `rows · width · ids` steps, side by side: for tables of few rows.
///
/// # Errors
/// If `xs` do not come out even, or CUDA refuses.
pub fn add_rows(
    gpu: &Gpu,
    xs: &CudaView<f32>,
    ids: &CudaView<u32>,
    rows: usize,
) -> Result<CudaSlice<f32>, GpuError> {
    let width = xs.len() / ids.len().max(1);
    check_length("xs", xs.len(), &[ids.len(), width])?;
    let elements = rows * width;
    let mut out = gpu.alloc(elements)?;
    let (elements_argument, count, width) = (elements as u64, narrow(ids.len())?, narrow(width)?);
    let mut launch = gpu.kernel("add_rows");
    launch.arg(xs).arg(ids).arg(&mut out);
    launch.arg(&elements_argument).arg(&count).arg(&width);
    // SAFETY: the kernel takes these arguments, and writes `elements` sums; numbers beyond `rows` match none.
    unsafe { launch.launch(over(elements)?) }?;
    Ok(out)
}

fn rows_of(norm: LayerNorm, elements: usize, weight: usize) -> Result<usize, GpuError> {
    let rows = elements.checked_div(norm.size).unwrap_or(0);
    check_length("xs", elements, &[rows, norm.size])?;
    check_length("weight", weight, &[norm.size])?;
    Ok(rows)
}

fn warps(rows: usize) -> Result<LaunchConfig, GpuError> {
    Ok(grid([narrow(rows)?.div_ceil(ROWS), 1, 1], [WARP, ROWS], 0))
}

fn columns(groups: u32, width: u32) -> LaunchConfig {
    grid([width.div_ceil(WARP), groups, 1], [WARP, WARP], 0)
}
