//! What offsets of running text count.

use crate::{
    offsets::{OffsetError, OffsetMap},
    span::{Byte, Char, Span, Utf16},
};

/// What offsets of running text count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Offsets {
    /// UTF-16 code units, as JavaScript and Java count.
    Utf16,
    /// Unicode code points, as Python counts.
    #[default]
    Char,
    /// Bytes of UTF-8.
    Byte,
}

impl Offsets {
    /// All units, the commonest first.
    pub const ALL: [Self; 3] = [Self::Char, Self::Utf16, Self::Byte];

    /// The unit's name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Byte => "byte",
            Self::Utf16 => "UTF-16 unit",
            Self::Char => "code point",
        }
    }

    /// A span counted in this unit in bytes. Errors where it is not one of the text's.
    pub fn to_byte(
        self,
        map: &OffsetMap,
        start: usize,
        end: usize,
    ) -> Result<Span<Byte>, OffsetError> {
        match self {
            Self::Byte => map.to_byte(Span::<Byte>::new(start, end)),
            Self::Utf16 => map.to_byte(Span::<Utf16>::new(start, end)),
            Self::Char => map.to_byte(Span::<Char>::new(start, end)),
        }
    }

    /// A span of the text, counted in this unit. Errors where it is not one of the text's.
    pub fn of_byte(self, map: &OffsetMap, span: Span<Byte>) -> Result<(usize, usize), OffsetError> {
        Ok(match self {
            Self::Byte => (span.start, span.end),
            Self::Utf16 => map.to_utf16(span).map(|span| (span.start, span.end))?,
            Self::Char => map.to_char(span).map(|span| (span.start, span.end))?,
        })
    }
}
