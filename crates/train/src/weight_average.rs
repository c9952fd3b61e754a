//! An exponential moving average of the weights (Polyak averaging): often better on dev than the weights of any step,
//! and less a matter of chance.

use std::collections::BTreeMap;

use candle_core::{CpuStorage, InplaceOp2, Layout, Result, Tensor, Var, bail};
use rayon::prelude::*;
use spanarc_model::host;

/// Averages of parameters by name.
#[derive(Debug, Clone)]
pub struct WeightAverage {
    decay: f64,
    vars: BTreeMap<String, Var>,
    averages: BTreeMap<String, Tensor>,
}

impl WeightAverage {
    /// Begins with the present weights. `decay` in 0..1 is the share that an average keeps in a step once warmed up.
    pub fn new(decay: f64, vars: BTreeMap<String, Var>) -> Result<Self> {
        let copy = |(name, var): (&String, &Var)| Ok((name.clone(), var.copy()?.detach()));
        let averages = vars.iter().map(copy).collect::<Result<_>>()?;
        Ok(Self {
            decay,
            vars,
            averages,
        })
    }

    /// To be called after optimiser step `step`, counted from 0. The first steps decay faster, so that the
    /// initial weights are soon forgotten (TensorFlow's `ExponentialMovingAverage`).
    pub fn update(&mut self, step: usize) -> Result<()> {
        let decay = self.decay.min((1. + step as f64) / (10. + step as f64));
        let towards = Towards((1. - decay) as f32);
        #[cfg(feature = "cuda")]
        if self.averages.values().all(spanarc_model::gpu::takes) {
            let of = |(name, average)| (average, self.vars[name].as_tensor());
            let pairs: Vec<_> = self.averages.iter().map(of).collect();
            return crate::optimizer::on_gpu::towards(&pairs, towards.0);
        }
        self.averages
            .par_iter_mut()
            .try_for_each(|(name, average)| {
                let var = self.vars[name].as_tensor();
                if host::takes(average) {
                    return average.inplace_op2(&var.contiguous()?, &towards);
                }
                let change = (var.detach() - &*average)?;
                *average = (&*average + (change * f64::from(towards.0))?)?;
                Ok(())
            })
    }

    /// These tensors of a network, with the averages in place of those weights that they are of.
    pub fn over(&self, mut tensors: BTreeMap<String, Tensor>) -> BTreeMap<String, Tensor> {
        for (name, average) in &self.averages {
            if let Some(tensor) = tensors.get_mut(name) {
                *tensor = average.clone();
            }
        }
        tensors
    }

    /// The averages by parameter, to be saved.
    pub fn state(&self) -> &BTreeMap<String, Tensor> {
        &self.averages
    }

    /// Takes over what [`Self::state`] gave for the same parameters.
    pub fn load(&mut self, state: &BTreeMap<String, Tensor>) -> Result<()> {
        for (name, average) in &self.averages {
            match state.get(name) {
                Some(saved) if saved.shape() == average.shape() => {}
                Some(saved) => bail!(
                    "the average of `{name}` has shape {:?}, expected {:?}",
                    saved.dims(),
                    average.dims()
                ),
                None => bail!("the average of `{name}` is missing"),
            }
        }
        for (name, average) in &mut self.averages {
            *average = state[name].to_device(average.device())?;
        }
        Ok(())
    }
}

/// Moves the destination by this share of its distance from the argument, without a copy of either.
struct Towards(f32);

impl InplaceOp2 for Towards {
    fn name(&self) -> &'static str {
        "towards"
    }

    fn cpu_fwd(
        &self,
        average: &mut CpuStorage,
        average_layout: &Layout,
        weights: &CpuStorage,
        weights_layout: &Layout,
    ) -> Result<()> {
        let (CpuStorage::F32(average), CpuStorage::F32(weights)) = (average, weights) else {
            bail!("weights and their averages must be f32");
        };
        let (Some(to), Some(from)) = (
            average_layout.contiguous_offsets(),
            weights_layout.contiguous_offsets(),
        ) else {
            bail!("weights and their averages must be contiguous");
        };
        for (average, weight) in average[to.0..to.1].iter_mut().zip(&weights[from.0..from.1]) {
            *average += self.0 * (weight - *average);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    fn average_of(var: &Var, decay: f64) -> WeightAverage {
        WeightAverage::new(decay, [("w".to_string(), var.clone())].into()).unwrap()
    }

    fn value(average: &WeightAverage) -> f32 {
        average.state()["w"].to_vec1::<f32>().unwrap()[0]
    }

    fn set(var: &Var, value: f32) {
        var.set(&Tensor::new(&[value], &Device::Cpu).unwrap())
            .unwrap();
    }

    #[test]
    fn follows_the_weights_fast_at_first_and_slowly_later() {
        let var = Var::new(&[0f32], &Device::Cpu).unwrap();
        let mut average = average_of(&var, 0.5);
        set(&var, 1.);
        average.update(0).unwrap();
        assert_eq!(value(&average), 0.9);
        average.update(1_000).unwrap();
        assert!((value(&average) - 0.95).abs() < 1e-6);
    }

    #[test]
    fn takes_the_place_of_the_weights_that_it_is_of() {
        let var = Var::new(&[3f32], &Device::Cpu).unwrap();
        let average = average_of(&var, 0.9);
        set(&var, 8.);
        let frozen = Tensor::new(&[5f32], &Device::Cpu).unwrap();
        let tensors = BTreeMap::from([
            ("w".to_string(), var.as_tensor().clone()),
            ("frozen".to_string(), frozen),
        ]);
        let values: Vec<f32> = average
            .over(tensors)
            .values()
            .map(|tensor| tensor.to_vec1().unwrap()[0])
            .collect();
        assert_eq!(values, [5., 3.]);
    }

    #[test]
    fn a_saved_average_continues() {
        let var = Var::new(&[3f32], &Device::Cpu).unwrap();
        let saved = average_of(&var, 0.9).state().clone();
        set(&var, 8.);
        let mut average = average_of(&var, 0.9);
        average.load(&saved).unwrap();
        assert_eq!(value(&average), 3.);
        let error = average.load(&BTreeMap::new()).unwrap_err().to_string();
        assert!(
            error.starts_with("the average of `w` is missing"),
            "{error}"
        );
    }
}
