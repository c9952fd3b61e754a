//! The kernels of `spanarc-kernels` as a differentiable Candle operation.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use spanarc_kernels::recurrent::{Cell, Direction, Recurrence, Weights};

use crate::host::{gradient, tensor_values, values};

/// `projected [batch, steps, G·hidden]`, W_hh and b_hh, all on the CPU, to the states `[batch, steps, hidden]`.
pub(super) fn states(
    cell: Cell,
    direction: Direction,
    projected: &Tensor,
    weight_hh: &Tensor,
    bias_hh: &Tensor,
    lengths: &[usize],
) -> Result<Tensor> {
    let steps = projected.dim(1)?;
    let hidden = weight_hh.dim(1)?;
    let op = States {
        cell,
        direction,
        hidden,
        steps,
        lengths: lengths.to_vec(),
    };
    projected
        .contiguous()?
        .apply_op3(&weight_hh.contiguous()?, &bias_hh.contiguous()?, op)
}

struct States {
    cell: Cell,
    direction: Direction,
    hidden: usize,
    steps: usize,
    lengths: Vec<usize>,
}

impl States {
    fn recurrence(&self) -> Recurrence<'_> {
        Recurrence {
            cell: self.cell,
            direction: self.direction,
            hidden: self.hidden,
            steps: self.steps,
            lengths: &self.lengths,
        }
    }
}

impl CustomOp3 for States {
    fn name(&self) -> &'static str {
        "recurrent-states"
    }

    fn cpu_fwd(
        &self,
        projected: &CpuStorage,
        projected_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let weights = Weights {
            w_hh: values(weight, weight_layout)?,
            b_hh: values(bias, bias_layout)?,
        };
        let states = self
            .recurrence()
            .forward(values(projected, projected_layout)?, weights)
            .map_err(candle_core::Error::wrap)?;
        Ok((
            CpuStorage::F32(states),
            (self.lengths.len(), self.steps, self.hidden).into(),
        ))
    }

    fn bwd(
        &self,
        projected: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        states: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let tensors = [projected, weight, bias, states, &grad].map(Tensor::storage_and_layout);
        let [projected_values, w_hh, b_hh, states, grad] = &tensors;
        let gradients = self
            .recurrence()
            .backward(
                tensor_values(projected_values)?,
                Weights {
                    w_hh: tensor_values(w_hh)?,
                    b_hh: tensor_values(b_hh)?,
                },
                tensor_values(states)?,
                tensor_values(grad)?,
            )
            .map_err(candle_core::Error::wrap)?;
        Ok((
            gradient(gradients.projected, projected)?,
            gradient(gradients.w_hh, weight)?,
            gradient(gradients.b_hh, bias)?,
        ))
    }
}
