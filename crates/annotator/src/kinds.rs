//! The types of entities and relations as they are shown: name, colour, place in the style sheet.

use std::{rc::Rc, sync::Arc};

use spanarc_document::Document;
use spanarc_protocol::{Label, ModelSummary};

use crate::Schema;

/// Colours for types that no model has given one, in turn.
const COLORS: [&str; 6] = [
    "#7a5195", "#2f8f5b", "#c9772b", "#3f6fb5", "#b5495b", "#5c7a29",
];

/// The types of a host's schema, of a model and of a document, in that order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Kinds {
    /// Entity types.
    pub(crate) entity: Vec<Kind>,
    /// Relation types.
    pub(crate) relation: Vec<Kind>,
}

/// A type as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kind {
    /// The name in annotations.
    pub(crate) name: Arc<str>,
    /// The name on screen.
    pub(crate) title: Arc<str>,
    /// `#rrggbb`.
    pub(crate) color: Arc<str>,
}

impl Kinds {
    /// The types that `schema` names, those of `model` under the names that the schema gives them, and those that `document`
    /// holds besides.
    pub(crate) fn of(
        schema: &Schema,
        model: Option<&ModelSummary>,
        document: &Document,
    ) -> Rc<Self> {
        let (entity_types, relation_types) = model.map_or((&[][..], &[][..]), |model| {
            (&model.entity_types[..], &model.relation_types[..])
        });
        let named = schema.entity_types.iter();
        let named = named.map(|t| (&t.name, t.title.as_ref(), t.color.as_ref()));
        let entity = of_sort(named, entity_types, |name| schema.entity_type(name));
        let named = schema.relation_types.iter();
        let named = named.map(|t| (&t.name, t.title.as_ref(), t.color.as_ref()));
        let relation = of_sort(named, relation_types, |name| schema.relation_type(name));
        let kinds = Self { entity, relation };
        let mut kinds = Rc::new(kinds);
        Self::include(&mut kinds, document);
        kinds
    }

    /// Adds the types of `document` that are not among `kinds`, which stay as they are where there are none. What no model says any more
    /// has no type to show.
    pub(crate) fn include(kinds: &mut Rc<Self>, document: &Document) {
        let mentions = document.mentions().iter();
        for mention in mentions.filter(|mention| !mention.is_withdrawn()) {
            if kinds.entity(&mention.kind) == kinds.entity.len() {
                add(&mut Rc::make_mut(kinds).entity, &mention.kind, None, None);
            }
        }
        let links = document.links().iter();
        for link in links.filter(|link| document.has_present_ends(link)) {
            if kinds.relation(&link.kind) == kinds.relation.len() {
                add(&mut Rc::make_mut(kinds).relation, &link.kind, None, None);
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

    /// What an entity type is called on screen.
    pub(crate) fn entity_title(&self, name: &Arc<str>) -> Arc<str> {
        let kind = self.entity.get(self.entity(name));
        kind.map_or_else(|| name.clone(), |kind| kind.title.clone())
    }

    /// What a relation type is called on screen.
    pub(crate) fn relation_title(&self, name: &Arc<str>) -> Arc<str> {
        let kind = self.relation.get(self.relation(name));
        kind.map_or_else(|| name.clone(), |kind| kind.title.clone())
    }
}

fn place(kinds: &[Kind], name: &str) -> usize {
    let known = kinds.iter().position(|kind| &*kind.name == name);
    known.unwrap_or(kinds.len())
}

fn add(kinds: &mut Vec<Kind>, name: &Arc<str>, title: Option<&Arc<str>>, color: Option<&Arc<str>>) {
    let ours = || COLORS[kinds.len() % COLORS.len()].into();
    let color = color.cloned().unwrap_or_else(ours);
    kinds.push(Kind {
        name: name.clone(),
        title: title.unwrap_or(name).clone(),
        color,
    });
}

type Named<'a> = (&'a Arc<str>, Option<&'a Arc<str>>, Option<&'a Arc<str>>);

/// The types of one sort: those that the host has `named`, with title and colour, then a model's, as `renamed`. A host's type
/// without a colour takes that of the model's type that it stands for.
fn of_sort<'a>(
    named: impl Iterator<Item = Named<'a>>,
    labels: &[Label],
    renamed: impl Fn(&str) -> Option<Arc<str>>,
) -> Vec<Kind> {
    let (mut kinds, mut colored) = (Vec::new(), Vec::new());
    for (name, title, color) in named {
        add(&mut kinds, name, title, color);
        colored.push(color.is_some());
    }
    for label in labels {
        let Some(name) = renamed(&label.name) else {
            continue;
        };
        let color: Arc<str> = label.color.as_str().into();
        let known = place(&kinds, &name);
        match kinds.get_mut(known) {
            Some(_) if colored.get(known) == Some(&true) => {}
            Some(kind) => kind.color = color,
            None => add(&mut kinds, &name, None, Some(&color)),
        }
    }
    kinds
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
        let mut kinds = Kinds::of(&Schema::default(), Some(&model), editor.document());
        let names: Vec<_> = kinds.entity.iter().map(|kind| &*kind.name).collect();
        assert_eq!(names, ["Loc", "Pet"]);
        assert_eq!((kinds.entity("Pet"), kinds.entity("Sun")), (1, 2));
        let before = kinds.clone();
        Kinds::include(&mut kinds, editor.document());
        assert!(Rc::ptr_eq(&before, &kinds));
    }

    #[test]
    fn a_hosts_types_come_first_and_take_a_models_colours_where_they_have_none() {
        let label = |name: &str, color: &str| Label {
            name: name.into(),
            color: color.into(),
        };
        let model = ModelSummary {
            name: "news".into(),
            bytes: 1,
            entity_types: vec![
                label("Peop", "#111111"),
                label("Loc", "#222222"),
                label("Other", "#333333"),
            ],
            relation_types: vec![label("Kill", "#444444")],
            relation_threshold: 0.5,
        };
        let schema: Schema = serde_json::from_value(serde_json::json!({
            "entityTypes": [{"name": "Place", "color": "#abcdef"}, {"name": "Person", "title": "People"}],
            "mapping": {"entityTypes": {"Peop": "Person", "Loc": "Place"}}
        }))
        .unwrap();
        let kinds = Kinds::of(&schema, Some(&model), &Document::new(""));
        let shown: Vec<_> = (kinds.entity.iter().chain(&kinds.relation))
            .map(|kind| (&*kind.name, &*kind.title, &*kind.color))
            .collect();
        let expected = [
            ("Place", "Place", "#abcdef"),
            ("Person", "People", "#111111"),
            ("Kill", "Kill", "#444444"),
        ];
        assert_eq!(shown, expected);
    }
}
