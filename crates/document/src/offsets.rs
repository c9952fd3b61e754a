//! The map between byte, UTF-16 and code-point positions of one text.

use crate::span::{Byte, Char, Span, Unit, Utf16};

/// A position that is not one of the text's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OffsetError {
    /// After the end of the text.
    #[error("{unit} position {position} is out of range in a text of length {len}")]
    OutOfRange {
        /// Name of the unit.
        unit: &'static str,
        /// The position.
        position: usize,
        /// Length of the text in the same unit.
        len: usize,
    },
    /// Between the bytes of a character or the halves of a surrogate pair.
    #[error("{unit} position {position} lies inside a character")]
    InsideCharacter {
        /// Name of the unit.
        unit: &'static str,
        /// The position.
        position: usize,
    },
    /// A span whose end comes before its start.
    #[error("{unit} span {start}..{end} ends before it starts")]
    Reversed {
        /// Name of the unit.
        unit: &'static str,
        /// Start of the span.
        start: usize,
        /// End of the span.
        end: usize,
    },
}

/// One place of the text in all three units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Position {
    byte: usize,
    utf16: usize,
    char: usize,
}

impl Position {
    const fn after(self, bytes: usize, utf16: usize, chars: usize) -> Self {
        Self {
            byte: self.byte + bytes,
            utf16: self.utf16 + utf16,
            char: self.char + chars,
        }
    }
}

/// Length of `text` in UTF-16 code units.
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

mod sealed {
    pub trait Sealed {}
}

/// A unit in which positions of a text are counted: bytes, UTF-16 code units or code points.
pub trait TextUnit: Unit + sealed::Sealed {
    /// The coordinate of a position in this unit.
    fn of(position: Position) -> usize;
}

macro_rules! text_units {
    ($($unit:ident: $field:ident),*) => {$(
        impl sealed::Sealed for $unit {}
        impl TextUnit for $unit {
            fn of(position: Position) -> usize {
                position.$field
            }
        }
    )*};
}

text_units!(Byte: byte, Utf16: utf16, Char: char);

/// A character of more than one byte: between two of them all three units advance alike.
#[derive(Debug, Clone, Copy)]
struct Wide {
    start: Position,
    bytes: u8,
}

impl Wide {
    fn end(self) -> Position {
        // Four bytes of UTF-8 are exactly the characters outside the basic plane, which take a surrogate pair.
        self.start
            .after(self.bytes.into(), if self.bytes == 4 { 2 } else { 1 }, 1)
    }
}

/// Converts spans of one text between units: built in linear time, a binary search over the text's non-ASCII
/// characters a position, no memory for ASCII.
#[derive(Debug, Clone)]
pub struct OffsetMap {
    wide: Vec<Wide>,
    end: Position,
}

impl OffsetMap {
    /// The map of a text.
    pub fn new(text: &str) -> Self {
        let mut wide = Vec::new();
        let mut last = Position::default();
        for (byte, character) in text
            .char_indices()
            .filter(|(_, character)| !character.is_ascii())
        {
            let ascii = byte - last.byte;
            let bytes = character.len_utf8() as u8;
            let character = Wide {
                start: last.after(ascii, ascii, ascii),
                bytes,
            };
            last = character.end();
            wide.push(character);
        }
        let ascii = text.len() - last.byte;
        Self {
            wide,
            end: last.after(ascii, ascii, ascii),
        }
    }

    /// Length of the text.
    pub fn length<U: TextUnit>(&self) -> usize {
        U::of(self.end)
    }

    /// A span in UTF-16 code units.
    pub fn to_utf16<U: TextUnit>(&self, span: Span<U>) -> Result<Span<Utf16>, OffsetError> {
        self.convert(span)
    }

    /// A span in code points.
    pub fn to_char<U: TextUnit>(&self, span: Span<U>) -> Result<Span<Char>, OffsetError> {
        self.convert(span)
    }

    /// A span in bytes.
    pub fn to_byte<U: TextUnit>(&self, span: Span<U>) -> Result<Span<Byte>, OffsetError> {
        self.convert(span)
    }

    /// A span in any unit of the text. Errors where an end of it is not between two characters of the text.
    pub fn convert<U: TextUnit, V: TextUnit>(&self, span: Span<U>) -> Result<Span<V>, OffsetError> {
        if span.end < span.start {
            return Err(OffsetError::Reversed {
                unit: U::NAME,
                start: span.start,
                end: span.end,
            });
        }
        let (start, end) = (
            self.position::<U>(span.start)?,
            self.position::<U>(span.end)?,
        );
        Ok(Span::new(V::of(start), V::of(end)))
    }

    fn position<U: TextUnit>(&self, position: usize) -> Result<Position, OffsetError> {
        let unit = U::NAME;
        if position > self.length::<U>() {
            return Err(OffsetError::OutOfRange {
                unit,
                position,
                len: self.length::<U>(),
            });
        }
        let next = self
            .wide
            .partition_point(|wide| U::of(wide.end()) <= position);
        if self
            .wide
            .get(next)
            .is_some_and(|wide| U::of(wide.start) < position)
        {
            return Err(OffsetError::InsideCharacter { unit, position });
        }
        let last = next
            .checked_sub(1)
            .map_or(Position::default(), |index| self.wide[index].end());
        let ascii = position - U::of(last);
        Ok(last.after(ascii, ascii, ascii))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MIXED: &str = "Zoë\r\nsaid 👍🏽 to e\u{301}mile";

    fn bytes(start: usize, end: usize) -> Span<Byte> {
        Span::new(start, end)
    }

    #[test]
    fn accents_astral_characters_and_combining_marks_are_counted_in_each_unit() {
        let map = OffsetMap::new(MIXED);
        let thumb = MIXED.find('👍').unwrap();
        assert_eq!(thumb, 11);
        assert_eq!(map.to_utf16(bytes(thumb, thumb + 8)), Ok(Span::new(10, 14)));
        assert_eq!(map.to_char(bytes(thumb, thumb + 8)), Ok(Span::new(10, 12)));
        let name = bytes(MIXED.find("e\u{301}").unwrap(), MIXED.len());
        assert_eq!(map.to_char(name), Ok(Span::new(16, 22)));
        assert_eq!(map.to_utf16(name), Ok(Span::new(18, 24)));
        assert_eq!(map.to_byte(Span::<Char>::new(16, 22)), Ok(name));
        assert_eq!(map.to_utf16(Span::<Char>::new(3, 5)), Ok(Span::new(3, 5)));
        assert_eq!(
            (
                map.length::<Byte>(),
                map.length::<Utf16>(),
                map.length::<Char>()
            ),
            (30, 24, 22)
        );
    }

    #[test]
    fn an_empty_text_has_one_position() {
        let map = OffsetMap::new("");
        assert_eq!(map.to_char(bytes(0, 0)), Ok(Span::new(0, 0)));
        let error = map.to_char(bytes(0, 1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "byte position 1 is out of range in a text of length 0"
        );
    }

    #[test]
    fn positions_inside_a_character_are_errors() {
        let map = OffsetMap::new("a😀");
        let inside = |unit, position| OffsetError::InsideCharacter { unit, position };
        for byte in 2..5 {
            assert_eq!(map.to_char(bytes(1, byte)), Err(inside("byte", byte)));
        }
        assert_eq!(
            map.to_byte(Span::<Utf16>::new(2, 3)),
            Err(inside("UTF-16", 2))
        );
        assert_eq!(map.to_byte(Span::<Utf16>::new(1, 3)), Ok(bytes(1, 5)));
    }

    #[test]
    fn a_reversed_span_is_an_error() {
        let error = OffsetMap::new("abc").to_char(bytes(2, 1)).unwrap_err();
        assert_eq!(
            error,
            OffsetError::Reversed {
                unit: "byte",
                start: 2,
                end: 1
            }
        );
    }

    proptest! {
        #[test]
        fn conversion_agrees_with_counting_and_comes_back(
            text in "([a-z ]|\r\n|é|e\u{301}|你|😀|\u{feff}|\\PC){0,40}",
        ) {
            let map = OffsetMap::new(&text);
            let boundaries = text.char_indices().map(|(byte, _)| byte).chain([text.len()]);
            for (chars, byte) in boundaries.enumerate() {
                let span = bytes(0, byte);
                let units = text[..byte].encode_utf16().count();
                prop_assert_eq!(map.to_char(span), Ok(Span::new(0, chars)));
                prop_assert_eq!(map.to_utf16(span), Ok(Span::new(0, units)));
                prop_assert_eq!(map.to_byte(Span::<Char>::new(0, chars)), Ok(span));
                prop_assert_eq!(map.to_byte(Span::<Utf16>::new(0, units)), Ok(span));
            }
            for byte in (0..text.len()).filter(|&byte| !text.is_char_boundary(byte)) {
                prop_assert!(map.to_char(bytes(byte, text.len())).is_err());
            }
            prop_assert!(map.to_utf16(bytes(0, text.len() + 1)).is_err());
        }
    }
}
