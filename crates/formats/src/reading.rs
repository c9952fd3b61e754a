//! What reading gives: documents, what was refused and why, what was left out by rule.

use crate::{
    annotated::Annotated,
    note::{Note, Noted},
    place::Place,
    read_error::{LineProblem, ReadError},
};

/// What was read so far, of one source or several. Readers go on after a fault, so that all of them are known.
#[derive(Debug, Default)]
pub struct Reading {
    /// The documents, in order.
    pub documents: Vec<Annotated>,
    /// What could not be read. A document with a faulty annotation is among the documents, without it.
    pub refused: Vec<ReadError>,
    /// What was left out or changed by rule.
    pub notes: Vec<Noted>,
}

impl Reading {
    /// Whether nothing was read, refused or noted.
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty() && self.refused.is_empty() && self.notes.is_empty()
    }

    pub(crate) fn refuse(&mut self, place: &Place, problem: impl Into<LineProblem>) {
        self.refused.push(place.refuse(problem));
    }

    /// Refuses what lies some lines below `place`. Columns on its first line are counted from where it begins.
    pub(crate) fn refuse_below(
        &mut self,
        place: &Place,
        (below, mut problem): (usize, LineProblem),
    ) {
        if let (0, Some(item), LineProblem::Json { column, .. }) =
            (below, &place.item, &mut problem)
            && *column > 0
        {
            *column += item.column;
        }
        self.refuse(&place.below(below), problem);
    }

    pub(crate) fn note(&mut self, note: Note, place: &Place, subject: impl Into<String>) {
        self.notes.push(Noted {
            note,
            place: place.clone(),
            subject: subject.into(),
        });
    }
}
