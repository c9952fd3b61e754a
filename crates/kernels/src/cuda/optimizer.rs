//! AdamW with clipping, and moving averages, over all parameters of a network at once.

use cudarc::driver::{CudaSlice, CudaView, DevicePtr, DeviceRepr, LaunchConfig, PushKernelArg};

use super::{Gpu, GpuError, THREADS, grid, narrow};
use crate::size::check_length;

/// Elements of a piece, which a block works on, as in the kernels.
const PIECE: usize = 8192;

/// A parameter, its gradient and its moments, all of one length. Weights and moments are written to.
#[derive(Debug)]
pub struct Parameter<'a> {
    /// The weights.
    pub weights: CudaView<'a, f32>,
    /// The gradient of this step.
    pub gradient: CudaView<'a, f32>,
    /// Running mean of the gradient.
    pub first: CudaView<'a, f32>,
    /// Running mean of its square.
    pub second: CudaView<'a, f32>,
    /// What weight decay leaves of a weight.
    pub keep: f32,
    /// Learning rate over the first moment's bias correction.
    pub size: f32,
    /// 1 over the root of the second moment's bias correction.
    pub inverse_root: f32,
}

/// What all parameters share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Betas {
    /// β₁ and β₂.
    pub betas: [f64; 2],
    /// Added to the denominator.
    pub epsilon: f64,
}

/// What the gradients were, still on the GPU.
#[derive(Debug)]
pub struct Norms(CudaSlice<f64>);

impl Norms {
    /// Each parameter's sum of squares, and the norm of all. Waits for the GPU.
    ///
    /// # Errors
    /// If CUDA refuses.
    pub fn read(&self, gpu: &Gpu) -> Result<(Vec<f64>, f64), GpuError> {
        let mut norms = gpu.stream.clone_dtoh(&self.0)?;
        norms.pop();
        let total = norms.pop().unwrap_or(0.);
        Ok((norms, total))
    }
}

/// One step of all parameters down their gradients, which are scaled down to the norm `clip` where they exceed it. Changes
/// nothing where a gradient is not finite, which [`Norms`] says.
///
/// # Errors
/// If slices of a parameter differ in length, or CUDA refuses.
pub fn adamw(
    gpu: &Gpu,
    parameters: &[Parameter],
    clip: Option<f64>,
    Betas { betas, epsilon }: Betas,
) -> Result<Norms, GpuError> {
    let stream = gpu.stream();
    let mut rows = Vec::with_capacity(parameters.len());
    let mut guards = Vec::with_capacity(4 * parameters.len());
    for parameter in parameters {
        let count = parameter.weights.len();
        check_length("gradient", parameter.gradient.len(), &[count])?;
        check_length("first", parameter.first.len(), &[count])?;
        check_length("second", parameter.second.len(), &[count])?;
        let views = [
            &parameter.weights,
            &parameter.gradient,
            &parameter.first,
            &parameter.second,
        ];
        let [weights, gradient, first, second] = views.map(|view| {
            let (pointer, guard) = view.device_ptr(stream);
            guards.push(guard);
            pointer
        });
        rows.push(Row {
            weights,
            gradient,
            first,
            second,
            count: count as u64,
            keep: parameter.keep,
            size: parameter.size,
            inverse_root: parameter.inverse_root,
            unused: 0.,
        });
    }
    let pieces = Pieces::of(parameters.iter().map(|parameter| parameter.weights.len()))?;
    let count = narrow(parameters.len())?;
    let (rows, list, starts) = (
        gpu.upload(&rows)?,
        gpu.upload(&pieces.list)?,
        gpu.upload(&pieces.starts)?,
    );
    let mut sums = gpu.alloc::<f64>(pieces.list.len())?;
    let mut norms = gpu.alloc::<f64>(parameters.len() + 2)?;
    if !pieces.list.is_empty() {
        let mut launch = gpu.kernel("squares");
        launch.arg(&rows).arg(&list).arg(&mut sums);
        // SAFETY: a block a piece; pieces lie within their tensors, whose pointers are alive and of that length.
        unsafe { launch.launch(pieces.launch()?) }?;
    }
    let clip = clip.unwrap_or(f64::INFINITY);
    let mut launch = gpu.kernel("total_norm");
    launch
        .arg(&sums)
        .arg(&starts)
        .arg(&count)
        .arg(&clip)
        .arg(&mut norms);
    // SAFETY: `starts` has an element more than there are parameters, `norms` two more.
    unsafe { launch.launch(grid([1, 1, 1], [THREADS, 1], 0)) }?;
    if !pieces.list.is_empty() {
        let factor = norms.slice(parameters.len() + 1..);
        let [beta_1, beta_2] = betas.map(|beta| beta as f32);
        let [rest_1, rest_2] = betas.map(|beta| (1. - beta) as f32);
        let epsilon = epsilon as f32;
        let mut launch = gpu.kernel("adamw");
        launch.arg(&rows).arg(&list).arg(&factor);
        launch
            .arg(&beta_1)
            .arg(&rest_1)
            .arg(&beta_2)
            .arg(&rest_2)
            .arg(&epsilon);
        // SAFETY: as above. What is written, no other thread reads or writes: the host works on it through the stream alone.
        unsafe { launch.launch(pieces.launch()?) }?;
    }
    drop(guards);
    Ok(Norms(norms))
}

/// Moves every average, the first of a pair, by `share` of its distance from the weights, the second.
///
/// # Errors
/// If slices of a pair differ in length, or CUDA refuses.
pub fn towards(
    gpu: &Gpu,
    pairs: &[(CudaView<f32>, CudaView<f32>)],
    share: f32,
) -> Result<(), GpuError> {
    let stream = gpu.stream();
    let mut rows = Vec::with_capacity(pairs.len());
    let mut guards = Vec::with_capacity(2 * pairs.len());
    for (average, weights) in pairs {
        check_length("weights", weights.len(), &[average.len()])?;
        let [average_pointer, weights_pointer] = [average, weights].map(|view| {
            let (pointer, guard) = view.device_ptr(stream);
            guards.push(guard);
            pointer
        });
        rows.push(Average {
            average: average_pointer,
            weights: weights_pointer,
            count: average.len() as u64,
        });
    }
    let pieces = Pieces::of(pairs.iter().map(|(average, _)| average.len()))?;
    if pieces.list.is_empty() {
        return Ok(());
    }
    let (rows, list) = (gpu.upload(&rows)?, gpu.upload(&pieces.list)?);
    let mut launch = gpu.kernel("towards");
    launch.arg(&rows).arg(&list).arg(&share);
    // SAFETY: a block a piece; pieces lie within their tensors, whose pointers are alive and of that length.
    unsafe { launch.launch(pieces.launch()?) }?;
    drop(guards);
    Ok(())
}

#[derive(Clone, Copy)]
#[repr(C)]
struct Row {
    weights: u64,
    gradient: u64,
    first: u64,
    second: u64,
    count: u64,
    keep: f32,
    size: f32,
    inverse_root: f32,
    unused: f32,
}

#[derive(Clone, Copy)]
#[repr(C)]
struct Average {
    average: u64,
    weights: u64,
    count: u64,
}

#[derive(Clone, Copy)]
#[repr(C)]
struct Piece {
    tensor: u32,
    number: u32,
}

// SAFETY: plain numbers, laid out as C does it.
unsafe impl DeviceRepr for Row {}
// SAFETY: likewise.
unsafe impl DeviceRepr for Average {}
// SAFETY: likewise.
unsafe impl DeviceRepr for Piece {}

/// Tensors cut into pieces of equal length, so that every block has as much to do.
struct Pieces {
    list: Vec<Piece>,
    /// Of each tensor the first piece, and the number of all.
    starts: Vec<u32>,
}

impl Pieces {
    fn of(lengths: impl Iterator<Item = usize>) -> Result<Self, GpuError> {
        let (mut list, mut starts) = (Vec::new(), vec![0]);
        for (tensor, length) in lengths.enumerate() {
            let tensor = narrow(tensor)?;
            let numbers = 0..narrow(length.div_ceil(PIECE))?;
            list.extend(numbers.map(|number| Piece { tensor, number }));
            starts.push(narrow(list.len())?);
        }
        Ok(Self { list, starts })
    }

    fn launch(&self) -> Result<LaunchConfig, GpuError> {
        Ok(grid([narrow(self.list.len())?, 1, 1], [THREADS, 1], 0))
    }
}
