//! In which field two configurations differ.

use std::{collections::BTreeMap, path::PathBuf};

use toml::{Table, Value};

use super::{Keep, RunConfig};

impl RunConfig {
    /// A field in which another run's configuration differs, such as `training.epochs`. Seeds do not count, nor which bundles a
    /// run starts from or is averaged with, of which each seed may have its own.
    pub(crate) fn difference(&self, other: &Self) -> Option<String> {
        let [one, other] = [self, other].map(|config| Self {
            seed: 0,
            start_from: None,
            average_with: vec![PathBuf::new(); config.average_with.len()],
            ..config.clone()
        });
        (one != other).then(|| first_difference(&one, &other))
    }

    /// The same, but for what a run cannot share with its twin that does not learn from dev: how the epoch and the
    /// threshold are chosen. Nor do names count.
    pub(crate) fn difference_as_twin(&self, other: &Self) -> Option<String> {
        let [one, other] = [self, other].map(|config| {
            let mut config = config.clone();
            config.name = String::new();
            config.training.with_dev = false;
            config.training.keep = Keep::Last;
            config.training.patience = 0;
            config.training.relation_threshold = None;
            config
        });
        one.difference(&other)
    }
}

fn first_difference(one: &RunConfig, other: &RunConfig) -> String {
    let [one, other] = [fields(one), fields(other)];
    let mut names = one.keys().chain(other.keys());
    let differing = names.find(|name| one.get(*name) != other.get(*name));
    differing.map_or_else(|| "a field".to_owned(), String::clone)
}

/// Values by dotted names.
fn fields(config: &RunConfig) -> BTreeMap<String, Value> {
    let mut fields = BTreeMap::new();
    for (name, value) in Table::try_from(config).unwrap_or_default() {
        match value {
            Value::Table(table) => {
                let inner = table.into_iter();
                fields.extend(inner.map(|(inner, value)| (format!("{name}.{inner}"), value)));
            }
            value => {
                fields.insert(name, value);
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_field_that_differs_is_named_and_a_seed_makes_no_difference() {
        let one = RunConfig::default();
        let mut other = RunConfig {
            seed: 7,
            start_from: Some("first/best.safetensors".into()),
            ..RunConfig::default()
        };
        assert_eq!(one.difference(&other), None);
        other.training.with_dev = true;
        assert_eq!(one.difference(&other).unwrap(), "training.with_dev");
        assert_eq!(one.difference_as_twin(&other), None);
        other.training.epochs += 1;
        assert_eq!(one.difference_as_twin(&other).unwrap(), "training.epochs");
    }

    #[test]
    fn runs_are_alike_that_are_averaged_with_as_many_others() {
        let averaged = |bundles: &[&str]| RunConfig {
            average_with: bundles.iter().map(PathBuf::from).collect(),
            ..RunConfig::default()
        };
        let one = averaged(&["a/best.safetensors"]);
        assert_eq!(one.difference(&averaged(&["b/best.safetensors"])), None);
        assert_eq!(one.difference(&averaged(&[])).unwrap(), "average_with");
    }

    #[test]
    fn a_table_that_one_has_alone_makes_a_difference() {
        let one = RunConfig::default();
        let mut other = RunConfig::default();
        other.encoder = Some(other.encoder());
        assert!(one.difference(&other).unwrap().starts_with("encoder."));
    }
}
