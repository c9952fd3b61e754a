//! The Gaussian error linear unit x Φ(x), exact form (Hendrycks & Gimpel 2016), forward and backward.
//!
//! Libm's error function is a call a number; here whole slices are vectorised arithmetic.

use std::f32::consts::FRAC_1_SQRT_2;

use crate::{
    activation::{erf, exp},
    size::{SizeError, check_size},
};

/// x Φ(x) of every element.
pub fn forward(xs: &[f32]) -> Vec<f32> {
    let mut ys = xs.to_vec();
    in_place(&mut ys);
    ys
}

/// The same in place.
pub fn in_place(xs: &mut [f32]) {
    pulp::Arch::new().dispatch(|| {
        for x in xs {
            *x = 0.5 * *x * (1. + erf(*x * FRAC_1_SQRT_2));
        }
    });
}

/// `grad_ys` times the slope Φ(x) + x φ(x) of every element.
///
/// # Errors
/// If the slices differ in length.
pub fn backward(xs: &[f32], grad_ys: &[f32]) -> Result<Vec<f32>, SizeError> {
    // 1 / √(2π)
    const DENSITY: f32 = 0.398_942_3;
    check_size("grad_ys", grad_ys, &[xs.len()])?;
    Ok(pulp::Arch::new().dispatch(|| {
        let slope = |(&x, &grad): (&f32, &f32)| {
            let cumulative = 0.5 * (1. + erf(x * FRAC_1_SQRT_2));
            grad * (cumulative + x * DENSITY * exp(-0.5 * x * x))
        };
        xs.iter().zip(grad_ys).map(slope).collect()
    }))
}

/// The scalar twin: the error function's integral in f64.
pub mod reference {
    use std::f64::consts::{FRAC_1_SQRT_2, PI};

    /// x Φ(x).
    pub fn forward(x: f64) -> f64 {
        0.5 * x * (1. + erf(x * FRAC_1_SQRT_2))
    }

    /// Maclaurin's series of the error function where its terms cancel without loss, ±1 (within 2e-10) beyond.
    pub fn erf(x: f64) -> f64 {
        if x.abs() > 4.5 {
            return x.signum();
        }
        let (mut term, mut sum, mut n) = (x, x, 0.);
        while f64::abs(term) > 1e-18 * (1. + f64::abs(sum)) {
            n += 1.;
            term *= -x * x / n;
            sum += term / (2. * n + 1.);
        }
        sum * 2. / PI.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_gradient, assert_near};

    fn grid() -> Vec<f32> {
        (-3000..=3000).map(|i| i as f32 * 2e-3).collect()
    }

    #[test]
    fn forward_agrees_with_the_definition() {
        let expected: Vec<f64> = grid()
            .iter()
            .map(|&x| reference::forward(x.into()))
            .collect();
        assert_near(&forward(&grid()), &expected, 1e-6);
    }

    #[test]
    fn far_from_zero_it_is_the_identity_or_nothing() {
        assert_eq!(forward(&[50., -50.]), [50., 0.]);
        assert!(forward(&[f32::NAN])[0].is_nan());
    }

    #[test]
    fn backward_is_the_slope_of_the_definition() {
        let xs: Vec<f32> = grid().into_iter().step_by(50).collect();
        let grad: Vec<f32> = (0..xs.len()).map(|i| 1. - i as f32 * 0.01).collect();
        let found = backward(&xs, &grad).unwrap();
        assert_gradient(&xs, &grad, &found, |xs| {
            xs.iter().map(|&x| reference::forward(x.into())).collect()
        });
    }
}
