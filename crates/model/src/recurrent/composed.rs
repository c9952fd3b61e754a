//! The states of recurrent layers out of Candle's own operations: any device, and the twin of the fused path.
//!
//! Both directions of a layer step together: a sequence that is read backward is reversed within its own length, so that
//! padding comes last in either and needs no masks. All steps are one differentiable operation with its gradient written
//! out. A graph of every step's operations would be walked by recursion as deep as the text is long, and each of its
//! nodes would cost an accumulator; here a step back is five small operations for a GRU, and the gradients of the weights
//! are one product over all steps.

use candle_core::{
    CpuStorage, CudaStorage, CustomOp3, Layout, Result, Shape, Storage, Tensor,
    backend::BackendStorage, bail,
};
use candle_nn::ops::sigmoid;
use spanarc_kernels::recurrent::{Cell, Direction};

use super::reading_order::ReadingOrder;

/// D layers that read the same batch, one a direction: `projected [batch, steps, D·G·hidden]`, W_hh
/// `[D, G·hidden, hidden]` and b_hh `[D, G·hidden]` to the states `[batch, steps, D·hidden]`, zero at padded steps.
pub(super) fn states(
    cell: Cell,
    directions: &[Direction],
    projected: &Tensor,
    weight_hh: &Tensor,
    bias_hh: &Tensor,
    lengths: &[usize],
) -> Result<Tensor> {
    let (batch, steps, _) = projected.dims3()?;
    let hidden = weight_hh.dim(2)?;
    let order = ReadingOrder::new(directions, lengths, steps, projected.device())?;
    let input = order
        .by_time(&projected.detach())?
        .reshape((steps, directions.len(), batch, cell.gates(), hidden))?
        .permute((0, 3, 1, 2, 4))?
        .contiguous()?;
    let trace = Trace::record(cell, &input, &weight_hh.detach(), &bias_hh.detach())?;
    let states = order.by_sentence(&Tensor::stack(&trace.states, 0)?)?;
    projected.apply_op3(
        weight_hh,
        bias_hh,
        States {
            order,
            trace,
            states,
        },
    )
}

/// What each step leaves for the way back; the tensors of a step are `[directions, batch, hidden]`.
struct Trace {
    states: Vec<Tensor>,
    /// r and z of a GRU, i and f of an LSTM, `[2, directions, batch, hidden]`.
    sigmoids: Vec<Tensor>,
    cell: CellTrace,
}

enum CellTrace {
    Gru {
        n: Vec<Tensor>,
        /// W_hn h + b_hn
        product: Vec<Tensor>,
    },
    Lstm {
        g: Vec<Tensor>,
        o: Vec<Tensor>,
        memory: Vec<Tensor>,
    },
}

impl Trace {
    /// Runs all steps. `input` is `[steps, G, directions, batch, hidden]`, so that each gate of a step is contiguous.
    fn record(cell: Cell, input: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Self> {
        let (steps, gates, directions, batch, hidden) = input.dims5()?;
        let weight = weight.transpose(1, 2)?;
        let bias = bias
            .reshape((directions, 1, gates, hidden))?
            .permute((2, 0, 1, 3))?
            .broadcast_as((gates, directions, batch, hidden))?
            .contiguous()?;
        let mut state = Tensor::zeros((directions, batch, hidden), input.dtype(), input.device())?;
        let mut trace = Self {
            states: Vec::with_capacity(steps),
            sigmoids: Vec::with_capacity(steps),
            cell: match cell {
                Cell::Gru => CellTrace::Gru {
                    n: Vec::with_capacity(steps),
                    product: Vec::with_capacity(steps),
                },
                Cell::Lstm => CellTrace::Lstm {
                    g: Vec::with_capacity(steps),
                    o: Vec::with_capacity(steps),
                    memory: Vec::with_capacity(steps),
                },
            },
        };
        for time in 0..steps {
            let input = input.get(time)?;
            let product = state
                .matmul(&weight)?
                .reshape((directions, batch, gates, hidden))?
                .permute((2, 0, 1, 3))?
                .contiguous()?
                .add(&bias)?;
            state = match &mut trace.cell {
                CellTrace::Gru {
                    n,
                    product: products,
                } => {
                    let rz = sigmoid(&(input.narrow(0, 0, 2)? + product.narrow(0, 0, 2)?)?)?;
                    let (r, z, product) = (rz.get(0)?, rz.get(1)?, product.get(2)?);
                    let new = (input.get(2)? + (r * &product)?)?.tanh()?;
                    let next = (&new + (z * (state - &new)?)?)?;
                    trace.sigmoids.push(rz);
                    n.push(new);
                    products.push(product);
                    next
                }
                CellTrace::Lstm { g, o, memory } => {
                    let gates = (input + product)?;
                    let input_forget = sigmoid(&gates.narrow(0, 0, 2)?)?;
                    let (new, output) = (gates.get(2)?.tanh()?, sigmoid(&gates.get(3)?)?);
                    let mut next = (input_forget.get(0)? * &new)?;
                    if let Some(last) = memory.last() {
                        next = (next + (input_forget.get(1)? * last)?)?;
                    }
                    let state = (&output * next.tanh()?)?;
                    trace.sigmoids.push(input_forget);
                    g.push(new);
                    o.push(output);
                    memory.push(next);
                    state
                }
            };
            trace.states.push(state.clone());
        }
        Ok(trace)
    }

    /// From the gradient of the states by time, `[steps, directions, batch, hidden]`, to those of the gates'
    /// pre-activations, `[steps, directions, batch, G, hidden]`: with regard to the input's part of them, and to the
    /// state's.
    ///
    /// What a step multiplies its incoming gradient with is computed for all steps at once beforehand.
    fn gradients(&self, grad: &Tensor, weight: &Tensor) -> Result<(Tensor, Tensor)> {
        let (first, second) = {
            let sigmoids = Tensor::stack(&self.sigmoids, 1)?;
            (sigmoids.get(0)?, sigmoids.get(1)?)
        };
        match &self.cell {
            CellTrace::Gru { n, product } => {
                let (r, z, n) = (first, second, Tensor::stack(n, 0)?);
                let of_n = (one_minus(&z)? * one_minus(&n.sqr()?)?)?;
                let of_r = (&of_n * Tensor::stack(product, 0)? * slope(&r)?)?;
                let of_z = ((shifted(&self.states)? - n)? * slope(&z)?)?;
                let of_input = Tensor::stack(&[&of_r, &of_z, &of_n], 3)?;
                let of_state = Tensor::stack(&[&of_r, &of_z, &(of_n * r)?], 3)?;
                let totals = backward_in_time(grad, |total, time| {
                    let gates = of_state.get(time)?.broadcast_mul(&total.unsqueeze(2)?)?;
                    (total * z.get(time)?)? + gates.flatten_from(2)?.matmul(weight)?
                })?
                .unsqueeze(3)?;
                Ok((
                    of_input.broadcast_mul(&totals)?,
                    of_state.broadcast_mul(&totals)?,
                ))
            }
            CellTrace::Lstm { g, o, memory } => {
                let (i, f) = (first, second);
                let (g, o) = (Tensor::stack(g, 0)?, Tensor::stack(o, 0)?);
                let squashed = Tensor::stack(memory, 0)?.tanh()?;
                let of_memory = (&o * one_minus(&squashed.sqr()?)?)?;
                let of_o = (squashed * slope(&o)?)?;
                let of_i = (&g * slope(&i)?)?;
                let of_f = (shifted(memory)? * slope(&f)?)?;
                let of_g = (i * one_minus(&g.sqr()?)?)?;
                let of_gates = Tensor::stack(&[of_i, of_f, of_g], 3)?;
                let mut memory_grad: Option<Tensor> = None;
                let mut gates = Vec::new();
                backward_in_time(grad, |total, time| {
                    let mut into_memory = (total * of_memory.get(time)?)?;
                    if let Some(later) = memory_grad.take() {
                        into_memory = (into_memory + later)?;
                    }
                    let step = Tensor::cat(
                        &[
                            of_gates
                                .get(time)?
                                .broadcast_mul(&into_memory.unsqueeze(2)?)?,
                            (total * of_o.get(time)?)?.unsqueeze(2)?,
                        ],
                        2,
                    )?;
                    memory_grad = Some((into_memory * f.get(time)?)?);
                    let before = step.flatten_from(2)?.matmul(weight);
                    gates.push(step);
                    before
                })?;
                gates.reverse();
                let gates = Tensor::stack(&gates, 0)?;
                Ok((gates.clone(), gates))
            }
        }
    }
}

/// The whole gradient of every state, given that which comes from outside, `[steps, …]`, and how a step hands its own
/// on to the state before it.
fn backward_in_time(
    grad: &Tensor,
    mut before: impl FnMut(&Tensor, usize) -> Result<Tensor>,
) -> Result<Tensor> {
    let mut totals: Vec<Tensor> = Vec::new();
    let mut later: Option<Tensor> = None;
    for time in (0..grad.dim(0)?).rev() {
        let mut total = grad.get(time)?;
        if let Some(later) = later {
            total = (total + later)?;
        }
        later = Some(before(&total, time)?);
        totals.push(total);
    }
    totals.reverse();
    Tensor::stack(&totals, 0)
}

/// The tensors of the steps before: zero, and all but the last.
fn shifted(steps: &[Tensor]) -> Result<Tensor> {
    let zero = steps[0].zeros_like()?;
    let before: Vec<&Tensor> = std::iter::once(&zero)
        .chain(&steps[..steps.len() - 1])
        .collect();
    Tensor::stack(&before, 0)
}

fn one_minus(xs: &Tensor) -> Result<Tensor> {
    xs.affine(-1., 1.)
}

/// σ' where `xs` is σ.
fn slope(xs: &Tensor) -> Result<Tensor> {
    xs * one_minus(xs)?
}

/// The states, computed beforehand, as a function of `projected`, W_hh and b_hh.
struct States {
    order: ReadingOrder,
    trace: Trace,
    states: Tensor,
}

impl CustomOp3 for States {
    fn name(&self) -> &'static str {
        "composed-recurrent-states"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (storage, layout) = self.states.storage_and_layout();
        match &*storage {
            Storage::Cpu(storage) => Ok((storage.try_clone(layout)?, layout.shape().clone())),
            _ => bail!("the states are not on the CPU, where the arguments are"),
        }
    }

    fn cuda_fwd(
        &self,
        _: &CudaStorage,
        _: &Layout,
        _: &CudaStorage,
        _: &Layout,
        _: &CudaStorage,
        _: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        let (storage, layout) = self.states.storage_and_layout();
        match &*storage {
            Storage::Cuda(storage) => Ok((storage.try_clone(layout)?, layout.shape().clone())),
            _ => bail!("the states are not on the GPU, where the arguments are"),
        }
    }

    fn bwd(
        &self,
        projected: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (directions, rows, _) = weight.dims3()?;
        let grad = self.order.by_time(grad)?;
        let (of_input, of_state) = self.trace.gradients(&grad, &weight.detach())?;
        // [directions, steps·batch, …], so that one product a direction adds up all steps.
        let by_direction = |xs: Tensor, width: usize| {
            xs.transpose(0, 1)?
                .contiguous()?
                .reshape((directions, (), width))
        };
        let of_state = by_direction(of_state.flatten_from(3)?, rows)?;
        let before = shifted(&self.trace.states)?;
        let hidden = before.dim(3)?;
        let of_weight = of_state
            .transpose(1, 2)?
            .matmul(&by_direction(before, hidden)?)?;
        let of_projected = self.order.by_sentence(&of_input.flatten_from(3)?)?;
        Ok((
            Some(of_projected.reshape(projected.shape())?),
            Some(of_weight),
            Some(of_state.sum(1)?.reshape(bias.shape())?),
        ))
    }
}
