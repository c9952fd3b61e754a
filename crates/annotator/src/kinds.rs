//! The types of entities and relations as they are shown: name, colour, place in the style sheet.

use std::rc::Rc;

use spanarc_document::Document;
use spanarc_protocol::{Label, ModelSummary};

/// Colours for types that no model has given one, in turn.
const COLORS: [&str; 6] = [
    "#7a5195", "#2f8f5b", "#c9772b", "#3f6fb5", "#b5495b", "#5c7a29",
];

/// The types of a model and of a document; those of the model come first, in its order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Kinds {
    /// Entity types.
    pub(crate) entity: Vec<Label>,
    /// Relation types.
    pub(crate) relation: Vec<Label>,
}

impl Kinds {
    /// The types that `model` knows, and then those that `document` holds beside them.
    pub(crate) fn of(model: Option<&ModelSummary>, document: &Document) -> Rc<Self> {
        let mut kinds = Rc::new(model.map_or_else(Self::default, |model| Self {
            entity: model.entity_types.clone(),
            relation: model.relation_types.clone(),
        }));
        Self::include(&mut kinds, document);
        kinds
    }

    /// Adds the types of `document` that are not among `kinds`, which stay as they are where there are none.
    pub(crate) fn include(kinds: &mut Rc<Self>, document: &Document) {
        for mention in document.mentions() {
            if kinds.entity(&mention.kind) == kinds.entity.len() {
                add(&mut Rc::make_mut(kinds).entity, &mention.kind);
            }
        }
        for link in document.links() {
            if kinds.relation(&link.kind) == kinds.relation.len() {
                add(&mut Rc::make_mut(kinds).relation, &link.kind);
            }
        }
    }

    /// Place of an entity type; one more than there are for an unknown one.
    pub(crate) fn entity(&self, name: &str) -> usize {
        place(&self.entity, name)
    }

    /// Place of a relation type; one more than there are for an unknown one.
    pub(crate) fn relation(&self, name: &str) -> usize {
        place(&self.relation, name)
    }
}

fn place(labels: &[Label], name: &str) -> usize {
    let known = labels.iter().position(|label| label.name == name);
    known.unwrap_or(labels.len())
}

fn add(labels: &mut Vec<Label>, name: &str) {
    labels.push(Label {
        name: name.to_owned(),
        color: COLORS[labels.len() % COLORS.len()].to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use spanarc_document::{Command, Editor, Selections, Span, Spans};

    use super::*;

    #[test]
    fn types_that_only_the_document_knows_come_after_the_models_and_keep_their_place() {
        let model = ModelSummary {
            name: "news".into(),
            bytes: 1,
            entity_types: vec![Label {
                name: "Loc".into(),
                color: "#336699".into(),
            }],
            relation_types: vec![],
            relation_threshold: 0.5,
        };
        let mut editor = Editor::new(Document::new("Ann met Bo."));
        let nowhere = Selections {
            before: Span::new(0, 0),
            after: Span::new(0, 0),
        };
        let mut add = |kind: &str, start, end| {
            let spans = Spans::one(Span::new(start, end)).unwrap();
            let command = Command::AddMention {
                kind: kind.into(),
                spans,
            };
            editor.perform(&command, nowhere, 0).unwrap();
        };
        add("Loc", 0, 3);
        add("Pet", 8, 10);
        let mut kinds = Kinds::of(Some(&model), editor.document());
        let names: Vec<_> = kinds
            .entity
            .iter()
            .map(|label| label.name.as_str())
            .collect();
        assert_eq!(names, ["Loc", "Pet"]);
        assert_eq!((kinds.entity("Pet"), kinds.entity("Sun")), (1, 2));
        let before = kinds.clone();
        Kinds::include(&mut kinds, editor.document());
        assert!(Rc::ptr_eq(&before, &kinds));
    }
}
