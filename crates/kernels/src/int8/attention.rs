//! Attention in use: no dropout, nothing kept for a backward pass.
//!
//! Two small products a head, on blocks that stay in the cache. A framework copies queries, keys and values into blocks
//! of their own first, and an all-purpose product packs them once more.

use super::matrix::{Int8Error, check};
use crate::activation::exp;

/// Columns that are added to together: as many as leave a tile of four rows in registers.
const COLUMNS: usize = if cfg!(target_arch = "wasm32") { 8 } else { 16 };

/// Lanes in which a row is added up, the same on every target: so are the bits.
const LANES: usize = 16;

/// Blocks of one head, kept from head to head.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// `[length, size]`, scaled by 1 / √size.
    query: Vec<f32>,
    /// `[size, padded length]`.
    keys: Vec<f32>,
    /// `[length, padded size]`.
    value: Vec<f32>,
    /// `[length, padded length]`.
    weights: Vec<f32>,
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
    check("qkv", qkv.len(), &[lengths.len(), pieces, 3 * hidden])?;
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
        pulp::Arch::new().dispatch(|| {
            let hidden = self.heads * self.size;
            for (window, &length) in self.lengths.iter().enumerate() {
                if length * hidden == 0 {
                    continue;
                }
                let row = window * self.pieces;
                let qkv = &qkv[row * 3 * hidden..][..length * 3 * hidden];
                let output = &mut output[row * hidden..][..length * hidden];
                for head in 0..self.heads {
                    self.head(head, length, qkv, blocks, output);
                }
            }
        });
    }

    #[inline(always)]
    fn head(
        &self,
        head: usize,
        length: usize,
        qkv: &[f32],
        blocks: &mut Blocks,
        output: &mut [f32],
    ) {
        let (size, hidden) = (self.size, self.heads * self.size);
        let padded_length = length.next_multiple_of(LANES);
        let padded_size = size.next_multiple_of(COLUMNS);
        blocks.resize(length, padded_length, size, padded_size);
        let scale = 1. / (size as f32).sqrt();
        for (piece, row) in qkv.chunks_exact(3 * hidden).enumerate() {
            let of = |part: usize| &row[part * hidden + head * size..][..size];
            let query = blocks.query[piece * size..][..size].iter_mut();
            for (to, from) in query.zip(of(0)) {
                *to = from * scale;
            }
            for (at, from) in of(1).iter().enumerate() {
                blocks.keys[at * padded_length + piece] = *from;
            }
            blocks.value[piece * padded_size..][..size].copy_from_slice(of(2));
        }
        multiply(
            Rows::new(&blocks.query, size, size),
            &blocks.keys,
            padded_length,
            &mut blocks.weights,
        );
        for weights in blocks.weights.chunks_exact_mut(padded_length) {
            softmax(weights, length);
        }
        multiply(
            Rows::new(&blocks.weights, padded_length, length),
            &blocks.value,
            padded_size,
            &mut blocks.output,
        );
        let rows = output.chunks_exact_mut(hidden);
        for (row, from) in rows.zip(blocks.output.chunks_exact(padded_size)) {
            row[head * size..][..size].copy_from_slice(&from[..size]);
        }
    }
}

impl Blocks {
    fn resize(&mut self, length: usize, padded_length: usize, size: usize, padded_size: usize) {
        // What stands in the padding is never read, or given no weight.
        self.query.resize(length * size, 0.);
        self.keys.resize(size * padded_length, 0.);
        self.value.resize(length * padded_size, 0.);
        self.weights.resize(length * padded_length, 0.);
        self.output.resize(length * padded_size, 0.);
    }
}

/// Rows of a left factor.
#[derive(Clone, Copy)]
struct Rows<'a> {
    values: &'a [f32],
    /// From a row to the next.
    stride: usize,
    /// Elements of a row that count.
    depth: usize,
}

impl<'a> Rows<'a> {
    fn new(values: &'a [f32], stride: usize, depth: usize) -> Self {
        Self {
            values,
            stride,
            depth,
        }
    }

    #[inline(always)]
    fn row(&self, row: usize) -> &'a [f32] {
        &self.values[row * self.stride..][..self.depth]
    }
}

/// `left · right`, `right [depth, width]` with a width of whole columns, each element added up in order.
#[inline(always)]
fn multiply(left: Rows, right: &[f32], width: usize, out: &mut [f32]) {
    let mut rows = out.chunks_exact_mut(4 * width);
    let mut row = 0;
    for out in &mut rows {
        tiles::<4>(left, row, right, width, out);
        row += 4;
    }
    for out in rows.into_remainder().chunks_exact_mut(width) {
        tiles::<1>(left, row, right, width, out);
        row += 1;
    }
}

#[inline(always)]
fn tiles<const R: usize>(left: Rows, row: usize, right: &[f32], width: usize, out: &mut [f32]) {
    let rows: [&[f32]; R] = std::array::from_fn(|index| left.row(row + index));
    for column in (0..width).step_by(COLUMNS) {
        let mut sums = [[0.; COLUMNS]; R];
        for (k, right) in right.chunks_exact(width).take(left.depth).enumerate() {
            let right = &right[column..column + COLUMNS];
            for (sums, row) in sums.iter_mut().zip(rows) {
                let x = row[k];
                for (sum, y) in sums.iter_mut().zip(right) {
                    *sum += x * y;
                }
            }
        }
        for (sums, out) in sums.iter().zip(out.chunks_exact_mut(width)) {
            out[column..column + COLUMNS].copy_from_slice(sums);
        }
    }
}

/// The first `length` elements to numbers above 0 that add up to 1, those behind them to 0.
#[inline(always)]
fn softmax(weights: &mut [f32], length: usize) {
    for weight in &mut weights[length..] {
        *weight = f32::NEG_INFINITY;
    }
    let (blocks, _) = weights.as_chunks_mut::<LANES>();
    let mut largest = [f32::NEG_INFINITY; LANES];
    for block in blocks.iter() {
        for (largest, weight) in largest.iter_mut().zip(block) {
            *largest = if *weight > *largest {
                *weight
            } else {
                *largest
            };
        }
    }
    let largest = largest.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sums = [0.; LANES];
    for block in blocks.iter_mut() {
        for (sum, weight) in sums.iter_mut().zip(block) {
            // Of padding it is 1e-38, which adds nothing.
            *weight = exp(*weight - largest);
            *sum += *weight;
        }
    }
    let inverse = 1. / sums.iter().sum::<f32>();
    for block in blocks {
        for weight in block {
            *weight *= inverse;
        }
    }
}
