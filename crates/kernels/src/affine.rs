//! The affine map `y = x Wᵀ + b` over rows, forward and backward.
//!
//! One product and one pass for the bias in each direction; a framework that composes the map transposes and copies
//! the gradient of W besides.

use crate::{
    gradients::Gradients,
    matmul::{Factor, SMALL, Write, in_order::SmallMatrix, multiply},
    size::{SizeError, check_size},
};

/// Shape of an affine map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Affine {
    /// Rows of `x` and `y`.
    pub rows: usize,
    /// Width of `x`.
    pub input: usize,
    /// Width of `y`.
    pub output: usize,
}

impl Affine {
    /// `xs [rows, input]`, `weight [output, input]` and `bias [output]` to `[rows, output]`.
    ///
    /// # Errors
    /// If a slice does not fit the shape.
    pub fn forward(&self, xs: &[f32], weight: &[f32], bias: &[f32]) -> Result<Vec<f32>, SizeError> {
        self.check(xs, weight)?;
        check_size("bias", bias, &[self.output])?;
        if (1..SMALL).contains(&weight.len()) {
            let mut ys = vec![0.; self.rows * self.output];
            SmallMatrix::new(weight, self.input).affine(xs, bias, &mut ys);
            return Ok(ys);
        }
        let mut ys = Vec::with_capacity(self.rows * self.output);
        for _ in 0..self.rows {
            ys.extend_from_slice(bias);
        }
        multiply(
            Factor::plain(xs, self.rows, self.input),
            Factor::transposed(weight, self.input, self.output),
            &mut ys,
            Write::Add,
        );
        Ok(ys)
    }

    /// From `grad_ys [rows, output]` to the gradients of the arguments.
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
        check_size("grad_ys", grad_ys, &[self.rows, self.output])?;
        let mut gradients = Gradients {
            xs: vec![0.; xs.len()],
            weight: vec![0.; weight.len()],
            bias: vec![0.; self.output],
        };
        multiply(
            Factor::plain(grad_ys, self.rows, self.output),
            Factor::plain(weight, self.output, self.input),
            &mut gradients.xs,
            Write::Replace,
        );
        multiply(
            Factor::transposed(grad_ys, self.output, self.rows),
            Factor::plain(xs, self.rows, self.input),
            &mut gradients.weight,
            Write::Replace,
        );
        for row in grad_ys.chunks_exact(self.output.max(1)) {
            for (sum, grad) in gradients.bias.iter_mut().zip(row) {
                *sum += grad;
            }
        }
        Ok(gradients)
    }

    fn check(&self, xs: &[f32], weight: &[f32]) -> Result<(), SizeError> {
        check_size("xs", xs, &[self.rows, self.input])?;
        check_size("weight", weight, &[self.output, self.input])
    }
}

/// The scalar twin: the definition in f64.
pub mod reference {
    use super::Affine;

    /// What [`Affine::forward`] computes, from arguments of the same shapes (which are not checked).
    pub fn forward(shape: Affine, xs: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f64> {
        let mut ys = Vec::with_capacity(shape.rows * shape.output);
        for row in 0..shape.rows {
            for out in 0..shape.output {
                let products = (0..shape.input).map(|k| {
                    f64::from(xs[row * shape.input + k]) * f64::from(weight[out * shape.input + k])
                });
                ys.push(f64::from(bias[out]) + products.sum::<f64>());
            }
        }
        ys
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_gradient, assert_near, numbers};

    proptest! {
        #[test]
        fn forward_agrees_with_the_definition(rows in 0usize..9, input in 0usize..20, output in 0usize..20) {
            let shape = Affine { rows, input, output };
            let (xs, weight, bias) = (numbers(rows * input, 1), numbers(output * input, 2), numbers(output, 3));
            let ys = shape.forward(&xs, &weight, &bias).unwrap();
            assert_near(&ys, &reference::forward(shape, &xs, &weight, &bias), 1e-5);
        }
    }

    #[test]
    fn backward_is_the_slope_of_the_definition() {
        let shape = Affine {
            rows: 3,
            input: 5,
            output: 4,
        };
        let (xs, weight, bias) = (numbers(15, 1), numbers(20, 2), numbers(4, 3));
        let grad = numbers(12, 4);
        let found = shape.backward(&xs, &weight, &grad).unwrap();
        assert_gradient(&xs, &grad, &found.xs, |xs| {
            reference::forward(shape, xs, &weight, &bias)
        });
        assert_gradient(&weight, &grad, &found.weight, |weight| {
            reference::forward(shape, &xs, weight, &bias)
        });
        assert_gradient(&bias, &grad, &found.bias, |bias| {
            reference::forward(shape, &xs, &weight, bias)
        });
    }

    #[test]
    fn a_slice_of_the_wrong_length_is_named() {
        let shape = Affine {
            rows: 2,
            input: 2,
            output: 2,
        };
        let error = shape.forward(&[0.; 4], &[0.; 3], &[0.; 2]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`weight` has 3 elements, which is not the shape [2, 2]"
        );
    }
}
