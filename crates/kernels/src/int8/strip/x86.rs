//! AVX-512 with VNNI, and AVX2.
//!
//! Both keep a tile of sums in registers: a panel of weights is loaded once for all rows of the tile, and four bytes of
//! a row are broadcast once for all panels. `vpdpbusd` multiplies 64 pairs and adds them up by fours; AVX2 needs three
//! instructions for 32. Against the scalar twin, at `[39, 384] · [384, 1536]` on a Xeon of the Sapphire Rapids line:
//! see docs/performance.md.

use std::arch::x86_64::*;

use super::{Kernel, PANEL, Strip};

pub(super) fn kernels() -> Vec<Kernel> {
    let mut kernels = Vec::new();
    let avx512 = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
    if avx512 && is_x86_feature_detected!("avx512vnni") {
        kernels.push(Kernel {
            name: "avx512-vnni",
            strip: vnni,
        });
    }
    if is_x86_feature_detected!("avx2") {
        kernels.push(Kernel {
            name: "avx2",
            strip: avx2,
        });
    }
    kernels
}

/// Where a tile reads and writes.
#[derive(Clone, Copy)]
struct Tile {
    rows: *const u8,
    depth: usize,
    weights: *const i8,
    sums: *mut i32,
    /// From a row of sums to the next.
    width: usize,
}

/// The tiles of a strip: `rows` rows at a time with `panels` panels.
///
/// # Safety
/// As for [`Kernel`]; and there must be as many rows and panels from `row` and `panel` on.
unsafe fn tile_at(strip: &mut Strip, row: usize, panel: usize) -> Tile {
    // SAFETY: both are within the strip, says the caller, whose slices are as long as their shapes say.
    unsafe {
        Tile {
            rows: strip.rows.as_ptr().add(row * strip.depth),
            depth: strip.depth,
            weights: strip.weights.as_ptr().add(panel * PANEL * strip.depth),
            sums: (strip.sums.as_mut_ptr()).add(row * strip.panels * PANEL + panel * PANEL),
            width: strip.panels * PANEL,
        }
    }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn vnni(strip: &mut Strip) {
    let mut panel = 0;
    while panel < strip.panels {
        // SAFETY: `tiles` panels are left.
        panel += match strip.panels - panel {
            1 => unsafe { vnni_column::<1>(strip, panel) },
            2 => unsafe { vnni_column::<2>(strip, panel) },
            3 => unsafe { vnni_column::<3>(strip, panel) },
            _ => unsafe { vnni_column::<4>(strip, panel) },
        };
    }
}

/// All rows with `P` panels, which it returns.
///
/// # Safety
/// There must be `P` panels from `panel` on.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
unsafe fn vnni_column<const P: usize>(strip: &mut Strip, panel: usize) -> usize {
    let mut row = 0;
    while row < strip.count {
        // SAFETY: as many rows are left, and the caller vouches for the panels.
        unsafe {
            let tile = tile_at(strip, row, panel);
            row += match strip.count - row {
                1 => vnni_tile::<1, P>(tile),
                2 => vnni_tile::<2, P>(tile),
                3 => vnni_tile::<3, P>(tile),
                4 | 5 => vnni_tile::<4, P>(tile),
                _ => vnni_tile::<6, P>(tile),
            };
        }
    }
    P
}

/// `R` rows with `P` panels; returns `R`. Six by four sums take 24 of 32 registers.
///
/// # Safety
/// The tile must have `R` rows and `P` panels.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
unsafe fn vnni_tile<const R: usize, const P: usize>(tile: Tile) -> usize {
    let mut sums = [[_mm512_setzero_si512(); P]; R];
    let mut weights = [_mm512_setzero_si512(); P];
    for quad in 0..tile.depth / 4 {
        for (panel, weights) in weights.iter_mut().enumerate() {
            let at = (panel * (tile.depth / 4) + quad) * PANEL * 4;
            // SAFETY: a quad of a panel has 64 bytes.
            *weights = unsafe { _mm512_loadu_si512(tile.weights.add(at).cast()) };
        }
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: a row has `depth` bytes, a multiple of four.
            let value = unsafe {
                tile.rows
                    .add(row * tile.depth + quad * 4)
                    .cast::<i32>()
                    .read_unaligned()
            };
            let value = _mm512_set1_epi32(value);
            for (sum, weights) in sums.iter_mut().zip(&weights) {
                *sum = _mm512_dpbusd_epi32(*sum, value, *weights);
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        for (panel, sum) in sums.iter().enumerate() {
            // SAFETY: the sums of a row have PANEL elements for each panel.
            unsafe {
                _mm512_storeu_si512(tile.sums.add(row * tile.width + panel * PANEL).cast(), *sum);
            }
        }
    }
    R
}

#[target_feature(enable = "avx2")]
fn avx2(strip: &mut Strip) {
    for panel in 0..strip.panels {
        let mut row = 0;
        while row < strip.count {
            // SAFETY: as many rows are left, and the panel is within the strip.
            unsafe {
                let tile = tile_at(strip, row, panel);
                row += match strip.count - row {
                    1 => avx2_tile::<1>(tile),
                    2 | 3 => avx2_tile::<2>(tile),
                    _ => avx2_tile::<4>(tile),
                };
            }
        }
    }
}

/// `R` rows with one panel, two registers wide; returns `R`.
///
/// # Safety
/// The tile must have `R` rows and a panel.
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn avx2_tile<const R: usize>(tile: Tile) -> usize {
    let ones = _mm256_set1_epi16(1);
    let mut sums = [[_mm256_setzero_si256(); 2]; R];
    for quad in 0..tile.depth / 4 {
        // SAFETY: a quad of a panel has 64 bytes.
        let weights = unsafe {
            let at = tile.weights.add(quad * PANEL * 4).cast::<__m256i>();
            [_mm256_loadu_si256(at), _mm256_loadu_si256(at.add(1))]
        };
        for (row, sums) in sums.iter_mut().enumerate() {
            // SAFETY: a row has `depth` bytes, a multiple of four.
            let value = unsafe {
                tile.rows
                    .add(row * tile.depth + quad * 4)
                    .cast::<i32>()
                    .read_unaligned()
            };
            let value = _mm256_set1_epi32(value);
            for (sum, weights) in sums.iter_mut().zip(weights) {
                let pairs = _mm256_maddubs_epi16(value, weights);
                *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(pairs, ones));
            }
        }
    }
    for (row, sums) in sums.iter().enumerate() {
        for (half, sum) in sums.iter().enumerate() {
            // SAFETY: the sums of a row have PANEL elements for each panel.
            unsafe {
                _mm256_storeu_si256(tile.sums.add(row * tile.width + half * 8).cast(), *sum);
            }
        }
    }
    R
}
