//! The label schema: entity types, relation types and the argument signatures that relations allow.

use serde::{Deserialize, Serialize};

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
