//! What was left out or changed by rule, in a line for each kind.

use std::collections::BTreeMap;

use spanarc_formats::{Note, Noted};

/// How many times each thing happened, with the first of them; `placed` says where that was.
pub(crate) fn summary(notes: &[Noted], placed: bool) -> Vec<String> {
    let mut kinds = BTreeMap::<Note, (usize, &Noted)>::new();
    for noted in notes {
        kinds.entry(noted.note).or_insert((0, noted)).0 += 1;
    }
    let lines = kinds.into_iter().map(|(note, (count, first))| {
        let (description, subject) = (note.description(), &first.subject);
        let such_as = if count == 1 { "" } else { "the first is " };
        if placed {
            format!(
                "{count} {description}: {such_as}{subject} ({})",
                first.place
            )
        } else {
            format!("{count} {description}: {such_as}{subject}")
        }
    });
    lines.collect()
}
