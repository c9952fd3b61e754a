//! Variants of a configuration, declared in TOML.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{
    overrides::{self, Overrides},
    study::{Result, StudyError},
};

/// Name of the configuration as it is.
pub const BASELINE: &str = "baseline";

/// The paper's study, as a file of variants.
pub const TASK_SPECIFICITY: &str =
    include_str!("../../../../configs/ablation/task-specificity.toml");

/// What is changed in the configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Variant {
    /// Name, which is also that of its folder.
    pub name: String,
    /// New values of fields.
    pub set: Overrides,
    /// File that declares it.
    pub path: PathBuf,
    /// Whether the shared layers are then deepened and their width chosen until as many weights are trained as in the
    /// baseline.
    pub equal_parameters: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    variant: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(default)]
    set: toml::Table,
    #[serde(default)]
    equal_parameters: bool,
}

impl Variant {
    /// The configuration as it is.
    pub fn baseline() -> Self {
        Self {
            name: BASELINE.to_owned(),
            set: Overrides::new(),
            path: PathBuf::new(),
            equal_parameters: false,
        }
    }

    /// The variants of some files. `files` are paths, for errors, and texts.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a Path, &'a str)>) -> Result<Vec<Self>> {
        let mut variants: Vec<Self> = Vec::new();
        for (path, text) in files {
            let file: File =
                toml::from_str(text).map_err(|error| StudyError::malformed(path, error))?;
            for entry in file.variant {
                let name = &entry.name;
                if !is_folder_name(name) {
                    let wanted = "letters, digits, `-` and `_`";
                    let reason = format!("variant name {name:?}: only {wanted} can be in it");
                    return Err(StudyError::malformed(path, reason));
                }
                if name == BASELINE || variants.iter().any(|variant| variant.name == *name) {
                    let reason = format!("the variant {name} is there already");
                    return Err(StudyError::malformed(path, reason));
                }
                variants.push(Self {
                    name: entry.name,
                    set: overrides::flatten(entry.set, |_| false),
                    path: path.to_owned(),
                    equal_parameters: entry.equal_parameters,
                });
            }
        }
        Ok(variants)
    }
}

fn is_folder_name(name: &str) -> bool {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    !name.is_empty() && name.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use toml::Value;

    use super::*;
    use crate::config::RunConfig;

    fn parse(text: &str) -> Result<Vec<Variant>> {
        Variant::parse([(Path::new("ideas.toml"), text)])
    }

    #[test]
    fn the_papers_study_is_a_file_of_variants() {
        let variants = parse(TASK_SPECIFICITY).unwrap();
        let names: Vec<&str> = variants
            .iter()
            .map(|variant| variant.name.as_str())
            .collect();
        let expected = [
            "no-task-specific",
            "no-ner-specific",
            "no-re-specific",
            "no-shared",
            "all-shared",
        ];
        assert_eq!(names, expected);
        assert_eq!(variants[0].set["network.ner_layers"], Value::Integer(0));
        let equal = variants.iter().filter(|variant| variant.equal_parameters);
        assert_eq!(equal.count(), 1);
    }

    #[test]
    fn the_projects_ideas_change_its_news_configuration_each_in_its_own_way() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let news = RunConfig::read(&root.join("configs/news.toml")).unwrap();
        let text = include_str!("../../../../configs/ablation/ideas.toml");
        let mut changed: Vec<RunConfig> = vec![news.clone()];
        for variant in parse(text).unwrap() {
            let config = overrides::apply(&news, &variant.set, &variant.path).unwrap();
            assert!(!changed.contains(&config), "{}", variant.name);
            changed.push(config);
        }
        assert!(changed.len() > 5);
    }

    #[test]
    fn variants_of_several_files_come_one_after_another() {
        let file = |name: &str| format!("[[variant]]\nname = \"{name}\"\nset.seed = 2\n");
        let (a, b) = (file("a"), file("b"));
        let path = Path::new("x.toml");
        let variants = Variant::parse([(path, a.as_str()), (path, b.as_str())]).unwrap();
        assert_eq!(variants.len(), 2);
        let twice = Variant::parse([(path, a.as_str()), (path, a.as_str())]).unwrap_err();
        assert_eq!(twice.to_string(), "x.toml: the variant a is there already");
    }

    #[test]
    fn what_is_no_variant_is_refused_by_name() {
        for (text, expected) in [
            (
                "[[variant]]\nname = \"../x\"",
                "ideas.toml: variant name \"../x\"",
            ),
            (
                "[[variant]]\nname = \"baseline\"",
                "ideas.toml: the variant baseline",
            ),
            ("[[variant]]\nset.seed = 1", "ideas.toml: TOML parse error"),
            (
                "[[variant]]\nname = \"a\"\nsets.seed = 1",
                "ideas.toml: TOML parse error",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
