//! NEON with the dot product extension (ARMv8.2, in every phone and computer of the last years).
//!
//! The intrinsic is not stable in Rust yet, so the instruction stands as inline assembly: `sdot` multiplies sixteen pairs
//! of signed bytes and adds them up by fours.

use std::arch::aarch64::*;
use std::arch::asm;

use super::{Kernel, PANEL, Strip};

pub(super) fn kernels() -> Vec<Kernel> {
    let mut kernels = Vec::new();
    if std::arch::is_aarch64_feature_detected!("dotprod") {
        kernels.push(Kernel {
            name: "neon-sdot",
            strip: sdot,
        });
    }
    kernels
}

#[target_feature(enable = "neon,dotprod")]
fn sdot(strip: &mut Strip) {
    for panel in 0..strip.panels {
        let mut row = 0;
        while row < strip.count {
            // SAFETY: as many rows are left, and the panel is within the strip.
            row += unsafe {
                match strip.count - row {
                    1 => tile::<1>(strip, row, panel),
                    2 | 3 => tile::<2>(strip, row, panel),
                    _ => tile::<4>(strip, row, panel),
                }
            };
        }
    }
}

/// `R` rows from `row` on with one panel, four registers wide; returns `R`.
///
/// # Safety
/// The strip must have the rows and the panel.
#[inline]
#[target_feature(enable = "neon,dotprod")]
unsafe fn tile<const R: usize>(strip: &mut Strip, row: usize, panel: usize) -> usize {
    let mut sums = [[vdupq_n_s32(0); 4]; R];
    // SAFETY: row and panel are within the strip, says the caller; a quad of a panel has 64 bytes, a row `depth` bytes,
    // a multiple of four, and the sums of a row PANEL elements for each panel.
    unsafe {
        let rows = strip.rows.as_ptr().add(row * strip.depth);
        let weights = strip.weights.as_ptr().add(panel * PANEL * strip.depth);
        for quad in 0..strip.depth / 4 {
            let quads: [int8x16_t; 4] =
                std::array::from_fn(|part| vld1q_s8(weights.add(quad * PANEL * 4 + part * 16)));
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = rows.add(row * strip.depth + quad * 4).cast::<i32>();
                let value = vreinterpretq_s8_s32(vdupq_n_s32(value.read_unaligned()));
                for (sum, weights) in sums.iter_mut().zip(quads) {
                    asm!(
                        "sdot {sum:v}.4s, {weights:v}.16b, {value:v}.16b",
                        sum = inout(vreg) *sum,
                        weights = in(vreg) weights,
                        value = in(vreg) value,
                        options(pure, nomem, nostack, preserves_flags),
                    );
                }
            }
        }
        let width = strip.panels * PANEL;
        let out = strip.sums.as_mut_ptr().add(row * width + panel * PANEL);
        for (row, sums) in sums.iter().enumerate() {
            for (part, sum) in sums.iter().enumerate() {
                vst1q_s32(out.add(row * width + part * 4), *sum);
            }
        }
    }
    R
}
