//! Dropout with masks that are drawn where they are used, and are those that the CPU would draw.

use cudarc::driver::{CudaSlice, CudaView, DeviceRepr, PushKernelArg};

use super::{Gpu, GpuError, THREADS, grid, narrow};

/// Warps of a block, as in the kernel.
const WARPS: u64 = 4;

/// Draws of 16 bits that a block of the generator gives.
const DRAWS_IN_BLOCK: u64 = 32;

/// What a mask is drawn from: a place in a sequence of ChaCha8, read as numbers of 16 bits, low ones first.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct Draws {
    /// The generator's seed, as eight words.
    pub key: [u32; 8],
    /// Which of the seed's sequences.
    pub stream: u64,
    /// The first draw's number in the sequence.
    pub first: u64,
    /// A draw below it drops an element.
    pub threshold: u32,
    /// Factor of the elements that are kept.
    pub keep: f32,
}

// SAFETY: plain numbers, laid out as C does it.
unsafe impl DeviceRepr for Draws {}

/// Sets every element to zero whose draw falls below the threshold, and multiplies the others.
///
/// # Errors
/// If CUDA refuses.
pub fn dropout(gpu: &Gpu, draws: Draws, xs: &CudaView<f32>) -> Result<CudaSlice<f32>, GpuError> {
    let mut ys = gpu.alloc(xs.len())?;
    let count = xs.len() as u64;
    let last = (draws.first + count).div_ceil(DRAWS_IN_BLOCK);
    let blocks = last - draws.first / DRAWS_IN_BLOCK;
    let per_block = WARPS * u64::from(super::WARP);
    let blocks = narrow(blocks.div_ceil(per_block).max(1) as usize)?;
    let mut launch = gpu.kernel("dropout");
    launch.arg(xs).arg(&mut ys).arg(&count).arg(&draws);
    // SAFETY: the kernel takes these arguments, and stays within `count` elements of both.
    unsafe { launch.launch(grid([blocks, 1, 1], [THREADS / 2, 1], 0)) }?;
    Ok(ys)
}
