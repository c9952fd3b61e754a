//! What a person's step made of the annotations.

use serde::Serialize;
use spanarc_annotator::{Snapshot, Step};
use spanarc_document::{Document, Id, Link, Mention};

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
        for mention in new.mentions().iter().filter(|it| !it.is_withdrawn()) {
            let group = match present_mention(old, mention.id) {
                None => &mut changes.created,
                Some(was) if is_other(was, old, mention, new) => &mut changes.updated,
                Some(_) => continue,
            };
            group.entities.push(Entity::of(mention, after, names));
        }
        for link in new.links().iter().filter(|link| new.has_present_ends(link)) {
            let group = match present_link(old, link.id) {
                None => &mut changes.created,
                Some(was) if was != link => &mut changes.updated,
                Some(_) => continue,
            };
            group.relations.push(Relation::of(link, names));
        }
        let gone = |mention: &&Mention| {
            !mention.is_withdrawn() && present_mention(new, mention.id).is_none()
        };
        for mention in old.mentions().iter().filter(gone) {
            (changes.deleted.entities).push(Entity::of(mention, before, names));
        }
        let gone =
            |link: &&Link| old.has_present_ends(link) && present_link(new, link.id).is_none();
        for link in old.links().iter().filter(gone) {
            changes.deleted.relations.push(Relation::of(link, names));
        }
        let groups = [&changes.created, &changes.updated, &changes.deleted];
        let any = groups.into_iter().any(|group| !group.is_empty());
        any.then_some(changes)
    }
}

/// The mention, unless no model suggests it any more: hosts know nothing of it then.
fn present_mention(document: &Document, id: Id) -> Option<&Mention> {
    document
        .mention(id)
        .filter(|mention| !mention.is_withdrawn())
}

fn present_link(document: &Document, id: Id) -> Option<&Link> {
    document
        .link(id)
        .filter(|link| document.has_present_ends(link))
}

fn is_other(was: &Mention, old: &Document, is: &Mention, new: &Document) -> bool {
    let moved = was.spans != is.spans;
    (&was.kind, &was.origin, was.state) != (&is.kind, &is.origin, is.state)
        // Where the text was edited, its words say whether more than their place has changed.
        || moved && (old.text() == new.text() || !old.words(&was.spans).eq(new.words(&is.spans)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use spanarc_annotator::Handle;
    use spanarc_document::{Command, Id, Span, Spans};

    use super::*;

    fn after(document: &Document, command: &Command) -> Document {
        let mut document = document.clone();
        let changes = document.changes_for(command).unwrap();
        document.apply_all(changes).unwrap();
        document
    }

    fn document() -> Document {
        let people = [(0, 3), (8, 10)].map(|(start, end)| Command::AddMention {
            kind: "Person".into(),
            spans: Spans::one(Span::new(start, end)).unwrap(),
        });
        (people.iter()).fold(Document::new("Ann met Bo."), |document, add| {
            after(&document, add)
        })
    }

    /// Identities of what `commands` created, updated and deleted; nothing when there is nothing to tell.
    fn changed(commands: &[Command]) -> Option<[Value; 3]> {
        let old = document();
        let new = commands
            .iter()
            .fold(old.clone(), |document, command| after(&document, command));
        let [before, after] = [old, new].map(|document| Handle::new(document).snapshot());
        let changes = Changes::between(Step::Command, &before, &after, &mut Names::default())?;
        let changes = serde_json::to_value(changes).unwrap();
        let ids = |group: &str| {
            let group = &changes[group];
            let all = ["entities", "relations"].map(|sort| group[sort].as_array().unwrap().clone());
            all.concat().iter().map(|it| it["id"].clone()).collect()
        };
        Some(["created", "updated", "deleted"].map(ids))
    }

    fn replace(start: usize, end: usize, with: &str) -> Command {
        Command::ReplaceText {
            span: Span::new(start, end),
            with: with.into(),
        }
    }

    #[test]
    fn what_only_moves_with_the_text_is_no_change_and_what_gets_other_words_is() {
        assert_eq!(changed(&[replace(0, 0, "So ")]), None);
        let other_words = Some([json!([]), json!(["s0"]), json!([])]);
        assert_eq!(changed(&[replace(1, 2, "nn")]), other_words);
        let gone = Some([json!([]), json!([]), json!(["s1"])]);
        assert_eq!(changed(&[replace(8, 10, "")]), gone);
    }

    #[test]
    fn relations_are_told_beside_entities() {
        let add = Command::AddLink {
            kind: "met".into(),
            head: Id(0),
            tail: Id(1),
        };
        let created = Some([json!(["s2"]), json!([]), json!([])]);
        assert_eq!(changed(std::slice::from_ref(&add)), created);
        let gone = Some([json!([]), json!([]), json!(["s0"])]);
        assert_eq!(changed(&[add, Command::RemoveMention(Id(0))]), gone);
    }
}
