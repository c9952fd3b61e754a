//! GRU and LSTM layers, all directions at once: all steps are one launch. Twin: [`crate::recurrent`], whose gates these are.

use cudarc::driver::{CudaSlice, CudaView, DeviceRepr, LaunchConfig, PushKernelArg};

use super::{Gpu, GpuError, WARP, grid, lengths, narrow};
use crate::{
    recurrent::{Cell, Direction},
    size::check_length,
};

/// Most threads of a block.
const MOST_THREADS: u32 = 1024;

/// Layers of one shape that read the same batch, one a direction: everything but the numbers. G is [`Cell::gates`].
#[derive(Debug, Clone, Copy)]
pub struct Layers<'a> {
    /// The unit.
    pub cell: Cell,
    /// The order of reading of each.
    pub directions: &'a [Direction],
    /// Width of a state.
    pub hidden: usize,
    /// Steps of the padded batch.
    pub steps: usize,
    /// Steps of each sequence, 0 to `steps`.
    pub lengths: &'a [usize],
}

/// What the forward pass leaves for the way back.
#[derive(Debug)]
pub struct Trace {
    lengths: CudaSlice<u32>,
    gates: CudaSlice<f32>,
}

/// Result of the forward pass.
#[derive(Debug)]
pub struct Forward {
    /// `[batch, steps, directions, hidden]`, zero at padding.
    pub states: CudaSlice<f32>,
    /// Each step's state before it, zero at padding: `[directions, batch, steps, hidden]`.
    pub previous: CudaSlice<f32>,
    /// The rest of what the way back needs.
    pub trace: Trace,
}

/// Gradients of a loss with respect to the gates before their functions, zero at padding.
#[derive(Debug)]
pub struct Gradients {
    /// By the input's part of them, `[batch, steps, directions, G·hidden]`.
    pub of_input: CudaSlice<f32>,
    /// By the state's part, `[directions, batch, steps, G·hidden]`.
    pub of_state: CudaSlice<f32>,
}

#[derive(Clone, Copy)]
#[repr(C)]
struct Shape {
    batch: u32,
    steps: u32,
    directions: u32,
    hidden: u32,
    reversed: u32,
}

// SAFETY: plain numbers, laid out as C does it.
unsafe impl DeviceRepr for Shape {}

impl Layers<'_> {
    /// `projected [batch, steps, directions, G·hidden]`, the transposed W_hh `[directions, hidden, G·hidden]` and b_hh
    /// `[directions, G·hidden]` to the states.
    ///
    /// # Errors
    /// If a slice or a length does not fit the shape, or CUDA refuses.
    pub fn forward(
        &self,
        gpu: &Gpu,
        projected: &CudaView<f32>,
        transposed: &CudaView<f32>,
        bias: &CudaView<f32>,
    ) -> Result<Forward, GpuError> {
        let (gates, rows) = (self.gates(), self.rows());
        let directions = self.directions.len();
        check_length("projected", projected.len(), &[rows, gates])?;
        check_length("w_hh", transposed.len(), &[directions, self.hidden, gates])?;
        check_length("b_hh", bias.len(), &[directions, gates])?;
        let shape = self.shape()?;
        let lengths = lengths(gpu, self.lengths, self.steps)?;
        let mut states = gpu.alloc(rows * self.hidden)?;
        let mut previous = gpu.alloc(rows * self.hidden)?;
        let mut trace_of_gates = gpu.alloc((self.cell.gates() + 1) * rows * self.hidden)?;
        let mut launch = gpu.kernel(match (self.cell, self.hidden) {
            (Cell::Gru, 32) => "gru_32",
            (Cell::Gru, 64) => "gru_64",
            (Cell::Gru, 128) => "gru_128",
            (Cell::Gru, _) => "gru",
            (Cell::Lstm, 32) => "lstm_32",
            (Cell::Lstm, 64) => "lstm_64",
            (Cell::Lstm, _) => "lstm",
        });
        launch
            .arg(projected)
            .arg(transposed)
            .arg(bias)
            .arg(&lengths);
        launch
            .arg(&mut states)
            .arg(&mut previous)
            .arg(&mut trace_of_gates);
        launch.arg(&shape);
        // State, memory, and two parts of the gates.
        let floats = 2 * self.hidden + 2 * gates;
        // SAFETY: the kernel takes these arguments, which fit the shape.
        unsafe { launch.launch(self.launch(gates, floats)?) }?;
        Ok(Forward {
            states,
            previous,
            trace: Trace {
                lengths,
                gates: trace_of_gates,
            },
        })
    }

    /// Backpropagation through time, from `grad [batch, steps, directions, hidden]`. `weight` is W_hh as it is,
    /// `[directions, G·hidden, hidden]`, and `previous` and `trace` are what [`Self::forward`] left.
    ///
    /// # Errors
    /// If a slice does not fit the shape, or CUDA refuses.
    pub fn backward(
        &self,
        gpu: &Gpu,
        weight: &CudaView<f32>,
        previous: &CudaView<f32>,
        trace: &Trace,
        grad: &CudaView<f32>,
    ) -> Result<Gradients, GpuError> {
        let (gates, rows) = (self.gates(), self.rows());
        check_length(
            "w_hh",
            weight.len(),
            &[self.directions.len(), gates, self.hidden],
        )?;
        check_length("grad", grad.len(), &[rows, self.hidden])?;
        check_length("previous", previous.len(), &[rows, self.hidden])?;
        check_length("lengths", trace.lengths.len(), &[self.lengths.len()])?;
        let shape = self.shape()?;
        let mut gradients = Gradients {
            of_input: gpu.alloc(rows * gates)?,
            of_state: gpu.alloc(rows * gates)?,
        };
        let (name, parts) = match (self.cell, self.hidden) {
            (Cell::Gru, 32) => ("gru_backward_32", 3),
            (Cell::Gru, 64) => ("gru_backward_64", 3),
            (Cell::Gru, 128) => ("gru_backward_128", 3),
            (Cell::Lstm, 32) => ("lstm_backward_32", 4),
            (Cell::Lstm, 64) => ("lstm_backward_64", 4),
            // As many parts of a step's product as there are threads for.
            (cell, hidden) => {
                let name = match cell {
                    Cell::Gru => "gru_backward",
                    Cell::Lstm => "lstm_backward",
                };
                (name, (MOST_THREADS as usize / hidden.max(1)).clamp(1, 8))
            }
        };
        let parts_argument = narrow(parts)?;
        let mut launch = gpu.kernel(name);
        launch
            .arg(weight)
            .arg(&trace.lengths)
            .arg(&trace.gates)
            .arg(previous);
        launch.arg(grad);
        launch
            .arg(&mut gradients.of_input)
            .arg(&mut gradients.of_state);
        launch.arg(&shape).arg(&parts_argument);
        let floats = 2 * self.hidden + gates + parts * self.hidden;
        // SAFETY: the kernel takes these arguments, which fit the shape.
        unsafe { launch.launch(self.launch(parts * self.hidden, floats)?) }?;
        Ok(gradients)
    }

    fn gates(&self) -> usize {
        self.cell.gates() * self.hidden
    }

    fn rows(&self) -> usize {
        self.lengths.len() * self.steps * self.directions.len()
    }

    fn shape(&self) -> Result<Shape, GpuError> {
        let reversed = (self.directions.iter().enumerate())
            .filter(|(_, direction)| **direction == Direction::Backward)
            .map(|(index, _)| 1u32.checked_shl(index as u32).unwrap_or(0))
            .sum();
        Ok(Shape {
            batch: narrow(self.lengths.len())?,
            steps: narrow(self.steps)?,
            directions: narrow(self.directions.len())?,
            hidden: narrow(self.hidden)?,
            reversed,
        })
    }

    /// A block for each sequence and direction, of about so many threads.
    fn launch(&self, threads: usize, floats: usize) -> Result<LaunchConfig, GpuError> {
        let threads = narrow(threads)?
            .next_multiple_of(WARP)
            .clamp(WARP, MOST_THREADS);
        Ok(grid(
            [
                narrow(self.lengths.len())?,
                narrow(self.directions.len())?,
                1,
            ],
            [threads, 1],
            narrow(floats * size_of::<f32>())?,
        ))
    }
}

/// Whether the kernels take states of this width: a step must fit into a block's memory.
pub fn takes(hidden: usize) -> bool {
    hidden <= 1024
}
