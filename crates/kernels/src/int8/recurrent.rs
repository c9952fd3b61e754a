//! A recurrent layer that reads in both directions, as one operation.
//!
//! The input's part of all gates of both directions is one product. The state's part is a product a step, with weights
//! that take a quarter of the room and so stay in the second cache.

use std::{cell::RefCell, sync::Arc};

use pulp::Simd;

use super::{Matrix, Rows, attention::check_lengths, encoder_layer::Affine, matrix::Int8Error};
use crate::{
    recurrent::{Cell, Direction, Recurrence, StateProduct, Stride},
    size::check_length,
};

/// A recurrent layer of both directions, everything packed. G is the number of the cell's gates.
#[derive(Debug)]
pub struct BiRnn {
    /// The unit.
    pub cell: Cell,
    /// W_ih of both directions, the forward one first: `[2 · G·hidden, input]`.
    pub input: Affine,
    /// W_hh of each direction, `[G·hidden, hidden]`.
    pub state: [Affine; 2],
}

#[derive(Debug, Default)]
struct Scratch {
    rows: Rows,
    projected: Vec<f32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl BiRnn {
    /// `xs [batch, steps, input]` to the states of both directions, `[batch, steps, 2 · hidden]`, zero at padded steps.
    /// `lengths` has each sequence's valid steps.
    ///
    /// # Errors
    /// If a slice or a length does not fit the shape.
    pub fn forward(
        &self,
        xs: &[f32],
        steps: usize,
        lengths: &[usize],
    ) -> Result<Vec<f32>, Int8Error> {
        let (input, hidden) = (self.input.weight.inputs(), self.state[0].weight.inputs());
        let gates = self.cell.gates() * hidden;
        check_length("xs", xs.len(), &[lengths.len(), steps, input])?;
        check_length("W_ih", self.input.weight.outputs(), &[2, gates])?;
        check_lengths(lengths, steps)?;
        for state in &self.state {
            check_length("W_hh", state.weight.outputs(), &[gates])?;
            check_length("b_hh", state.bias.len(), &[gates])?;
        }
        let mut output = vec![0.; lengths.len() * steps * 2 * hidden];
        SCRATCH.with_borrow_mut(|Scratch { rows, projected }| {
            rows.quantise_again(xs, input);
            projected.resize(rows.count() * 2 * gates, 0.);
            let Affine { weight, bias } = &self.input;
            weight.product(rows, bias, projected)?;
            let directions = [Direction::Forward, Direction::Backward];
            for (index, (direction, state)) in directions.into_iter().zip(&self.state).enumerate() {
                let recurrence = Recurrence {
                    cell: self.cell,
                    direction,
                    hidden,
                    steps,
                    lengths,
                };
                let product = PackedState {
                    weight: state.weight.clone(),
                    rows: Rows::default(),
                };
                recurrence.run(
                    product,
                    &state.bias,
                    Stride {
                        values: projected.as_slice(),
                        start: index * gates,
                        stride: 2 * gates,
                    },
                    Stride {
                        values: output.as_mut_slice(),
                        start: index * hidden,
                        stride: 2 * hidden,
                    },
                );
            }
            Ok(output)
        })
    }
}

/// The state's part of the gates by packed weights.
struct PackedState {
    weight: Arc<Matrix>,
    rows: Rows,
}

impl StateProduct for PackedState {
    #[inline(always)]
    fn multiply<S: Simd>(
        &mut self,
        simd: S,
        states: &[f32],
        _: usize,
        bias: &[f32],
        products: &mut [f32],
    ) {
        self.rows.fill(simd, states, self.weight.inputs());
        // The sizes were checked before the first step.
        let _ = self.weight.product(&self.rows, bias, products);
    }
}
