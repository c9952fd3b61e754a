//! What reading and writing left out or changed, counted, with the first places.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use spanarc_formats::{Note, Noted};

/// How many places of each kind are shown.
const SHOWN: usize = 5;

/// A line for each kind of note with its count, and lines for the first places.
pub(crate) fn write(out: &mut impl Write, notes: &[Noted]) -> io::Result<()> {
    let mut kinds = BTreeMap::<Note, Vec<&Noted>>::new();
    for noted in notes {
        kinds.entry(noted.note).or_default().push(noted);
    }
    for (note, places) in kinds {
        writeln!(out, "  {:7}  {}", places.len(), note.description())?;
        for noted in places.iter().take(SHOWN) {
            writeln!(out, "           {}: {}", noted.place, noted.subject)?;
        }
        if places.len() > SHOWN {
            writeln!(out, "           and {} more", places.len() - SHOWN)?;
        }
    }
    Ok(())
}
