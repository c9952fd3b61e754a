//! A network with as many trained weights as another one.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use candle_core::{DType, Device, Shape, Tensor, bail};
use candle_nn::{Init, VarBuilder, var_builder::SimpleBackend};
use spanarc_model::{config::NetworkConfig, network::JointNetwork};

use crate::{error::Result, preparation::Run};

/// The most layers that a network may have.
const LAYERS: usize = 16;

/// The number of shared layers and their width (units a direction) with which the run's network trains as nearly
/// `target` weights as it can.
///
/// The depth is decided first, at the width that is set: the one that comes nearest. Then the width at that depth. So the
/// network stays as wide as it was but for what whole layers cannot even out. Candidates are counted exactly, by building
/// them.
pub fn equal_parameters(run: &Run, target: u64) -> Result<(usize, usize)> {
    let shape = &run.metadata.network;
    let schema = &run.metadata.schema;
    let labels = (schema.entity_types.len(), schema.relation_types.len());
    // What is frozen, or no part of the joint network, is the same in all candidates.
    let (trainable, _) = run.vars.count();
    let here = count(shape, labels)?;
    let trained = |shared_layers, hidden| -> Result<u64> {
        let candidate = NetworkConfig {
            shared_layers,
            hidden,
            ..shape.clone()
        };
        Ok((trainable + count(&candidate, labels)?).saturating_sub(here))
    };

    let depths = (1..=LAYERS).map(|layers| Ok((layers, trained(layers, shape.hidden)?)));
    let layers = nearest(depths, target)?.unwrap_or(1);
    let mut high = 1;
    while high < MOST_UNITS && trained(layers, high)? < target {
        high *= 2;
    }
    // More units are more weights: the two widths on both sides of the target are found by halving.
    let (mut below, mut above) = (high / 2, high);
    while above - below > 1 {
        let middle = (below + above) / 2;
        if trained(layers, middle)? < target {
            below = middle;
        } else {
            above = middle;
        }
    }
    let widths = (below.max(1)..=above).map(|hidden| Ok((hidden, trained(layers, hidden)?)));
    Ok((layers, nearest(widths, target)?.unwrap_or(shape.hidden)))
}

/// The most units that a layer may have.
const MOST_UNITS: usize = 4096;

/// The choice whose count is nearest to the target, the first of equals.
fn nearest(
    choices: impl Iterator<Item = Result<(usize, u64)>>,
    target: u64,
) -> Result<Option<usize>> {
    let counted: Vec<(usize, u64)> = choices.collect::<Result<_>>()?;
    let best = counted
        .into_iter()
        .min_by_key(|(_, count)| count.abs_diff(target));
    Ok(best.map(|(choice, _)| choice))
}

/// Number of weights of a joint network for entity and relation types.
fn count(shape: &NetworkConfig, (entities, relations): (usize, usize)) -> Result<u64> {
    let counter = Counter::default();
    let vb = VarBuilder::from_backend(Box::new(counter.clone()), DType::F32, Device::Cpu);
    JointNetwork::new(shape, entities, relations, vb)?;
    let counts = counter.0.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(counts.values().sum())
}

/// Hands out zeros and keeps their number, by name.
#[derive(Debug, Clone, Default)]
struct Counter(Arc<Mutex<BTreeMap<String, u64>>>);

impl SimpleBackend for Counter {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _: Init,
        dtype: DType,
        device: &Device,
    ) -> candle_core::Result<Tensor> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.insert(name.to_owned(), shape.elem_count() as u64);
        Tensor::zeros(shape, dtype, device)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> candle_core::Result<Tensor> {
        bail!("no parameter `{name}`, and no shape to count it by")
    }

    fn contains_tensor(&self, _: &str) -> bool {
        false
    }
}
