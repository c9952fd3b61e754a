//! The label schema: entity types, relation types and the argument signatures that relations allow.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::document::Sentence;
use crate::type_name::{self, TypeNameError};

/// A type of entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityType {
    /// Name as in the corpus.
    pub name: String,
    /// Colour as `#rrggbb`, for display.
    pub color: String,
}

/// The entity types that a relation may join, by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Signature {
    /// Type of the head.
    pub head: String,
    /// Type of the tail.
    pub tail: String,
}

/// A type of directed relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationType {
    /// Name as in the corpus.
    pub name: String,
    /// Colour as `#rrggbb`, for display.
    pub color: String,
    /// Allowed argument types; empty means any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<Signature>,
}

/// What can be annotated. Entity and relation types are referred to by index into these lists.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelSchema {
    /// Entity types, in the order of the network's tags.
    pub entity_types: Vec<EntityType>,
    /// Relation types, in the order of the network's scores.
    pub relation_types: Vec<RelationType>,
}

/// Why a label schema cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Nothing to annotate.
    #[error("the label schema has no entity types")]
    NoEntityTypes,
    /// A type whose name is none.
    #[error("{field} has {problem}")]
    BadName {
        /// Path of the type, as `relation_types[2]`.
        field: String,
        /// What is wrong with it.
        problem: TypeNameError,
    },
    /// More types of a kind than anyone can tell apart, or a network can learn.
    #[error("{list} holds {count} types, more than {LIMIT}")]
    TooMany {
        /// `entity_types` or `relation_types`.
        list: &'static str,
        /// How many.
        count: usize,
    },
    /// Two types of one name.
    #[error("{field} repeats the name {name:?}")]
    DuplicateName {
        /// Path of the second one.
        field: String,
        /// The name.
        name: String,
    },
    /// A colour that is not `#rrggbb`.
    #[error("{field}.color is {color:?}, not of the form #rrggbb")]
    BadColor {
        /// Path of the type.
        field: String,
        /// What stands there.
        color: String,
    },
    /// A signature that names no entity type.
    #[error("{field} names the unknown entity type {name:?}")]
    UnknownArgument {
        /// Path of the argument, as `relation_types[2].signatures[0].tail`.
        field: String,
        /// The name.
        name: String,
    },
}

/// Most types of a kind.
const LIMIT: usize = 1024;

/// Paul Tol's "bright" qualitative scheme, safe for colour-blind readers (Tol, Colour Schemes, 2021).
const ENTITY_COLORS: [&str; 6] = [
    "#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377",
];

/// Paul Tol's "vibrant" scheme, so that arcs do not look like entities.
const RELATION_COLORS: [&str; 6] = [
    "#009988", "#ee3377", "#0077bb", "#ee7733", "#cc3311", "#33bbee",
];

impl LabelSchema {
    /// The types that occur in a corpus, sorted by name, with the signatures observed and colours chosen.
    ///
    /// Relations whose arguments are out of range are passed over: readers refuse them before.
    pub fn from_sentences<'a>(sentences: impl IntoIterator<Item = &'a Sentence>) -> Self {
        let mut entities = BTreeSet::new();
        let mut relations = BTreeMap::<_, BTreeSet<_>>::new();
        for sentence in sentences {
            entities.extend(sentence.entities.iter().map(|entity| &entity.kind));
            for relation in &sentence.relations {
                let kind = |index: usize| Some(sentence.entities.get(index)?.kind.clone());
                if let (Some(head), Some(tail)) = (kind(relation.head), kind(relation.tail)) {
                    relations
                        .entry(&relation.kind)
                        .or_default()
                        .insert(Signature { head, tail });
                }
            }
        }
        let entity_types = entities
            .into_iter()
            .enumerate()
            .map(|(index, name)| EntityType {
                name: name.clone(),
                color: color(&ENTITY_COLORS, index),
            });
        let relation_types =
            relations
                .into_iter()
                .enumerate()
                .map(|(index, (name, signatures))| RelationType {
                    name: name.clone(),
                    color: color(&RELATION_COLORS, index),
                    signatures: signatures.into_iter().collect(),
                });
        Self {
            entity_types: entity_types.collect(),
            relation_types: relation_types.collect(),
        }
    }

    /// Index of the entity type of that name.
    pub fn entity_index(&self, name: &str) -> Option<usize> {
        self.entity_types.iter().position(|kind| kind.name == name)
    }

    /// Index of the relation type of that name.
    pub fn relation_index(&self, name: &str) -> Option<usize> {
        self.relation_types
            .iter()
            .position(|kind| kind.name == name)
    }

    /// Whether a relation type may join a head and a tail of these entity types.
    ///
    /// A relation type without signatures joins any; an index out of range is joined by none.
    pub fn allows(
        &self,
        relation_type: usize,
        head_entity_type: usize,
        tail_entity_type: usize,
    ) -> bool {
        let (Some(relation), Some(head), Some(tail)) = (
            self.relation_types.get(relation_type),
            self.entity_types.get(head_entity_type),
            self.entity_types.get(tail_entity_type),
        ) else {
            return false;
        };
        relation.signatures.is_empty()
            || relation
                .signatures
                .iter()
                .any(|signature| signature.head == head.name && signature.tail == tail.name)
    }

    /// Checks a schema from outside: names given and distinct, colours well formed, signatures of known types.
    pub fn validate(&self) -> Result<(), SchemaError> {
        if self.entity_types.is_empty() {
            return Err(SchemaError::NoEntityTypes);
        }
        let entities = self
            .entity_types
            .iter()
            .map(|kind| (&kind.name, &kind.color));
        check_types("entity_types", entities)?;
        let relations = self
            .relation_types
            .iter()
            .map(|kind| (&kind.name, &kind.color));
        check_types("relation_types", relations)?;
        for (index, relation) in self.relation_types.iter().enumerate() {
            for (number, Signature { head, tail }) in relation.signatures.iter().enumerate() {
                for (side, name) in [("head", head), ("tail", tail)] {
                    if self.entity_index(name).is_none() {
                        return Err(SchemaError::UnknownArgument {
                            field: format!("relation_types[{index}].signatures[{number}].{side}"),
                            name: name.clone(),
                        });
                    }
                }
            }
        }
        Ok(())
    }
}

fn check_types<'a>(
    list: &'static str,
    types: impl ExactSizeIterator<Item = (&'a String, &'a String)>,
) -> Result<(), SchemaError> {
    let count = types.len();
    if count > LIMIT {
        return Err(SchemaError::TooMany { list, count });
    }
    let mut seen = BTreeSet::new();
    for (index, (name, color)) in types.enumerate() {
        let field = format!("{list}[{index}]");
        if let Err(problem) = type_name::check(name) {
            return Err(SchemaError::BadName { field, problem });
        }
        if !seen.insert(name) {
            return Err(SchemaError::DuplicateName {
                field,
                name: name.clone(),
            });
        }
        let digits = color.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(SchemaError::BadColor {
                field,
                color: color.clone(),
            });
        }
    }
    Ok(())
}

/// The palette's colours first, then hues a golden angle apart, which never repeat.
fn color(palette: &[&str], index: usize) -> String {
    match palette.get(index) {
        Some(color) => (*color).to_owned(),
        None => from_hue((index - palette.len()) as f32 * 137.508 % 360.0),
    }
}

/// `#rrggbb` of HSL with saturation 0.5 and lightness 0.55, readable on dark and on light.
fn from_hue(hue: f32) -> String {
    // The closed form of HSL to RGB: channel n is l - a·max(-1, min(k - 3, 9 - k, 1)), k = (n + hue/30) mod 12.
    let channel = |n: f32| {
        let k = (n + hue / 30.0) % 12.0;
        let value = 0.55 - 0.225 * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0);
        (value * 255.0).round() as u8
    };
    format!(
        "#{:02x}{:02x}{:02x}",
        channel(0.0),
        channel(8.0),
        channel(4.0)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Entity, Relation, Span};

    fn sentence(entities: &[&str], relations: &[(&str, usize, usize)]) -> Sentence {
        Sentence {
            id: "s".into(),
            tokens: entities.iter().map(|_| "x".into()).collect(),
            entities: entities
                .iter()
                .enumerate()
                .map(|(at, kind)| Entity {
                    kind: (*kind).into(),
                    span: Span::new(at, at + 1),
                })
                .collect(),
            relations: relations
                .iter()
                .map(|&(kind, head, tail)| Relation {
                    kind: kind.into(),
                    head,
                    tail,
                })
                .collect(),
        }
    }

    fn example() -> LabelSchema {
        LabelSchema::from_sentences(&[
            sentence(&["Person", "Place"], &[("lives_in", 0, 1)]),
            sentence(
                &["Firm", "Place", "Person"],
                &[("lives_in", 2, 1), ("based_in", 0, 1)],
            ),
            sentence(&["Firm", "Person"], &[("based_in", 1, 0)]),
        ])
    }

    #[test]
    fn types_are_derived_from_a_corpus_in_order_of_name() {
        let schema = example();
        let names: Vec<_> = schema
            .entity_types
            .iter()
            .map(|kind| kind.name.as_str())
            .collect();
        assert_eq!(names, ["Firm", "Person", "Place"]);
        let names: Vec<_> = schema
            .relation_types
            .iter()
            .map(|kind| kind.name.as_str())
            .collect();
        assert_eq!(names, ["based_in", "lives_in"]);
        assert_eq!(schema.entity_index("Place"), Some(2));
        assert_eq!(schema.relation_index("Place"), None);
        assert_eq!(schema.validate(), Ok(()));
    }

    #[test]
    fn only_observed_signatures_are_allowed_and_they_have_a_direction() {
        let schema = example();
        let (firm, person, place) = (0, 1, 2);
        assert!(schema.allows(1, person, place) && !schema.allows(1, place, person));
        assert!(schema.allows(0, firm, place) && schema.allows(0, person, firm));
        assert!(!schema.allows(0, firm, person));
        assert!(!schema.allows(2, firm, place) && !schema.allows(0, 3, place));
    }

    #[test]
    fn a_relation_without_signatures_joins_any_types() {
        let mut schema = example();
        schema.relation_types[0].signatures.clear();
        assert!(schema.allows(0, 2, 2));
    }

    #[test]
    fn colours_are_distinct_for_many_types() {
        let names: Vec<_> = (0..40).map(|index| format!("T{index:02}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let schema = LabelSchema::from_sentences([&sentence(&names, &[])]);
        let colors: BTreeSet<_> = schema.entity_types.iter().map(|kind| &kind.color).collect();
        assert_eq!(colors.len(), 40);
        assert_eq!(schema.validate(), Ok(()));
    }

    #[test]
    fn hues_become_the_colours_that_css_gives_them() {
        // hsl(0 50% 55%), hsl(120 50% 55%), hsl(240 50% 55%)
        assert_eq!(
            [0.0, 120.0, 240.0].map(from_hue),
            ["#c65353", "#53c653", "#5353c6"]
        );
    }

    #[test]
    fn a_faulty_schema_is_refused_naming_the_field() {
        type Edit = fn(&mut LabelSchema);
        let cases: [(Edit, &str); 8] = [
            (
                |s| s.entity_types.clear(),
                "the label schema has no entity types",
            ),
            (
                |s| s.entity_types[1].name.clear(),
                "entity_types[1] has an empty name",
            ),
            (
                |s| s.entity_types[1].name = " ".into(),
                "entity_types[1] has an empty name",
            ),
            (
                |s| s.entity_types[1].name = "é".repeat(201),
                "entity_types[1] has a name of 201 characters, more than 200",
            ),
            (
                |s| s.relation_types[0].name = "a\u{1b}[2J".into(),
                "relation_types[0] has a name with the control character '\\u{1b}': \"a\\u{1b}[2J\"",
            ),
            (
                |s| s.relation_types[1].name = "based_in".into(),
                "relation_types[1] repeats the name \"based_in\"",
            ),
            (
                |s| s.entity_types[0].color = "red;x".into(),
                "entity_types[0].color is \"red;x\", not of the form #rrggbb",
            ),
            (
                |s| s.relation_types[0].signatures[1].tail = "Planet".into(),
                "relation_types[0].signatures[1].tail names the unknown entity type \"Planet\"",
            ),
        ];
        for (edit, message) in cases {
            let mut schema = example();
            edit(&mut schema);
            assert_eq!(schema.validate().unwrap_err().to_string(), message);
        }
    }
}
