//! AdamW with parameter groups, and clipping of gradients by their global norm.

#[cfg(feature = "cuda")]
pub(crate) mod on_gpu;

use std::{cell::RefCell, collections::BTreeMap};

use candle_core::{
    CpuStorage, DType, InplaceOp2, Layout, Result, Storage, Tensor, Var, backprop::GradStore, bail,
};
use rayon::prelude::*;
use spanarc_model::host;

/// PyTorch's defaults.
const BETA_1: f64 = 0.9;
const BETA_2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// Elements that one thread updates at a time.
const CHUNK: usize = 1 << 14;

/// Why no step can be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OptimizerError {
    /// A gradient overflowed or is no number; no parameter was changed.
    #[error("the gradient of `{0}` is not finite")]
    NotFinite(String),
    /// A parameter is in two groups.
    #[error("the parameter `{0}` is in two groups")]
    Duplicate(String),
    /// A saved state is that of another network.
    #[error("optimiser state: {0}")]
    State(String),
}

/// Parameters that share a base learning rate and a decay.
#[derive(Debug, Clone)]
pub struct ParameterGroup {
    /// Learning rate at a schedule factor of 1.
    pub learning_rate: f64,
    /// Decoupled weight decay: a step shrinks a weight by the share learning rate · decay.
    pub weight_decay: f64,
    /// The parameters by name.
    pub vars: BTreeMap<String, Var>,
}

/// Running means of the gradient and of its square.
#[derive(Debug)]
enum Moments {
    Host { first: Vec<f32>, second: Vec<f32> },
    Device { first: Tensor, second: Tensor },
}

#[derive(Debug)]
struct Parameter {
    var: Var,
    group: usize,
    steps: u32,
    /// Absent until the first gradient.
    moments: Option<Moments>,
}

/// AdamW (Loshchilov & Hutter 2019, algorithm 2) as PyTorch computes it.
///
/// A parameter without a gradient in a step is left alone in it: neither moments, decay nor its count of steps move.
#[derive(Debug)]
pub struct AdamW {
    groups: Vec<ParameterGroup>,
    parameters: BTreeMap<String, Parameter>,
}

impl AdamW {
    /// With fresh state. Errs where a parameter is in two groups.
    pub fn new(groups: Vec<ParameterGroup>) -> Result<Self> {
        let mut parameters = BTreeMap::new();
        for (group, ParameterGroup { vars, .. }) in groups.iter().enumerate() {
            for (name, var) in vars {
                let parameter = Parameter {
                    var: var.clone(),
                    group,
                    steps: 0,
                    moments: None,
                };
                if parameters.insert(name.clone(), parameter).is_some() {
                    return Err(candle_core::Error::wrap(OptimizerError::Duplicate(
                        name.clone(),
                    )));
                }
            }
        }
        Ok(Self { groups, parameters })
    }

    /// One step with every group's rate times `factor`, down the sum of `parts`: the gradients of parts of a batch.
    /// Gradients whose global norm exceeds `clip` are scaled down to it. Returns the norm before that.
    pub fn step(&mut self, parts: &[GradStore], factor: f64, clip: Option<f64>) -> Result<f64> {
        #[cfg(feature = "cuda")]
        if self.on_gpu() {
            return self.step_on_gpu(parts, factor, clip);
        }
        let found = self
            .parameters
            .par_iter_mut()
            .filter_map(|(name, parameter)| {
                let sum = sum_of_parts(parts, &parameter.var).transpose()?;
                Some(sum.map(|(grad, square)| (name, parameter, grad, square)))
            })
            .collect::<Result<Vec<_>>>()?;
        if let Some((name, ..)) = found.iter().find(|(.., square)| !square.is_finite()) {
            return Err(candle_core::Error::wrap(OptimizerError::NotFinite(
                (*name).clone(),
            )));
        }
        let norm = found.iter().map(|(.., square)| square).sum::<f64>().sqrt();
        let scale = match clip {
            Some(clip) if norm > clip => clip / (norm + 1e-6),
            _ => 1.,
        };
        for (_, parameter, grad, _) in found {
            let group = &self.groups[parameter.group];
            parameter.step(
                &grad,
                scale,
                group.learning_rate * factor,
                group.weight_decay,
            )?;
        }
        Ok(norm)
    }

    /// Moments and step counts by parameter, to be saved; [`Self::load`] continues bit for bit.
    pub fn state(&self) -> Result<BTreeMap<String, Tensor>> {
        let mut state = BTreeMap::new();
        for (name, parameter) in &self.parameters {
            let Some(moments) = &parameter.moments else {
                continue;
            };
            let (shape, device) = (parameter.var.shape(), parameter.var.device());
            let (first, second) = match moments {
                Moments::Host { first, second } => (
                    Tensor::from_slice(first, shape, device)?,
                    Tensor::from_slice(second, shape, device)?,
                ),
                // Copies, since a step on a GPU changes them in place.
                Moments::Device { first, second } => (first.copy()?, second.copy()?),
            };
            state.insert(format!("{name}.first"), first);
            state.insert(format!("{name}.second"), second);
            state.insert(
                format!("{name}.steps"),
                Tensor::new(parameter.steps, &candle_core::Device::Cpu)?,
            );
        }
        Ok(state)
    }

    /// Takes over what [`Self::state`] gave for the same parameters.
    pub fn load(&mut self, state: &BTreeMap<String, Tensor>) -> Result<()> {
        let refuse = |reason: String| candle_core::Error::wrap(OptimizerError::State(reason));
        let mut loaded = Vec::new();
        for (name, parameter) in &self.parameters {
            let part = |part: &str| state.get(&format!("{name}.{part}"));
            let (first, second, steps) = match (part("first"), part("second"), part("steps")) {
                (None, None, None) => continue,
                (Some(first), Some(second), Some(steps)) => (first, second, steps),
                _ => return Err(refuse(format!("that of `{name}` is incomplete"))),
            };
            for moment in [first, second] {
                if moment.shape() != parameter.var.shape() {
                    let (found, expected) = (moment.dims(), parameter.var.dims());
                    return Err(refuse(format!(
                        "that of `{name}` has shape {found:?}, expected {expected:?}"
                    )));
                }
            }
            let moments = if parameter.on_host() {
                Moments::Host {
                    first: first.flatten_all()?.to_vec1()?,
                    second: second.flatten_all()?.to_vec1()?,
                }
            } else {
                let device = parameter.var.device();
                Moments::Device {
                    first: first.to_device(device)?,
                    second: second.to_device(device)?,
                }
            };
            loaded.push((name.clone(), steps.to_scalar::<u32>()?, moments));
        }
        if let Some(name) = state.keys().find(|key| {
            !key.rsplit_once('.')
                .is_some_and(|(name, _)| self.parameters.contains_key(name))
        }) {
            return Err(refuse(format!("`{name}` belongs to no parameter")));
        }
        for (name, steps, moments) in loaded {
            if let Some(parameter) = self.parameters.get_mut(&name) {
                (parameter.steps, parameter.moments) = (steps, Some(moments));
            }
        }
        Ok(())
    }
}

impl Parameter {
    fn on_host(&self) -> bool {
        host::takes(&self.var)
    }

    fn step(
        &mut self,
        grad: &Tensor,
        scale: f64,
        learning_rate: f64,
        weight_decay: f64,
    ) -> Result<()> {
        let on_host = self.on_host();
        let moments = match &mut self.moments {
            Some(moments) => moments,
            empty => empty.insert(if on_host {
                let zeros = vec![0.; self.var.elem_count()];
                Moments::Host {
                    first: zeros.clone(),
                    second: zeros,
                }
            } else {
                let zeros = self.var.zeros_like()?;
                Moments::Device {
                    first: zeros.clone(),
                    second: zeros,
                }
            }),
        };
        self.steps += 1;
        let step = Step::new(self.steps, scale, learning_rate, weight_decay);
        match moments {
            Moments::Host { first, second } => self.var.inplace_op2(
                grad,
                &FusedStep {
                    step,
                    moments: RefCell::new((first, second)),
                },
            ),
            Moments::Device { first, second } => step.composed(&self.var, grad, first, second),
        }
    }
}

/// What all elements of a parameter share in a step.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// Factor of the gradient.
    scale: f64,
    /// What weight decay leaves of a weight.
    keep: f64,
    /// Learning rate over the first moment's bias correction.
    size: f64,
    /// Root of the second moment's bias correction.
    root: f64,
}

impl Step {
    /// The step of that number, from 1.
    fn new(number: u32, scale: f64, learning_rate: f64, weight_decay: f64) -> Self {
        let correction = |beta: f64| 1. - beta.powf(f64::from(number));
        Self {
            scale,
            keep: 1. - learning_rate * weight_decay,
            size: learning_rate / correction(BETA_1),
            root: correction(BETA_2).sqrt(),
        }
    }

    /// On any device and floating-point type.
    fn composed(
        &self,
        var: &Var,
        grad: &Tensor,
        first: &mut Tensor,
        second: &mut Tensor,
    ) -> Result<()> {
        let grad = (grad * self.scale)?;
        *first = ((&*first * BETA_1)? + (&grad * (1. - BETA_1))?)?;
        *second = ((&*second * BETA_2)? + (grad.sqr()? * (1. - BETA_2))?)?;
        let denominator = ((second.sqrt()? / self.root)? + EPSILON)?;
        let change = (first.div(&denominator)? * self.size)?;
        var.set(&((var.as_tensor() * self.keep)? - change)?)
    }

    /// On slices of equal length: one pass over memory instead of the composed form's fourteen.
    fn fused(&self, weights: &mut [f32], grads: &[f32], first: &mut [f32], second: &mut [f32]) {
        let [scale, keep, size] = [self.scale, self.keep, self.size].map(|value| value as f32);
        let inverse_root = (1. / self.root) as f32;
        let [beta_1, rest_1, beta_2, rest_2, epsilon] =
            [BETA_1, 1. - BETA_1, BETA_2, 1. - BETA_2, EPSILON].map(|value| value as f32);
        for (((weight, grad), first), second) in
            weights.iter_mut().zip(grads).zip(first).zip(second)
        {
            let grad = grad * scale;
            *first = beta_1 * *first + rest_1 * grad;
            *second = beta_2 * *second + rest_2 * grad * grad;
            *weight = *weight * keep - size * *first / (second.sqrt() * inverse_root + epsilon);
        }
    }
}

/// [`Step::fused`] over the memory of a parameter, which is the destination, and its gradient.
struct FusedStep<'a> {
    step: Step,
    moments: RefCell<(&'a mut Vec<f32>, &'a mut Vec<f32>)>,
}

impl InplaceOp2 for FusedStep<'_> {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn cpu_fwd(
        &self,
        weights: &mut CpuStorage,
        weights_layout: &Layout,
        grads: &CpuStorage,
        grads_layout: &Layout,
    ) -> Result<()> {
        let (CpuStorage::F32(weights), CpuStorage::F32(grads)) = (weights, grads) else {
            bail!("weights and gradients must be f32");
        };
        let (Some(to), Some(from)) = (
            weights_layout.contiguous_offsets(),
            grads_layout.contiguous_offsets(),
        ) else {
            bail!("weights and gradients must be contiguous");
        };
        let (weights, grads) = (&mut weights[to.0..to.1], &grads[from.0..from.1]);
        let mut moments = self.moments.borrow_mut();
        let (first, second) = &mut *moments;
        let step = self.step;
        let chunks = weights
            .par_chunks_mut(CHUNK)
            .zip(grads.par_chunks(CHUNK))
            .zip(first.par_chunks_mut(CHUNK))
            .zip(second.par_chunks_mut(CHUNK));
        chunks.for_each(|(((weights, grads), first), second)| {
            step.fused(weights, grads, first, second)
        });
        Ok(())
    }
}

/// The gradient of a parameter, contiguous, with the sum of its squares.
fn sum_of_parts(parts: &[GradStore], var: &Var) -> Result<Option<(Tensor, f64)>> {
    let Some(sum) = summed(parts, var)? else {
        return Ok(None);
    };
    let square = sum_of_squares(&sum)?;
    Ok(Some((sum, square)))
}

/// The gradient of a parameter, contiguous.
fn summed(parts: &[GradStore], var: &Var) -> Result<Option<Tensor>> {
    let mut found = parts.iter().filter_map(|part| part.get(var));
    let Some(first) = found.next() else {
        return Ok(None);
    };
    let sum = found.try_fold(first.clone(), |sum, part| sum + part)?;
    sum.contiguous().map(Some)
}

/// Sum of the squares of a contiguous tensor; neither finite where an element is not.
fn sum_of_squares(tensor: &Tensor) -> Result<f64> {
    let (storage, layout) = tensor.storage_and_layout();
    if host::takes(tensor)
        && let Storage::Cpu(CpuStorage::F32(values)) = &*storage
        && let Some((start, end)) = layout.contiguous_offsets()
    {
        // Several sums at once, since one waits for each addition to end before the next.
        let of_chunk = |values: &[f32]| {
            let mut sums = [0f64; 16];
            for values in values.chunks(sums.len()) {
                for (sum, &value) in sums.iter_mut().zip(values) {
                    *sum += f64::from(value) * f64::from(value);
                }
            }
            sums.iter().sum::<f64>()
        };
        // Collected before it is added up: the order of a sum decides its last bits.
        let chunks: Vec<f64> = values[start..end].par_chunks(CHUNK).map(of_chunk).collect();
        return Ok(chunks.iter().sum());
    }
    drop(storage);
    Ok(f64::from(
        tensor
            .to_dtype(DType::F32)?
            .sqr()?
            .sum_all()?
            .to_scalar::<f32>()?,
    ))
}

#[cfg(test)]
mod tests;
