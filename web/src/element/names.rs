//! Identities as a host writes them: its own strings for the annotations that it gave, and ours for all others.

use std::{collections::HashMap, rc::Rc};

use spanarc_document::Id;

/// The names of a document's annotations. A name lasts as long as the document, whatever is undone.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: HashMap<Id, Rc<str>>,
    ids: HashMap<Rc<str>, Id>,
}

impl Names {
    /// Gives an annotation its name. Nothing if another one has it.
    pub(super) fn give(&mut self, id: Id, name: &str) -> Option<()> {
        if self.ids.contains_key(name) {
            return None;
        }
        let name: Rc<str> = name.into();
        self.ids.insert(name.clone(), id);
        self.names.insert(id, name);
        Some(())
    }

    /// The annotation of a name.
    pub(super) fn id(&self, name: &str) -> Option<Id> {
        self.ids.get(name).copied()
    }

    /// The name of an annotation, made where it has none yet.
    pub(super) fn of(&mut self, id: Id) -> Rc<str> {
        if let Some(name) = self.names.get(&id) {
            return name.clone();
        }
        let mut name = format!("s{id}");
        // A host may have used it.
        while self.give(id, &name).is_none() {
            name.push('_');
        }
        name.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ours_never_take_one_of_the_hosts() {
        let mut names = Names::default();
        assert_eq!(names.give(Id(0), "s7"), Some(()));
        assert_eq!(names.give(Id(1), "s7"), None);
        assert_eq!((&*names.of(Id(0)), &*names.of(Id(7))), ("s7", "s7_"));
        assert_eq!(names.id("s7_"), Some(Id(7)));
        assert_eq!(&*names.of(Id(7)), "s7_");
    }
}
