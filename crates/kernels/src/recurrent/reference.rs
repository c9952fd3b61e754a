//! The scalar twin: the cells' equations in f64, one sequence and one unit at a time.

use super::{Cell, Direction, Gradients, Recurrence};

/// What [`Recurrence::forward`] computes, from arguments of the same shapes (which are not checked).
pub fn forward(recurrence: &Recurrence, projected: &[f64], w_hh: &[f64], b_hh: &[f64]) -> Vec<f64> {
    let mut output = vec![0.0; recurrence.lengths.len() * recurrence.steps * recurrence.hidden];
    for (row, trace) in traces(recurrence, projected, w_hh, b_hh) {
        output[row * recurrence.hidden..][..recurrence.hidden].copy_from_slice(&trace.state);
    }
    output
}

/// What [`Recurrence::backward`] computes, from arguments of the same shapes (which are not checked).
pub fn backward(
    recurrence: &Recurrence,
    projected: &[f64],
    w_hh: &[f64],
    b_hh: &[f64],
    grad_output: &[f64],
) -> Gradients {
    let hidden = recurrence.hidden;
    let gates = recurrence.cell.gates() * hidden;
    let mut grad_projected = vec![0.0; projected.len()];
    let mut grad_w = vec![0.0; w_hh.len()];
    let mut grad_b = vec![0.0; b_hh.len()];
    let (mut grad_state, mut grad_memory) = (vec![0.0; hidden], vec![0.0; hidden]);
    for (row, trace) in traces(recurrence, projected, w_hh, b_hh).into_iter().rev() {
        if trace.is_last {
            grad_state.fill(0.0);
            grad_memory.fill(0.0);
        }
        let mut grad_product = vec![0.0; gates];
        for k in 0..hidden {
            let grad = grad_state[k] + grad_output[row * hidden + k];
            let gate = |index: usize| trace.gates[index * hidden + k];
            let mut set = |index: usize, input: f64, product: f64| {
                grad_projected[row * gates + index * hidden + k] = input;
                grad_product[index * hidden + k] = product;
            };
            match recurrence.cell {
                Cell::Gru => {
                    let (r, z, n) = (gate(0), gate(1), gate(2));
                    let grad_n = grad * (1.0 - z) * (1.0 - n * n);
                    let grad_z = grad * (trace.state_before[k] - n) * z * (1.0 - z);
                    let grad_r = grad_n * trace.candidate[k] * r * (1.0 - r);
                    set(0, grad_r, grad_r);
                    set(1, grad_z, grad_z);
                    set(2, grad_n, grad_n * r);
                    grad_state[k] = grad * z;
                }
                Cell::Lstm => {
                    let (i, f, g, o) = (gate(0), gate(1), gate(2), gate(3));
                    let t = trace.memory[k].tanh();
                    let total = grad_memory[k] + grad * o * (1.0 - t * t);
                    let grads = [
                        total * g * i * (1.0 - i),
                        total * trace.memory_before[k] * f * (1.0 - f),
                        total * i * (1.0 - g * g),
                        grad * t * o * (1.0 - o),
                    ];
                    for (index, grad) in grads.into_iter().enumerate() {
                        set(index, grad, grad);
                    }
                    grad_memory[k] = total * f;
                    grad_state[k] = 0.0;
                }
            }
        }
        for gate in 0..gates {
            grad_b[gate] += grad_product[gate];
            for k in 0..hidden {
                grad_w[gate * hidden + k] += grad_product[gate] * trace.state_before[k];
                grad_state[k] += grad_product[gate] * w_hh[gate * hidden + k];
            }
        }
    }
    let narrow = |values: Vec<f64>| values.into_iter().map(|x| x as f32).collect();
    Gradients {
        projected: narrow(grad_projected),
        w_hh: narrow(grad_w),
        b_hh: narrow(grad_b),
    }
}

/// Everything about one step of one sequence.
struct Trace {
    /// Whether the step is the last one of its sequence in the order of reading.
    is_last: bool,
    state_before: Vec<f64>,
    state: Vec<f64>,
    memory_before: Vec<f64>,
    memory: Vec<f64>,
    /// `[G·hidden]`, after their non-linearities.
    gates: Vec<f64>,
    /// GRU: W_hn h + b_hn.
    candidate: Vec<f64>,
}

/// The traces of all valid steps with their rows in `[batch · steps]`, in the order of reading.
fn traces(
    recurrence: &Recurrence,
    projected: &[f64],
    w_hh: &[f64],
    b_hh: &[f64],
) -> Vec<(usize, Trace)> {
    let hidden = recurrence.hidden;
    let gates = recurrence.cell.gates() * hidden;
    let mut traces = Vec::new();
    for (sequence, &length) in recurrence.lengths.iter().enumerate() {
        let (mut state, mut memory) = (vec![0.0; hidden], vec![0.0; hidden]);
        for count in 0..length {
            let step = match recurrence.direction {
                Direction::Forward => count,
                Direction::Backward => length - 1 - count,
            };
            let row = sequence * recurrence.steps + step;
            let (state_before, memory_before) = (state.clone(), memory.clone());
            let mut values = vec![0.0; gates];
            let mut candidate = vec![0.0; hidden];
            for k in 0..hidden {
                let input = |gate: usize| projected[row * gates + gate * hidden + k];
                let product = |gate: usize| {
                    let row = gate * hidden + k;
                    b_hh[row]
                        + (0..hidden)
                            .map(|j| w_hh[row * hidden + j] * state_before[j])
                            .sum::<f64>()
                };
                match recurrence.cell {
                    Cell::Gru => {
                        let r = sigmoid(input(0) + product(0));
                        let z = sigmoid(input(1) + product(1));
                        candidate[k] = product(2);
                        let n = (input(2) + r * candidate[k]).tanh();
                        state[k] = (1.0 - z) * n + z * state_before[k];
                        (values[k], values[hidden + k], values[2 * hidden + k]) = (r, z, n);
                    }
                    Cell::Lstm => {
                        let i = sigmoid(input(0) + product(0));
                        let f = sigmoid(input(1) + product(1));
                        let g = (input(2) + product(2)).tanh();
                        let o = sigmoid(input(3) + product(3));
                        memory[k] = f * memory_before[k] + i * g;
                        state[k] = o * memory[k].tanh();
                        for (gate, value) in [i, f, g, o].into_iter().enumerate() {
                            values[gate * hidden + k] = value;
                        }
                    }
                }
            }
            let (state, memory) = (state.clone(), memory.clone());
            let is_last = count + 1 == length;
            traces.push((
                row,
                Trace {
                    is_last,
                    state_before,
                    state,
                    memory_before,
                    memory,
                    gates: values,
                    candidate,
                },
            ));
        }
    }
    traces
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
