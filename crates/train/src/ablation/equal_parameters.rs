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

#[cfg(test)]
mod tests {
    use spanarc_corpus::{Entity, Sentence, Span};

    use super::*;
    use crate::{Corpus, RunConfig, RunInput, pretrained::PretrainedPaths};

    fn input() -> RunInput {
        let entity = |at: usize| Entity {
            kind: "Person".into(),
            span: Span::new(at, at + 1),
        };
        let sentence = Sentence {
            id: "1".into(),
            tokens: ["Ann", "met", "Bob"].map(str::to_owned).into(),
            entities: vec![entity(0), entity(2)],
            relations: Vec::new(),
        };
        RunInput {
            corpus: Corpus {
                name: "tiny".into(),
                train: vec![sentence.clone()],
                dev: vec![sentence],
            },
            pretrained: PretrainedPaths::default(),
            git_revision: None,
        }
    }

    fn config(layers: [usize; 3], hidden: usize) -> RunConfig {
        let mut config = RunConfig::default();
        let network = &mut config.network;
        [network.shared_layers, network.ner_layers, network.re_layers] = layers;
        network.hidden = hidden;
        config
    }

    fn trained(config: &RunConfig) -> u64 {
        let input = input();
        let run = Run::prepare(config, &input, &Device::Cpu).unwrap();
        run.vars.count().0
    }

    #[test]
    fn no_other_width_comes_nearer_to_the_baseline() {
        let input = input();
        let baseline = trained(&config([1, 1, 2], 24));
        let mut shared = config([1, 0, 0], 24);
        let (layers, hidden) = {
            let run = Run::prepare(&shared, &input, &Device::Cpu).unwrap();
            equal_parameters(&run, baseline).unwrap()
        };
        shared.network.shared_layers = layers;
        assert!((3..=4).contains(&layers), "{layers}");
        let difference = |hidden| {
            let mut config = shared.clone();
            config.network.hidden = hidden;
            trained(&config).abs_diff(baseline)
        };
        assert!(difference(hidden) <= difference(hidden - 1));
        assert!(difference(hidden) <= difference(hidden + 1));
        let share = difference(hidden) as f64 / baseline as f64;
        assert!(share < 0.05, "{hidden} units, {share}");
    }

    #[test]
    fn a_network_equals_itself() {
        let input = input();
        for layers in [[1, 1, 2], [3, 0, 1]] {
            let config = config(layers, 20);
            let run = Run::prepare(&config, &input, &Device::Cpu).unwrap();
            let equal = equal_parameters(&run, trained(&config)).unwrap();
            assert_eq!(equal, (layers[0], 20));
        }
    }

    #[test]
    fn what_is_out_of_reach_is_come_near_to() {
        let input = input();
        let config = config([1, 1, 1], 4);
        let run = Run::prepare(&config, &input, &Device::Cpu).unwrap();
        assert_eq!(equal_parameters(&run, 0).unwrap(), (1, 1));
    }
}
