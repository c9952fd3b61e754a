//! Dropout with masks that are drawn where they are used, and are those that the CPU would draw. Twin:
//! [`crate::dropout::reference`].

use cudarc::driver::{CudaSlice, CudaView, DeviceRepr, PushKernelArg};

use super::{Gpu, GpuError, over};
use crate::dropout::Draws;

/// Elements of a thread, as in the kernel.
const ELEMENTS: usize = 4;

// SAFETY: plain numbers, laid out as C does it.
unsafe impl DeviceRepr for Draws {}

/// Sets every element to zero whose draw falls below the threshold, and multiplies the others.
///
/// # Errors
/// If the first draw's number is no multiple of 4, or CUDA refuses.
pub fn dropout(gpu: &Gpu, draws: Draws, xs: &CudaView<f32>) -> Result<CudaSlice<f32>, GpuError> {
    if draws.first % ELEMENTS as u64 != 0 {
        return Err(GpuError::Draws(draws.first));
    }
    let mut ys = gpu.alloc(xs.len())?;
    let count = xs.len() as u64;
    let mut launch = gpu.kernel("dropout");
    launch.arg(xs).arg(&mut ys).arg(&count).arg(&draws);
    // SAFETY: the kernel takes these arguments, and stays within `count` elements of both.
    unsafe { launch.launch(over(xs.len().div_ceil(ELEMENTS))?) }?;
    Ok(ys)
}
