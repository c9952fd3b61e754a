//! The states of a recurrent layer out of Candle's own operations: any device, and the twin of the fused path.

use candle_core::{Result, Tensor};
use candle_nn::ops::sigmoid;
use spanarc_kernels::recurrent::{Cell, Direction};

/// `projected [batch, steps, G·hidden]`, W_hh and b_hh to the states `[batch, steps, hidden]`.
pub(super) fn states(
    cell: Cell,
    direction: Direction,
    projected: &Tensor,
    weight_hh: &Tensor,
    bias_hh: &Tensor,
    lengths: &[usize],
) -> Result<Tensor> {
    let (batch, steps, _) = projected.dims3()?;
    let hidden = weight_hh.dim(1)?;
    let (device, dtype) = (projected.device(), projected.dtype());
    let weight = weight_hh.t()?.contiguous()?;
    let zeros = Tensor::zeros((batch, hidden), dtype, device)?;
    let (mut state, mut memory) = (zeros.clone(), zeros);
    let mut states = Vec::with_capacity(steps);
    for count in 0..steps {
        let step = match direction {
            Direction::Forward => count,
            Direction::Backward => steps - 1 - count,
        };
        let input = projected.narrow(1, step, 1)?.squeeze(1)?;
        let product = state.matmul(&weight)?.broadcast_add(bias_hh)?;
        let (next_state, next_memory) = match cell {
            Cell::Gru => (gru(&input, &product, &state)?, memory),
            Cell::Lstm => lstm(&input, &product, &memory)?,
        };
        // Padding keeps both at zero, which is where a sequence read backward starts.
        let running: Vec<f32> = lengths
            .iter()
            .map(|length| f32::from(u8::from(step < *length)))
            .collect();
        let running = Tensor::from_vec(running, (batch, 1), device)?.to_dtype(dtype)?;
        state = next_state.broadcast_mul(&running)?;
        memory = next_memory.broadcast_mul(&running)?;
        states.push(state.clone());
    }
    if direction == Direction::Backward {
        states.reverse();
    }
    Tensor::stack(&states, 1)
}

/// h' = n + z ∘ (h − n), with n = tanh(x_n + r ∘ (W_hn h + b_hn)); input and product are `[batch, 3·hidden]`.
fn gru(input: &Tensor, product: &Tensor, state: &Tensor) -> Result<Tensor> {
    let (x, p) = (input.chunk(3, 1)?, product.chunk(3, 1)?);
    let r = sigmoid(&(&x[0] + &p[0])?)?;
    let z = sigmoid(&(&x[1] + &p[1])?)?;
    let n = (&x[2] + (r * &p[2])?)?.tanh()?;
    &n + (z * (state - &n)?)?
}

/// c' = f ∘ c + i ∘ g and h' = o ∘ tanh(c'), as (h', c'); input and product are `[batch, 4·hidden]`.
fn lstm(input: &Tensor, product: &Tensor, memory: &Tensor) -> Result<(Tensor, Tensor)> {
    let gates = (input + product)?.chunk(4, 1)?;
    let (i, f, g, o) = (
        sigmoid(&gates[0])?,
        sigmoid(&gates[1])?,
        gates[2].tanh()?,
        sigmoid(&gates[3])?,
    );
    let memory = ((f * memory)? + (i * g)?)?;
    Ok(((o * memory.tanh()?)?, memory))
}
