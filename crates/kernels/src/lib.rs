//! Numeric kernels of the network on plain slices: portable, without I/O, the same code natively and in wasm.
//!
//! Tests compare every kernel with something plainer, most with a scalar twin (module `reference` beside it). This is the only
//! crate of the workspace that may hold `unsafe` code: [`matmul`] does, and the kernels of [`int8`].

pub mod activation;
pub mod affine;
pub mod attention;
pub mod gelu;
pub mod gradients;
pub mod int8;
pub mod layer_norm;
pub mod matmul;
pub mod recurrent;
mod size;
#[cfg(test)]
mod testing;

pub use size::SizeError;
