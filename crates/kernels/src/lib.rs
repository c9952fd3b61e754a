//! Numeric kernels of the network on plain slices: portable, without I/O, the same code natively and in wasm.
//!
//! Tests compare every kernel with something plainer, most with a scalar twin (module `reference` beside it). This is the only
//! crate of the workspace that may hold `unsafe` code: [`matmul`] does, the kernels of [`int8`], and `cuda` (with the feature of
//! that name): the same kernels for NVIDIA GPUs.

pub mod activation;
pub mod affine;
pub mod attention;
#[cfg(feature = "cuda")]
pub mod cuda;
pub mod dropout;
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
