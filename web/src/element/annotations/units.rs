//! Offsets in the units that a host may count in.

use std::mem;

use serde::Deserialize;
use spanarc_document::{Byte, Char, OffsetError, OffsetMap, Span, TextUnit};

use super::{Annotations, AnnotationsError, Entity};

/// What offsets count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Offsets {
    /// UTF-16 code units.
    #[default]
    Utf16,
    /// Code points.
    Char,
    /// Bytes of UTF-8.
    Byte,
}

impl Annotations {
    /// The same with offsets in UTF-16 code units. Errors name the entity at fault.
    pub(in super::super) fn in_utf16(mut self) -> Result<Self, AnnotationsError> {
        match mem::take(&mut self.offsets) {
            Offsets::Utf16 => {}
            Offsets::Char => self.convert::<Char>()?,
            Offsets::Byte => self.convert::<Byte>()?,
        }
        Ok(self)
    }

    fn convert<U: TextUnit>(&mut self) -> Result<(), AnnotationsError> {
        let offsets = OffsetMap::new(&self.text);
        for (index, entity) in self.entities.iter_mut().enumerate() {
            let converted = entity.convert::<U>(&offsets);
            converted.map_err(|error| AnnotationsError::Entity {
                index,
                reason: error.to_string(),
            })?;
        }
        Ok(())
    }
}

impl Entity {
    fn convert<U: TextUnit>(&mut self, offsets: &OffsetMap) -> Result<(), OffsetError> {
        let utf16 = |(start, end)| {
            let span = offsets.to_utf16(Span::<U>::new(start, end))?;
            Ok((span.start, span.end))
        };
        match &mut self.spans {
            Some(pieces) => {
                for piece in pieces {
                    *piece = utf16(*piece)?;
                }
            }
            None => (self.start, self.end) = utf16((self.start, self.end))?,
        }
        Ok(())
    }
}
