//! The types of entities and relations as they are shown: name, colour, place in the style sheet.

use spanarc_protocol::{Label, ModelSummary};

/// The types of a model. A document may hold others: they share one neutral look.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Kinds {
    /// Entity types, in the model's order.
    pub(crate) entity: Vec<Label>,
    /// Relation types, in the model's order.
    pub(crate) relation: Vec<Label>,
}

impl Kinds {
    /// The types that `model` knows.
    pub(crate) fn of(model: &ModelSummary) -> Self {
        Self {
            entity: model.entity_types.clone(),
            relation: model.relation_types.clone(),
        }
    }

    /// Place of an entity type in the style sheet; that of unknown types is after all others.
    pub(crate) fn entity(&self, name: &str) -> usize {
        place(&self.entity, name)
    }

    /// Place of a relation type in the style sheet.
    pub(crate) fn relation(&self, name: &str) -> usize {
        place(&self.relation, name)
    }
}

fn place(labels: &[Label], name: &str) -> usize {
    let known = labels.iter().position(|label| label.name == name);
    known.unwrap_or(labels.len())
}
