//! Recurrent layers over padded batches: one direction, both, and stacks of both.
//!
//! On the CPU a layer runs the fused kernels of `spanarc-kernels`; elsewhere, and as their twin in tests, a composition
//! of Candle's own operations. Candle's recurrent layers fit neither: they know no padding and read in one direction.

mod composed;
mod fused;
mod packed;
mod reading_order;

use std::sync::Arc;

use candle_core::{Result, Tensor};
use candle_nn::{Init, VarBuilder};
use spanarc_kernels::recurrent::Direction;

use crate::{config::Cell, host, linear::affine, rows};

impl From<Cell> for spanarc_kernels::recurrent::Cell {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Gru => Self::Gru,
            Cell::Lstm => Self::Lstm,
        }
    }
}

/// One direction of a recurrent layer, with PyTorch's gates and parameter shapes (G is 3 for GRU, 4 for LSTM).
#[derive(Debug, Clone)]
pub struct RecurrentLayer {
    cell: spanarc_kernels::recurrent::Cell,
    direction: Direction,
    /// `[G·hidden, input]`
    weight_ih: Tensor,
    /// `[G·hidden, hidden]`
    weight_hh: Tensor,
    /// `[G·hidden]`
    bias_ih: Tensor,
    /// `[G·hidden]`
    bias_hh: Tensor,
}

impl RecurrentLayer {
    /// PyTorch's default initialisation: everything uniform in ±1/√hidden.
    pub fn new(
        cell: Cell,
        direction: Direction,
        input: usize,
        hidden: usize,
        vb: VarBuilder,
    ) -> Result<Self> {
        let cell = spanarc_kernels::recurrent::Cell::from(cell);
        let gates = cell.gates() * hidden;
        let bound = 1. / (hidden.max(1) as f64).sqrt();
        let init = Init::Uniform {
            lo: -bound,
            up: bound,
        };
        Ok(Self {
            cell,
            direction,
            weight_ih: vb.get_with_hints((gates, input), "weight_ih", init)?,
            weight_hh: vb.get_with_hints((gates, hidden), "weight_hh", init)?,
            bias_ih: vb.get_with_hints(gates, "bias_ih", init)?,
            bias_hh: vb.get_with_hints(gates, "bias_hh", init)?,
        })
    }

    /// `[batch, steps, input]` to the state after every step, `[batch, steps, hidden]`, zero at padded steps.
    ///
    /// `lengths` gives each sequence's valid steps, which come first. States start at zero, those of
    /// [`Direction::Backward`] at each sequence's own last step.
    pub fn forward(&self, xs: &Tensor, lengths: &[usize]) -> Result<Tensor> {
        if host::takes(xs) {
            self.fused(xs, lengths)
        } else {
            composed(&[self], xs, lengths)
        }
    }

    fn fused(&self, xs: &Tensor, lengths: &[usize]) -> Result<Tensor> {
        let (batch, steps, _) = xs.dims3()?;
        check_lengths(lengths, batch, steps)?;
        if batch == 0 || steps == 0 {
            let hidden = self.weight_hh.dim(1)?;
            return Tensor::zeros((batch, steps, hidden), xs.dtype(), xs.device());
        }
        let projected = project(xs, &self.weight_ih, &self.bias_ih)?;
        let (weight, bias) = (&self.weight_hh, &self.bias_hh);
        fused::states(self.cell, self.direction, &projected, weight, bias, lengths)
    }
}

/// The input's part of all gates at all steps as one flat product: `[batch, steps, input]` to `[batch, steps, gates]`.
fn project(xs: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let (batch, steps, input) = xs.dims3()?;
    let rows = xs.reshape((batch * steps, input))?;
    affine(&rows, weight, bias)?.reshape((batch, steps, ()))
}

/// The states of layers of one shape over the same input, side by side in the last dimension.
fn composed(layers: &[&RecurrentLayer], xs: &Tensor, lengths: &[usize]) -> Result<Tensor> {
    let (batch, steps, _) = xs.dims3()?;
    check_lengths(lengths, batch, steps)?;
    let of = |parameter: fn(&RecurrentLayer) -> &Tensor| -> Vec<&Tensor> {
        layers.iter().map(|layer| parameter(layer)).collect()
    };
    let weight = Tensor::stack(&of(|layer| &layer.weight_hh), 0)?;
    if batch == 0 || steps == 0 {
        let width = layers.len() * weight.dim(2)?;
        return Tensor::zeros((batch, steps, width), xs.dtype(), xs.device());
    }
    let projected = project(
        xs,
        &Tensor::cat(&of(|layer| &layer.weight_ih), 0)?,
        &Tensor::cat(&of(|layer| &layer.bias_ih), 0)?,
    )?;
    let directions: Vec<Direction> = layers.iter().map(|layer| layer.direction).collect();
    let bias = Tensor::stack(&of(|layer| &layer.bias_hh), 0)?;
    #[cfg(feature = "cuda")]
    if crate::gpu::steps_through(&projected, weight.dim(2)?) {
        let cell = layers[0].cell;
        return crate::gpu::states(cell, &directions, &projected, &weight, &bias, lengths);
    }
    composed::states(
        layers[0].cell,
        &directions,
        &projected,
        &weight,
        &bias,
        lengths,
    )
}

/// A recurrent layer that reads in both directions.
#[derive(Debug, Clone)]
pub struct BiRnn(Form);

#[derive(Debug, Clone)]
enum Form {
    Composed {
        forward: RecurrentLayer,
        backward: RecurrentLayer,
    },
    /// One operation, where all weights are packed.
    Packed(Arc<packed::Layer>),
}

impl BiRnn {
    /// With `hidden` units a direction; parameters under `forward` and `backward`.
    pub fn new(cell: Cell, input: usize, hidden: usize, vb: VarBuilder) -> Result<Self> {
        let [forward, backward] = [vb.pp("forward"), vb.pp("backward")];
        if let Some(layer) = packed::Layer::new(cell, input, hidden, [&forward, &backward])? {
            return Ok(Self(Form::Packed(Arc::new(layer))));
        }
        let layer = |direction, vb| RecurrentLayer::new(cell, direction, input, hidden, vb);
        Ok(Self(Form::Composed {
            forward: layer(Direction::Forward, forward)?,
            backward: layer(Direction::Backward, backward)?,
        }))
    }

    /// `[batch, steps, input]` to the states of both directions, `[batch, steps, 2·hidden]`, zero at padded steps.
    pub fn forward(&self, xs: &Tensor, lengths: &[usize]) -> Result<Tensor> {
        match &self.0 {
            Form::Packed(layer) => layer.forward(xs, lengths),
            Form::Composed { forward, backward } if host::takes(xs) => {
                let states = [forward, backward].map(|layer| layer.fused(xs, lengths));
                let [forward, backward] = states;
                Tensor::cat(&[forward?, backward?], 2)
            }
            Form::Composed { forward, backward } => composed(&[forward, backward], xs, lengths),
        }
    }

    /// `[batch, steps, input]` to the last state of each direction, `[batch, 2·hidden]`: the forward one after the
    /// last valid step, the backward one after the first. Zero for sequences of length 0.
    pub fn final_states(&self, xs: &Tensor, lengths: &[usize]) -> Result<Tensor> {
        let (batch, steps, _) = xs.dims3()?;
        let states = self.forward(xs, lengths)?;
        let hidden = states.dim(2)? / 2;
        if batch == 0 || steps == 0 {
            return Tensor::zeros((batch, 2 * hidden), xs.dtype(), xs.device());
        }
        let (forward, backward) = (
            states.narrow(2, 0, hidden)?,
            states.narrow(2, hidden, hidden)?,
        );
        // An empty sequence takes its first step, which is padding and thus zero.
        let last: Vec<u32> = lengths
            .iter()
            .enumerate()
            .map(|(sequence, length)| (sequence * steps + length.saturating_sub(1)) as u32)
            .collect();
        let last = Tensor::from_vec(last, batch, xs.device())?;
        let forward = rows::select(&forward.reshape((batch * steps, hidden))?, &last)?;
        Tensor::cat(&[forward, backward.narrow(1, 0, 1)?.squeeze(1)?], 1)
    }
}

/// Bidirectional layers, each reading the one before; with none of them the identity.
#[derive(Debug, Clone)]
pub struct BiRnnStack {
    layers: Vec<BiRnn>,
    output_size: usize,
}

impl BiRnnStack {
    /// With `hidden` units a direction; parameters under the index of the layer.
    pub fn new(
        cell: Cell,
        input: usize,
        hidden: usize,
        layers: usize,
        vb: VarBuilder,
    ) -> Result<Self> {
        let layers = (0..layers)
            .map(|index| {
                BiRnn::new(
                    cell,
                    if index == 0 { input } else { 2 * hidden },
                    hidden,
                    vb.pp(index),
                )
            })
            .collect::<Result<Vec<_>>>()?;
        let output_size = if layers.is_empty() { input } else { 2 * hidden };
        Ok(Self {
            layers,
            output_size,
        })
    }

    /// Width of what [`BiRnnStack::forward`] returns.
    pub fn output_size(&self) -> usize {
        self.output_size
    }

    /// `[batch, steps, input]` to `[batch, steps, output_size]`; `dropout` is applied before each layer.
    pub fn forward(
        &self,
        xs: &Tensor,
        lengths: &[usize],
        dropout: &mut impl FnMut(&Tensor) -> Result<Tensor>,
    ) -> Result<Tensor> {
        self.layers.iter().try_fold(xs.clone(), |xs, layer| {
            layer.forward(&dropout(&xs)?, lengths)
        })
    }
}

fn check_lengths(lengths: &[usize], batch: usize, steps: usize) -> Result<()> {
    if lengths.len() != batch {
        candle_core::bail!("{} lengths for a batch of {batch} sequences", lengths.len());
    }
    if let Some((sequence, length)) = lengths
        .iter()
        .enumerate()
        .find(|(_, length)| **length > steps)
    {
        candle_core::bail!(
            "sequence {sequence} is {length} steps long, but the batch has {steps} steps"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests;
