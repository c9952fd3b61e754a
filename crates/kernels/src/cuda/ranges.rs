//! Element-wise maxima over ranges of rows. Twin: the model's composition of a sparse table.

use std::ops::Range;

use cudarc::driver::{CudaSlice, CudaView, PushKernelArg};

use super::{Gpu, GpuError, narrow, over};
use crate::size::check_length;

/// Where the maxima stood.
#[derive(Debug)]
pub struct Trace {
    places: CudaSlice<u32>,
    ranges: usize,
    width: usize,
}

/// Maxima over each range of `rows [rows, width]`, as `[ranges, width]`; `floor` where a range is empty.
///
/// # Errors
/// If the rows do not come out even, a range lies beyond them, or CUDA refuses.
pub fn maximum(
    gpu: &Gpu,
    rows: &CudaView<f32>,
    width: usize,
    ranges: &[Range<usize>],
    floor: f32,
) -> Result<(CudaSlice<f32>, Trace), GpuError> {
    let count = rows.len() / width.max(1);
    check_length("rows", rows.len(), &[count, width])?;
    let mut bounds = Vec::with_capacity(2 * ranges.len());
    for range in ranges {
        if range.end > count {
            return Err(GpuError::TooLarge(range.end));
        }
        bounds.extend([narrow(range.start)?, narrow(range.end)?]);
    }
    let bounds = gpu.upload(&bounds)?;
    let elements = ranges.len() * width;
    let (mut maxima, mut places) = (gpu.alloc(elements)?, gpu.alloc(elements)?);
    let (elements_argument, width_argument) = (elements as u64, narrow(width)?);
    let mut launch = gpu.kernel("range_maximum");
    launch
        .arg(rows)
        .arg(&bounds)
        .arg(&mut maxima)
        .arg(&mut places);
    launch
        .arg(&elements_argument)
        .arg(&width_argument)
        .arg(&floor);
    // SAFETY: the kernel takes these arguments, and every range lies within the rows.
    unsafe { launch.launch(over(elements)?) }?;
    let trace = Trace {
        places,
        ranges: ranges.len(),
        width,
    };
    Ok((maxima, trace))
}

/// From the gradient of the maxima, `[ranges, width]`, to that of the `rows`.
///
/// # Errors
/// If a slice does not fit the shape, or CUDA refuses.
pub fn backward(
    gpu: &Gpu,
    trace: &Trace,
    grad: &CudaView<f32>,
    rows: usize,
) -> Result<CudaSlice<f32>, GpuError> {
    check_length("grad", grad.len(), &[trace.ranges, trace.width])?;
    let elements = rows * trace.width;
    let mut out = gpu.alloc(elements)?;
    let count = elements as u64;
    let (ranges, width) = (narrow(trace.ranges)?, narrow(trace.width)?);
    let mut launch = gpu.kernel("range_maximum_backward");
    launch.arg(grad).arg(&trace.places).arg(&mut out);
    launch.arg(&count).arg(&ranges).arg(&width);
    // SAFETY: the kernel takes these arguments, and stays within the shape.
    unsafe { launch.launch(over(elements)?) }?;
    Ok(out)
}
