//! WebAssembly: simd128, which every browser has, and the relaxed dot product where there is one.
//!
//! simd128 multiplies eight pairs of 16 bits and adds them up by twos (`i32x4.dot_i16x8_s`); a row is widened to 16 bits
//! once for all panels, four weights of two outputs are widened as they are loaded.

use std::arch::wasm32::*;
use std::cell::{Cell, RefCell};

use super::{Kernel, PANEL, Strip};
use crate::activation::ROUND;

pub(super) mod relaxed;

const PLAIN: Kernel = Kernel {
    name: "wasm-simd128",
    strip: simd128,
};

thread_local! {
    static BEST: Cell<Kernel> = const { Cell::new(PLAIN) };
    /// Rows as 16 bits.
    static WIDE: RefCell<Vec<i16>> = const { RefCell::new(Vec::new()) };
}

pub(super) fn kernels() -> Vec<Kernel> {
    relaxed::kernel().into_iter().chain([PLAIN]).collect()
}

/// The relaxed one from when [`relaxed::install`] has been called with success.
pub(in crate::int8) fn best() -> Kernel {
    BEST.get()
}

fn simd128(strip: &mut Strip) {
    WIDE.with_borrow_mut(|wide| {
        wide.clear();
        wide.extend(strip.rows.iter().map(|&value| i16::from(value)));
        for panel in 0..strip.panels {
            for part in 0..PANEL / 4 {
                let mut row = 0;
                while row < strip.count {
                    // SAFETY: as many rows are left, and panel and part are within the strip.
                    row += unsafe {
                        match strip.count - row {
                            1 => tile::<1>(strip, wide, row, panel, part),
                            2 | 3 => tile::<2>(strip, wide, row, panel, part),
                            _ => tile::<4>(strip, wide, row, panel, part),
                        }
                    };
                }
            }
        }
    });
}

/// The values of blocks of activations, see [`Rows`](crate::int8::Rows). The compiler makes no vectors of numbers of
/// different widths here: by these instructions a sentence's activations take a third of the time.
pub(in crate::int8) fn quantise(xs: &[[f32; 16]], low: f32, inverse: f32, values: &mut [[u8; 16]]) {
    let (low, inverse, round) = (f32x4_splat(low), f32x4_splat(inverse), f32x4_splat(ROUND));
    for (xs, values) in xs.iter().zip(values) {
        // SAFETY: a block has sixteen elements of four bytes, and sixteen values of one.
        unsafe {
            let four = |index: usize| {
                let x = v128_load(xs.as_ptr().add(4 * index).cast());
                let rounded = f32x4_add(f32x4_mul(f32x4_sub(x, low), inverse), round);
                v128_and(rounded, i32x4_splat(127))
            };
            let eight = |index: usize| i16x8_narrow_i32x4(four(index), four(index + 1));
            v128_store(
                values.as_mut_ptr().cast(),
                u8x16_narrow_i16x8(eight(0), eight(2)),
            );
        }
    }
}

/// `R` rows from `row` on with four outputs of a panel; returns `R`.
///
/// # Safety
/// The strip must have the rows and the panel, and `wide` the values of its rows.
#[inline(always)]
unsafe fn tile<const R: usize>(
    strip: &mut Strip,
    wide: &[i16],
    row: usize,
    panel: usize,
    part: usize,
) -> usize {
    let mut sums = [[i32x4_splat(0); 2]; R];
    let width = strip.panels * PANEL;
    // SAFETY: row, panel and part are within the strip, says the caller; a quad of a panel has 64 bytes, a row `depth`
    // values, a multiple of four, and the sums of a row PANEL elements for each panel.
    unsafe {
        let values = wide.as_ptr().add(row * strip.depth);
        let weights = strip.weights.as_ptr();
        let weights = weights.add(panel * PANEL * strip.depth + part * 16);
        for quad in 0..strip.depth / 4 {
            let four = weights.add(quad * PANEL * 4);
            let four = [
                i16x8_load_extend_i8x8(four),
                i16x8_load_extend_i8x8(four.add(8)),
            ];
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = values.add(row * strip.depth + quad * 4);
                let value = v128_load64_splat(value.cast());
                for (sum, weights) in sums.iter_mut().zip(four) {
                    *sum = i32x4_add(*sum, i32x4_dot_i16x8(value, weights));
                }
            }
        }
        let out = strip.sums.as_mut_ptr();
        let out = out.add(row * width + panel * PANEL + part * 4);
        for (row, [left, right]) in sums.iter().enumerate() {
            let even = i32x4_shuffle::<0, 2, 4, 6>(*left, *right);
            let odd = i32x4_shuffle::<1, 3, 5, 7>(*left, *right);
            v128_store(out.add(row * width).cast(), i32x4_add(even, odd));
        }
    }
    R
}
