//! Attention of several heads. Twin: [`crate::attention`], whose layouts these are.

use cudarc::driver::{CudaSlice, CudaView, DeviceRepr, PushKernelArg};

use super::{Gpu, GpuError, WARP, grid, lengths, narrow};
use crate::{attention::Attention, dropout::Draws, size::check_length};

/// Rows of a block, a warp each, as in the kernels.
const ROWS: u32 = 8;

/// What the forward pass leaves for the way back.
#[derive(Debug)]
pub struct Trace {
    lengths: CudaSlice<u32>,
    weights: CudaSlice<f32>,
    /// The weights after dropout; none where nothing is dropped.
    dropped: Option<CudaSlice<f32>>,
}

/// Gradients of a loss with respect to the arguments, each `[windows, pieces, heads · size]`.
#[derive(Debug)]
pub struct Gradients {
    /// Of the queries.
    pub query: CudaSlice<f32>,
    /// Of the keys.
    pub key: CudaSlice<f32>,
    /// Of the values.
    pub value: CudaSlice<f32>,
}

#[derive(Clone, Copy)]
#[repr(C)]
struct Shape {
    windows: u32,
    heads: u32,
    size: u32,
    pieces: u32,
    scale: f32,
}

// SAFETY: plain numbers, laid out as C does it.
unsafe impl DeviceRepr for Shape {}

impl Shape {
    fn of(attention: &Attention) -> Result<Self, GpuError> {
        Ok(Self {
            windows: narrow(attention.lengths.len())?,
            heads: narrow(attention.heads)?,
            size: narrow(attention.size)?,
            pieces: narrow(attention.pieces)?,
            scale: 1. / (attention.size.max(1) as f32).sqrt(),
        })
    }

    fn launch(&self, shared: bool) -> cudarc::driver::LaunchConfig {
        let floats = if shared {
            ROWS * (self.pieces + self.size)
        } else {
            0
        };
        grid(
            [self.pieces.div_ceil(ROWS), self.heads, self.windows],
            [WARP, ROWS],
            floats * size_of::<f32>() as u32,
        )
    }
}

/// Whether the kernels take windows of so many pieces and heads of such a size: a row of either must fit into a block's
/// memory.
pub fn takes(pieces: usize, size: usize) -> bool {
    pieces.saturating_add(size) <= 1_500
}

/// [`Attention::forward`] of tensors `[windows, pieces, heads · size]`, with dropout of the weights by `draws`, whose mask is
/// packed as the weights are.
///
/// # Errors
/// If a slice or a length does not fit the shape, or CUDA refuses.
pub fn forward(
    gpu: &Gpu,
    attention: &Attention,
    [query, key, value]: [&CudaView<f32>; 3],
    draws: Option<Draws>,
) -> Result<(CudaSlice<f32>, Trace), GpuError> {
    check(attention, [query, key, value])?;
    let shape = Shape::of(attention)?;
    let lengths = lengths(gpu, attention.lengths, attention.pieces)?;
    let count = attention.lengths.len() * attention.heads * attention.pieces * attention.pieces;
    let mut output = gpu.alloc(query.len())?;
    let mut weights = gpu.alloc(count)?;
    let mut dropped = match draws {
        Some(_) => Some(gpu.alloc::<f32>(count)?),
        None => None,
    };
    let drops = i32::from(draws.is_some());
    let draws = draws.unwrap_or(Draws {
        key: [0; 8],
        stream: 0,
        first: 0,
        threshold: 0,
        keep: 1.,
    });
    let nothing = 0u64;
    let mut launch = gpu.kernel("attention");
    launch.arg(query).arg(key).arg(value).arg(&lengths);
    launch.arg(&mut output).arg(&mut weights);
    match &mut dropped {
        Some(dropped) => launch.arg(dropped),
        None => launch.arg(&nothing),
    };
    launch.arg(&shape).arg(&draws).arg(&drops);
    // SAFETY: the kernel takes these arguments; slices and lengths were checked, and `dropped` is not touched without draws.
    unsafe { launch.launch(shape.launch(true)) }?;
    let trace = Trace {
        lengths,
        weights,
        dropped,
    };
    Ok((output, trace))
}

/// [`Attention::backward`]: `trace` is what [`forward`] left for the same arguments.
///
/// # Errors
/// If a slice does not fit the shape, or CUDA refuses.
pub fn backward(
    gpu: &Gpu,
    attention: &Attention,
    [query, key, value]: [&CudaView<f32>; 3],
    trace: &Trace,
    grad: &CudaView<f32>,
) -> Result<Gradients, GpuError> {
    check(attention, [query, key, value])?;
    check_length("grad", grad.len(), &[query.len()])?;
    check_length("lengths", trace.lengths.len(), &[attention.lengths.len()])?;
    let shape = Shape::of(attention)?;
    let dropped = trace.dropped.as_ref().unwrap_or(&trace.weights);
    let mut gradients = Gradients {
        query: gpu.alloc(query.len())?,
        key: gpu.alloc(query.len())?,
        value: gpu.alloc(query.len())?,
    };
    let mut of_scores = gpu.alloc::<f32>(trace.weights.len())?;

    let mut launch = gpu.kernel("attention_backward_query");
    launch.arg(key).arg(value).arg(&trace.lengths);
    launch.arg(&trace.weights).arg(dropped).arg(grad);
    launch.arg(&mut gradients.query).arg(&mut of_scores);
    launch.arg(&shape);
    // SAFETY: the kernel takes these arguments, which fit the shape.
    unsafe { launch.launch(shape.launch(true)) }?;

    let mut launch = gpu.kernel("attention_backward_key");
    launch.arg(query).arg(&trace.lengths).arg(dropped).arg(grad);
    launch.arg(&of_scores);
    launch.arg(&mut gradients.key).arg(&mut gradients.value);
    launch.arg(&shape);
    // SAFETY: likewise.
    unsafe { launch.launch(shape.launch(false)) }?;
    Ok(gradients)
}

fn check(attention: &Attention, tensors: [&CudaView<f32>; 3]) -> Result<(), GpuError> {
    let shape = [
        attention.lengths.len(),
        attention.pieces,
        attention.heads * attention.size,
    ];
    for (name, tensor) in ["query", "key", "value"].into_iter().zip(tensors) {
        check_length(name, tensor.len(), &shape)?;
    }
    Ok(())
}
