//! The most int8 products a second that this machine does, by a loop that touches registers only: the roof under which
//! `cargo xtask bench` puts what the network reaches. A product and its addition count as two operations.
//!
//! Natively it prints a line of JSON for each set of instructions that the processor has. For WebAssembly it exports
//! `peak`, and whoever loads it keeps the time.
#![allow(unsafe_code)]

/// Repeats `step` on independent sums, enough to hide the latency of an addition that waits for a product, and gives them
/// as an array. They are variables by name: an array in the loop stays in memory.
#[cfg(any(target_arch = "wasm32", target_arch = "x86_64"))]
macro_rules! sums {
    ($rounds:expr, $first:expr, $step:expr) => {
        sums!($rounds, $first, $step, a b c d e f g h i j k l)
    };
    ($rounds:expr, $first:expr, $step:expr, $($sum:ident)*) => {{
        $(let mut $sum = $first;)*
        for _ in 0..$rounds {
            $($sum = $step($sum);)*
        }
        [$($sum),*]
    }};
}

/// Sums of [`sums`].
#[cfg(any(target_arch = "wasm32", target_arch = "x86_64"))]
const SUMS: usize = 12;

#[cfg(target_arch = "wasm32")]
mod wasm {
    use core::arch::wasm32::{i16x8_splat, i32x4_add, i32x4_dot_i16x8, i32x4_extract_lane};

    use super::SUMS;

    /// Operations of a call of [`peak`] with `rounds` 1.
    #[unsafe(no_mangle)]
    extern "C" fn operations_of_a_round() -> u32 {
        SUMS as u32 * 16
    }

    /// `i32x4.dot_i16x8_s` and an addition, as simd128 without relaxed instructions multiplies int8.
    #[unsafe(no_mangle)]
    extern "C" fn peak(rounds: u32) -> i32 {
        let factor = i16x8_splat(3);
        let sums: [_; SUMS] = sums!(rounds, i16x8_splat(1), |sum| i32x4_add(
            sum,
            i32x4_dot_i16x8(sum, factor)
        ));
        sums.iter()
            .map(|sum| i32x4_extract_lane::<0>(*sum))
            .fold(0, i32::wrapping_add)
    }
}

#[cfg(target_arch = "x86_64")]
mod native {
    use core::arch::x86_64::{
        __m256i, __m512i, _mm256_add_epi32, _mm256_cvtsi256_si32, _mm256_madd_epi16,
        _mm256_maddubs_epi16, _mm256_set1_epi16, _mm512_cvtsi512_si32, _mm512_dpbusd_epi32,
        _mm512_set1_epi32,
    };

    use super::SUMS;

    #[target_feature(enable = "avx512f,avx512vnni")]
    pub(super) fn vnni(rounds: u32) -> i32 {
        let factor = _mm512_set1_epi32(0x0102_0301);
        let sums: [__m512i; SUMS] =
            sums!(rounds, factor, |sum| _mm512_dpbusd_epi32(sum, sum, factor));
        sums.iter()
            .map(|sum| _mm512_cvtsi512_si32(*sum))
            .fold(0, i32::wrapping_add)
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn avx2(rounds: u32) -> i32 {
        let factor = _mm256_set1_epi16(0x0102);
        let ones = _mm256_set1_epi16(1);
        let sums: [__m256i; SUMS] = sums!(rounds, factor, |sum| {
            let products = _mm256_madd_epi16(_mm256_maddubs_epi16(sum, factor), ones);
            _mm256_add_epi32(sum, products)
        });
        sums.iter()
            .map(|sum| _mm256_cvtsi256_si32(*sum))
            .fold(0, i32::wrapping_add)
    }

    /// Operations a second of a loop that does `a_round` of them a round: the best of many short tries, of which
    /// some are not interrupted.
    pub(super) fn measure(a_round: usize, run: impl Fn(u32) -> i32) -> f64 {
        const ROUNDS: u32 = 200_000;
        let time = || {
            let start = std::time::Instant::now();
            std::hint::black_box(run(ROUNDS));
            start.elapsed().as_secs_f64()
        };
        let best = (0..2000).map(|_| time()).fold(f64::INFINITY, f64::min);
        a_round as f64 * f64::from(ROUNDS) / best
    }
}

fn main() {
    #[cfg(target_arch = "x86_64")]
    {
        let tell = |name: &str, operations: f64| {
            println!("{{\"instructions\": \"{name}\", \"operations_a_second\": {operations:.0}}}");
        };
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vnni") {
            // SAFETY: the processor has the instructions.
            let run = |rounds| unsafe { native::vnni(rounds) };
            tell("AVX-512 VNNI", native::measure(SUMS * 128, run));
        }
        if is_x86_feature_detected!("avx2") {
            // SAFETY: the processor has the instructions.
            let run = |rounds| unsafe { native::avx2(rounds) };
            tell("AVX2", native::measure(SUMS * 64, run));
        }
    }
}
