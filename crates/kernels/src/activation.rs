//! Vectorisable hyperbolic tangent and logistic function.
//!
//! `f32::tanh` and `f32::exp` are calls into libm, one number at a time and different from platform to platform.
//! These are straight-line arithmetic without fused multiply-add: the compiler vectorises them inside any loop, and
//! every platform computes the same bits.

/// Hyperbolic tangent, within 4e-7 of the exact value; NaN stays NaN.
///
/// The rational approximation of Eigen (`generic_fast_tanh_float`), which saturates outside ±7.905.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    const LIMIT: f32 = 7.905_311;
    let x = x.clamp(-LIMIT, LIMIT);
    let s = x * x;
    let mut p = -2.760_768_5e-16;
    p = p * s + 2.000_188e-13;
    p = p * s + -8.604_672e-11;
    p = p * s + 5.122_297e-8;
    p = p * s + 1.485_722_4e-5;
    p = p * s + 6.372_619e-4;
    p = p * s + 4.893_524_6e-3;
    let mut q = 1.198_258_4e-6;
    q = q * s + 1.185_347_1e-4;
    q = q * s + 2.268_434_6e-3;
    q = q * s + 4.893_525e-3;
    x * p / q
}

/// Logistic function 1 / (1 + e⁻ˣ), within 3e-7 of the exact value; NaN stays NaN.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    0.5 + 0.5 * tanh(0.5 * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> impl Iterator<Item = f32> {
        (-400_000..=400_000).map(|i| i as f32 * 1e-4)
    }

    fn largest_error(ours: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64) -> f64 {
        grid()
            .map(|x| (f64::from(ours(x)) - exact(f64::from(x))).abs())
            .fold(0.0, f64::max)
    }

    #[test]
    fn tanh_is_exact_to_4e_7() {
        assert!(largest_error(tanh, f64::tanh) < 4e-7);
    }

    #[test]
    fn sigmoid_is_exact_to_3e_7() {
        assert!(largest_error(sigmoid, |x| 1.0 / (1.0 + (-x).exp())) < 3e-7);
    }

    #[test]
    fn both_stay_within_their_range() {
        for x in grid().chain([f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN]) {
            assert!((-1.0..=1.0).contains(&tanh(x)), "tanh({x}) = {}", tanh(x));
            assert!(
                (0.0..=1.0).contains(&sigmoid(x)),
                "sigmoid({x}) = {}",
                sigmoid(x)
            );
        }
    }

    #[test]
    fn nan_stays_nan() {
        assert!(tanh(f32::NAN).is_nan() && sigmoid(f32::NAN).is_nan());
    }
}
