//! What a file format says beyond Spanarc's own fields, kept as it came.

use std::{
    collections::BTreeMap,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Named values; reads and writes as a `BTreeMap`. Clones share one map until one of them is written to; no attributes
/// take no memory.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Attributes(Option<Arc<BTreeMap<String, Value>>>);

static EMPTY: BTreeMap<String, Value> = BTreeMap::new();

impl Deref for Attributes {
    type Target = BTreeMap<String, Value>;

    fn deref(&self) -> &Self::Target {
        self.0.as_deref().unwrap_or(&EMPTY)
    }
}

impl DerefMut for Attributes {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(self.0.get_or_insert_default())
    }
}

impl PartialEq for Attributes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl FromIterator<(String, Value)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(values: I) -> Self {
        Self(Some(Arc::new(values.into_iter().collect())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_is_independent_and_an_emptied_map_equals_none() {
        let mut attributes = Attributes::default();
        attributes.insert("certainty".into(), "low".into());
        let kept = attributes.clone();
        attributes.clear();
        assert_eq!(kept["certainty"], "low");
        assert_eq!(attributes, Attributes::default());
    }
}
