//! Vectorisable hyperbolic tangent, logistic, exponential and error function.
//!
//! `f32::tanh` and `f32::exp` are calls into libm, one number at a time and different from platform to platform.
//! These are straight-line arithmetic without fused multiply-add: the compiler vectorises them inside any loop, and
//! every platform computes the same bits.

/// 1.5 · 2²³: added to a number of moderate size, it leaves the nearest integer in the lowest bits.
pub(crate) const ROUND: f32 = 12_582_912.;

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

/// e to the power of x, within 2e-7 of the exact value relative to it; at most 2.4e38 and at least 1.2e-38, outside
/// ±88. NaN stays NaN.
///
/// Cephes' `expf`: x = n ln 2 + r with |r| ≤ ln 2 / 2, a polynomial in r, and n put into the exponent's bits.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    const LOG2_E: f32 = std::f32::consts::LOG2_E;
    // ln 2 in two parts, the first of few bits: n times it is exact.
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = x.clamp(-87.3, 88.3);
    let rounded = x * LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_2e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 1.666_666_5e-1;
    p = p * r + 0.5;
    let power = rounded
        .to_bits()
        .wrapping_sub(ROUND.to_bits())
        .wrapping_add(127)
        << 23;
    (p * r * r + r + 1.) * f32::from_bits(power)
}

/// e to the power of x in double precision, within 4.5e-16 of the exact value relative to it; at most 1.1e307 and at least 5e-308,
/// outside ±707. NaN stays NaN.
///
/// Cephes' `exp`: as [`exp`], with a rational function of r.
#[inline(always)]
pub fn exp64(x: f64) -> f64 {
    // 1.5 · 2⁵², as `ROUND` for f32.
    const ROUND: f64 = 6_755_399_441_055_744.;
    const LN2_HIGH: f64 = 6.931_457_519_531_25e-1;
    const LN2_LOW: f64 = 1.428_606_820_309_417_2e-6;
    let x = x.clamp(-707., 707.);
    let rounded = x * std::f64::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    let s = r * r;
    let p = r * ((1.261_771_930_748_105_9e-4 * s + 3.029_944_077_074_419_6e-2) * s + 1.);
    let q = ((3.001_985_051_386_644_5e-6 * s + 2.524_483_403_496_841e-3) * s
        + 2.272_655_482_081_550_3e-1)
        * s
        + 2.;
    let power = rounded
        .to_bits()
        .wrapping_sub(ROUND.to_bits())
        .wrapping_add(1023)
        << 52;
    (1. + 2. * (p / (q - p))) * f64::from_bits(power)
}

/// The error function, within 5e-7 of the exact value; NaN stays NaN.
///
/// The rational approximation of XLA (`ErfImpl32`), which saturates outside ±3.744.
#[inline(always)]
pub fn erf(x: f32) -> f32 {
    const LIMIT: f32 = 3.743_921;
    if x.abs() > LIMIT {
        return 1f32.copysign(x);
    }
    let s = x * x;
    let mut p = 2.290_506_5e-4;
    p = p * s + 3.408_291e-3;
    p = p * s + 5.095_569_4e-2;
    p = p * s + 1.852_083_2e-1;
    p = p * s + std::f32::consts::FRAC_2_SQRT_PI;
    let mut q = -1.179_160_3e-7;
    q = q * s + 2.354_796_6e-5;
    q = q * s + 1.017_962_6e-3;
    q = q * s + 1.407_047e-2;
    q = q * s + 1.109_850_5e-1;
    q = q * s + 4.974_692_5e-1;
    q = q * s + 1.;
    x * p / q
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gelu::reference;

    fn grid() -> impl Iterator<Item = f32> {
        (-400_000..=400_000).map(|i| i as f32 * 1e-4)
    }

    fn largest_error(ours: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64) -> f64 {
        grid()
            .map(|x| (f64::from(ours(x)) - exact(f64::from(x))).abs())
            .fold(0.0, f64::max)
    }

    #[test]
    fn exp64_is_as_exact_as_libm_within_4e_16() {
        let grid = (-70_000..=70_000).map(|i| f64::from(i) * 1e-2);
        let worst = grid
            .map(|x| (exp64(x) / x.exp() - 1.).abs())
            .fold(0., f64::max);
        assert!(worst < 4.5e-16, "{worst}");
        assert_eq!(exp64(0.), 1.);
        assert!(exp64(f64::NEG_INFINITY) < 1e-300 && exp64(f64::NAN).is_nan());
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
    fn exp_is_exact_to_2e_7_of_itself() {
        let relative = |x: f32| (f64::from(exp(x)) / f64::from(x).exp() - 1.).abs();
        let grid = (-8700..=8800).map(|i| i as f32 * 1e-2);
        assert!(grid.map(relative).fold(0., f64::max) < 2e-7);
    }

    #[test]
    fn exp_stays_finite_and_above_zero() {
        for x in [
            f32::NEG_INFINITY,
            f32::MIN,
            -88.,
            89.,
            f32::MAX,
            f32::INFINITY,
        ] {
            assert!(exp(x) > 0. && exp(x).is_finite(), "exp({x}) = {}", exp(x));
        }
    }

    #[test]
    fn erf_is_exact_to_5e_7_and_reaches_one() {
        let error = |i: i32| {
            let x = i as f32 * 1e-3;
            (f64::from(erf(x)) - reference::erf(x.into())).abs()
        };
        assert!((-6000..=6000).map(error).fold(0., f64::max) < 5e-7);
        assert_eq!((erf(9.), erf(-9.)), (1., -1.));
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
        for function in [tanh, sigmoid, exp, erf] {
            assert!(function(f32::NAN).is_nan());
        }
    }
}
