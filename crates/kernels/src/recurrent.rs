//! GRU and LSTM over a padded batch of ragged sequences, one direction a call, forward and backward in time.
//!
//! The gates and their order are PyTorch's (`torch.nn.GRU`: r, z, n with the reset gate applied after the hidden
//! product and b_hn inside it; `torch.nn.LSTM`: i, f, g, o). The input's part of every gate is one large product that
//! does not depend on the state, and is taken as given: `projected = x · W_ihᵀ + b_ih`.
//!
//! Sequences are worked on longest first, so that those still running at a step are a prefix of the batch: a step costs
//! what its running sequences cost, and padding costs nothing and changes nothing. The backward pass keeps no
//! activations from the forward pass: the previous states stand in the output, so that one large product recovers all
//! gates at once, which is cheaper than storing and reading them.

mod backward;
mod forward;
mod packing;
pub mod reference;

pub(crate) use forward::{StateProduct, Stride};

use thiserror::Error;

use crate::size::{SizeError, check_size};

/// The recurrent unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell {
    /// Gated recurrent unit; gates r, z, n.
    Gru,
    /// Long short-term memory; gates i, f, g, o.
    Lstm,
}

impl Cell {
    /// Gates, each a block of `hidden` rows in weights, biases and projections.
    pub const fn gates(self) -> usize {
        match self {
            Self::Gru => 3,
            Self::Lstm => 4,
        }
    }
}

/// The order in which a sequence is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From its first step to its last.
    Forward,
    /// From its own last step (not the batch's) to its first.
    Backward,
}

/// An argument that does not fit the others.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecurrentError {
    /// A slice of the wrong length.
    #[error(transparent)]
    Size(#[from] SizeError),
    /// A sequence longer than the batch.
    #[error("sequence {sequence} is {length} steps long, but the batch has {steps} steps")]
    Length {
        /// Index of the sequence in the batch.
        sequence: usize,
        /// Its length.
        length: usize,
        /// Steps of the batch.
        steps: usize,
    },
}

/// One direction of a recurrent layer over one batch: everything but the numbers.
///
/// The batch has `lengths.len()` sequences, G is [`Cell::gates`].
#[derive(Debug, Clone, Copy)]
pub struct Recurrence<'a> {
    /// The unit.
    pub cell: Cell,
    /// The order of reading.
    pub direction: Direction,
    /// Width of the state.
    pub hidden: usize,
    /// Steps of the padded batch.
    pub steps: usize,
    /// Steps of each sequence, 0 to `steps`.
    pub lengths: &'a [usize],
}

/// Weights of the state's part of every gate.
#[derive(Debug, Clone, Copy)]
pub struct Weights<'a> {
    /// W_hh, `[G·hidden, hidden]`.
    pub w_hh: &'a [f32],
    /// b_hh, `[G·hidden]`.
    pub b_hh: &'a [f32],
}

/// Gradients of a loss with respect to the arguments of [`Recurrence::forward`].
#[derive(Debug, Clone, PartialEq)]
pub struct Gradients {
    /// `[batch, steps, G·hidden]`, zero at padded steps.
    pub projected: Vec<f32>,
    /// `[G·hidden, hidden]`.
    pub w_hh: Vec<f32>,
    /// `[G·hidden]`.
    pub b_hh: Vec<f32>,
}

impl Recurrence<'_> {
    /// The state after every step, `[batch, steps, hidden]`, zero at padded steps.
    ///
    /// `projected`, `[batch, steps, G·hidden]`, is the input's part of the gates. States start at zero.
    ///
    /// # Errors
    /// If a slice or a length does not fit the shape.
    pub fn forward(&self, projected: &[f32], weights: Weights) -> Result<Vec<f32>, RecurrentError> {
        self.check(projected, weights)?;
        let mut output = vec![0.; self.batch() * self.steps * self.hidden];
        let product = forward::FloatState::new(weights.w_hh, self.hidden, self.batch());
        self.run(
            product,
            weights.b_hh,
            Stride::whole(projected, self.gates()),
            Stride::whole(output.as_mut_slice(), self.hidden),
        );
        Ok(output)
    }

    /// The states of arguments that fit, into an output that is zero at padded steps already.
    pub(crate) fn run(
        &self,
        product: impl StateProduct,
        b_hh: &[f32],
        projected: Stride<&[f32]>,
        output: Stride<&mut [f32]>,
    ) {
        pulp::Arch::new().dispatch(forward::Pass {
            recurrence: self,
            product,
            b_hh,
            projected,
            output,
        });
    }

    /// Backpropagation through time: from `grad_output`, `[batch, steps, hidden]`, to the gradients of the arguments.
    ///
    /// `output` is what [`Recurrence::forward`] returned for the same arguments.
    ///
    /// # Errors
    /// If a slice or a length does not fit the shape.
    pub fn backward(
        &self,
        projected: &[f32],
        weights: Weights,
        output: &[f32],
        grad_output: &[f32],
    ) -> Result<Gradients, RecurrentError> {
        self.check(projected, weights)?;
        let shape = [self.batch(), self.steps, self.hidden];
        check_size("output", output, &shape)?;
        check_size("grad_output", grad_output, &shape)?;
        Ok(backward::run(self, projected, weights, output, grad_output))
    }

    fn batch(&self) -> usize {
        self.lengths.len()
    }

    /// Width of all gates together, G·hidden.
    fn gates(&self) -> usize {
        self.cell.gates() * self.hidden
    }

    fn check(&self, projected: &[f32], weights: Weights) -> Result<(), RecurrentError> {
        for (sequence, &length) in self.lengths.iter().enumerate() {
            if length > self.steps {
                return Err(RecurrentError::Length {
                    sequence,
                    length,
                    steps: self.steps,
                });
            }
        }
        let gates = self.hidden.saturating_mul(self.cell.gates());
        check_size("w_hh", weights.w_hh, &[gates, self.hidden])?;
        check_size("b_hh", weights.b_hh, &[gates])?;
        check_size("projected", projected, &[self.batch(), self.steps, gates])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
