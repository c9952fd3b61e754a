//! Other values for some fields of a configuration, by their dotted names.

use std::{collections::BTreeMap, path::Path};

use toml::{Table, Value};

use crate::{
    config::RunConfig,
    error::{Result, TrainError},
};

/// New values by dotted field, such as `network.hidden`.
pub type Overrides = BTreeMap<String, Value>;

/// Fields and values of a table, whether it is written with dotted keys or as tables in tables. `is_value` says which
/// tables are values themselves.
pub fn flatten(table: Table, is_value: impl Fn(&Table) -> bool) -> Overrides {
    let mut flat = Overrides::new();
    let mut left: Vec<(String, Value)> = table.into_iter().collect();
    while let Some((field, value)) = left.pop() {
        match value {
            Value::Table(table) if !is_value(&table) => left.extend(
                table
                    .into_iter()
                    .map(|(key, value)| (format!("{field}.{key}"), value)),
            ),
            value => {
                flat.insert(field, value);
            }
        }
    }
    flat
}

/// The configuration with these values in place of its own. Errs where a field is unknown, of another type or out of
/// bounds, naming it. `path` is where the values stand: relative paths among them start from its folder.
pub fn apply(config: &RunConfig, overrides: &Overrides, path: &Path) -> Result<RunConfig> {
    let mut config = config.clone();
    for (field, value) in overrides {
        config = set(&config, field, value).map_err(|reason| TrainError::Config {
            path: path.to_owned(),
            reason: format!("{field} = {value}: {reason}"),
        })?;
    }
    config.make_paths_absolute(path)?;
    config.validate(path)?;
    Ok(config)
}

fn set(config: &RunConfig, field: &str, value: &Value) -> std::result::Result<RunConfig, String> {
    let mut root = Table::try_from(config).map_err(|error| error.to_string())?;
    let (tables, key) = field.rsplit_once('.').unwrap_or(("", field));
    let mut table = &mut root;
    for name in tables.split('.').filter(|name| !name.is_empty()) {
        let inner = table
            .entry(name)
            .or_insert_with(|| Value::Table(Table::new()));
        table = inner
            .as_table_mut()
            .ok_or_else(|| format!("`{name}` is no table"))?;
    }
    table.insert(key.to_owned(), value.clone());
    root.try_into()
        .map_err(|error: toml::de::Error| error.message().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overrides(text: &str) -> Overrides {
        flatten(toml::from_str(text).unwrap(), |_| false)
    }

    fn applied(text: &str) -> Result<RunConfig> {
        apply(
            &RunConfig::default(),
            &overrides(text),
            Path::new("/ideas/some.toml"),
        )
    }

    #[test]
    fn fields_may_be_written_in_every_way_that_toml_has() {
        let expected = overrides("network.hidden = 8\ntraining.average = 0");
        assert_eq!(
            overrides("\"network.hidden\" = 8\n[training]\naverage = 0"),
            expected
        );
        assert_eq!(expected["network.hidden"], Value::Integer(8));
    }

    #[test]
    fn only_the_named_fields_change() {
        let config =
            applied("network.relation.context = 5\ntraining.dropout = 0.25\nseed = 9").unwrap();
        let mut expected = RunConfig::default();
        expected.network.relation.context = 5;
        expected.training.dropout = 0.25;
        expected.seed = 9;
        assert_eq!(config, expected);
        assert_eq!(applied("").unwrap(), RunConfig::default());
    }

    #[test]
    fn a_table_that_is_absent_gets_its_defaults() {
        let config = applied("encoder.casing_embedding = false").unwrap();
        let encoder = config.encoder.unwrap();
        assert!(!encoder.casing_embedding);
        assert_eq!(encoder.layers, 4);
    }

    #[test]
    fn whole_numbers_are_numbers() {
        assert_eq!(
            applied("training.average = 0").unwrap().training.average,
            0.
        );
    }

    #[test]
    fn a_path_starts_from_the_file_that_it_stands_in() {
        let config = applied("start_from = \"../runs/first.safetensors\"").unwrap();
        let expected = Path::new("/ideas/../runs/first.safetensors");
        assert_eq!(config.start_from.as_deref(), Some(expected));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (text, expected) in [
            (
                "network.shared_layer = 1",
                "network.shared_layer = 1: unknown field `shared_layer`",
            ),
            (
                "network.hidden = \"wide\"",
                "network.hidden = \"wide\": invalid type",
            ),
            ("seed.of = 1", "seed.of = 1: `seed` is no table"),
            (
                "training.dropout = 1",
                "training.dropout must be from 0 to below 1",
            ),
        ] {
            let error = applied(text).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("/ideas/some.toml: {expected}")),
                "{error}"
            );
        }
    }
}
