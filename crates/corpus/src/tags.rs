//! Tag schemes: entity spans as one tag a token, and back.

use serde::{Deserialize, Serialize};

/// How spans become tags. Tag 0 is O in both schemes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TagScheme {
    /// B- and I- per type: tags `1 + 2·type` and `2 + 2·type`.
    #[default]
    Bio,
    /// B-, I-, L-, U- per type: tags `1 + 4·type` onwards.
    Bilou,
}
