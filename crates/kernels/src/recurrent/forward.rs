//! The states of a batch, step by step.

use super::packing::Packing;
use super::{Cell, Recurrence, Weights};
use crate::activation::{sigmoid, tanh};
use crate::matmul::{Factor, Write, matrix_vector, multiply};

pub(super) fn run(recurrence: &Recurrence, projected: &[f32], weights: Weights) -> Vec<f32> {
    // Compiles the loops once for every vector extension that the machine may have. None of them fuses a multiply with
    // an add, so that all give the same bits.
    pulp::Arch::new().dispatch(|| steps(recurrence, projected, weights))
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
    for step in packing.steps() {
        let running = packing.running(step);
        recur(
            weights.w_hh,
            &states[..running.len() * hidden],
            &mut products[..running.len() * gates],
            hidden,
        );
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

/// `products [rows, gates] = states [rows, hidden] · w_hhᵀ`.
#[inline(always)]
pub(super) fn recur(w_hh: &[f32], states: &[f32], products: &mut [f32], hidden: usize) {
    let rows = states.len() / hidden;
    let gates = w_hh.len() / hidden;
    if rows == 1 {
        matrix_vector(w_hh, states, products);
    } else {
        let (states, weights) = (
            Factor::plain(states, rows, hidden),
            Factor::transposed(w_hh, hidden, gates),
        );
        multiply(states, weights, products, Write::Replace);
    }
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
