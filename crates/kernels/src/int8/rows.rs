//! Activations in 0..=127.

use pulp::{Arch, Simd, WithSimd};

use crate::activation::ROUND;

/// Rows of activations, quantised: element `k` of row `r` is about `low[r] + step[r] · values[r][k]`.
///
/// A row's step is 1/127 of the distance from its smallest element to its largest; that of a constant row is 0. A row
/// with an element that is no finite number quantises to nothing meaningful, and its products are not finite either.
#[derive(Debug, Default)]
pub struct Rows {
    /// `[rows, depth]`, in 0..=127; what is beyond the width is 0.
    values: Vec<u8>,
    /// Width, rounded up to a multiple of four: kernels take four at a time.
    depth: usize,
    low: Vec<f32>,
    step: Vec<f32>,
}

impl Rows {
    /// Quantises `xs [rows, width]`. An empty width gives no rows.
    pub fn quantise(xs: &[f32], width: usize) -> Self {
        let mut rows = Self::default();
        rows.quantise_again(xs, width);
        rows
    }

    /// The same into memory that is there already.
    pub(super) fn quantise_again(&mut self, xs: &[f32], width: usize) {
        Arch::new().dispatch(Quantise {
            rows: self,
            xs,
            width,
        });
    }

    /// The same without choosing by the machine's vector extensions: for callers that have chosen.
    #[inline(always)]
    pub(super) fn fill<S: Simd>(&mut self, simd: S, xs: &[f32], width: usize) {
        self.depth = width.next_multiple_of(4);
        let count = xs.len().checked_div(width).unwrap_or(0);
        self.values.resize(count * self.depth, 0);
        self.low.clear();
        self.step.clear();
        if width == 0 {
            return;
        }
        let rows = xs.chunks_exact(width);
        for (row, values) in rows.zip(self.values.chunks_exact_mut(self.depth)) {
            let (low, high) = bounds(simd, row);
            let inverse = if high > low { 127. / (high - low) } else { 0. };
            quantise(&mut values[..width], row, low, inverse);
            for value in &mut values[width..] {
                *value = 0;
            }
            self.low.push(low);
            self.step.push((high - low) / 127.);
        }
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.low.len()
    }

    /// Elements of a row, a multiple of four.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// `[rows, depth]`.
    pub(super) fn values(&self) -> &[u8] {
        &self.values
    }

    /// The smallest element of a row, and 1/127 of the distance to its largest.
    pub(super) fn range(&self, row: usize) -> (f32, f32) {
        (self.low[row], self.step[row])
    }
}

/// The values of a row, `low` being 0 and `low + 127 / inverse` 127.
#[inline(always)]
fn quantise(values: &mut [u8], row: &[f32], low: f32, inverse: f32) {
    #[cfg(target_arch = "wasm32")]
    let (values, row) = {
        let (blocks, values) = values.as_chunks_mut();
        let (from, row) = row.as_chunks();
        super::strip::quantise(from, low, inverse, blocks);
        (values, row)
    };
    for (value, x) in values.iter_mut().zip(row) {
        *value = (((x - low) * inverse + ROUND).to_bits() & 127) as u8;
    }
}

/// Quantising as an operation of `pulp`.
struct Quantise<'a> {
    rows: &'a mut Rows,
    xs: &'a [f32],
    width: usize,
}

impl WithSimd for Quantise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.rows.fill(simd, self.xs, self.width);
    }
}

/// The smallest and the largest element of a row that has one.
#[inline(always)]
fn bounds<S: Simd>(simd: S, row: &[f32]) -> (f32, f32) {
    let (vectors, rest) = S::as_simd_f32s(row);
    let first = simd.splat_f32s(row[0]);
    let (mut low, mut high) = (first, first);
    for vector in vectors {
        low = simd.min_f32s(low, *vector);
        high = simd.max_f32s(high, *vector);
    }
    let start = (simd.reduce_min_f32s(low), simd.reduce_max_f32s(high));
    rest.iter()
        .fold(start, |(low, high), &x| (low.min(x), high.max(x)))
}
