//! Products of f32 matrices whose sums are added up in order: the same bits on every machine.
//!
//! An all-purpose product adds in an order that depends on the machine. Here outputs stand in the lanes of vectors, and each lane
//! adds its own products one after the other, so that it does not matter how many lanes there are.

use pulp::{Simd, WithSimd};

/// Vectors of a row that are added to together; with four rows they leave room in sixteen registers for the factors.
const VECTORS: usize = 2;

/// Outputs that are computed together.
#[inline(always)]
pub(crate) fn column_width<S: Simd>() -> usize {
    VECTORS * S::F32_LANES
}

/// Rows of a left factor.
#[derive(Clone, Copy)]
pub(crate) struct Rows<'a> {
    values: &'a [f32],
    /// From a row to the next.
    stride: usize,
    /// Elements of a row that count.
    depth: usize,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(values: &'a [f32], stride: usize, depth: usize) -> Self {
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
pub(crate) fn multiply<S: Simd>(simd: S, left: Rows, right: &[f32], out: &mut [f32], width: usize) {
    let column_width = column_width::<S>();
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

/// A matrix `[outputs, inputs]` that rows are multiplied with.
#[derive(Debug)]
pub(crate) struct SmallMatrix<'a> {
    matrix: &'a [f32],
    inputs: usize,
    /// As [`multiply`] reads it; empty until the width of a column is known.
    columns: Vec<f32>,
    /// `[rows, padded outputs]`.
    products: Vec<f32>,
}

impl<'a> SmallMatrix<'a> {
    pub(crate) fn new(matrix: &'a [f32], inputs: usize) -> Self {
        Self {
            matrix,
            inputs,
            columns: Vec::new(),
            products: Vec::new(),
        }
    }

    /// `x Wᵀ + b` of `xs [rows, inputs]` with `bias [outputs]` into `out [rows, outputs]`. Sizes are the caller's to check.
    pub(crate) fn affine(&mut self, xs: &[f32], bias: &[f32], out: &mut [f32]) {
        pulp::Arch::new().dispatch(Product {
            matrix: self,
            xs,
            bias,
            out,
        });
    }

    /// The same for callers that have chosen among the machine's vector extensions.
    #[inline(always)]
    pub(crate) fn affine_by<S: Simd>(
        &mut self,
        simd: S,
        xs: &[f32],
        bias: &[f32],
        out: &mut [f32],
    ) {
        let outputs = bias.len();
        if self.inputs == 0 || outputs == 0 {
            for row in out.chunks_exact_mut(outputs.max(1)) {
                row.copy_from_slice(bias);
            }
            return;
        }
        let padded = outputs.next_multiple_of(column_width::<S>());
        if self.columns.is_empty() {
            self.pack(padded, column_width::<S>());
        }
        self.products.resize(out.len() / outputs * padded, 0.);
        let left = Rows::new(xs, self.inputs, self.inputs);
        multiply(simd, left, &self.columns, &mut self.products, padded);
        let products = self.products.chunks_exact(padded);
        for (out, products) in out.chunks_exact_mut(outputs).zip(products) {
            for ((out, product), bias) in out.iter_mut().zip(products).zip(bias) {
                *out = product + bias;
            }
        }
    }

    fn pack(&mut self, padded: usize, width: usize) {
        self.columns.resize(padded * self.inputs, 0.);
        for (output, row) in self.matrix.chunks_exact(self.inputs).enumerate() {
            let column = &mut self.columns[output / width * width * self.inputs..];
            for (to, weight) in column[output % width..].iter_mut().step_by(width).zip(row) {
                *to = *weight;
            }
        }
    }
}

struct Product<'a, 'b> {
    matrix: &'a mut SmallMatrix<'b>,
    xs: &'a [f32],
    bias: &'a [f32],
    out: &'a mut [f32],
}

impl WithSimd for Product<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.matrix.affine_by(simd, self.xs, self.bias, self.out);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::numbers;

    proptest! {
        /// Not nearly: added up in order by any number of lanes, the sums are the same numbers.
        #[test]
        fn every_sum_is_added_up_in_order(rows in 0usize..9, inputs in 0usize..20, outputs in 1usize..70) {
            let (xs, matrix, bias) = (numbers(rows * inputs, 1), numbers(outputs * inputs, 2), numbers(outputs, 3));
            let mut out = vec![f32::NAN; rows * outputs];
            SmallMatrix::new(&matrix, inputs).affine(&xs, &bias, &mut out);
            for (at, found) in out.iter().enumerate() {
                let (row, output) = (at / outputs, at % outputs);
                let mut sum = 0f32;
                for k in 0..inputs {
                    sum += xs[row * inputs + k] * matrix[output * inputs + k];
                }
                prop_assert_eq!(*found, sum + bias[output]);
            }
        }
    }
}
