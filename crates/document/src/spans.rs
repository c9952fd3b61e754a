//! The places of one mention: one or more spans in text order.

use std::{cmp::Ordering, hash::Hash, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{Edit, span::Byte, span::Span};

/// One or more non-empty spans in text order, none overlapping another. They may touch.
///
/// A mention of two or more pieces is discontinuous: "New … Orleans". Cloning never copies the pieces.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Vec<Span<Byte>>", into = "Vec<Span<Byte>>")]
pub struct Spans(Pieces);

#[derive(Clone)]
enum Pieces {
    /// Almost every mention: no allocation.
    One([Span<Byte>; 1]),
    /// Two or more.
    Many(Arc<[Span<Byte>]>),
}

/// A list of spans that cannot be the places of a mention.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SpansError {
    /// No span at all.
    #[error("a mention needs at least one span")]
    None,
    /// A span that covers nothing.
    #[error("span {0:?} is empty")]
    Empty(Span<Byte>),
    /// A span that starts before the end of the one in front of it.
    #[error("span {next:?} starts before the end of {previous:?}")]
    Disordered {
        /// The span in front.
        previous: Span<Byte>,
        /// The span that starts too early.
        next: Span<Byte>,
    },
}

impl Spans {
    /// The single span `span`. Errors when it is empty.
    pub fn one(span: Span<Byte>) -> Result<Self, SpansError> {
        if span.is_empty() {
            return Err(SpansError::Empty(span));
        }
        Ok(Self(Pieces::One([span])))
    }

    /// Several spans. Errors unless there is at least one and they are non-empty, in text order and disjoint.
    pub fn new(spans: &[Span<Byte>]) -> Result<Self, SpansError> {
        if let Some(&empty) = spans.iter().find(|span| span.is_empty()) {
            return Err(SpansError::Empty(empty));
        }
        if let Some(pair) = spans.windows(2).find(|pair| pair[1].start < pair[0].end) {
            return Err(SpansError::Disordered {
                previous: pair[0],
                next: pair[1],
            });
        }
        match spans {
            [] => Err(SpansError::None),
            &[span] => Ok(Self(Pieces::One([span]))),
            _ => Ok(Self(Pieces::Many(spans.into()))),
        }
    }

    /// The pieces in text order; never empty.
    pub fn as_slice(&self) -> &[Span<Byte>] {
        match &self.0 {
            Pieces::One(span) => span,
            Pieces::Many(spans) => spans,
        }
    }

    /// The pieces in text order.
    pub fn iter(&self) -> impl Iterator<Item = Span<Byte>> + '_ {
        self.as_slice().iter().copied()
    }

    /// The stretch of text from the first piece's start to the last piece's end.
    pub fn extent(&self) -> Span<Byte> {
        let pieces = self.as_slice();
        Span::new(pieces[0].start, pieces[pieces.len() - 1].end)
    }

    /// Whether a piece shares a byte with `span`.
    pub fn overlap(&self, span: Span<Byte>) -> bool {
        self.iter().any(|piece| piece.overlaps(span))
    }

    /// Each piece mapped by [`Edit::stretch`]; nothing when the edit cuts one.
    pub(crate) fn stretched(&self, edit: Edit) -> Option<Self> {
        Some(Self(match &self.0 {
            Pieces::One([span]) => Pieces::One([edit.stretch(*span)?]),
            Pieces::Many(spans) => {
                let spans: Option<Vec<_>> = spans.iter().map(|&span| edit.stretch(span)).collect();
                Pieces::Many(spans?.into())
            }
        }))
    }
}

impl TryFrom<Vec<Span<Byte>>> for Spans {
    type Error = SpansError;

    fn try_from(spans: Vec<Span<Byte>>) -> Result<Self, SpansError> {
        Self::new(&spans)
    }
}

impl TryFrom<Span<Byte>> for Spans {
    type Error = SpansError;

    fn try_from(span: Span<Byte>) -> Result<Self, SpansError> {
        Self::one(span)
    }
}

impl From<Spans> for Vec<Span<Byte>> {
    fn from(spans: Spans) -> Self {
        spans.as_slice().to_vec()
    }
}

impl std::fmt::Debug for Spans {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_slice().fmt(f)
    }
}

impl PartialEq for Spans {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}
impl Eq for Spans {}
impl PartialOrd for Spans {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Spans {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_slice().cmp(other.as_slice())
    }
}
impl Hash for Spans {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_in_order_disjoint_and_not_empty() {
        let span = Span::new;
        assert_eq!(Spans::new(&[]), Err(SpansError::None));
        assert_eq!(Spans::one(span(3, 3)), Err(SpansError::Empty(span(3, 3))));
        assert_eq!(
            Spans::new(&[span(0, 2), span(3, 2)]),
            Err(SpansError::Empty(span(3, 2)))
        );
        let error = Spans::new(&[span(0, 3), span(2, 4)]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "span 2..4 byte starts before the end of 0..3 byte"
        );
        let touching = Spans::new(&[span(0, 3), span(3, 4)]).unwrap();
        assert_eq!(touching.extent(), span(0, 4));
    }

    #[test]
    fn a_gap_between_pieces_overlaps_nothing() {
        let spans = Spans::new(&[Span::new(0, 3), Span::new(6, 9)]).unwrap();
        assert!(!spans.overlap(Span::new(3, 6)));
        assert!(spans.overlap(Span::new(3, 7)));
    }

    #[test]
    fn spans_that_come_from_outside_are_checked() {
        let read = serde_json::from_str::<Spans>;
        let spans = read(r#"[{"start":0,"end":3},{"start":6,"end":9}]"#).unwrap();
        assert_eq!(spans.extent(), Span::new(0, 9));
        assert!(read(r#"[{"start":6,"end":9},{"start":0,"end":3}]"#).is_err());
    }
}
