//! Whether a host means what is there already.

use std::collections::HashMap;

use serde_json::json;

use super::{Annotations, Entity, Name, Relation};

impl Annotations {
    /// Whether a document that has `present` to show is what a host means with this. What it leaves out may be anything, and its
    /// lists may be in any order.
    pub(in super::super) fn are(&self, present: &Self) -> bool {
        let entities = |of: &Self| of.entities.iter().map(Entity::content).collect();
        let relations = |of: &Self| of.relations.iter().map(Relation::content).collect();
        // Most hosts give back what they got: that costs least.
        self == present
            || self.text == present.text
                && self.notes == present.notes
                && are_same(entities(self), entities(present))
                && are_same(relations(self), relations(present))
    }
}

impl Entity {
    fn content(&self) -> Content {
        let (origin, state) = self.standing.document();
        let content = json!([self.kind, self.pieces(), self.attributes, origin, state]);
        (self.id.as_ref().map(Name::text), content.to_string())
    }
}

impl Relation {
    fn content(&self) -> Content {
        let (origin, state) = self.standing.document();
        let (head, tail) = (self.head.text(), self.tail.text());
        let content = json!([self.kind, head, tail, self.attributes, origin, state]);
        (self.id.as_ref().map(Name::text), content.to_string())
    }
}

/// The name of an annotation, and as one string all else of it that a document holds.
type Content = (Option<String>, String);

/// Whether `given` are `present`, which all have names, in any order.
fn are_same(given: Vec<Content>, present: Vec<Content>) -> bool {
    let mut present: HashMap<_, _> = present.into_iter().collect();
    let mut nameless = Vec::new();
    for (name, content) in given {
        if name.is_none() {
            nameless.push(content);
        } else if present.remove(&name) != Some(content) {
            return false;
        }
    }
    let mut others: Vec<String> = present.into_values().collect();
    nameless.sort_unstable();
    others.sort_unstable();
    nameless == others
}
