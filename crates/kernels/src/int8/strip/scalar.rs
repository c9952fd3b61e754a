//! The definition, one product after the other.

use super::{PANEL, Strip};

pub(super) fn strip(strip: &mut Strip) {
    let quads = strip.depth / 4;
    for row in 0..strip.count {
        let values = &strip.rows[row * strip.depth..][..strip.depth];
        for output in 0..strip.panels * PANEL {
            let (panel, lane) = (output / PANEL, output % PANEL);
            let mut sum = 0;
            for quad in 0..quads {
                let weights = &strip.weights[((panel * quads + quad) * PANEL + lane) * 4..][..4];
                for (value, weight) in values[quad * 4..][..4].iter().zip(weights) {
                    sum += i32::from(*value) * i32::from(*weight);
                }
            }
            strip.sums[row * strip.panels * PANEL + output] = sum;
        }
    }
}
