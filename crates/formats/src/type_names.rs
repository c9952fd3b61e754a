//! Types under names that a format can hold.

use std::collections::BTreeMap;

use spanarc_document::Id;

use crate::{note::Note, quoting::quoted, writing::Notes};

/// The names under which the types of a document's mentions, or of its relations, are written.
pub(crate) struct TypeNames<'a>(BTreeMap<&'a str, TypeName<'a>>);

struct TypeName<'a> {
    written: String,
    /// Another type that is written so.
    twin: Option<&'a str>,
}

impl<'a> TypeNames<'a> {
    pub(crate) fn new(
        kinds: impl Iterator<Item = &'a str>,
        written: impl Fn(&str) -> String,
    ) -> Self {
        let mut names: BTreeMap<&str, TypeName<'_>> = kinds
            .map(|kind| {
                let (written, twin) = (written(kind), None);
                (kind, TypeName { written, twin })
            })
            .collect();
        let mut by_written: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (kind, name) in &names {
            by_written.entry(&name.written).or_default().push(kind);
        }
        let twins: Vec<_> = (by_written.values())
            .filter(|kinds| kinds.len() > 1)
            .flat_map(|kinds| {
                let twin = |&kind: &&'a str| kinds.iter().copied().find(|other| *other != kind);
                kinds.iter().map(move |kind| (*kind, twin(kind)))
            })
            .collect();
        for (kind, twin) in twins {
            if let Some(name) = names.get_mut(kind) {
                name.twin = twin;
            }
        }
        Self(names)
    }

    /// The name of the type of an annotation, which messages call `subject`; noted where it is not the type itself.
    pub(crate) fn write(&self, kind: &str, id: Id, subject: &str, notes: &mut Notes<'_>) -> &str {
        let Some(TypeName { written, twin }) = self.0.get(kind) else {
            return "";
        };
        if written != kind {
            let same = twin.map_or_else(String::new, |twin| {
                format!(", and so is the type {}", quoted(twin))
            });
            let subject = format!("the type of {subject} is written {written}{same}");
            notes.add(Note::TextChanged, id, subject);
        }
        written
    }
}
