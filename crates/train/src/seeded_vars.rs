//! A network's parameters while it is trained, initialised from a seed.
//!
//! Candle's `VarMap` draws from a generator that cannot be seeded on a CPU. Here every parameter has a generator of its
//! own, made from the seed and the parameter's name: neither the order of creation nor other parameters matter.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use candle_core::{DType, Device, Result, Shape, Tensor, Var, bail};
use candle_nn::{
    Init, VarBuilder,
    init::{FanInOut, NormalOrUniform},
    var_builder::SimpleBackend,
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

use crate::seed::fnv1a;

#[derive(Debug, Clone)]
enum Value {
    Trainable(Var),
    Frozen(Tensor),
}

impl Value {
    fn tensor(&self) -> &Tensor {
        match self {
            Self::Trainable(var) => var.as_tensor(),
            Self::Frozen(tensor) => tensor,
        }
    }
}

#[derive(Debug, Clone)]
struct Parameter {
    value: Value,
    /// Whether a network has asked for it.
    used: bool,
}

/// Parameters by `VarBuilder` path. Clones share them.
#[derive(Debug, Clone)]
pub struct SeededVars {
    seed: u64,
    device: Device,
    parameters: Arc<Mutex<BTreeMap<String, Parameter>>>,
}

impl SeededVars {
    /// No parameters yet.
    pub fn new(seed: u64, device: &Device) -> Self {
        Self {
            seed,
            device: device.clone(),
            parameters: Arc::default(),
        }
    }

    /// Puts a parameter in place before the network asks for it, such as a pretrained one, of any floating-point
    /// type. It replaces one of this name.
    pub fn insert(&self, name: &str, tensor: &Tensor, trainable: bool) -> Result<()> {
        let tensor = tensor
            .to_device(&self.device)?
            .to_dtype(DType::F32)?
            .detach();
        let value = if trainable {
            Value::Trainable(Var::from_tensor(&tensor)?)
        } else {
            Value::Frozen(tensor)
        };
        self.lock()
            .insert(name.into(), Parameter { value, used: false });
        Ok(())
    }

    /// For the network: a parameter asked for is that of its name, or a new trainable one drawn by its `Init`. Errs where
    /// the one in place has another shape.
    pub fn var_builder(&self) -> VarBuilder<'static> {
        VarBuilder::from_backend(Box::new(self.clone()), DType::F32, self.device.clone())
    }

    /// The parameters that the optimiser may change.
    pub fn trainable(&self) -> BTreeMap<String, Var> {
        let trainable = |(name, parameter): (&String, &Parameter)| match &parameter.value {
            Value::Trainable(var) => Some((name.clone(), var.clone())),
            Value::Frozen(_) => None,
        };
        self.lock().iter().filter_map(trainable).collect()
    }

    /// All parameters, frozen ones too, as a bundle holds them. They share memory with the variables: what is kept
    /// across a step of the optimiser must be copied.
    pub fn tensors(&self) -> BTreeMap<String, Tensor> {
        let parameters = self.lock();
        parameters
            .iter()
            .map(|(name, parameter)| (name.clone(), parameter.value.tensor().detach()))
            .collect()
    }

    /// Sets the values of all trainable parameters. Errs with the names where `tensors` lacks one, has one that is
    /// unknown, or has another shape; nothing is changed then.
    pub fn load(&self, tensors: &BTreeMap<String, Tensor>) -> Result<()> {
        let vars = self.trainable();
        if let Some(name) = vars.keys().find(|name| !tensors.contains_key(*name)) {
            bail!("the parameter `{name}` is missing among those to be loaded");
        }
        for (name, tensor) in tensors {
            let Some(var) = vars.get(name) else {
                bail!("the network has no trainable parameter `{name}`");
            };
            check_shape(name, var, tensor.shape())?;
        }
        vars.iter()
            .try_for_each(|(name, var)| var.set(&tensors[name].to_device(&self.device)?))
    }

    /// Gives the parameter of this name another value, and says whether there is one of this name and shape. Build the
    /// network after: one that is there already goes on with the value it was built with where that is frozen.
    pub fn replace(&self, name: &str, tensor: &Tensor) -> Result<bool> {
        match self.lock().get_mut(name) {
            Some(parameter) if parameter.value.tensor().shape() == tensor.shape() => {
                let tensor = tensor.to_device(&self.device)?.to_dtype(DType::F32)?;
                match &mut parameter.value {
                    Value::Trainable(var) => var.set(&tensor)?,
                    Value::Frozen(value) => *value = tensor.detach(),
                }
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Number of weights: trainable ones, and all.
    pub fn count(&self) -> (u64, u64) {
        let elements =
            |tensors: &mut dyn Iterator<Item = usize>| tensors.map(|count| count as u64).sum();
        let trainable = elements(&mut self.trainable().values().map(|var| var.elem_count()));
        let all = elements(
            &mut self
                .lock()
                .values()
                .map(|parameter| parameter.value.tensor().elem_count()),
        );
        (trainable, all)
    }

    /// Names of parameters put in place that no network has asked for.
    pub fn unused(&self) -> Vec<String> {
        let parameters = self.lock();
        parameters
            .iter()
            .filter(|(_, parameter)| !parameter.used)
            .map(|(name, _)| name.clone())
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Parameter>> {
        self.parameters
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl SimpleBackend for SeededVars {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        init: Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        let mut parameters = self.lock();
        let parameter = match parameters.get_mut(name) {
            Some(parameter) => parameter,
            None => {
                let values = sample(self.seed, name, init, &shape);
                let tensor = Tensor::from_vec(values, &shape, device)?.to_dtype(dtype)?;
                let value = Value::Trainable(Var::from_tensor(&tensor)?);
                parameters
                    .entry(name.into())
                    .or_insert(Parameter { value, used: true })
            }
        };
        let tensor = parameter.value.tensor();
        check_shape(name, tensor, &shape)?;
        parameter.used = true;
        parameter.value.tensor().to_device(device)?.to_dtype(dtype)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        match self.lock().get_mut(name) {
            Some(parameter) => {
                parameter.used = true;
                parameter.value.tensor().to_device(device)?.to_dtype(dtype)
            }
            None => bail!("no parameter `{name}`, and no shape to create it in"),
        }
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.lock().contains_key(name)
    }
}

fn check_shape(name: &str, found: &Tensor, expected: &Shape) -> Result<()> {
    if found.shape() != expected {
        bail!(
            "the parameter `{name}` has shape {:?}, expected {:?}",
            found.dims(),
            expected.dims()
        );
    }
    Ok(())
}

/// Row-major values of a parameter.
fn sample(seed: u64, name: &str, init: Init, shape: &Shape) -> Vec<f32> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(fnv1a(name));
    let mut uniform = |lo: f64, up: f64| lo + (up - lo) * rng.random::<f64>();
    let count = shape.elem_count();
    let (distribution, center, spread) = match init {
        Init::Const(value) => return vec![value as f32; count],
        Init::Uniform { lo, up } => return (0..count).map(|_| uniform(lo, up) as f32).collect(),
        Init::Randn { mean, stdev } => (NormalOrUniform::Normal, mean, stdev),
        Init::Kaiming {
            dist,
            fan,
            non_linearity,
        } => (
            dist,
            0.,
            non_linearity.gain() / (fan_of(fan, shape) as f64).sqrt(),
        ),
    };
    match distribution {
        // A uniform distribution over ±b has standard deviation b/√3.
        NormalOrUniform::Uniform => {
            let bound = 3f64.sqrt() * spread;
            (0..count)
                .map(|_| uniform(center - bound, center + bound) as f32)
                .collect()
        }
        NormalOrUniform::Normal => (0..count)
            .map(|_| (center + spread * rng.sample::<f64, _>(StandardNormal)) as f32)
            .collect(),
    }
}

fn fan_of(fan: FanInOut, shape: &Shape) -> usize {
    fan.for_shape(shape).max(1)
}

#[cfg(test)]
mod tests {
    use candle_nn::init::NonLinearity;

    use super::*;

    fn values(tensor: &Tensor) -> Vec<f32> {
        tensor.flatten_all().unwrap().to_vec1().unwrap()
    }

    fn vars(seed: u64) -> SeededVars {
        SeededVars::new(seed, &Device::Cpu)
    }

    const UNIFORM: Init = Init::Uniform { lo: -0.5, up: 0.25 };

    #[test]
    fn a_seed_fixes_every_parameter_whatever_the_order() {
        let draw = |seed, names: &[&str]| {
            let vars = vars(seed);
            for name in names {
                vars.var_builder().get_with_hints(7, name, UNIFORM).unwrap();
            }
            vars.tensors()
                .into_iter()
                .map(|(name, tensor)| (name, values(&tensor)))
                .collect::<Vec<_>>()
        };
        assert_eq!(draw(1, &["a", "b", "c"]), draw(1, &["c", "b", "a"]));
        assert_eq!(draw(1, &["a", "b"])[0], draw(1, &["a"])[0]);
        assert_ne!(draw(1, &["a"])[0].1, draw(2, &["a"])[0].1);
        let [a, b] = &draw(1, &["a", "b"])[..] else {
            panic!()
        };
        assert_ne!(a.1, b.1);
    }

    #[test]
    fn values_follow_their_initialisation() {
        let moments = |init: Init| {
            let drawn = values(
                &vars(3)
                    .var_builder()
                    .get_with_hints((200, 500), "w", init)
                    .unwrap(),
            );
            let mean = drawn.iter().sum::<f32>() / drawn.len() as f32;
            let variance = drawn
                .iter()
                .map(|value| (value - mean).powi(2))
                .sum::<f32>()
                / drawn.len() as f32;
            let bound = drawn
                .iter()
                .fold(0f32, |bound, value| bound.max(value.abs()));
            (mean, variance.sqrt(), bound)
        };
        let near = |(mean, deviation, bound): (f32, f32, f32), expected: (f32, f32), most: f32| {
            assert!(
                (mean - expected.0).abs() < 0.02 * expected.1.max(0.01),
                "mean {mean}"
            );
            assert!(
                (deviation - expected.1).abs() <= 0.02 * expected.1,
                "deviation {deviation}"
            );
            assert!(bound <= most, "bound {bound}");
        };
        near(moments(Init::Const(2.5)), (2.5, 0.), 2.5);
        near(moments(UNIFORM), (-0.125, 0.75 / 12f32.sqrt()), 0.5);
        near(
            moments(Init::Randn {
                mean: 1.,
                stdev: 2.,
            }),
            (1., 2.),
            20.,
        );
        let kaiming = |dist, fan| {
            moments(Init::Kaiming {
                dist,
                fan,
                non_linearity: NonLinearity::ExplicitGain(2.),
            })
        };
        let deviation = 2. / 500f32.sqrt();
        near(
            kaiming(NormalOrUniform::Uniform, FanInOut::FanIn),
            (0., deviation),
            deviation * 1.7321,
        );
        near(
            kaiming(NormalOrUniform::Normal, FanInOut::FanOut),
            (0., 2. / 200f32.sqrt()),
            1.,
        );
    }

    #[test]
    fn a_half_precision_parameter_is_trained_as_what_the_network_reads() {
        let vars = SeededVars::new(1, &Device::Cpu);
        let half = Tensor::new(&[1f32, 2.], &Device::Cpu)
            .unwrap()
            .to_dtype(DType::F16)
            .unwrap();
        vars.insert("w", &half, true).unwrap();
        let seen = vars.var_builder().get(2, "w").unwrap();
        let var = vars.trainable()["w"].clone();
        let grads = seen.sqr().unwrap().sum_all().unwrap().backward().unwrap();
        assert!(grads.get(&var).is_some());
        assert_eq!(var.dtype(), DType::F32);
    }

    #[test]
    fn parameters_in_place_are_taken_and_frozen_ones_are_not_trained() {
        let vars = vars(1);
        let pretrained = Tensor::new(&[1f32, 2.], &Device::Cpu).unwrap();
        vars.insert("encoder.a", &pretrained, false).unwrap();
        vars.insert("encoder.b", &pretrained, true).unwrap();
        vars.insert("encoder.c", &pretrained, true).unwrap();
        let vb = vars.var_builder().pp("encoder");
        assert_eq!(values(&vb.get(2, "a").unwrap()), [1., 2.]);
        assert_eq!(values(&vb.get(2, "b").unwrap()), [1., 2.]);
        vb.get(3, "new").unwrap();
        assert_eq!(
            vars.trainable().into_keys().collect::<Vec<_>>(),
            ["encoder.b", "encoder.c", "encoder.new"]
        );
        assert_eq!(vars.unused(), ["encoder.c"]);
        assert_eq!(vars.count(), (7, 9));
    }

    #[test]
    fn a_wrong_shape_is_named_with_both_shapes() {
        let vars = vars(1);
        vars.insert(
            "w",
            &Tensor::zeros((2, 3), DType::F32, &Device::Cpu).unwrap(),
            true,
        )
        .unwrap();
        let error = vars.var_builder().get((3, 2), "w").unwrap_err().to_string();
        assert!(
            error.starts_with("the parameter `w` has shape [2, 3], expected [3, 2]"),
            "{error}"
        );
    }

    #[test]
    fn the_network_sees_what_is_loaded() {
        let vars = vars(1);
        let seen = vars.var_builder().get_with_hints(2, "w", UNIFORM).unwrap();
        let loaded = Tensor::new(&[8f32, 9.], &Device::Cpu).unwrap();
        vars.load(&[("w".to_string(), loaded)].into()).unwrap();
        assert_eq!(values(&seen), [8., 9.]);
    }

    #[test]
    fn what_fits_is_replaced_and_stays_trainable_or_frozen() {
        let vars = vars(1);
        let of = |values: &[f32]| Tensor::new(values, &Device::Cpu).unwrap();
        vars.insert("frozen", &of(&[1., 2.]), false).unwrap();
        vars.insert("trainable", &of(&[1., 2.]), true).unwrap();
        for name in ["frozen", "trainable"] {
            assert!(vars.replace(name, &of(&[3., 4.])).unwrap());
            assert!(!vars.replace(name, &of(&[5.])).unwrap());
            assert_eq!(values(&vars.var_builder().get(2, name).unwrap()), [3., 4.]);
        }
        assert!(!vars.replace("unknown", &of(&[3., 4.])).unwrap());
        assert_eq!(
            vars.trainable().into_keys().collect::<Vec<_>>(),
            ["trainable"]
        );
    }

    #[test]
    fn loading_names_what_does_not_fit() {
        let vars = vars(1);
        vars.var_builder().get(2, "w").unwrap();
        let zeros = |count| Tensor::zeros(count, DType::F32, &Device::Cpu).unwrap();
        let load = |tensors: &[(&str, usize)]| {
            let tensors = tensors
                .iter()
                .map(|&(name, count)| (name.to_string(), zeros(count)))
                .collect();
            vars.load(&tensors).unwrap_err().to_string()
        };
        assert!(load(&[]).starts_with("the parameter `w` is missing"));
        assert!(
            load(&[("w", 2), ("x", 1)]).starts_with("the network has no trainable parameter `x`")
        );
        assert!(load(&[("w", 5)]).starts_with("the parameter `w` has shape [2], expected [5]"));
    }
}
