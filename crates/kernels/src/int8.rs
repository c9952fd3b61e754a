//! Products of f32 rows with int8 weights, the arithmetic of inference.
//!
//! Weights are symmetric int8 with a scale for every output, as a bundle stores them. Activations are quantised row by
//! row when a product needs them, to 0..=127 between the row's smallest and largest element. So
//!
//! ```text
//! x ≈ low + step · q            a row of activations, q in 0..=127
//! y = Σ x w + b ≈ step · scale · Σ q v + low · scale · Σ v + b            v in −127..=127
//! ```
//!
//! and Σ v, the row sum of the weights, is known when they are packed. What remains is the integer sum Σ q v, and the
//! range of q makes it exact by every instruction for it: pairs of products fit into 16 bits (AVX2's `vpmaddubsw` would
//! saturate from 8 bits on), and q is the same number as signed and as unsigned byte (NEON's `sdot` and the relaxed dot
//! product of wasm want the one, AVX-512's `vpdpbusd` the other). All targets therefore compute the same integers; the
//! arithmetic around them is in one order without fused operations, so that all give the same bits.

mod attention;
mod encoder_layer;
mod matrix;
mod recurrent;
mod rows;
mod strip;

pub use attention::attention;
pub use encoder_layer::{Affine, EncoderLayer, Norm};
pub use matrix::{Int8Error, Matrix};
pub use recurrent::BiRnn;
pub use rows::Rows;
pub use strip::{Kernel, kernels, prepare};

#[cfg(test)]
mod tests;
