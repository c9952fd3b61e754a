//! Feature structures, as XMI and JSON both hold them.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use serde_json::Value;

use crate::json::identifier;

/// The value of a feature.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Feature {
    /// A primitive value or an array of such. XMI has strings whatever the range is, so that one may be a reference.
    Value(Value),
    /// Another structure, by identifier.
    Reference(String),
}

impl From<&str> for Feature {
    fn from(text: &str) -> Self {
        Self::Value(text.into())
    }
}

impl From<usize> for Feature {
    fn from(number: usize) -> Self {
        Self::Value(number.into())
    }
}

/// A feature structure.
#[derive(Debug, Clone, Default)]
pub(crate) struct FeatureStructure {
    /// Identifier in its file.
    pub(crate) id: String,
    /// Type with its package, parted by dots.
    pub(crate) kind: String,
    /// Features by name, in the order of the file.
    pub(crate) features: Vec<(String, Feature)>,
    /// The line on which it begins, from 1.
    pub(crate) line: usize,
}

impl FeatureStructure {
    /// The feature of that name.
    pub(crate) fn feature(&self, name: &str) -> Option<&Feature> {
        let mut features = self.features.iter();
        Some(&features.find(|(feature, _)| feature == name)?.1)
    }

    /// The value of a feature, as text.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.feature(name)?.text()
    }

    /// The value of a feature, as a number.
    pub(crate) fn number(&self, name: &str) -> Option<f32> {
        let number = self.text(name)?.trim().parse().ok();
        number.filter(|number: &f32| number.is_finite())
    }

    /// The value of a feature, as an offset.
    pub(crate) fn offset(&self, name: &str) -> Option<usize> {
        self.text(name)?.trim().parse().ok()
    }

    /// The type without its package.
    pub(crate) fn short_name(&self) -> &str {
        self.kind.rsplit('.').next().unwrap_or_default()
    }
}

impl Feature {
    /// A primitive value, or the identifier of a reference, as text.
    pub(crate) fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Reference(id) => Some(id.into()),
            Self::Value(Value::String(text)) => Some(text.into()),
            Self::Value(value @ (Value::Number(_) | Value::Bool(_))) => {
                Some(value.to_string().into())
            }
            // A feature of XMI may be an element, as the items of an array are.
            Self::Value(Value::Array(items)) => match items.as_slice() {
                [item] => Some(identifier(item).into()),
                _ => None,
            },
            Self::Value(_) => None,
        }
    }
}

/// Feature structures of a file.
#[derive(Debug, Default)]
pub(crate) struct Cas {
    /// What the file calls identifiers.
    pub(crate) id_name: &'static str,
    /// All structures, sofas among them, in the order of the file.
    pub(crate) structures: Vec<FeatureStructure>,
    /// The identifiers of what is indexed, by sofa.
    pub(crate) members: HashMap<String, HashSet<String>>,
}

impl Cas {
    /// A structure by identifier and type, for messages: `xmi:id 7 (NamedEntity)`.
    pub(crate) fn describe(&self, structure: &FeatureStructure) -> String {
        format!(
            "{} {} ({})",
            self.id_name,
            structure.id,
            structure.short_name()
        )
    }
}
