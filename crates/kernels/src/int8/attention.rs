//! Attention in use: no dropout, nothing kept for a backward pass.
//!
//! Two small products a head, on blocks that stay in the cache. A framework copies queries, keys and values into blocks
//! of their own first, and an all-purpose product packs them once more.

use pulp::{Arch, Simd, WithSimd};

use super::matrix::Int8Error;
use crate::{activation::exp, layer_norm::sum, size::check_length};

/// Vectors of a row that are added to together; with four rows they leave room in sixteen registers for the factors.
const VECTORS: usize = 2;

/// /// Blocks of one head, kept from head to head.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// `[length, size]`, scaled by 1 / √size.
    query: Vec<f32>,
    /// `[columns of pieces, size, width of a column]`.
    keys: Vec<f32>,
    /// `[columns of the size, length, width of a column]`.
    values: Vec<f32>,
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
        let width = VECTORS * S::F32_LANES;
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
        for weights in blocks.weights.chunks_exact_mut(padded_length) {
            softmax(&mut weights[..length]);
        }
        multiply(
            simd,
            Rows::new(&blocks.weights, padded_length, length),
            &blocks.values,
            &mut blocks.output,
            padded_size,
        );
        let rows = output.chunks_exact_mut(hidden);
        for (row, from) in rows.zip(blocks.output.chunks_exact(padded_size)) {
            row[head * size..][..size].copy_from_slice(&from[..size]);
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

/// `left · right` into `out [rows, width]`, each element added up in order. `right [columns, depth, width of a column]`
/// has the columns of the width one after the other.
#[inline(always)]
fn multiply<S: Simd>(simd: S, left: Rows, right: &[f32], out: &mut [f32], width: usize) {
    let column_width = VECTORS * S::F32_LANES;
    for (column, right) in right.chunks_exact(left.depth * column_width).enumerate() {
        let (right, _) = S::as_simd_f32s(right).0.as_chunks::<VECTORS>();
        let at = column * column_width;
        let mut rows = out.chunks_exact_mut(4 * width);
        let mut row = 0;
        for out in &mut rows {
            tile::<S, 4>(simd, left, row, right, &mut out[at..], width);
            row += 4;
        }
        for out in rows.into_remainder().chunks_exact_mut(width) {
            tile::<S, 1>(simd, left, row, right, &mut out[at..], width);
            row += 1;
        }
    }
}

/// `R` rows from `row` on with one column, into rows of `out` that are `width` apart.
#[inline(always)]
fn tile<S: Simd, const R: usize>(
    simd: S,
    left: Rows,
    row: usize,
    right: &[[S::f32s; VECTORS]],
    out: &mut [f32],
    width: usize,
) {
    let rows: [&[f32]; R] = std::array::from_fn(|index| &left.row(row + index)[..right.len()]);
    let mut sums = [[simd.splat_f32s(0.); VECTORS]; R];
    for (k, right) in right.iter().enumerate() {
        for (sums, row) in sums.iter_mut().zip(&rows) {
            let x = simd.splat_f32s(row[k]);
            for (sum, y) in sums.iter_mut().zip(right) {
                // Not fused, so that every target gives the same bits.
                *sum = simd.add_f32s(*sum, simd.mul_f32s(x, *y));
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        let out = &mut out[row * width..][..VECTORS * S::F32_LANES];
        for (out, sum) in S::as_mut_simd_f32s(out).0.iter_mut().zip(sums) {
            *out = *sum;
        }
    }
}

/// The elements to numbers above 0 that add up to 1.
#[inline(always)]
fn softmax(weights: &mut [f32]) {
    let largest = weights
        .iter()
        .copied()
        .fold(f32::NEG_INFINITY, |a, b| if b > a { b } else { a });
    for weight in weights.iter_mut() {
        *weight = exp(*weight - largest);
    }
    let inverse = 1. / sum(weights, |_, weight| weight);
    for weight in weights.iter_mut() {
        *weight *= inverse;
    }
}
