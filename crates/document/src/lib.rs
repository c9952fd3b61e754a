//! Positions in a text: spans whose unit is part of their type, and the map between units.

pub mod offsets;
pub mod span;

pub use offsets::{OffsetError, OffsetMap, TextUnit};
pub use span::{Byte, Char, Span, Token, Unit, Utf16};
