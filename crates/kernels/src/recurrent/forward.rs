//! The states of a batch, step by step.

use pulp::{Simd, WithSimd};

use super::packing::Packing;
use super::{Cell, Recurrence};
use crate::activation::{sigmoid, tanh};
use crate::matmul::{Factor, SMALL, Write, in_order::SmallMatrix, matrix_vector, multiply};

/// Rows within wider rows: row r is what begins at `start + r · stride`.
#[derive(Debug)]
pub(crate) struct Stride<S> {
    pub(crate) values: S,
    pub(crate) start: usize,
    pub(crate) stride: usize,
}

impl<S> Stride<S> {
    /// Rows of `width` that lie one after the other.
    pub(super) fn whole(values: S, width: usize) -> Self {
        Self {
            values,
            start: 0,
            stride: width,
        }
    }

    fn at(&self, row: usize) -> usize {
        self.start + row * self.stride
    }
}

/// The state's part of all gates, in whatever form the weights are.
pub(crate) trait StateProduct {
    /// `states [running, hidden]` to `products [running, G·hidden]`, `bias [G·hidden]` added.
    fn multiply<S: Simd>(
        &mut self,
        simd: S,
        states: &[f32],
        running: usize,
        bias: &[f32],
        products: &mut [f32],
    );
}

/// By weights in f32.
pub(super) struct FloatState<'a> {
    w_hh: &'a [f32],
    /// For more than one sequence at once.
    transposed: Vec<f32>,
    small: Option<SmallMatrix<'a>>,
    hidden: usize,
}

impl<'a> FloatState<'a> {
    pub(super) fn new(w_hh: &'a [f32], hidden: usize, batch: usize) -> Self {
        Self {
            w_hh,
            transposed: match hidden > 0 && batch > 1 && w_hh.len() >= SMALL {
                true => transpose(w_hh, hidden),
                false => Vec::new(),
            },
            small: (w_hh.len() < SMALL).then(|| SmallMatrix::new(w_hh, hidden)),
            hidden,
        }
    }
}

impl StateProduct for FloatState<'_> {
    #[inline(always)]
    fn multiply<S: Simd>(
        &mut self,
        simd: S,
        states: &[f32],
        running: usize,
        bias: &[f32],
        products: &mut [f32],
    ) {
        let gates = bias.len();
        if let Some(small) = &mut self.small {
            return small.affine_by(simd, states, bias, products);
        }
        if running == 1 {
            matrix_vector(self.w_hh, states, products);
        } else {
            let left = Factor::plain(states, running, self.hidden);
            let right = Factor::padded(&self.transposed, self.hidden, gates, gates + PADDING);
            multiply(left, right, products, Write::Replace);
        }
        for row in products.chunks_exact_mut(gates) {
            for (product, bias) in row.iter_mut().zip(bias) {
                *product += bias;
            }
        }
    }
}

/// The arguments, as an operation of `pulp`: its body is compiled once for every vector extension that a machine may
/// have. None of its loops fuses a multiply with an add, so that they give the same bits everywhere.
pub(super) struct Pass<'a, P> {
    pub(super) recurrence: &'a Recurrence<'a>,
    pub(super) product: P,
    pub(super) b_hh: &'a [f32],
    pub(super) projected: Stride<&'a [f32]>,
    pub(super) output: Stride<&'a mut [f32]>,
}

impl<P: StateProduct> WithSimd for Pass<'_, P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        steps(simd, self);
    }
}

#[inline(always)]
fn steps<S: Simd, P: StateProduct>(simd: S, pass: Pass<P>) {
    let Pass {
        recurrence,
        mut product,
        b_hh,
        projected,
        output,
    } = pass;
    let (hidden, gates, batch) = (recurrence.hidden, recurrence.gates(), recurrence.batch());
    let packing = Packing::new(recurrence);
    if hidden == 0 {
        return;
    }
    let mut states = vec![0.0; batch * hidden];
    let mut memories = match recurrence.cell {
        Cell::Gru => Vec::new(),
        Cell::Lstm => vec![0.0; batch * hidden],
    };
    let mut products = vec![0.0; batch * gates];
    for step in packing.steps() {
        let running = packing.running(step);
        let states_before = &states[..running.len() * hidden];
        let products_now = &mut products[..running.len() * gates];
        product.multiply(simd, states_before, running.len(), b_hh, products_now);
        for (rank, &sequence) in running.iter().enumerate() {
            let row = sequence * recurrence.steps + step;
            let state = &mut states[rank * hidden..][..hidden];
            let input = &projected.values[projected.at(row)..][..gates];
            let product = &products[rank * gates..][..gates];
            match recurrence.cell {
                Cell::Gru => gru(input, product, state),
                Cell::Lstm => {
                    let memory = &mut memories[rank * hidden..][..hidden];
                    lstm(input, product, memory, state);
                }
            }
            let at = output.at(row);
            output.values[at..at + hidden].copy_from_slice(state);
        }
    }
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

/// h ← (1 − z) ∘ n + z ∘ h, with n = tanh(x_n + r ∘ (W_hn h + b_hn)); `product` has the biases of the state's part.
#[inline(always)]
fn gru(input: &[f32], product: &[f32], state: &mut [f32]) {
    let [x_r, x_z, x_n] = blocks(input, state.len());
    let [p_r, p_z, p_n] = blocks(product, state.len());
    for (i, h) in state.iter_mut().enumerate() {
        let r = sigmoid(x_r[i] + p_r[i]);
        let z = sigmoid(x_z[i] + p_z[i]);
        let n = tanh(x_n[i] + r * p_n[i]);
        *h = n + z * (*h - n);
    }
}

/// c ← f ∘ c + i ∘ g, h ← o ∘ tanh(c).
#[inline(always)]
fn lstm(input: &[f32], product: &[f32], memory: &mut [f32], state: &mut [f32]) {
    let hidden = state.len();
    let [x_i, x_f, x_g, x_o] = blocks(input, hidden);
    let [p_i, p_f, p_g, p_o] = blocks(product, hidden);
    for (k, (h, c)) in state.iter_mut().zip(memory).enumerate() {
        let i = sigmoid(x_i[k] + p_i[k]);
        let f = sigmoid(x_f[k] + p_f[k]);
        let g = tanh(x_g[k] + p_g[k]);
        let o = sigmoid(x_o[k] + p_o[k]);
        *c = f * *c + i * g;
        *h = o * tanh(*c);
    }
}

/// The gates of one row, each `[hidden]`.
#[inline(always)]
pub(super) fn blocks<const GATES: usize>(row: &[f32], hidden: usize) -> [&[f32]; GATES] {
    std::array::from_fn(|gate| &row[gate * hidden..][..hidden])
}
