//! What a person's step made of the annotations.

use serde::Serialize;
use spanarc_annotator::{Snapshot, Step};
use spanarc_document::{Document, Link, Mention};

use super::{
    annotations::{Entity, Relation},
    names::Names,
};

/// What came, what is another than before, and what went. An entity that only moved with the text is none of these.
#[derive(Debug, Serialize)]
pub(super) struct Changes {
    action: &'static str,
    created: Group,
    updated: Group,
    deleted: Group,
}

/// Annotations that shared a fate.
#[derive(Debug, Default, Serialize)]
struct Group {
    entities: Vec<Entity>,
    relations: Vec<Relation>,
}

impl Group {
    fn is_empty(&self) -> bool {
        self.entities.is_empty() && self.relations.is_empty()
    }
}

impl Changes {
    /// What `step` made of the annotations; nothing if nothing.
    pub(super) fn between(
        step: Step,
        before: &Snapshot,
        after: &Snapshot,
        names: &mut Names,
    ) -> Option<Self> {
        let (old, new) = (&before.document, &after.document);
        let mut changes = Self {
            action: step.name(),
            created: Group::default(),
            updated: Group::default(),
            deleted: Group::default(),
        };
        for mention in new.mentions() {
            let group = match old.mention(mention.id) {
                None => &mut changes.created,
                Some(was) if is_other(was, old, mention, new) => &mut changes.updated,
                Some(_) => continue,
            };
            group.entities.push(Entity::of(mention, after, names));
        }
        for link in new.links() {
            let group = match old.link(link.id) {
                None => &mut changes.created,
                Some(was) if was != link => &mut changes.updated,
                Some(_) => continue,
            };
            group.relations.push(Relation::of(link, names));
        }
        let gone = |mention: &&Mention| new.mention(mention.id).is_none();
        for mention in old.mentions().iter().filter(gone) {
            (changes.deleted.entities).push(Entity::of(mention, before, names));
        }
        let gone = |link: &&Link| new.link(link.id).is_none();
        for link in old.links().iter().filter(gone) {
            changes.deleted.relations.push(Relation::of(link, names));
        }
        let groups = [&changes.created, &changes.updated, &changes.deleted];
        let any = groups.into_iter().any(|group| !group.is_empty());
        any.then_some(changes)
    }
}

fn is_other(was: &Mention, old: &Document, is: &Mention, new: &Document) -> bool {
    let moved = was.spans != is.spans;
    (&was.kind, &was.origin, was.state) != (&is.kind, &is.origin, is.state)
        // Where the text was edited, its words say whether more than their place has changed.
        || moved && (old.text() == new.text() || !old.words(&was.spans).eq(new.words(&is.spans)))
}
