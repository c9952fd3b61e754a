//! The weights of a product: packed int8 rows where a bundle has them and the CPU infers, f32 elsewhere.
//!
//! Which form runs is decided here and nowhere else. A trainer's parameters have no scales and a GPU has no kernel for
//! packed rows, so both get f32 from the same constructors; so does ELMo, which asks for f32 itself.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, DType, Layout, Result, Shape, Tensor};
use candle_nn::{Init, VarBuilder};
use spanarc_kernels::int8::Matrix;

use crate::{bundle::SCALE_SUFFIX, host};

/// Weights `[outputs, inputs]` of a product of rows.
#[derive(Debug, Clone)]
pub(crate) enum Weight {
    /// For training, for GPUs, and where a matrix is too small to be worth packing.
    Float(Tensor),
    /// For inference on the CPU.
    Packed(Arc<Matrix>),
}

impl Weight {
    /// The parameter `name`, in whichever form it can run; `init` is for a trainer.
    pub(crate) fn new(
        shape: (usize, usize),
        name: &str,
        init: Init,
        vb: &VarBuilder,
    ) -> Result<Self> {
        Ok(match is_packed(name, vb) {
            true => Self::Packed(Arc::new(packed(shape, name, vb)?)),
            false => Self::Float(vb.get_with_hints(shape, name, init)?),
        })
    }
}

/// Whether the parameter runs as packed int8.
pub(crate) fn is_packed(name: &str, vb: &VarBuilder) -> bool {
    host::runs_kernels_on(vb.device()) && vb.contains_tensor(&scale_of(name))
}

/// The parameter `name`, which [`is_packed`].
pub(crate) fn packed(
    (outputs, inputs): (usize, usize),
    name: &str,
    vb: &VarBuilder,
) -> Result<Matrix> {
    let none = Init::Const(0.);
    let shifted = vb.get_with_hints_dtype((outputs, inputs), name, none, DType::U8)?;
    let scales = vb.get_with_hints_dtype(outputs, &scale_of(name), none, DType::F32)?;
    let shifted: Vec<u8> = shifted.flatten_all()?.to_vec1()?;
    let values: Vec<i8> = shifted.into_iter().map(|x| (x ^ 0x80) as i8).collect();
    Matrix::new(&values, &scales.to_vec1()?, outputs, inputs)
        .map_err(|error| candle_core::Error::wrap(error).context(vb.pp(name).prefix()))
}

fn scale_of(name: &str) -> String {
    format!("{name}{SCALE_SUFFIX}")
}

/// The product of rows with packed weights as a Candle operation: from `[rows, inputs]` and the bias `[outputs]` to
/// `[rows, outputs]`.
pub(crate) struct PackedProduct(pub(crate) Arc<Matrix>);

impl CustomOp2 for PackedProduct {
    fn name(&self) -> &'static str {
        "int8-affine"
    }

    fn cpu_fwd(
        &self,
        xs: &CpuStorage,
        xs_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let ys = self
            .0
            .affine(
                host::values(xs, xs_layout)?,
                host::values(bias, bias_layout)?,
            )
            .map_err(candle_core::Error::wrap)?;
        let rows = xs_layout.shape().elem_count() / self.0.inputs().max(1);
        Ok((CpuStorage::F32(ys), (rows, self.0.outputs()).into()))
    }
}
