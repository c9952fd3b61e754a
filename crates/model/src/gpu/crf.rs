//! The CRF's loss. Twin: `crf/likelihood.rs`.

use std::sync::OnceLock;

use candle_core::{
    CpuStorage, CudaStorage, CustomOp2, Layout, Result, Shape, Tensor, backend::BackendStorage,
    bail,
};
use spanarc_kernels::cuda::crf::{self, Trace};

use super::{device_of, not_here, of, storage, tensor, tensor_view, view};

/// Whether the kernel takes so many tags.
pub(crate) fn takes_tags(tags: usize) -> bool {
    crf::takes(tags)
}

/// Emissions `[batch, tokens, tags]` and parameters `[tags + 2, tags]` (transitions, start, end) to the negative
/// log-likelihoods of the `gold` tags, `[batch]`.
pub(crate) fn negative_log_likelihood(
    emissions: &Tensor,
    parameters: &Tensor,
    gold: Vec<Vec<usize>>,
) -> Result<Tensor> {
    let op = NegativeLogLikelihood {
        gold,
        trace: OnceLock::new(),
    };
    emissions
        .contiguous()?
        .apply_op2(&parameters.contiguous()?, op)
}

struct NegativeLogLikelihood {
    gold: Vec<Vec<usize>>,
    /// Left by the forward pass for the backward pass.
    trace: OnceLock<Trace>,
}

impl CustomOp2 for NegativeLogLikelihood {
    fn name(&self) -> &'static str {
        "crf-negative-log-likelihood-on-gpu"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        not_here(self.name())
    }

    fn cuda_fwd(
        &self,
        emissions: &CudaStorage,
        emissions_layout: &Layout,
        parameters: &CudaStorage,
        parameters_layout: &Layout,
    ) -> Result<(CudaStorage, Shape)> {
        let (batch, tokens, tags) = emissions_layout.shape().dims3()?;
        let [batch, tokens, tags] = [batch, tokens, tags].map(|size| size as u32);
        let shape = crf::Shape {
            batch,
            tokens,
            tags,
        };
        let (losses, trace) = crf::forward(
            &of(emissions.device())?,
            shape,
            &view(emissions, emissions_layout)?,
            &view(parameters, parameters_layout)?,
            &self.gold,
        )
        .map_err(candle_core::Error::wrap)?;
        self.trace.get_or_init(|| trace);
        Ok((storage(Ok(losses), emissions)?, self.gold.len().into()))
    }

    fn bwd(
        &self,
        emissions: &Tensor,
        parameters: &Tensor,
        _: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let Some(trace) = self.trace.get() else {
            bail!("the CRF went backward before it went forward");
        };
        let grad = grad.contiguous()?;
        let grads = grad.storage_and_layout();
        let gpu = of(device_of(emissions)?)?;
        let both =
            crf::backward(&gpu, trace, &tensor_view(&grads)?).map_err(candle_core::Error::wrap)?;
        let (of_emissions, of_parameters) = (emissions.elem_count(), parameters.elem_count());
        let both = tensor(both, of_emissions + of_parameters, emissions)?;
        let part = |start, like: &Tensor| {
            let part = both.narrow(0, start, like.elem_count())?;
            part.reshape(like.shape()).map(Some)
        };
        Ok((part(0, emissions)?, part(of_emissions, parameters)?))
    }
}
