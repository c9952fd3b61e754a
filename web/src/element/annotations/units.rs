//! Offsets in the units that a host may count in.

use spanarc_document::{OffsetError, OffsetMap, Offsets};

use super::{Annotations, AnnotationsError};

impl Annotations {
    /// The same with offsets in UTF-16 code units. Errors name the entity at fault.
    pub(in super::super) fn in_utf16(mut self) -> Result<Self, AnnotationsError> {
        let unit = self.offsets.take().unwrap_or(Offsets::Utf16);
        if unit == Offsets::Utf16 {
            return Ok(self);
        }
        let map = OffsetMap::new(&self.text);
        let convert = |(start, end): &mut (usize, usize)| -> Result<(), OffsetError> {
            let span = unit.to_byte(&map, *start, *end)?;
            (*start, *end) = Offsets::Utf16.of_byte(&map, span)?;
            Ok(())
        };
        for (index, entity) in self.entities.iter_mut().enumerate() {
            let converted = match &mut entity.spans {
                Some(pieces) => pieces.iter_mut().try_for_each(convert),
                None => {
                    let mut whole = (entity.start, entity.end);
                    let converted = convert(&mut whole);
                    (entity.start, entity.end) = whole;
                    converted
                }
            };
            converted.map_err(|error| AnnotationsError::Entity {
                index,
                reason: error.to_string(),
            })?;
        }
        Ok(self)
    }
}
