//! The states of a batch, step by step.

use super::packing::Packing;
use super::{Cell, Recurrence, Weights};
use crate::activation::{sigmoid, tanh};
use crate::matmul::{Factor, Write, matrix_vector, multiply};

pub(super) fn run(recurrence: &Recurrence, projected: &[f32], weights: Weights) -> Vec<f32> {
    pulp::Arch::new().dispatch(Pass {
        recurrence,
        projected,
        weights,
    })
}

/// The arguments, as an operation of `pulp`: its body is compiled once for every vector extension that a machine may
/// have. None of its loops fuses a multiply with an add, so that they give the same bits everywhere.
struct Pass<'a> {
    recurrence: &'a Recurrence<'a>,
    projected: &'a [f32],
    weights: Weights<'a>,
}

impl pulp::WithSimd for Pass<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Self::Output {
        steps(self.recurrence, self.projected, self.weights)
    }
}

#[inline(always)]
fn steps(recurrence: &Recurrence, projected: &[f32], weights: Weights) -> Vec<f32> {
    let (hidden, gates, batch) = (recurrence.hidden, recurrence.gates(), recurrence.batch());
    let packing = Packing::new(recurrence);
    let mut output = vec![0.0; batch * recurrence.steps * hidden];
    if hidden == 0 {
        return output;
    }
    let mut states = vec![0.0; batch * hidden];
    let mut memories = match recurrence.cell {
        Cell::Gru => Vec::new(),
        Cell::Lstm => vec![0.0; batch * hidden],
    };
    let mut products = vec![0.0; batch * gates];
    let transposed = if batch > 1 {
        transpose(weights.w_hh, hidden)
    } else {
        Vec::new()
    };
    for step in packing.steps() {
        let running = packing.running(step);
        let states_before = &states[..running.len() * hidden];
        let products_now = &mut products[..running.len() * gates];
        if running.len() == 1 {
            matrix_vector(weights.w_hh, states_before, products_now);
        } else {
            let left = Factor::plain(states_before, running.len(), hidden);
            let right = Factor::padded(&transposed, hidden, gates, gates + PADDING);
            multiply(left, right, products_now, Write::Replace);
        }
        for (rank, &sequence) in running.iter().enumerate() {
            let row = sequence * recurrence.steps + step;
            let state = &mut states[rank * hidden..][..hidden];
            let input = &projected[row * gates..][..gates];
            let product = &products[rank * gates..][..gates];
            match recurrence.cell {
                Cell::Gru => gru(input, product, weights.b_hh, state),
                Cell::Lstm => {
                    let memory = &mut memories[rank * hidden..][..hidden];
                    lstm(input, product, weights.b_hh, memory, state);
                }
            }
            output[row * hidden..][..hidden].copy_from_slice(state);
        }
    }
    output
}

/// Unused elements after each row of the transposed weights: with rows a power of two long, all elements of a column
/// would compete for the same few lines of the cache.
const PADDING: usize = 16;

/// W_hhᵀ, `[hidden, gates + PADDING]`: a product by it, unlike one by W_hh read as its transpose, needs no packing at
/// every step.
fn transpose(w_hh: &[f32], hidden: usize) -> Vec<f32> {
    let stride = w_hh.len() / hidden + PADDING;
    let mut transposed = vec![0.0; hidden * stride];
    for (gate, row) in w_hh.chunks_exact(hidden).enumerate() {
        for (k, &weight) in row.iter().enumerate() {
            transposed[k * stride + gate] = weight;
        }
    }
    transposed
}

/// h ← (1 − z) ∘ n + z ∘ h, with n = tanh(x_n + r ∘ (W_hn h + b_hn)).
#[inline(always)]
fn gru(input: &[f32], product: &[f32], bias: &[f32], state: &mut [f32]) {
    let [x_r, x_z, x_n] = blocks(input, state.len());
    let [p_r, p_z, p_n] = blocks(product, state.len());
    let [b_r, b_z, b_n] = blocks(bias, state.len());
    for (i, h) in state.iter_mut().enumerate() {
        let r = sigmoid(x_r[i] + (p_r[i] + b_r[i]));
        let z = sigmoid(x_z[i] + (p_z[i] + b_z[i]));
        let n = tanh(x_n[i] + r * (p_n[i] + b_n[i]));
        *h = n + z * (*h - n);
    }
}

/// c ← f ∘ c + i ∘ g, h ← o ∘ tanh(c).
#[inline(always)]
fn lstm(input: &[f32], product: &[f32], bias: &[f32], memory: &mut [f32], state: &mut [f32]) {
    let hidden = state.len();
    let [x_i, x_f, x_g, x_o] = blocks(input, hidden);
    let [p_i, p_f, p_g, p_o] = blocks(product, hidden);
    let [b_i, b_f, b_g, b_o] = blocks(bias, hidden);
    for (k, (h, c)) in state.iter_mut().zip(memory).enumerate() {
        let i = sigmoid(x_i[k] + (p_i[k] + b_i[k]));
        let f = sigmoid(x_f[k] + (p_f[k] + b_f[k]));
        let g = tanh(x_g[k] + (p_g[k] + b_g[k]));
        let o = sigmoid(x_o[k] + (p_o[k] + b_o[k]));
        *c = f * *c + i * g;
        *h = o * tanh(*c);
    }
}

/// The gates of one row, each `[hidden]`.
#[inline(always)]
pub(super) fn blocks<const GATES: usize>(row: &[f32], hidden: usize) -> [&[f32]; GATES] {
    std::array::from_fn(|gate| &row[gate * hidden..][..hidden])
}
