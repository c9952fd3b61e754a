//! The states of recurrent layers. Twin: `recurrent/composed.rs`.

use std::sync::OnceLock;

use candle_core::{
    CpuStorage, CudaStorage, CustomOp3, Layout, Result, Shape, Tensor, backend::BackendStorage,
    bail,
};
use spanarc_kernels::{
    cuda::{
        recurrent::{self, Layers, Trace},
        rows,
    },
    recurrent::{Cell, Direction},
};

use super::{device_of, not_here, of, storage, takes, tensor, tensor_view, view};

/// Whether the kernels take states of width `hidden` over this input.
pub(crate) fn steps_through(projected: &Tensor, hidden: usize) -> bool {
    takes(projected) && recurrent::takes(hidden)
}

/// D layers that read the same batch, one a direction: `projected [batch, steps, D·G·hidden]`, W_hh `[D, G·hidden, hidden]`
/// and b_hh `[D, G·hidden]` to the states `[batch, steps, D·hidden]`, zero at padded steps.
pub(crate) fn states(
    cell: Cell,
    directions: &[Direction],
    projected: &Tensor,
    weight_hh: &Tensor,
    bias_hh: &Tensor,
    lengths: &[usize],
) -> Result<Tensor> {
    let op = States {
        cell,
        directions: directions.to_vec(),
        hidden: weight_hh.dim(2)?,
        steps: projected.dim(1)?,
        lengths: lengths.to_vec(),
        transposed: weight_hh.detach().transpose(1, 2)?.contiguous()?,
        trace: OnceLock::new(),
    };
    projected
        .contiguous()?
        .apply_op3(&weight_hh.contiguous()?, &bias_hh.contiguous()?, op)
}

struct States {
    cell: Cell,
    directions: Vec<Direction>,
    hidden: usize,
    steps: usize,
    lengths: Vec<usize>,
    /// W_hh, `[D, hidden, G·hidden]`.
    transposed: Tensor,
    /// Left by the forward pass for the backward pass.
    trace: OnceLock<(Tensor, Trace)>,
}

impl States {
    fn layers(&self) -> Layers<'_> {
        Layers {
            cell: self.cell,
            directions: &self.directions,
            hidden: self.hidden,
            steps: self.steps,
            lengths: &self.lengths,
        }
    }
}

impl CustomOp3 for States {
    fn name(&self) -> &'static str {
        "recurrent-states-on-gpu"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        not_here(self.name())
    }

    fn cuda_fwd(
        &self,
        projected: &CudaStorage,
        projected_layout: &Layout,
        _: &CudaStorage,
        _: &Layout,
        bias: &CudaStorage,
        bias_layout: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        let transposed = self.transposed.storage_and_layout();
        let forward = self
            .layers()
            .forward(
                &of(projected.device())?,
                &view(projected, projected_layout)?,
                &tensor_view(&transposed)?,
                &view(bias, bias_layout)?,
            )
            .map_err(candle_core::Error::wrap)?;
        let (directions, batch) = (self.directions.len(), self.lengths.len());
        let previous = tensor(
            forward.previous,
            (directions, batch * self.steps, self.hidden),
            &self.transposed,
        )?;
        self.trace.get_or_init(|| (previous, forward.trace));
        let shape = (batch, self.steps, directions * self.hidden);
        Ok((storage(Ok(forward.states), projected)?, shape.into()))
    }

    fn bwd(
        &self,
        projected: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let Some((previous, trace)) = self.trace.get() else {
            bail!("a recurrent layer went backward before it went forward");
        };
        let gpu = of(device_of(projected)?)?;
        let grad = grad.contiguous()?;
        let gradients = {
            let [w, p, g] = [weight, previous, &grad].map(Tensor::storage_and_layout);
            let (weight, previous, grad) = (tensor_view(&w)?, tensor_view(&p)?, tensor_view(&g)?);
            self.layers()
                .backward(&gpu, &weight, &previous, trace, &grad)
                .map_err(candle_core::Error::wrap)?
        };
        let directions = self.directions.len();
        let gates = self.cell.gates() * self.hidden;
        let count = self.lengths.len() * self.steps;
        // One product a direction adds up all steps.
        let of_state = tensor(gradients.of_state, (directions, count, gates), weight)?;
        let of_weight = of_state.transpose(1, 2)?.matmul(previous)?;
        let of_bias = {
            let values = of_state.storage_and_layout();
            rows::column_sums(&gpu, &tensor_view(&values)?, directions, gates)
                .map_err(candle_core::Error::wrap)?
        };
        Ok((
            Some(tensor(gradients.of_input, projected.shape(), projected)?),
            Some(of_weight),
            Some(tensor(of_bias, bias.shape(), bias)?),
        ))
    }
}
