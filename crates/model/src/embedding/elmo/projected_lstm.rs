//! LSTM whose state is a projection of its output, both clipped (Sak et al. 2014; TensorFlow's `LSTMCell`).
//!
//! Composed of Candle's operations: the fused kernels know no projection, and a frozen layer runs once a sentence.

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder, ops::sigmoid};

use crate::config::ElmoConfig;

/// What a layer carries from step to step.
#[derive(Debug, Clone)]
pub struct LstmState {
    /// `[batch, projection]`
    pub hidden: Tensor,
    /// `[batch, cell]`
    pub cell: Tensor,
}

/// One direction of one layer, with PyTorch's gates (i, f, g, o) and the names of its LSTM with `proj_size`.
#[derive(Debug)]
pub(super) struct ProjectedLstm {
    /// `[4·cell, input]`
    weight_ih: Tensor,
    /// `[4·cell, projection]`
    weight_hh: Tensor,
    /// `[4·cell]`
    bias: Tensor,
    /// `[projection, cell]`
    weight_hr: Tensor,
    cell_clip: Option<f32>,
    projection_clip: Option<f32>,
}

impl ProjectedLstm {
    pub(super) fn new(config: &ElmoConfig, vb: VarBuilder) -> Result<Self> {
        let (cell, projection) = (config.cell, config.projection);
        let bound = 1. / (cell.max(1) as f64).sqrt();
        let init = Init::Uniform {
            lo: -bound,
            up: bound,
        };
        Ok(Self {
            weight_ih: vb.get_with_hints((4 * cell, projection), "weight_ih", init)?,
            weight_hh: vb.get_with_hints((4 * cell, projection), "weight_hh", init)?,
            bias: vb.get_with_hints(4 * cell, "bias", init)?,
            weight_hr: vb.get_with_hints((projection, cell), "weight_hr", init)?,
            cell_clip: config.cell_clip,
            projection_clip: config.projection_clip,
        })
    }

    /// `[batch, steps, input]` to the states after every step, `[batch, steps, projection]`, and to what each sequence
    /// carries on after its own last step. `lengths` gives each sequence's valid steps, which come first; states at
    /// later steps mean nothing.
    pub(super) fn forward(
        &self,
        xs: &Tensor,
        lengths: &[usize],
        start: &LstmState,
    ) -> Result<(Tensor, LstmState)> {
        let (batch, steps, input) = xs.dims3()?;
        let projected = xs
            .reshape((batch * steps, input))?
            .matmul(&self.weight_ih.t()?)?
            .broadcast_add(&self.bias)?
            .reshape((batch, steps, ()))?;
        let mut state = start.clone();
        let mut outputs = Vec::with_capacity(steps);
        for step in 0..steps {
            let gates = projected.narrow(1, step, 1)?.squeeze(1)?;
            let next = self.step(&gates, &state)?;
            state = if lengths.iter().all(|&length| step < length) {
                next
            } else {
                let runs = lengths.iter().map(|&length| u8::from(step < length));
                let runs = Tensor::from_iter(runs, xs.device())?.reshape((batch, 1))?;
                let choose = |new: &Tensor, old: &Tensor| {
                    runs.broadcast_as(new.shape())?.where_cond(new, old)
                };
                LstmState {
                    hidden: choose(&next.hidden, &state.hidden)?,
                    cell: choose(&next.cell, &state.cell)?,
                }
            };
            outputs.push(state.hidden.clone());
        }
        Ok((Tensor::stack(&outputs, 1)?, state))
    }

    /// `gates [batch, 4·cell]` is the input's part of them.
    fn step(&self, gates: &Tensor, state: &LstmState) -> Result<LstmState> {
        let gates = (gates + state.hidden.matmul(&self.weight_hh.t()?)?)?.chunk(4, 1)?;
        let [input, forget, candidate, output] = &gates[..] else {
            candle_core::bail!("an LSTM has four gates");
        };
        let kept = (sigmoid(forget)? * &state.cell)?;
        let cell = clip(
            (kept + (sigmoid(input)? * candidate.tanh()?)?)?,
            self.cell_clip,
        )?;
        let hidden = (sigmoid(output)? * cell.tanh()?)?.matmul(&self.weight_hr.t()?)?;
        Ok(LstmState {
            hidden: clip(hidden, self.projection_clip)?,
            cell,
        })
    }
}

fn clip(xs: Tensor, bound: Option<f32>) -> Result<Tensor> {
    match bound {
        Some(bound) => xs.clamp(-bound, bound),
        None => Ok(xs),
    }
}
