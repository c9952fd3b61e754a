//! Places in sources: errors and notes name them.

use std::{fmt, sync::Arc};

use serde_json::Value;

use crate::{
    json::identifier,
    quoting::shown,
    read_error::{LineProblem, ReadError},
};

/// A line of a source, and the item of a JSON array that begins there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Name of the source.
    pub source: Arc<str>,
    /// Line, from 1.
    pub line: usize,
    /// The item, where the source is an array: all of it may be one line.
    pub item: Option<Arc<ArrayItem>>,
}

/// An item of a JSON array.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ArrayItem {
    /// Index in the array.
    pub index: usize,
    /// Bytes in front of it on its line.
    pub column: usize,
    /// Its identifier, where it has one.
    pub id: Option<String>,
}

impl Place {
    /// The line `line` of `source`.
    pub fn new(source: &Arc<str>, line: usize) -> Self {
        Self {
            source: Arc::clone(source),
            line,
            item: None,
        }
    }

    /// The item `index` of an array, which begins behind `column` bytes of a line.
    pub(crate) fn of_item(source: &Arc<str>, line: usize, index: usize, column: usize) -> Self {
        let id = None;
        Self {
            item: Some(Arc::new(ArrayItem { index, column, id })),
            ..Self::new(source, line)
        }
    }

    /// What the document that begins here is called, by its own id or else by its number: of the item or of the line, from 1.
    /// With the place by that id.
    pub(crate) fn called(&self, id: Option<&Value>) -> (String, Self) {
        let Some(id) = id.map(identifier) else {
            let number = self.item.as_ref().map_or(self.line, |item| item.index + 1);
            return (number.to_string(), self.clone());
        };
        let mut place = self.clone();
        if let Some(item) = &mut place.item {
            Arc::make_mut(item).id = Some(id.clone());
        }
        (id, place)
    }

    /// A line further down in the same item.
    pub(crate) fn below(&self, lines: usize) -> Self {
        Self {
            line: self.line + lines,
            ..self.clone()
        }
    }

    /// A problem of this line as an error.
    pub fn refuse(&self, problem: impl Into<LineProblem>) -> ReadError {
        ReadError::Line {
            place: self.clone(),
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.source, self.line)?;
        let Some(item) = &self.item else {
            return Ok(());
        };
        write!(f, ", [{}]", item.index)?;
        match &item.id {
            Some(id) => write!(f, " (id {})", shown(id)),
            None => Ok(()),
        }
    }
}
