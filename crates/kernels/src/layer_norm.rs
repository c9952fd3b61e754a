//! Layer normalisation (Ba et al. 2016) over rows, forward and backward.
//!
//! Composed of a framework's operations it takes nine passes over memory forward and some twenty backward; here it is
//! two and three.

use crate::{
    gradients::Gradients,
    size::{SizeError, check_size},
};

/// Normalises rows of `size` elements to mean 0 and variance 1 + `eps`, then scales and shifts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LayerNorm {
    /// Width of a row.
    pub size: usize,
    /// Added to the variance.
    pub eps: f32,
}

impl LayerNorm {
    /// `xs [rows, size]` with `weight [size]` and `bias [size]` to `[rows, size]`.
    ///
    /// # Errors
    /// If a slice does not fit the shape.
    pub fn forward(&self, xs: &[f32], weight: &[f32], bias: &[f32]) -> Result<Vec<f32>, SizeError> {
        self.check(xs, weight)?;
        check_size("bias", bias, &[self.size])?;
        let mut ys = xs.to_vec();
        self.in_place(&mut ys, None, weight, bias);
        Ok(ys)
    }

    /// From `grad_ys [rows, size]` to the gradients of the arguments.
    ///
    /// # Errors
    /// If a slice does not fit the shape.
    pub fn backward(
        &self,
        xs: &[f32],
        weight: &[f32],
        grad_ys: &[f32],
    ) -> Result<Gradients, SizeError> {
        self.check(xs, weight)?;
        check_size("grad_ys", grad_ys, &[xs.len()])?;
        let mut gradients = Gradients {
            xs: vec![0.; xs.len()],
            weight: vec![0.; self.size],
            bias: vec![0.; self.size],
        };
        if self.size == 0 {
            return Ok(gradients);
        }
        pulp::Arch::new().dispatch(|| {
            let rows = xs
                .chunks_exact(self.size)
                .zip(grad_ys.chunks_exact(self.size))
                .zip(gradients.xs.chunks_exact_mut(self.size));
            for ((xs, grad_ys), grad_xs) in rows {
                let (mean, scale) = self.moments(xs);
                // First the gradient with respect to the normalised row; then mean and scale depend on the row too.
                for (index, grad) in grad_ys.iter().enumerate() {
                    let normalised = (xs[index] - mean) * scale;
                    grad_xs[index] = grad * weight[index];
                    gradients.weight[index] += grad * normalised;
                    gradients.bias[index] += grad;
                }
                let grad_mean = sum(grad_xs, |_, grad| grad) / self.size as f32;
                let grad_scale = sum(grad_xs, |index, grad| grad * (xs[index] - mean)) * scale
                    / self.size as f32;
                for (grad, x) in grad_xs.iter_mut().zip(xs) {
                    *grad = scale * (*grad - grad_mean - (x - mean) * scale * grad_scale);
                }
            }
        });
        Ok(gradients)
    }

    /// `ys ← norm(ys + xs)` of rows of `size` elements, all slices as long as they must be.
    pub(crate) fn add_and_normalise(
        &self,
        ys: &mut [f32],
        xs: &[f32],
        weight: &[f32],
        bias: &[f32],
    ) {
        self.in_place(ys, Some(xs), weight, bias);
    }

    fn in_place(&self, ys: &mut [f32], added: Option<&[f32]>, weight: &[f32], bias: &[f32]) {
        pulp::Arch::new().dispatch(Normalise {
            norm: self,
            ys,
            added,
            weight,
            bias,
        });
    }

    /// Mean and 1 / √(variance + ε) of a row.
    #[inline(always)]
    fn moments(&self, xs: &[f32]) -> (f32, f32) {
        let mean = sum(xs, |_, x| x) / self.size as f32;
        let variance = sum(xs, |_, x| (x - mean) * (x - mean)) / self.size as f32;
        (mean, 1. / (variance + self.eps).sqrt())
    }

    fn check(&self, xs: &[f32], weight: &[f32]) -> Result<(), SizeError> {
        let rows = xs.len().checked_div(self.size).unwrap_or(0);
        check_size("xs", xs, &[rows, self.size])?;
        check_size("weight", weight, &[self.size])
    }
}

/// Normalisation as an operation of `pulp`: a closure of this size would not be inlined into what is compiled for the machine's
/// vector extensions.
struct Normalise<'a> {
    norm: &'a LayerNorm,
    ys: &'a mut [f32],
    /// Added to `ys` first.
    added: Option<&'a [f32]>,
    weight: &'a [f32],
    bias: &'a [f32],
}

impl pulp::WithSimd for Normalise<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let size = self.norm.size.max(1);
        for (row, ys) in self.ys.chunks_exact_mut(size).enumerate() {
            if let Some(added) = self.added {
                for (y, x) in ys.iter_mut().zip(&added[row * size..][..size]) {
                    *y += x;
                }
            }
            let (mean, scale) = self.norm.moments(ys);
            for ((y, weight), bias) in ys.iter_mut().zip(self.weight).zip(self.bias) {
                *y = (*y - mean) * scale * weight + bias;
            }
        }
    }
}

/// Sum of a function of index and value, as sixteen sums side by side that the compiler makes vectors.
#[inline(always)]
pub(crate) fn sum(values: &[f32], of: impl Fn(usize, f32) -> f32) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0f32; LANES];
    let (blocks, rest) = values.as_chunks::<LANES>();
    for (block, values) in blocks.iter().enumerate() {
        for lane in 0..LANES {
            sums[lane] += of(block * LANES + lane, values[lane]);
        }
    }
    // Not added to the sums one by one: what is found by its index stays in memory, not in a register.
    let mut last = [0f32; LANES];
    let start = values.len() - rest.len();
    for (lane, (last, value)) in last.iter_mut().zip(rest).enumerate() {
        *last = of(start + lane, *value);
    }
    for (sum, last) in sums.iter_mut().zip(last) {
        *sum += last;
    }
    let mut width = LANES;
    while width > 1 {
        width /= 2;
        for lane in 0..width {
            sums[lane] += sums[lane + width];
        }
    }
    sums[0]
}

/// The scalar twin: the definition in f64.
pub mod reference {
    /// One row, normalised, scaled and shifted.
    pub fn forward(xs: &[f32], weight: &[f32], bias: &[f32], eps: f64) -> Vec<f64> {
        let size = xs.len() as f64;
        let mean = xs.iter().map(|&x| f64::from(x)).sum::<f64>() / size;
        let squares = xs.iter().map(|&x| (f64::from(x) - mean).powi(2));
        let deviation = (squares.sum::<f64>() / size + eps).sqrt();
        let normalised = xs.iter().map(|&x| (f64::from(x) - mean) / deviation);
        let affine = weight.iter().zip(bias);
        normalised
            .zip(affine)
            .map(|(x, (&weight, &bias))| x * f64::from(weight) + f64::from(bias))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_gradient, assert_near, numbers};

    const EPS: f32 = 1e-5;

    fn reference_rows(size: usize, xs: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f64> {
        xs.chunks_exact(size)
            .flat_map(|row| reference::forward(row, weight, bias, EPS.into()))
            .collect()
    }

    proptest! {
        #[test]
        fn forward_agrees_with_the_definition(rows in 0usize..5, size in 2usize..70) {
            let (xs, weight, bias) = (numbers(rows * size, 1), numbers(size, 2), numbers(size, 3));
            let ys = LayerNorm { size, eps: EPS }.forward(&xs, &weight, &bias).unwrap();
            assert_near(&ys, &reference_rows(size, &xs, &weight, &bias), 1e-4);
        }
    }

    #[test]
    fn backward_is_the_slope_of_the_definition() {
        let size = 19;
        let (xs, weight, bias) = (numbers(2 * size, 1), numbers(size, 2), numbers(size, 3));
        let grad = numbers(2 * size, 4);
        let found = LayerNorm { size, eps: EPS }
            .backward(&xs, &weight, &grad)
            .unwrap();
        assert_gradient(&xs, &grad, &found.xs, |xs| {
            reference_rows(size, xs, &weight, &bias)
        });
        assert_gradient(&weight, &grad, &found.weight, |weight| {
            reference_rows(size, &xs, weight, &bias)
        });
        assert_gradient(&bias, &grad, &found.bias, |bias| {
            reference_rows(size, &xs, &weight, bias)
        });
    }

    #[test]
    fn rows_that_do_not_come_out_even_are_refused() {
        let norm = LayerNorm { size: 3, eps: EPS };
        assert!(norm.forward(&[0.; 4], &[0.; 3], &[0.; 3]).is_err());
        assert!(norm.forward(&[0.; 6], &[0.; 2], &[0.; 3]).is_err());
    }
}
