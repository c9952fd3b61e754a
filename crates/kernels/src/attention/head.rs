//! One head of one window.

use std::ops::Range;

use super::{Arguments, Gradients};
use crate::{
    activation::exp,
    matmul::{Factor, Write, multiply},
};

/// Where a head's blocks lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    /// Of its first piece in a tensor `[windows, pieces, heads · size]`.
    pub(super) start: usize,
    /// From a piece to the next.
    pub(super) stride: usize,
    /// Width.
    pub(super) size: usize,
    /// Pieces.
    pub(super) length: usize,
    /// Of its weights.
    pub(super) weights_start: usize,
}

impl Head {
    /// Its attention weights, `[length, length]`.
    pub(super) fn weights(&self) -> Range<usize> {
        self.weights_start..self.weights_start + self.length * self.length
    }

    pub(super) fn forward(&self, arguments: Arguments, weights: &mut [f32], output: &mut [f32]) {
        let query = self.gather(arguments.query, self.scale());
        let key = self.gather(arguments.key, 1.);
        let value = self.gather(arguments.value, 1.);
        multiply(
            self.rows(&query),
            self.columns(&key),
            weights,
            Write::Replace,
        );
        softmax(weights, self.length);
        let dropped = self.dropped(weights, arguments.keep);
        let mut out = vec![0.; self.length * self.size];
        multiply(
            self.square(dropped.as_deref().unwrap_or(weights)),
            self.rows(&value),
            &mut out,
            Write::Replace,
        );
        self.scatter(&out, output);
    }

    pub(super) fn backward(
        &self,
        arguments: Arguments,
        weights: &[f32],
        grad_output: &[f32],
        gradients: &mut Gradients,
    ) {
        let query = self.gather(arguments.query, self.scale());
        let key = self.gather(arguments.key, 1.);
        let value = self.gather(arguments.value, 1.);
        let grad = self.gather(grad_output, 1.);
        let dropped = self.dropped(weights, arguments.keep);
        let mut block = vec![0.; self.length * self.size];
        multiply(
            self.square_transposed(dropped.as_deref().unwrap_or(weights)),
            self.rows(&grad),
            &mut block,
            Write::Replace,
        );
        self.scatter(&block, &mut gradients.value);

        let mut grad_scores = vec![0.; self.length * self.length];
        multiply(
            self.rows(&grad),
            self.columns(&value),
            &mut grad_scores,
            Write::Replace,
        );
        if let Some(keep) = arguments.keep {
            for (grad, keep) in grad_scores.iter_mut().zip(&keep[self.weights()]) {
                *grad *= keep;
            }
        }
        softmax_backward(weights, &mut grad_scores, self.length);

        multiply(
            self.square(&grad_scores),
            self.rows(&key),
            &mut block,
            Write::Replace,
        );
        for grad in &mut block {
            *grad *= self.scale();
        }
        self.scatter(&block, &mut gradients.query);
        multiply(
            self.square_transposed(&grad_scores),
            self.rows(&query),
            &mut block,
            Write::Replace,
        );
        self.scatter(&block, &mut gradients.key);
    }

    fn scale(&self) -> f32 {
        1. / (self.size.max(1) as f32).sqrt()
    }

    fn rows<'a>(&self, block: &'a [f32]) -> Factor<'a> {
        Factor::plain(block, self.length, self.size)
    }

    fn columns<'a>(&self, block: &'a [f32]) -> Factor<'a> {
        Factor::transposed(block, self.size, self.length)
    }

    fn square<'a>(&self, block: &'a [f32]) -> Factor<'a> {
        Factor::plain(block, self.length, self.length)
    }

    fn square_transposed<'a>(&self, block: &'a [f32]) -> Factor<'a> {
        Factor::transposed(block, self.length, self.length)
    }

    fn dropped(&self, weights: &[f32], keep: Option<&[f32]>) -> Option<Vec<f32>> {
        let keep = &keep?[self.weights()];
        Some(
            weights
                .iter()
                .zip(keep)
                .map(|(weight, keep)| weight * keep)
                .collect(),
        )
    }

    /// Its block, `[length, size]`, scaled.
    fn gather(&self, tensor: &[f32], scale: f32) -> Vec<f32> {
        let mut block = Vec::with_capacity(self.length * self.size);
        for piece in 0..self.length {
            let row = &tensor[self.start + piece * self.stride..][..self.size];
            block.extend(row.iter().map(|x| x * scale));
        }
        block
    }

    fn scatter(&self, block: &[f32], tensor: &mut [f32]) {
        for (piece, row) in block.chunks_exact(self.size.max(1)).enumerate() {
            tensor[self.start + piece * self.stride..][..self.size].copy_from_slice(row);
        }
    }
}

/// Each row of `length` elements to numbers above 0 that add up to 1.
fn softmax(rows: &mut [f32], length: usize) {
    pulp::Arch::new().dispatch(|| {
        for row in rows.chunks_exact_mut(length.max(1)) {
            let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            for x in row.iter_mut() {
                *x = exp(*x - largest);
            }
            let inverse = 1. / row.iter().sum::<f32>();
            for x in row.iter_mut() {
                *x *= inverse;
            }
        }
    });
}

/// Gradients of softmax's result, in place, to those of its argument; `weights` is the result.
fn softmax_backward(weights: &[f32], gradients: &mut [f32], length: usize) {
    pulp::Arch::new().dispatch(|| {
        let rows = weights
            .chunks_exact(length.max(1))
            .zip(gradients.chunks_exact_mut(length.max(1)));
        for (weights, gradients) in rows {
            let products = weights.iter().zip(gradients.iter());
            let mean: f32 = products.map(|(weight, grad)| weight * grad).sum();
            for (grad, weight) in gradients.iter_mut().zip(weights) {
                *grad = weight * (*grad - mean);
            }
        }
    });
}
