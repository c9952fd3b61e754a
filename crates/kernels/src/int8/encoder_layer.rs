//! A layer of a transformer encoder (BERT's: attention, then a feed-forward part, each with a residual sum and a layer
//! normalisation after it) as one operation.
//!
//! Composed, each step allocates and fills a tensor; here they share memory that stays in the cache, queries, keys and
//! values are one product of rows that are quantised once, and sums are normalised as they are made.

use std::{cell::RefCell, sync::Arc};

use super::{
    Matrix, Rows,
    attention::{Blocks, Windows, check_lengths},
    matrix::Int8Error,
};
use crate::{gelu, layer_norm::LayerNorm, size::check_length};

/// An affine map with packed weights.
#[derive(Debug, Clone)]
pub struct Affine {
    /// The weights.
    pub weight: Arc<Matrix>,
    /// `[outputs]`.
    pub bias: Vec<f32>,
}

/// A layer normalisation.
#[derive(Debug, Clone)]
pub struct Norm {
    /// Factor of each element.
    pub weight: Vec<f32>,
    /// Added to each element.
    pub bias: Vec<f32>,
    /// Added to the variance.
    pub eps: f32,
}

/// A layer of an encoder, everything packed.
#[derive(Debug)]
pub struct EncoderLayer {
    /// Queries, keys and values side by side, `[3 · hidden, hidden]`.
    pub qkv: Affine,
    /// Of what was attended to, `[hidden, hidden]`.
    pub attended: Affine,
    /// After the first residual sum.
    pub attended_norm: Norm,
    /// `[intermediate, hidden]`, before GELU.
    pub intermediate: Affine,
    /// `[hidden, intermediate]`.
    pub output: Affine,
    /// After the second residual sum.
    pub output_norm: Norm,
    /// Heads, which divide the hidden width.
    pub heads: usize,
}

#[derive(Debug, Default)]
struct Scratch {
    rows: Rows,
    qkv: Vec<f32>,
    context: Vec<f32>,
    wide: Vec<f32>,
    blocks: Blocks,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl EncoderLayer {
    /// `xs [windows, pieces, hidden]` to the same shape. Pieces at or beyond a window's length are ignored by others;
    /// what stands there afterwards means nothing.
    ///
    /// # Errors
    /// If a slice or a length does not fit the shape.
    pub fn forward(
        &self,
        xs: &[f32],
        pieces: usize,
        lengths: &[usize],
    ) -> Result<Vec<f32>, Int8Error> {
        let hidden = self.qkv.weight.inputs();
        check_length("xs", xs.len(), &[lengths.len(), pieces, hidden])?;
        check_lengths(lengths, pieces)?;
        let count = lengths.len() * pieces;
        SCRATCH.with_borrow_mut(|scratch| {
            let Scratch {
                rows,
                qkv,
                context,
                wide,
                blocks,
            } = scratch;
            qkv.resize(count * 3 * hidden, 0.);
            context.resize(count * hidden, 0.);
            wide.resize(count * self.output.weight.inputs(), 0.);

            rows.quantise_again(xs, hidden);
            self.qkv.product(rows, qkv)?;
            let windows = Windows {
                heads: self.heads,
                size: hidden / self.heads.max(1),
                pieces,
                lengths,
            };
            windows.attend(qkv, blocks, context);
            rows.quantise_again(context, hidden);
            // The context is not read again, nor are its places: they take the first residual sum.
            self.attended.product(rows, context)?;
            self.attended_norm.add_and_normalise(context, xs)?;
            rows.quantise_again(context, hidden);
            self.intermediate.product(rows, wide)?;
            gelu::in_place(wide);
            rows.quantise_again(wide, self.output.weight.inputs());
            let mut ys = vec![0.; xs.len()];
            self.output.product(rows, &mut ys)?;
            self.output_norm.add_and_normalise(&mut ys, context)?;
            Ok(ys)
        })
    }
}

impl Affine {
    fn product(&self, rows: &Rows, ys: &mut [f32]) -> Result<(), Int8Error> {
        self.weight.product(rows, &self.bias, ys)
    }
}

impl Norm {
    /// `ys ← norm(ys + xs)`, row by row.
    fn add_and_normalise(&self, ys: &mut [f32], xs: &[f32]) -> Result<(), Int8Error> {
        let size = self.weight.len();
        check_length("norm", self.bias.len(), &[size])?;
        let norm = LayerNorm {
            size,
            eps: self.eps,
        };
        norm.add_and_normalise(ys, xs, &self.weight, &self.bias);
        Ok(())
    }
}
