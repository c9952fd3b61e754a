//! What a search may try: a TOML file of fields and their values.

use std::{collections::BTreeMap, path::Path};

use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use crate::{
    config::RunConfig,
    overrides::{self, Overrides},
    study::{Result, StudyError},
};

/// Draws without a new combination after which a space counts as spent.
const DRAWS: usize = 10_000;

/// Fields and what they may be, and how much of it is tried in full.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchSpace {
    /// When trials are given up.
    pub halving: Halving,
    /// By dotted field.
    pub space: BTreeMap<String, Choices>,
}

/// Successive halving (Jamieson and Talwalkar 2016): after each rung the better trials go on, the others are given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Halving {
    /// Epochs after which trials are compared, rising; none for a plain random search.
    pub rungs: Vec<usize>,
    /// One in so many goes on, rounded up.
    pub eta: usize,
}

impl Default for Halving {
    fn default() -> Self {
        Self {
            rungs: Vec::new(),
            eta: 3,
        }
    }
}

/// Values of one field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Choices {
    /// One of these, each as likely.
    List(Vec<Value>),
    /// A whole number of this range, its ends included.
    Whole(Range<i64>),
    /// A number of this range, drawn to three significant digits.
    Real(Range<f64>),
}

/// A range, uniform or uniform in the logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range<T> {
    /// Least value.
    pub low: T,
    /// Greatest value.
    pub high: T,
    /// Whether the logarithm is uniform.
    pub log: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    halving: Halving,
    space: Table,
}

impl SearchSpace {
    /// Reads the text of the file at `path`.
    pub fn parse(path: &Path, text: &str) -> Result<Self> {
        let file: File =
            toml::from_str(text).map_err(|error| StudyError::malformed(path, error))?;
        let is_range = |table: &Table| table.contains_key("low") && table.contains_key("high");
        let space = overrides::flatten(file.space, is_range)
            .into_iter()
            .map(|(field, value)| match Choices::of(value) {
                Ok(choices) => Ok((field, choices)),
                Err(reason) => Err(StudyError::malformed(path, format!("{field}: {reason}"))),
            })
            .collect::<Result<BTreeMap<_, _>>>()?;
        let Halving { rungs, eta } = &file.halving;
        let rising = rungs.windows(2).all(|pair| pair[0] < pair[1]) && !rungs.contains(&0);
        let reason = match () {
            () if space.is_empty() => "space names no field",
            () if *eta < 2 => "halving.eta must be at least 2",
            () if !rising => "halving.rungs must be epochs from 1 that rise",
            () => {
                let halving = file.halving;
                return Ok(Self { halving, space });
            }
        };
        Err(StudyError::malformed(path, reason))
    }

    /// Refuses fields and values that the configuration does not take, each by itself.
    pub fn check(&self, path: &Path, config: &RunConfig) -> Result<()> {
        for (field, choices) in &self.space {
            for value in choices.extremes() {
                let one = Overrides::from([(field.clone(), value)]);
                overrides::apply(config, &one, path)?;
            }
        }
        Ok(())
    }

    /// Different settings drawn at random, the same for the same seed; of more trials the first are those of fewer. Fewer
    /// than asked for where the space holds no more.
    pub fn draw(&self, trials: usize, seed: u64) -> Vec<Overrides> {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut drawn: Vec<Overrides> = Vec::new();
        let mut in_vain = 0;
        while drawn.len() < trials && in_vain < DRAWS {
            let settings: Overrides = self
                .space
                .iter()
                .map(|(field, choices)| (field.clone(), choices.draw(&mut random)))
                .collect();
            if drawn.contains(&settings) {
                in_vain += 1;
            } else {
                in_vain = 0;
                drawn.push(settings);
            }
        }
        drawn
    }
}

impl Choices {
    fn of(value: Value) -> std::result::Result<Self, String> {
        match value {
            Value::Array(values) if values.is_empty() => Err("the list is empty".into()),
            Value::Array(values) => Ok(Self::List(values)),
            Value::Table(table) => Self::range(table),
            other => Err(format!(
                "{other} is neither a list nor {{ low, high, log }}"
            )),
        }
    }

    fn range(mut table: Table) -> std::result::Result<Self, String> {
        let (low, high) = (table.remove("low"), table.remove("high"));
        let log = match table.remove("log") {
            None => false,
            Some(Value::Boolean(log)) => log,
            Some(other) => return Err(format!("log = {other} is neither true nor false")),
        };
        if let Some(key) = table.keys().next() {
            return Err(format!("unknown key `{key}`, expected low, high, log"));
        }
        let number = |value: &Value| value.as_float().or(value.as_integer().map(|n| n as f64));
        let ends = (
            low.as_ref().and_then(number),
            high.as_ref().and_then(number),
        );
        let (Some(least), Some(greatest)) = ends else {
            return Err("low and high must be numbers".into());
        };
        if !(least < greatest && greatest.is_finite() && least.is_finite()) {
            return Err(format!("low {least} must be below high {greatest}"));
        }
        if log && least <= 0. {
            return Err(format!(
                "low {least} must be above 0 in a logarithmic range"
            ));
        }
        Ok(match (low, high) {
            (Some(Value::Integer(low)), Some(Value::Integer(high))) => {
                Self::Whole(Range { low, high, log })
            }
            _ => Self::Real(Range {
                low: least,
                high: greatest,
                log,
            }),
        })
    }

    /// All values of a list, the ends of a range.
    fn extremes(&self) -> Vec<Value> {
        match self {
            Self::List(values) => values.clone(),
            Self::Whole(range) => vec![range.low.into(), range.high.into()],
            Self::Real(range) => vec![range.low.into(), range.high.into()],
        }
    }

    fn draw(&self, random: &mut ChaCha8Rng) -> Value {
        match self {
            Self::List(values) => values[random.random_range(0..values.len())].clone(),
            Self::Whole(Range {
                low,
                high,
                log: false,
            }) => Value::Integer(random.random_range(*low..=*high)),
            Self::Whole(Range {
                low,
                high,
                log: true,
            }) => {
                // Half a step beyond the ends, so that they are as likely as their neighbours.
                let bounds = ((*low as f64 - 0.5).ln(), (*high as f64 + 0.5).ln());
                let drawn = random.random_range(bounds.0..bounds.1).exp().round() as i64;
                Value::Integer(drawn.clamp(*low, *high))
            }
            Self::Real(Range { low, high, log }) => {
                let drawn = if *log {
                    random.random_range(low.ln()..high.ln()).exp()
                } else {
                    random.random_range(*low..*high)
                };
                Value::Float(short(drawn).clamp(*low, *high))
            }
        }
    }
}

/// Three significant digits: what a reader can compare, and what JSON gives back to the last bit.
fn short(number: f64) -> f64 {
    format!("{number:.2e}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<SearchSpace> {
        SearchSpace::parse(Path::new("space.toml"), text)
    }

    fn error(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    const SPACE: &str = r#"
        [halving]
        rungs = [2, 5]
        eta = 2
        [space]
        network.shared_layers = [0, 1, 2]
        "network.hidden" = { low = 8, high = 64, log = true }
        network.characters = { low = 0, high = 3 }
        training.learning_rate = { low = 1e-4, high = 1e-2, log = true }
    "#;

    #[test]
    fn values_are_drawn_from_lists_and_ranges() {
        let space = parse(SPACE).unwrap();
        assert_eq!(
            (space.halving.rungs.as_slice(), space.halving.eta),
            (&[2, 5][..], 2)
        );
        let drawn = space.draw(300, 1);
        assert_eq!(drawn.len(), 300);
        let whole = |field: &str| -> Vec<i64> {
            let values = drawn
                .iter()
                .map(|settings| settings[field].as_integer().unwrap());
            values.collect()
        };
        let ends =
            |values: Vec<i64>| (*values.iter().min().unwrap(), *values.iter().max().unwrap());
        assert_eq!(ends(whole("network.shared_layers")), (0, 2));
        assert_eq!(ends(whole("network.characters")), (0, 3));
        let hidden = whole("network.hidden");
        let below = hidden.iter().filter(|&&units| units < 23).count();
        assert!(
            (100..200).contains(&below),
            "{below} of 300 in the lower half of the logarithm"
        );
        assert!(hidden.iter().all(|units| (8..=64).contains(units)));
        let rates = drawn
            .iter()
            .map(|settings| settings["training.learning_rate"].as_float().unwrap());
        for rate in rates {
            assert!((1e-4..=1e-2).contains(&rate));
            assert_eq!(rate, short(rate));
        }
    }

    #[test]
    fn a_seed_fixes_the_trials_and_more_of_them_begin_with_the_same() {
        let space = parse(SPACE).unwrap();
        assert_eq!(space.draw(10, 1), space.draw(10, 1));
        assert_eq!(space.draw(10, 1), space.draw(20, 1)[..10]);
        assert_ne!(space.draw(10, 1), space.draw(10, 2));
    }

    #[test]
    fn no_settings_are_tried_twice() {
        let space = parse("[space]\nseed = [1, 2]\nnetwork.casing = [true, false]").unwrap();
        let drawn = space.draw(10, 1);
        assert_eq!(drawn.len(), 4);
        assert_eq!(space.halving, Halving::default());
    }

    #[test]
    fn what_is_no_space_is_refused_with_its_field() {
        for (text, expected) in [
            ("[space]", "space.toml: space names no field"),
            ("[space]\nseed = []", "space.toml: seed: the list is empty"),
            (
                "[space]\nseed = 3",
                "space.toml: seed: 3 is neither a list nor",
            ),
            (
                "[space]\ntraining.clip = { low = 0, high = 1, log = true }",
                "space.toml: training.clip: low 0 must be above 0",
            ),
            (
                "[space]\ntraining.clip = { low = 2, high = 1 }",
                "space.toml: training.clip: low 2 must be below high 1",
            ),
            (
                "[space]\nseed = { low = 1, high = 2, base = 10 }",
                "space.toml: seed: unknown key `base`",
            ),
            (
                "[halving]\nrungs = [3, 3]\n[space]\nseed = [1]",
                "space.toml: halving.rungs",
            ),
            (
                "[halving]\neta = 1\n[space]\nseed = [1]",
                "space.toml: halving.eta",
            ),
        ] {
            let error = error(text);
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn what_the_configuration_does_not_take_is_refused_before_anything_is_trained() {
        for (text, expected) in [
            (
                "network.hiden = [1]",
                "space.toml: network.hiden = 1: unknown field `hiden`",
            ),
            (
                "training.dropout = { low = 0.1, high = 1.0 }",
                "space.toml: training.dropout must be from 0 to below 1",
            ),
        ] {
            let space = parse(&format!("[space]\n{text}")).unwrap();
            let error = space
                .check(Path::new("space.toml"), &RunConfig::default())
                .unwrap_err()
                .to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn the_space_that_comes_with_the_project_fits_the_configuration() {
        let text = include_str!("../../../../configs/search/depths.toml");
        let space = parse(text).unwrap();
        space
            .check(Path::new("depths.toml"), &RunConfig::default())
            .unwrap();
        assert!(space.space.contains_key("network.re_layers"));
    }
}
