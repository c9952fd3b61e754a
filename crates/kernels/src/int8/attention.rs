//! Attention in use: no dropout, nothing kept for a backward pass.
//!
//! Two small products a head, on blocks that stay in the cache. A framework copies queries, keys and values into blocks
//! of their own first, and an all-purpose product packs them once more.

use pulp::{Arch, Simd, WithSimd};

use super::matrix::Int8Error;
use crate::{
    activation::exp,
    layer_norm::sum,
    matmul::in_order::{Rows, column_width, multiply},
    size::check_length,
};

/// Blocks of one head, kept from head to head.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// `[length, size]`, scaled by 1 / √size.
    query: Vec<f32>,
    /// `[columns of pieces, size, width of a column]`.
    keys: Vec<f32>,
    /// `[columns of the size, length, width of a column]`.
    values: Vec<f32>,
    /// `[length, padded length]`, before they are divided by their sums.
    weights: Vec<f32>,
    /// 1 / the sum of each row of the weights, `[length]`.
    inverses: Vec<f32>,
    /// `[length, padded size]`.
    output: Vec<f32>,
}

/// Everything but the numbers of attention over a padded batch of windows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows<'a> {
    /// Heads.
    pub(super) heads: usize,
    /// Width of a head.
    pub(super) size: usize,
    /// Pieces of the padded batch.
    pub(super) pieces: usize,
    /// Pieces of each window.
    pub(super) lengths: &'a [usize],
}

/// softmax(Q Kᵀ / √size) V for each of `heads` heads: from `qkv [windows, pieces, 3 · hidden]`, in which queries, keys
/// and values of a piece stand one after the other, to `[windows, pieces, hidden]`, zero at padding.
///
/// # Errors
/// If a slice or a length does not fit the shape.
pub fn attention(
    qkv: &[f32],
    heads: usize,
    size: usize,
    pieces: usize,
    lengths: &[usize],
) -> Result<Vec<f32>, Int8Error> {
    let hidden = heads * size;
    check_length("qkv", qkv.len(), &[lengths.len(), pieces, 3 * hidden])?;
    check_lengths(lengths, pieces)?;
    let mut output = vec![0.; lengths.len() * pieces * hidden];
    let windows = Windows {
        heads,
        size,
        pieces,
        lengths,
    };
    windows.attend(qkv, &mut Blocks::default(), &mut output);
    Ok(output)
}

/// Errs if a sequence is longer than its batch.
pub(super) fn check_lengths(lengths: &[usize], steps: usize) -> Result<(), Int8Error> {
    match lengths.iter().position(|&length| length > steps) {
        None => Ok(()),
        Some(sequence) => Err(Int8Error::Length {
            sequence,
            length: lengths[sequence],
            steps,
        }),
    }
}

impl Windows<'_> {
    /// As [`attention`], of arguments that fit; rows of padding are left as they are.
    pub(super) fn attend(&self, qkv: &[f32], blocks: &mut Blocks, output: &mut [f32]) {
        Arch::new().dispatch(Attend {
            windows: self,
            qkv,
            blocks,
            output,
        });
    }

    #[inline(always)]
    fn head<S: Simd>(
        &self,
        simd: S,
        head: usize,
        length: usize,
        qkv: &[f32],
        blocks: &mut Blocks,
        output: &mut [f32],
    ) {
        let (size, hidden) = (self.size, self.heads * self.size);
        let width = column_width::<S>();
        let padded_length = length.next_multiple_of(width);
        let padded_size = size.next_multiple_of(width);
        blocks.resize(length, padded_length, size, padded_size);
        let scale = 1. / (size as f32).sqrt();
        for (piece, row) in qkv.chunks_exact(3 * hidden).enumerate() {
            let of = |part: usize| &row[part * hidden + head * size..][..size];
            let query = blocks.query[piece * size..][..size].iter_mut();
            for (to, from) in query.zip(of(0)) {
                *to = from * scale;
            }
            let (column, lane) = (piece / width, piece % width);
            let keys = blocks.keys[column * size * width..][..size * width].chunks_exact_mut(width);
            for (to, from) in keys.zip(of(1)) {
                to[lane] = *from;
            }
            for (column, from) in of(2).chunks(width).enumerate() {
                let at = (column * length + piece) * width;
                blocks.values[at..at + from.len()].copy_from_slice(from);
            }
        }
        multiply(
            simd,
            Rows::new(&blocks.query, size, size),
            &blocks.keys,
            &mut blocks.weights,
            padded_length,
        );
        let rows = blocks.weights.chunks_exact_mut(padded_length);
        for (weights, inverse) in rows.zip(&mut blocks.inverses) {
            *inverse = exponentials(simd, weights, length);
        }
        multiply(
            simd,
            Rows::new(&blocks.weights, padded_length, length),
            &blocks.values,
            &mut blocks.output,
            padded_size,
        );
        let rows = output.chunks_exact_mut(hidden);
        let from = blocks.output.chunks_exact(padded_size);
        for ((row, from), inverse) in rows.zip(from).zip(&blocks.inverses) {
            let to = row[head * size..][..size].iter_mut();
            for (to, from) in to.zip(from) {
                *to = from * inverse;
            }
        }
    }
}

/// Attention as an operation of `pulp`. A closure of this size would not be inlined into what is compiled for the
/// machine's vector extensions.
struct Attend<'a> {
    windows: &'a Windows<'a>,
    qkv: &'a [f32],
    blocks: &'a mut Blocks,
    output: &'a mut [f32],
}

impl WithSimd for Attend<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Windows {
            heads,
            size,
            pieces,
            lengths,
        } = *self.windows;
        let hidden = heads * size;
        for (window, &length) in lengths.iter().enumerate() {
            if length * hidden == 0 {
                continue;
            }
            let row = window * pieces;
            let qkv = &self.qkv[row * 3 * hidden..][..length * 3 * hidden];
            let output = &mut self.output[row * hidden..][..length * hidden];
            for head in 0..heads {
                (self.windows).head(simd, head, length, qkv, self.blocks, output);
            }
        }
    }
}

impl Blocks {
    #[inline(always)]
    fn resize(&mut self, length: usize, padded_length: usize, size: usize, padded_size: usize) {
        // What stands in the padding is never read, or given no weight.
        self.query.resize(length * size, 0.);
        self.keys.resize(size * padded_length, 0.);
        self.values.resize(length * padded_size, 0.);
        self.weights.resize(length * padded_length, 0.);
        self.inverses.resize(length, 0.);
        self.output.resize(length * padded_size, 0.);
    }
}

/// The elements to numbers from 0 to 1, the largest to 1: softmax but for the sum, of which the inverse is returned. What stands
/// after the first `length` is padding.
#[inline(always)]
fn exponentials<S: Simd>(simd: S, weights: &mut [f32], length: usize) -> f32 {
    // The padding is worked on too: the rest of a short row would take longer, number by number, than all before it.
    weights[length..].fill(f32::NEG_INFINITY);
    let (vectors, rest) = S::as_simd_f32s(weights);
    let most = (vectors.iter()).fold(simd.splat_f32s(f32::NEG_INFINITY), |most, vector| {
        simd.max_f32s(most, *vector)
    });
    let largest = (rest.iter()).fold(simd.reduce_max_f32s(most), |a, &b| a.max(b));
    for weight in weights.iter_mut() {
        *weight = exp(*weight - largest);
    }
    1. / sum(&weights[..length], |_, weight| weight)
}
