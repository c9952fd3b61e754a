//! Backpropagation through time.
//!
//! All previous states are gathered without padding (`[rows, hidden]`, see [`Packing`]); one product gives every
//! gate's argument, a walk against the order of reading gives the gradients of those arguments, and two products and a
//! sum turn them into the gradients of the weights.

use super::forward::blocks;
use super::packing::Packing;
use super::{Cell, Gradients, Recurrence, Weights};
use crate::activation::{sigmoid, tanh};
use crate::matmul::{Factor, Write, multiply};

pub(super) fn run(
    recurrence: &Recurrence,
    projected: &[f32],
    weights: Weights,
    output: &[f32],
    grad_output: &[f32],
) -> Gradients {
    pulp::Arch::new().dispatch(Pass {
        recurrence,
        projected,
        weights,
        output,
        grad_output,
    })
}

/// The arguments, as an operation of `pulp`; see the forward pass.
struct Pass<'a> {
    recurrence: &'a Recurrence<'a>,
    projected: &'a [f32],
    weights: Weights<'a>,
    output: &'a [f32],
    grad_output: &'a [f32],
}

impl pulp::WithSimd for Pass<'_> {
    type Output = Gradients;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Self::Output {
        through_time(
            self.recurrence,
            self.projected,
            self.weights,
            self.output,
            self.grad_output,
        )
    }
}

#[inline(always)]
fn through_time(
    recurrence: &Recurrence,
    projected: &[f32],
    weights: Weights,
    output: &[f32],
    grad_output: &[f32],
) -> Gradients {
    let (hidden, gates, steps) = (recurrence.hidden, recurrence.gates(), recurrence.steps);
    let packing = Packing::new(recurrence);
    let rows = packing.rows();
    let mut grads = Gradients {
        projected: vec![0.0; projected.len()],
        w_hh: vec![0.0; weights.w_hh.len()],
        b_hh: vec![0.0; weights.b_hh.len()],
    };
    if hidden == 0 || rows == 0 {
        return grads;
    }

    let previous = previous_states(recurrence, &packing, output);
    // Holds W_hh h at first, then (LSTM) the gates, and in the end the gradient of W_hh h + b_hh.
    let mut products = vec![0.0; rows * gates];
    multiply(
        Factor::plain(&previous, rows, hidden),
        Factor::transposed(weights.w_hh, hidden, gates),
        &mut products,
        Write::Replace,
    );
    let memories = match recurrence.cell {
        Cell::Gru => Vec::new(),
        Cell::Lstm => lstm_gates(recurrence, &packing, projected, weights.b_hh, &mut products),
    };

    let mut grad_states = vec![0.0; recurrence.batch() * hidden];
    let mut grad_memories = vec![0.0; memories.len().min(grad_states.len())];
    for step in packing.steps().rev() {
        let running = packing.running(step);
        for (rank, &sequence) in running.iter().enumerate() {
            let (row, packed) = (sequence * steps + step, packing.offset(step) + rank);
            let grad_state = &mut grad_states[rank * hidden..][..hidden];
            for (total, grad) in grad_state
                .iter_mut()
                .zip(&grad_output[row * hidden..][..hidden])
            {
                *total += grad;
            }
            let product = &mut products[packed * gates..][..gates];
            let grad_input = &mut grads.projected[row * gates..][..gates];
            match recurrence.cell {
                Cell::Gru => {
                    let input = &projected[row * gates..][..gates];
                    let before = &previous[packed * hidden..][..hidden];
                    gru(input, weights.b_hh, before, grad_state, product, grad_input);
                }
                Cell::Lstm => {
                    let memory = &memories[packed * hidden..][..hidden];
                    let before = packing
                        .previous(step, rank)
                        .map(|step| &memories[(packing.offset(step) + rank) * hidden..][..hidden]);
                    let grad_memory = &mut grad_memories[rank * hidden..][..hidden];
                    lstm(memory, before, grad_memory, grad_state, product, grad_input);
                }
            }
        }
        let running = running.len();
        multiply(
            Factor::plain(
                &products[packing.offset(step) * gates..][..running * gates],
                running,
                gates,
            ),
            Factor::plain(weights.w_hh, gates, hidden),
            &mut grad_states[..running * hidden],
            Write::Add,
        );
    }

    multiply(
        Factor::transposed(&products, gates, rows),
        Factor::plain(&previous, rows, hidden),
        &mut grads.w_hh,
        Write::Replace,
    );
    for product in products.chunks_exact(gates) {
        for (total, grad) in grads.b_hh.iter_mut().zip(product) {
            *total += grad;
        }
    }
    grads
}

/// The state that every step started from, `[rows, hidden]`.
fn previous_states(recurrence: &Recurrence, packing: &Packing, output: &[f32]) -> Vec<f32> {
    let hidden = recurrence.hidden;
    let mut previous = vec![0.0; packing.rows() * hidden];
    for step in packing.steps() {
        for (rank, &sequence) in packing.running(step).iter().enumerate() {
            if let Some(before) = packing.previous(step, rank) {
                previous[(packing.offset(step) + rank) * hidden..][..hidden].copy_from_slice(
                    &output[(sequence * recurrence.steps + before) * hidden..][..hidden],
                );
            }
        }
    }
    previous
}

/// Turns the products `[rows, 4·hidden]` into the gates i, f, g, o; returns the memory after every step,
/// `[rows, hidden]`.
#[inline(always)]
fn lstm_gates(
    recurrence: &Recurrence,
    packing: &Packing,
    projected: &[f32],
    bias: &[f32],
    products: &mut [f32],
) -> Vec<f32> {
    let (hidden, gates) = (recurrence.hidden, recurrence.gates());
    let mut memories = vec![0.0; packing.rows() * hidden];
    for step in packing.steps() {
        for (rank, &sequence) in packing.running(step).iter().enumerate() {
            let (row, packed) = (
                sequence * recurrence.steps + step,
                packing.offset(step) + rank,
            );
            if let Some(before) = packing.previous(step, rank) {
                let before = (packing.offset(before) + rank) * hidden;
                memories.copy_within(before..before + hidden, packed * hidden);
            }
            let [x_i, x_f, x_g, x_o] = blocks(&projected[row * gates..][..gates], hidden);
            let [b_i, b_f, b_g, b_o] = blocks(bias, hidden);
            let [i, f, g, o] = blocks_mut(&mut products[packed * gates..][..gates], hidden);
            for (k, c) in memories[packed * hidden..][..hidden].iter_mut().enumerate() {
                i[k] = sigmoid(x_i[k] + (i[k] + b_i[k]));
                f[k] = sigmoid(x_f[k] + (f[k] + b_f[k]));
                g[k] = tanh(x_g[k] + (g[k] + b_g[k]));
                o[k] = sigmoid(x_o[k] + (o[k] + b_o[k]));
                *c = f[k] * *c + i[k] * g[k];
            }
        }
    }
    memories
}

/// One step of one sequence. `grad_state` goes from the gradient of the state after the step to that part of the
/// gradient of the state before it which does not pass through W_hh; `product` from W_hh h to its gradient.
#[inline(always)]
fn gru(
    input: &[f32],
    bias: &[f32],
    before: &[f32],
    grad_state: &mut [f32],
    product: &mut [f32],
    grad_input: &mut [f32],
) {
    let hidden = before.len();
    let [x_r, x_z, x_n] = blocks(input, hidden);
    let [b_r, b_z, b_n] = blocks(bias, hidden);
    let [p_r, p_z, p_n] = blocks_mut(product, hidden);
    let [g_r, g_z, g_n] = blocks_mut(grad_input, hidden);
    for (k, grad) in grad_state.iter_mut().enumerate() {
        let candidate = p_n[k] + b_n[k];
        let r = sigmoid(x_r[k] + (p_r[k] + b_r[k]));
        let z = sigmoid(x_z[k] + (p_z[k] + b_z[k]));
        let n = tanh(x_n[k] + r * candidate);
        let grad_n = *grad * (1.0 - z) * (1.0 - n * n);
        let grad_z = *grad * (before[k] - n) * z * (1.0 - z);
        let grad_r = grad_n * candidate * r * (1.0 - r);
        (g_r[k], g_z[k], g_n[k]) = (grad_r, grad_z, grad_n);
        (p_r[k], p_z[k], p_n[k]) = (grad_r, grad_z, grad_n * r);
        *grad *= z;
    }
}

/// As [`gru`], with the memory after and before the step (none where it starts) and its gradient; `gates` goes from
/// i, f, g, o to the gradient of W_hh h. The whole gradient of the state before passes through W_hh.
#[inline(always)]
fn lstm(
    memory: &[f32],
    before: Option<&[f32]>,
    grad_memory: &mut [f32],
    grad_state: &mut [f32],
    gates: &mut [f32],
    grad_input: &mut [f32],
) {
    let hidden = memory.len();
    let [i, f, g, o] = blocks_mut(gates, hidden);
    for (k, (grad, grad_c)) in grad_state.iter_mut().zip(grad_memory).enumerate() {
        let t = tanh(memory[k]);
        let before = before.map_or(0.0, |before| before[k]);
        let grad_o = *grad * t * o[k] * (1.0 - o[k]);
        let total = *grad_c + *grad * o[k] * (1.0 - t * t);
        let grad_i = total * g[k] * i[k] * (1.0 - i[k]);
        let grad_g = total * i[k] * (1.0 - g[k] * g[k]);
        let grad_f = total * before * f[k] * (1.0 - f[k]);
        *grad_c = total * f[k];
        *grad = 0.0;
        (i[k], f[k], g[k], o[k]) = (grad_i, grad_f, grad_g, grad_o);
    }
    grad_input.copy_from_slice(gates);
}

/// The gates of one row, each `[hidden]`.
#[inline(always)]
fn blocks_mut<const GATES: usize>(row: &mut [f32], hidden: usize) -> [&mut [f32]; GATES] {
    let mut blocks = row.chunks_exact_mut(hidden);
    std::array::from_fn(|_| blocks.next().unwrap_or_default())
}
