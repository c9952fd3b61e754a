//! Negative log-likelihoods of a linear-chain CRF, and their gradients in the same pass. Twin: the model's lattice.

use cudarc::driver::{CudaSlice, CudaView, DeviceRepr, PushKernelArg};

use super::{Gpu, GpuError, WARP, grid, lengths, narrow, over};
use crate::size::{SizeError, check_length};

/// Shape of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Shape {
    /// Sentences.
    pub batch: u32,
    /// Tokens of the longest.
    pub tokens: u32,
    /// Tags.
    pub tags: u32,
}

// SAFETY: plain numbers, laid out as C does it.
unsafe impl DeviceRepr for Shape {}

/// Gradients of every sentence's own loss.
#[derive(Debug)]
pub struct Trace {
    shape: Shape,
    /// `[batch, tokens, tags]`
    of_emissions: CudaSlice<f32>,
    /// `[batch, tags + 2, tags]`
    of_parameters: CudaSlice<f32>,
}

/// Whether the kernel takes so many tags: a block has a thread for each, twice.
pub fn takes(tags: usize) -> bool {
    (1..=128).contains(&tags)
}

/// `emissions [batch, tokens, tags]` and `parameters [tags + 2, tags]` (transitions from row to column, start, end) to the
/// losses of the `gold` tags, `[batch]`, one list a sentence, none empty.
///
/// # Errors
/// If a slice, a list or a tag does not fit the shape, or CUDA refuses.
pub fn forward(
    gpu: &Gpu,
    shape: Shape,
    emissions: &CudaView<f32>,
    parameters: &CudaView<f32>,
    gold: &[Vec<usize>],
) -> Result<(CudaSlice<f32>, Trace), GpuError> {
    let [batch, tokens, tags] = [shape.batch, shape.tokens, shape.tags].map(|size| size as usize);
    check_length("emissions", emissions.len(), &[batch, tokens, tags])?;
    check_length("parameters", parameters.len(), &[tags + 2, tags])?;
    check_length("gold", gold.len(), &[batch])?;
    let mut padded = vec![0u32; batch * tokens];
    for (row, gold) in padded.chunks_mut(tokens.max(1)).zip(gold) {
        if gold.is_empty() || gold.len() > tokens || gold.iter().any(|&tag| tag >= tags) {
            let (name, actual) = ("gold", gold.len());
            let shape = vec![tokens, tags];
            return Err(SizeError {
                name,
                shape,
                actual,
            }
            .into());
        }
        for (place, &tag) in row.iter_mut().zip(gold) {
            *place = narrow(tag)?;
        }
    }
    let gold_lengths: Vec<usize> = gold.iter().map(Vec::len).collect();
    let (lengths, gold) = (lengths(gpu, &gold_lengths, tokens)?, gpu.upload(&padded)?);
    let mut losses = gpu.alloc(batch)?;
    let mut trace = Trace {
        shape,
        of_emissions: gpu.alloc(emissions.len())?,
        of_parameters: gpu.alloc(batch * parameters.len())?,
    };
    let mut scratch = gpu.alloc::<f64>(2 * emissions.len())?;
    let mut launch = gpu.kernel("crf");
    launch
        .arg(emissions)
        .arg(parameters)
        .arg(&gold)
        .arg(&lengths);
    launch
        .arg(&mut losses)
        .arg(&mut trace.of_emissions)
        .arg(&mut trace.of_parameters);
    launch.arg(&mut scratch).arg(&shape);
    let half = shape.tags.next_multiple_of(WARP).max(2 * WARP);
    // SAFETY: the kernel takes these arguments, which fit the shape; no sentence is empty and no tag beyond the shape.
    unsafe { launch.launch(grid([shape.batch, 1, 1], [2 * half, 1], 0)) }?;
    Ok((losses, trace))
}

/// From the gradient of the losses, `[batch]`, to that of the emissions, `[batch, tokens, tags]`, and after it, in the same
/// memory, that of the parameters, `[tags + 2, tags]`.
///
/// # Errors
/// If a slice does not fit the shape, or CUDA refuses.
pub fn backward(
    gpu: &Gpu,
    trace: &Trace,
    grad: &CudaView<f32>,
) -> Result<CudaSlice<f32>, GpuError> {
    let Trace {
        shape,
        of_emissions,
        of_parameters,
    } = trace;
    let (batch, tags) = (shape.batch as usize, shape.tags as usize);
    check_length("grad", grad.len(), &[batch])?;
    let count = of_emissions.len() + (tags + 2) * tags;
    let mut out = gpu.alloc(count)?;
    let mut launch = gpu.kernel("crf_backward");
    launch.arg(of_emissions).arg(of_parameters).arg(grad);
    launch.arg(&mut out).arg(shape);
    // SAFETY: the kernel takes these arguments, which fit the shape.
    unsafe { launch.launch(over(count)?) }?;
    Ok(out)
}
