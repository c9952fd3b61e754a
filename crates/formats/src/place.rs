//! Places in sources: errors and notes name them.

use std::{fmt, sync::Arc};

use crate::read_error::{LineProblem, ReadError};

/// A line of a source.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// Name of the source.
    pub source: Arc<str>,
    /// Line, from 1.
    pub line: usize,
}

impl Place {
    /// The line `line` of `source`.
    pub fn new(source: &Arc<str>, line: usize) -> Self {
        Self {
            source: Arc::clone(source),
            line,
        }
    }

    /// A problem of this line as an error.
    pub fn refuse(&self, problem: impl Into<LineProblem>) -> ReadError {
        ReadError::Line {
            name: self.source.to_string(),
            line: self.line,
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.source, self.line)
    }
}
