//! A step of all parameters at once on a GPU, and averages likewise: a handful of launches, where [`Step::composed`] makes a
//! dozen for each parameter.

use candle_core::{Device, Result, Tensor, backprop::GradStore, bail};
use spanarc_kernels::cuda::{
    Gpu,
    optimizer::{self, Betas},
};
use spanarc_model::gpu;

use super::{AdamW, BETA_1, BETA_2, EPSILON, Moments, OptimizerError, Step, summed};

impl AdamW {
    /// Whether the kernels take all parameters.
    pub(super) fn on_gpu(&self) -> bool {
        let mut parameters = self.parameters.values();
        !self.parameters.is_empty()
            && parameters
                .all(|parameter| gpu::takes(&parameter.var) && parameter.var.is_contiguous())
    }

    /// As [`AdamW::step`]. The host waits once, for the norm, when all has been launched.
    pub(super) fn step_on_gpu(
        &mut self,
        parts: &[GradStore],
        factor: f64,
        clip: Option<f64>,
    ) -> Result<f64> {
        let mut found = Vec::new();
        for (name, parameter) in &mut self.parameters {
            let Some(gradient) = summed(parts, &parameter.var)? else {
                continue;
            };
            if parameter.moments.is_none() {
                // Of their own each, since they are changed in place.
                parameter.moments = Some(Moments::Device {
                    first: parameter.var.zeros_like()?,
                    second: parameter.var.zeros_like()?,
                });
            }
            found.push((name, parameter, gradient));
        }
        let Some((_, parameter, _)) = found.first() else {
            return Ok(0.);
        };
        let gpu = gpu_of(&parameter.var)?;
        let mut tensors = Vec::with_capacity(found.len());
        for (name, parameter, gradient) in &found {
            let Some(Moments::Device { first, second }) = &parameter.moments else {
                bail!("the moments of `{name}` are not where it is");
            };
            let group = &self.groups[parameter.group];
            let rate = group.learning_rate * factor;
            let step = Step::new(parameter.steps + 1, 1., rate, group.weight_decay);
            tensors.push((step, [parameter.var.as_tensor(), gradient, first, second]));
        }
        let guards: Vec<_> = tensors
            .iter()
            .map(|(step, tensors)| (step, tensors.map(Tensor::storage_and_layout)))
            .collect();
        let rows = guards
            .iter()
            .map(|(step, [weights, gradient, first, second])| {
                Ok(optimizer::Parameter {
                    weights: gpu::tensor_view(weights)?,
                    gradient: gpu::tensor_view(gradient)?,
                    first: gpu::tensor_view(first)?,
                    second: gpu::tensor_view(second)?,
                    keep: step.keep as f32,
                    size: step.size as f32,
                    inverse_root: (1. / step.root) as f32,
                })
            })
            .collect::<Result<Vec<_>>>()?;
        let betas = Betas {
            betas: [BETA_1, BETA_2],
            epsilon: EPSILON,
        };
        let norms = optimizer::adamw(&gpu, &rows, clip, betas).map_err(candle_core::Error::wrap)?;
        let (squares, norm) = norms.read(&gpu).map_err(candle_core::Error::wrap)?;
        let unbounded = squares.iter().position(|square| !square.is_finite());
        if let Some((name, ..)) = unbounded.and_then(|index| found.get(index)) {
            return Err(candle_core::Error::wrap(OptimizerError::NotFinite(
                (*name).clone(),
            )));
        }
        drop(rows);
        drop(guards);
        for (_, parameter, _) in found {
            parameter.steps += 1;
        }
        Ok(norm)
    }
}

/// Moves averages by `share` of their distance from the weights beside them; there is at least one, and all are on one GPU.
pub(crate) fn towards(pairs: &[(&Tensor, &Tensor)], share: f32) -> Result<()> {
    let Some((first, _)) = pairs.first() else {
        return Ok(());
    };
    let gpu = gpu_of(first)?;
    let guards: Vec<_> = pairs
        .iter()
        .map(|(average, weights)| (average.storage_and_layout(), weights.storage_and_layout()))
        .collect();
    let views = guards
        .iter()
        .map(|(average, weights)| Ok((gpu::tensor_view(average)?, gpu::tensor_view(weights)?)))
        .collect::<Result<Vec<_>>>()?;
    optimizer::towards(&gpu, &views, share).map_err(candle_core::Error::wrap)
}

fn gpu_of(tensor: &Tensor) -> Result<Gpu> {
    match tensor.device() {
        Device::Cuda(device) => gpu::of(device),
        _ => bail!("a parameter is not on the GPU"),
    }
}
