//! Where annotations point to.

use serde_json::Value;
use spanarc_document::OffsetMap;

use crate::offsets::Offsets;

/// The items of a value that may be one or a list.
pub(super) fn list(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(items)) => items,
        Some(item) => std::slice::from_ref(item),
    }
}

/// A string of an object.
pub(super) fn string<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get(key)?.as_str()
}

/// A stretch of text by position, by quote or by both.
#[derive(Debug, Clone, Default)]
pub(super) struct Stretch<'a> {
    pub(super) position: Option<(usize, usize)>,
    pub(super) exact: Option<&'a str>,
    prefix: Option<&'a str>,
    suffix: Option<&'a str>,
}

impl<'a> Stretch<'a> {
    /// What the selectors of a target say; nothing where none of them is about text.
    pub(super) fn of_target(target: &'a Value) -> Option<Self> {
        let mut stretch = Self::default();
        for selector in list(target.get("selector")) {
            match string(selector, "type") {
                Some("TextPositionSelector") => {
                    let number = |key| usize::try_from(selector.get(key)?.as_u64()?).ok();
                    stretch.position = number("start").zip(number("end"));
                }
                Some("TextQuoteSelector") => {
                    stretch.exact = string(selector, "exact");
                    stretch.prefix = string(selector, "prefix");
                    stretch.suffix = string(selector, "suffix");
                }
                _ => {}
            }
        }
        (stretch.position.is_some() || stretch.exact.is_some()).then_some(stretch)
    }

    /// Whether the quote stands at the position, counted so; true where one of them is missing.
    pub(super) fn fits(&self, unit: Offsets, text: &str, map: &OffsetMap) -> bool {
        let (Some((start, end)), Some(exact)) = (self.position, self.exact) else {
            return true;
        };
        unit.to_byte(map, start, end).is_ok_and(|span| {
            let found = text[span.start..span.end].split_whitespace();
            found.eq(exact.split_whitespace())
        })
    }

    /// The position, else the one place where the quote stands with what is around it.
    pub(super) fn place(
        &self,
        unit: Offsets,
        text: &str,
        map: &OffsetMap,
    ) -> Result<(usize, usize), &'static str> {
        if let Some(position) = self.position {
            return Ok(position);
        }
        let exact = self.exact.filter(|exact| !exact.is_empty());
        let exact = exact.ok_or("neither a position nor a quote")?;
        let is_around = |&(start, _): &(usize, &str)| {
            let ends = |prefix: &str| text[..start].ends_with(prefix);
            let begins = |suffix: &str| text[start + exact.len()..].starts_with(suffix);
            self.prefix.is_none_or(ends) && self.suffix.is_none_or(begins)
        };
        let mut places = text.match_indices(exact).filter(is_around);
        match (places.next(), places.next()) {
            (Some((start, _)), None) => {
                let span = spanarc_document::Span::new(start, start + exact.len());
                // A place of the text.
                Ok(unit.of_byte(map, span).unwrap_or_default())
            }
            (Some(_), Some(_)) => Err("no position, and a quote that stands in several places"),
            (None, _) => Err("no position, and a quote that the text does not hold"),
        }
    }
}
