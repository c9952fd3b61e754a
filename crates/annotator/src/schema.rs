//! The host's types: how they are called, look and combine, and what a model's types are called among them.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize};

/// The types of a tool that embeds an annotator. The default knows none, and takes those of the model as they are.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Schema {
    /// Entity types in the order in which they are shown. Where there are any, a model's entities of other types are left out.
    #[serde(deserialize_with = "or_default")]
    pub entity_types: Vec<EntityType>,
    /// Relation types, likewise.
    #[serde(deserialize_with = "or_default")]
    pub relation_types: Vec<RelationType>,
    /// The types that stand for a model's.
    #[serde(deserialize_with = "or_default")]
    pub mapping: Mapping,
}

/// An entity type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntityType {
    /// The name in annotations.
    pub name: Arc<str>,
    /// The name on screen; `name` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Arc<str>>,
    /// `#rrggbb`; the model's colour or one of ours when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<Arc<str>>,
    /// A letter or digit. With Alt, or alone in a text that is read only, it makes an entity of what is selected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Arc<str>>,
}

/// A relation type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RelationType {
    /// The name in annotations.
    pub name: Arc<str>,
    /// The name on screen; `name` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Arc<str>>,
    /// `#rrggbb`; the model's colour or one of ours when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<Arc<str>>,
    /// For the host: annotators do not use it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Arc<str>>,
    /// Entity types that its head may have; any when empty.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub head: Vec<Arc<str>>,
    /// Entity types that its tail may have; any when empty.
    #[serde(
        default,
        deserialize_with = "or_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub tail: Vec<Arc<str>>,
}

/// Names by the model's names. A type that maps to nothing is left out; one that is not named here keeps its name.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Mapping {
    /// For entity types.
    #[serde(deserialize_with = "or_default")]
    pub entity_types: BTreeMap<Arc<str>, Option<Arc<str>>>,
    /// For relation types.
    #[serde(deserialize_with = "or_default")]
    pub relation_types: BTreeMap<Arc<str>, Option<Arc<str>>>,
}

/// Why a schema is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Two types of one sort share a name.
    #[error("there are two {sort} types named {name:?}")]
    SameName {
        /// `entity` or `relation`.
        sort: &'static str,
        /// The name.
        name: Arc<str>,
    },
    /// A colour that the annotator cannot read.
    #[error("the colour {color:?} of type {name:?} is not of the form \"#rrggbb\"")]
    Color {
        /// The type.
        name: Arc<str>,
        /// Its colour.
        color: Arc<str>,
    },
    /// A key that is not one letter or digit, or that two entity types share.
    #[error("the key {key:?} of type {name:?} is taken, or not one letter or digit")]
    Key {
        /// The type.
        name: Arc<str>,
        /// Its key.
        key: Arc<str>,
    },
    /// A relation between types that do not allow it.
    #[error("a relation of type {relation:?} does not lead from {head:?} to {tail:?}")]
    Signature {
        /// The relation type.
        relation: Arc<str>,
        /// The type of its head.
        head: Arc<str>,
        /// The type of its tail.
        tail: Arc<str>,
    },
}

impl Schema {
    /// Errors where two types share a name or a key, or where a colour or a key is not readable.
    pub fn check(&self) -> Result<(), SchemaError> {
        let entities = self.entity_types.iter();
        let relations = self.relation_types.iter();
        check_types("entity", entities.map(|t| (&t.name, &t.color, &t.key)))?;
        check_types("relation", relations.map(|t| (&t.name, &t.color, &t.key)))
    }

    /// Errors where the schema does not allow a relation between entities of these types.
    pub fn check_signature(
        &self,
        relation: &Arc<str>,
        head: &Arc<str>,
        tail: &Arc<str>,
    ) -> Result<(), SchemaError> {
        let known = self.relation_types.iter().find(|t| t.name == *relation);
        let fits = |allowed: &[Arc<str>], kind| allowed.is_empty() || allowed.contains(kind);
        if known.is_none_or(|known| fits(&known.head, head) && fits(&known.tail, tail)) {
            return Ok(());
        }
        Err(SchemaError::Signature {
            relation: relation.clone(),
            head: head.clone(),
            tail: tail.clone(),
        })
    }

    /// What the model's entity type `name` is called; nothing if its entities are left out.
    pub fn entity_type(&self, name: &str) -> Option<Arc<str>> {
        let mapped = mapped(&self.mapping.entity_types, name)?;
        let is_known = self.entity_types.iter().any(|t| t.name == mapped);
        (self.entity_types.is_empty() || is_known).then_some(mapped)
    }

    /// What the model's relation type `name` is called; nothing if its relations are left out.
    pub fn relation_type(&self, name: &str) -> Option<Arc<str>> {
        let mapped = mapped(&self.mapping.relation_types, name)?;
        let is_known = self.relation_types.iter().any(|t| t.name == mapped);
        (self.relation_types.is_empty() || is_known).then_some(mapped)
    }

    /// The entity type that `key`, a letter in any case or a digit, stands for.
    pub(crate) fn entity_type_of_key(&self, key: &str) -> Option<&Arc<str>> {
        let has_key = |t: &&EntityType| (t.key.as_ref()).is_some_and(|k| same_key(k, key));
        self.entity_types.iter().find(has_key).map(|t| &t.name)
    }
}

fn mapped(mapping: &BTreeMap<Arc<str>, Option<Arc<str>>>, name: &str) -> Option<Arc<str>> {
    match mapping.get(name) {
        Some(mapped) => mapped.clone(),
        None => Some(name.into()),
    }
}

type Type<'a> = (&'a Arc<str>, &'a Option<Arc<str>>, &'a Option<Arc<str>>);

fn check_types<'a>(
    sort: &'static str,
    types: impl Iterator<Item = Type<'a>>,
) -> Result<(), SchemaError> {
    let (mut names, mut keys) = (Vec::new(), Vec::<&str>::new());
    for (name, color, key) in types {
        if names.contains(&name) {
            let name = name.clone();
            return Err(SchemaError::SameName { sort, name });
        }
        names.push(name);
        if let Some(color) = color.as_ref().filter(|color| !is_color(color)) {
            return Err(SchemaError::Color {
                name: name.clone(),
                color: color.clone(),
            });
        }
        let Some(key) = key else { continue };
        let mut characters = key.chars();
        let single = characters.next().is_some_and(char::is_alphanumeric);
        if !single || characters.next().is_some() || keys.iter().any(|k| same_key(k, key)) {
            return Err(SchemaError::Key {
                name: name.clone(),
                key: key.clone(),
            });
        }
        keys.push(key);
    }
    Ok(())
}

fn same_key(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

fn is_color(color: &str) -> bool {
    let digits = color.strip_prefix('#');
    digits.is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// What is null is as good as absent.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    from: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema(value: serde_json::Value) -> Schema {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_models_types_are_renamed_left_out_or_kept() {
        let open = schema(json!({"mapping": {"entityTypes": {"Peop": "Person", "Other": null}}}));
        assert_eq!(open.entity_type("Peop").as_deref(), Some("Person"));
        assert_eq!(open.entity_type("Other"), None);
        assert_eq!(open.entity_type("Loc").as_deref(), Some("Loc"));
        assert_eq!(open.relation_type("Kill").as_deref(), Some("Kill"));
    }

    #[test]
    fn types_that_a_schema_does_not_name_are_left_out() {
        let closed = schema(json!({
            "entityTypes": [{"name": "Person"}], "mapping": {"entityTypes": {"Peop": "Person"}}
        }));
        assert_eq!(closed.entity_type("Peop").as_deref(), Some("Person"));
        assert_eq!(closed.entity_type("Loc"), None);
        assert_eq!(closed.relation_type("Kill").as_deref(), Some("Kill"));
    }

    #[test]
    fn a_signature_says_which_types_a_relation_joins() {
        let schema = schema(json!({
            "relationTypes": [{"name": "lives in", "head": ["Person"], "tail": ["City", "Land"]}, {"name": "near"}]
        }));
        let allows = |relation: &str, head: &str, tail: &str| {
            let checked = schema.check_signature(&relation.into(), &head.into(), &tail.into());
            checked.is_ok()
        };
        assert!(allows("lives in", "Person", "Land"));
        assert!(!allows("lives in", "City", "Person"));
        assert!(allows("near", "City", "City") && allows("unknown", "City", "City"));
    }

    #[test]
    fn null_is_as_good_as_absent() {
        let types = json!([{"name": "R", "title": null, "key": null, "head": null}]);
        let given = schema(
            json!({"entityTypes": null, "relationTypes": types, "mapping": {"entityTypes": null}}),
        );
        assert_eq!(given, schema(json!({"relationTypes": [{"name": "R"}]})));
        assert_eq!(schema(json!({"mapping": null})), Schema::default());
    }

    #[test]
    fn what_is_wrong_with_a_schema_is_named() {
        let message = |types| {
            let checked = schema(json!({"entityTypes": types})).check();
            checked.map_err(|error| error.to_string())
        };
        let red = json!([{"name": "A", "color": "red"}]);
        assert_eq!(
            message(red).unwrap_err(),
            r##"the colour "red" of type "A" is not of the form "#rrggbb""##
        );
        let twice = json!([{"name": "A"}, {"name": "A"}]);
        assert_eq!(
            message(twice).unwrap_err(),
            r#"there are two entity types named "A""#
        );
        assert!(message(json!([{"name": "A", "key": "a"}, {"name": "B", "key": "A"}])).is_err());
        assert!(message(json!([{"name": "A", "key": "ab"}])).is_err());
        assert_eq!(
            message(json!([{"name": "A", "key": "1", "color": "#00ff7F"}])),
            Ok(())
        );
    }
}
