//! Half-open spans whose unit is part of their type, and the map between units of one text.

use std::{fmt, marker::PhantomData};

use serde::{Deserialize, Serialize};

/// A unit in which positions are counted.
pub trait Unit: Copy + Eq + Ord + fmt::Debug + 'static {
    /// The unit's name in messages.
    const NAME: &'static str;
}

macro_rules! units {
    ($($(#[$doc:meta])* $unit:ident = $name:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $unit {}
        impl Unit for $unit {
            const NAME: &'static str = $name;
        }
    )*};
}

units! {
    /// Bytes of UTF-8: the unit used inside Spanarc.
    Byte = "byte";
    /// UTF-16 code units: JavaScript's unit.
    Utf16 = "UTF-16";
    /// Unicode code points: Python's unit.
    Char = "char";
    /// Tokens of a sentence.
    Token = "token";
}

/// A half-open range `start..end` counted in `U`. Spans of different units do not mix.
#[derive(Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Span<U> {
    /// First position inside.
    pub start: usize,
    /// First position after.
    pub end: usize,
    #[serde(skip)]
    unit: PhantomData<U>,
}

impl<U> Span<U> {
    /// The span `start..end`.
    pub const fn new(start: usize, end: usize) -> Self {
        Self {
            start,
            end,
            unit: PhantomData,
        }
    }

    /// Positions covered; 0 when `end <= start`.
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether nothing is covered.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// Whether the two spans share a position.
    pub const fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The span moved forward by `distance`.
    pub const fn shifted(self, distance: usize) -> Self {
        Self::new(self.start + distance, self.end + distance)
    }
}

impl<U> Clone for Span<U> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<U> Copy for Span<U> {}
impl<U> PartialEq for Span<U> {
    fn eq(&self, other: &Self) -> bool {
        (self.start, self.end) == (other.start, other.end)
    }
}
impl<U> Eq for Span<U> {}
impl<U> PartialOrd for Span<U> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<U> Ord for Span<U> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.start, self.end).cmp(&(other.start, other.end))
    }
}
impl<U> std::hash::Hash for Span<U> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (self.start, self.end).hash(state);
    }
}
impl<U: Unit> fmt::Debug for Span<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{} {}", self.start, self.end, U::NAME)
    }
}
