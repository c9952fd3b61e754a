//! Scaled dot-product attention with several heads (Vaswani et al. 2017, section 3.2) over a padded batch of ragged
//! windows, forward and backward.
//!
//! Each window and head is a handful of small products on blocks that stay in the cache. Padding is never touched: it
//! costs nothing and changes nothing.

mod head;

use thiserror::Error;

use crate::size::{SizeError, check_size};
use head::Head;

/// An argument that does not fit the others.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AttentionError {
    /// A slice of the wrong length.
    #[error(transparent)]
    Size(#[from] SizeError),
    /// A window longer than the batch.
    #[error("window {window} has {length} pieces, but the batch has {pieces}")]
    Length {
        /// Index of the window in the batch.
        window: usize,
        /// Its length.
        length: usize,
        /// Pieces of the batch.
        pieces: usize,
    },
}

/// Attention over one batch: everything but the numbers. The hidden width is `heads · size`.
#[derive(Debug, Clone, Copy)]
pub struct Attention<'a> {
    /// Heads.
    pub heads: usize,
    /// Width of a head.
    pub size: usize,
    /// Pieces of the padded batch.
    pub pieces: usize,
    /// Pieces of each window, 0 to `pieces`.
    pub lengths: &'a [usize],
}

/// What is attended with, to and for: each `[windows, pieces, heads · size]`.
#[derive(Debug, Clone, Copy)]
pub struct Arguments<'a> {
    /// Queries.
    pub query: &'a [f32],
    /// Keys.
    pub key: &'a [f32],
    /// Values.
    pub value: &'a [f32],
    /// Factors of the attention weights, 0 or 1 / (1 − rate), in training with dropout:
    /// `[windows, heads, pieces · pieces]`.
    pub keep: Option<&'a [f32]>,
}

/// Result of the forward pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Attended {
    /// `[windows, pieces, heads · size]`, zero at padding.
    pub output: Vec<f32>,
    /// The attention weights before dropout, for the backward pass: `[windows, heads, pieces · pieces]`, of which a
    /// window of length l uses the first l · l.
    pub weights: Vec<f32>,
}

/// Gradients of a loss with respect to the arguments, each `[windows, pieces, heads · size]` and zero at padding.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradients {
    /// Of the queries.
    pub query: Vec<f32>,
    /// Of the keys.
    pub key: Vec<f32>,
    /// Of the values.
    pub value: Vec<f32>,
}

impl Attention<'_> {
    /// softmax(Q Kᵀ / √size) V, head by head.
    ///
    /// # Errors
    /// If a slice or a length does not fit the shape.
    pub fn forward(&self, arguments: Arguments) -> Result<Attended, AttentionError> {
        self.check(arguments)?;
        let mut attended = Attended {
            output: vec![0.; arguments.query.len()],
            weights: vec![0.; self.lengths.len() * self.heads * self.pieces * self.pieces],
        };
        for head in self.all() {
            let weights = &mut attended.weights[head.weights()];
            head.forward(arguments, weights, &mut attended.output);
        }
        Ok(attended)
    }

    /// From `grad_output [windows, pieces, heads · size]` to the gradients of the arguments. `weights` is what
    /// [`Attention::forward`] returned for them.
    ///
    /// # Errors
    /// If a slice or a length does not fit the shape.
    pub fn backward(
        &self,
        arguments: Arguments,
        weights: &[f32],
        grad_output: &[f32],
    ) -> Result<Gradients, AttentionError> {
        self.check(arguments)?;
        check_size("weights", weights, &self.weights_shape())?;
        check_size("grad_output", grad_output, &self.shape())?;
        let zeros = vec![0.; grad_output.len()];
        let mut gradients = Gradients {
            query: zeros.clone(),
            key: zeros.clone(),
            value: zeros,
        };
        for head in self.all() {
            head.backward(
                arguments,
                &weights[head.weights()],
                grad_output,
                &mut gradients,
            );
        }
        Ok(gradients)
    }

    fn all(&self) -> impl Iterator<Item = Head> {
        let Self {
            heads,
            size,
            pieces,
            lengths,
        } = *self;
        lengths
            .iter()
            .enumerate()
            .flat_map(move |(window, &length)| {
                (0..heads).map(move |head| Head {
                    start: window * pieces * heads * size + head * size,
                    stride: heads * size,
                    size,
                    length,
                    weights_start: (window * heads + head) * pieces * pieces,
                })
            })
    }

    fn shape(&self) -> [usize; 4] {
        [self.lengths.len(), self.pieces, self.heads, self.size]
    }

    fn weights_shape(&self) -> [usize; 4] {
        [self.lengths.len(), self.heads, self.pieces, self.pieces]
    }

    fn check(&self, arguments: Arguments) -> Result<(), AttentionError> {
        if let Some((window, &length)) = self
            .lengths
            .iter()
            .enumerate()
            .find(|&(_, &length)| length > self.pieces)
        {
            return Err(AttentionError::Length {
                window,
                length,
                pieces: self.pieces,
            });
        }
        check_size("query", arguments.query, &self.shape())?;
        check_size("key", arguments.key, &self.shape())?;
        check_size("value", arguments.value, &self.shape())?;
        if let Some(keep) = arguments.keep {
            check_size("keep", keep, &self.weights_shape())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
