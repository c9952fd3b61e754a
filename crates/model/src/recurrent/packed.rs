//! A layer of both directions with packed weights as one Candle operation.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use candle_nn::{Init, VarBuilder};
use spanarc_kernels::int8::{Affine, BiRnn, Matrix};

use super::check_lengths;
use crate::{
    config::Cell,
    host,
    weight::{is_packed, packed},
};

/// See [`BiRnn`].
#[derive(Debug)]
pub(super) struct Layer {
    kernel: BiRnn,
    hidden: usize,
}

impl Layer {
    /// From the parameters of the forward and the backward direction, if all weights are packed.
    pub(super) fn new(
        cell: Cell,
        input: usize,
        hidden: usize,
        directions: [&VarBuilder; 2],
    ) -> Result<Option<Self>> {
        let packed_here = |vb: &VarBuilder| {
            ["weight_ih", "weight_hh"]
                .iter()
                .all(|name| is_packed(name, vb))
        };
        if !directions.into_iter().all(packed_here) {
            return Ok(None);
        }
        let cell = spanarc_kernels::recurrent::Cell::from(cell);
        let gates = cell.gates() * hidden;
        let bias = |name, vb: &VarBuilder| -> Result<Vec<f32>> {
            vb.get_with_hints(gates, name, Init::Const(0.))?.to_vec1()
        };
        let [forward, backward] = directions;
        let input_weights = [
            packed((gates, input), "weight_ih", forward)?,
            packed((gates, input), "weight_ih", backward)?,
        ];
        let joined =
            Matrix::side_by_side(&input_weights.each_ref()).map_err(candle_core::Error::wrap)?;
        let state = |vb: &VarBuilder| -> Result<Affine> {
            Ok(Affine {
                weight: Arc::new(packed((gates, hidden), "weight_hh", vb)?),
                bias: bias("bias_hh", vb)?,
            })
        };
        Ok(Some(Self {
            kernel: BiRnn {
                cell,
                input: Affine {
                    weight: Arc::new(joined),
                    bias: [bias("bias_ih", forward)?, bias("bias_ih", backward)?].concat(),
                },
                state: [state(forward)?, state(backward)?],
            },
            hidden,
        }))
    }

    /// `[batch, steps, input]` to `[batch, steps, 2·hidden]`, zero at padded steps.
    pub(super) fn forward(&self, xs: &Tensor, lengths: &[usize]) -> Result<Tensor> {
        let (batch, steps, _) = xs.dims3()?;
        check_lengths(lengths, batch, steps)?;
        let layer = self;
        xs.contiguous()?.apply_op1_no_bwd(&Fused { layer, lengths })
    }
}

struct Fused<'a> {
    layer: &'a Layer,
    lengths: &'a [usize],
}

impl CustomOp1 for Fused<'_> {
    fn name(&self) -> &'static str {
        "int8-birnn"
    }

    fn cpu_fwd(&self, xs: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (batch, steps, _) = layout.shape().dims3()?;
        let states = (self.layer.kernel)
            .forward(host::values(xs, layout)?, steps, self.lengths)
            .map_err(candle_core::Error::wrap)?;
        let shape = (batch, steps, 2 * self.layer.hidden);
        Ok((CpuStorage::F32(states), shape.into()))
    }
}
