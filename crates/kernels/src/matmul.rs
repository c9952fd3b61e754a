//! Matrix products of small row-major f32 matrices, for kernels that call them once a time step.
//!
//! One row times a matrix is memory-bound and done here in portable code; everything else goes to the `gemm` crate,
//! which Candle uses as well. Sizes are asserted: callers check what comes from outside.
#![allow(unsafe_code)]

pub(crate) mod in_order;

/// A factor of a product: a matrix somewhere in a slice.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Factor<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    /// Elements from a row to the next.
    row_stride: usize,
    /// Elements from a column to the next.
    column_stride: usize,
}

impl<'a> Factor<'a> {
    /// `values: [rows, columns]`, multiplied as it lies.
    pub(crate) fn plain(values: &'a [f32], rows: usize, columns: usize) -> Self {
        Self::padded(values, rows, columns, columns)
    }

    /// As [`Factor::plain`], each row being followed by as many unused elements as `stride` exceeds `columns`.
    pub(crate) fn padded(values: &'a [f32], rows: usize, columns: usize, stride: usize) -> Self {
        assert_eq!(rows.checked_mul(stride), Some(values.len()));
        assert!(columns <= stride);
        Self {
            values,
            rows,
            columns,
            row_stride: stride,
            column_stride: 1,
        }
    }

    /// `values: [columns, rows]`, multiplied as its transpose `[rows, columns]`.
    pub(crate) fn transposed(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(rows.checked_mul(columns), Some(values.len()));
        Self {
            values,
            rows,
            columns,
            row_stride: 1,
            column_stride: rows,
        }
    }
}

/// What a product does with the values already in its destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Write {
    /// Overwrites them.
    Replace,
    /// Adds to them.
    Add,
}

/// `out [left.rows, right.columns]` = (or +=) `left` · `right`.
pub(crate) fn multiply(left: Factor, right: Factor, out: &mut [f32], write: Write) {
    let (rows, inner, columns) = (left.rows, left.columns, right.columns);
    assert_eq!(inner, right.rows);
    assert_eq!(rows.checked_mul(columns), Some(out.len()));
    let (alpha, beta) = (if write == Write::Add { 1.0 } else { 0.0 }, 1.0);
    // SAFETY: the lengths asserted here and by the constructors of `Factor` keep every element read and
    // written inside the three slices; `out` is borrowed mutably, so that it overlaps neither factor.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            columns as isize,
            write == Write::Add,
            left.values.as_ptr(),
            left.column_stride as isize,
            left.row_stride as isize,
            right.values.as_ptr(),
            right.column_stride as isize,
            right.row_stride as isize,
            alpha,
            beta,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

/// Matrices of fewer elements are multiplied in order: what is small is a bundle's f32 part, on which the rounding of int8 products
/// depends.
pub(crate) const SMALL: usize = 4096;

/// `out [rows] = matrix [rows, x.len()] · x`.
///
/// Four rows share each load of `x`; each keeps eight partial sums, so that the result is the same whether the
/// compiler makes them one register or two. Inlined into its caller for the caller's target features.
#[inline(always)]
pub(crate) fn matrix_vector(matrix: &[f32], x: &[f32], out: &mut [f32]) {
    const ROWS: usize = 4;
    assert_eq!(matrix.len(), out.len() * x.len());
    if x.is_empty() {
        return out.fill(0.0);
    }
    let mut blocks = out.chunks_exact_mut(ROWS);
    let mut rows = matrix.chunks_exact(ROWS * x.len());
    for (out, rows) in blocks.by_ref().zip(rows.by_ref()) {
        let (first, rest) = rows.split_at(x.len());
        let (second, rest) = rest.split_at(x.len());
        let (third, fourth) = rest.split_at(x.len());
        out.copy_from_slice(&dot_products([first, second, third, fourth], x));
    }
    for (out, row) in blocks
        .into_remainder()
        .iter_mut()
        .zip(rows.remainder().chunks_exact(x.len()))
    {
        *out = dot_products([row], x)[0];
    }
}

/// The dot product of each row with `x`, all of one length.
#[inline(always)]
fn dot_products<const ROWS: usize>(rows: [&[f32]; ROWS], x: &[f32]) -> [f32; ROWS] {
    const LANES: usize = 8;
    let mut sums = [[0.0f32; LANES]; ROWS];
    let whole = x.len() / LANES * LANES;
    let mut start = 0;
    while start < whole {
        let x = &x[start..start + LANES];
        for (sum, row) in sums.iter_mut().zip(rows) {
            let row = &row[start..start + LANES];
            for lane in 0..LANES {
                sum[lane] += row[lane] * x[lane];
            }
        }
        start += LANES;
    }
    let mut totals = [0.0; ROWS];
    for ((total, sum), row) in totals.iter_mut().zip(sums).zip(rows) {
        let halves = [
            sum[0] + sum[4],
            sum[1] + sum[5],
            sum[2] + sum[6],
            sum[3] + sum[7],
        ];
        *total = (halves[0] + halves[2]) + (halves[1] + halves[3]);
        for (a, b) in row[whole..].iter().zip(&x[whole..]) {
            *total += a * b;
        }
    }
    totals
}

/// The same products, written as their definition.
pub mod reference {
    /// `[rows, columns]` = `left [rows, inner]` · `right [inner, columns]`.
    pub fn multiply(
        left: &[f32],
        right: &[f32],
        rows: usize,
        inner: usize,
        columns: usize,
    ) -> Vec<f32> {
        let mut out = vec![0.0; rows * columns];
        for row in 0..rows {
            for column in 0..columns {
                for k in 0..inner {
                    out[row * columns + column] +=
                        left[row * inner + k] * right[k * columns + column];
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn values(count: usize, seed: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * 7919 + seed * 104_729) % 2003) as f32 / 1001.0 - 1.0)
            .collect()
    }

    fn transpose(matrix: &[f32], rows: usize, columns: usize) -> Vec<f32> {
        (0..rows * columns)
            .map(|i| matrix[(i % rows) * columns + i / rows])
            .collect()
    }

    fn assert_close(actual: &[f32], expected: &[f32]) {
        for (index, (a, b)) in actual.iter().zip(expected).enumerate() {
            assert!((a - b).abs() < 1e-4, "element {index}: {a} is not {b}");
        }
    }

    proptest! {
        #[test]
        fn every_layout_agrees_with_the_definition(rows in 0usize..20, inner in 0usize..40, columns in 0usize..40) {
            let (left, right) = (values(rows * inner, 1), values(inner * columns, 2));
            let expected = reference::multiply(&left, &right, rows, inner, columns);
            let (left_t, right_t) = (transpose(&left, rows, inner), transpose(&right, inner, columns));
            for left in [Factor::plain(&left, rows, inner), Factor::transposed(&left_t, rows, inner)] {
                for right in [Factor::plain(&right, inner, columns), Factor::transposed(&right_t, inner, columns)] {
                    let mut out = vec![f32::NAN; rows * columns];
                    multiply(left, right, &mut out, Write::Replace);
                    assert_close(&out, &expected);
                    multiply(left, right, &mut out, Write::Add);
                    assert_close(&out, &expected.iter().map(|x| 2.0 * x).collect::<Vec<_>>());
                }
            }
        }

        #[test]
        fn matrix_times_vector_agrees_with_the_definition(rows in 0usize..40, inner in 0usize..70) {
            let (matrix, x) = (values(rows * inner, 3), values(inner, 4));
            let mut out = vec![f32::NAN; rows];
            matrix_vector(&matrix, &x, &mut out);
            assert_close(&out, &reference::multiply(&matrix, &x, rows, inner, 1));
        }
    }
}
