//! Where annotations point to.

use serde_json::Value;
use spanarc_document::OffsetMap;

use crate::{Offsets, quoting::shown};

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
    /// A position by RFC 5147, in code points.
    characters: Option<(usize, usize)>,
    /// What is wrong with the position.
    fault: Option<String>,
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
                Some("TextPositionSelector") => match position(selector) {
                    Ok(position) => stretch.position = Some(position),
                    Err(fault) => stretch.fault = Some(fault),
                },
                Some("TextQuoteSelector") => {
                    stretch.exact = string(selector, "exact");
                    stretch.prefix = string(selector, "prefix");
                    stretch.suffix = string(selector, "suffix");
                }
                Some("FragmentSelector") => {
                    let value = string(selector, "value");
                    match value
                        .and_then(|value| value.strip_prefix("char="))
                        .map(characters)
                    {
                        Some(Ok(range)) => stretch.characters = Some(range),
                        Some(Err(fault)) => stretch.fault = Some(fault),
                        None => {}
                    }
                }
                _ => {}
            }
        }
        let is_placed = stretch.position.or(stretch.characters).is_some();
        (is_placed || stretch.fault.is_some() || stretch.exact.is_some()).then_some(stretch)
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
    ) -> Result<(usize, usize), String> {
        if let Some(position) = self.position {
            return Ok(position);
        }
        if let Some((start, end)) = self.characters {
            let span = Offsets::Char.to_byte(map, start, end);
            let place = span.and_then(|span| unit.of_byte(map, span));
            return place.map_err(|error| error.to_string());
        }
        let quoted = self.quoted_place(unit, text, map);
        quoted.map_err(|problem| self.fault.clone().unwrap_or_else(|| problem.to_owned()))
    }

    fn quoted_place(
        &self,
        unit: Offsets,
        text: &str,
        map: &OffsetMap,
    ) -> Result<(usize, usize), &'static str> {
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

/// The ends of a position, whole numbers that may be written with a fraction of zero.
fn position(selector: &Value) -> Result<(usize, usize), String> {
    let end = |key: &str| {
        let value = selector.get(key);
        let whole = value.and_then(Value::as_f64);
        let whole = whole.filter(|number| *number >= 0.0 && number.fract() == 0.0);
        // One that is too large is beyond any text.
        whole.map(|number| number as usize).ok_or_else(|| {
            let found = value.map(|value| format!(", not {}", shown(&value.to_string())));
            let found = found.unwrap_or_default();
            format!("expected a whole number from 0 as the position's {key}{found}")
        })
    };
    Ok((end("start")?, end("end")?))
}

/// The ends of a range of characters by RFC 5147, behind which there may be checks of the text.
fn characters(fragment: &str) -> Result<(usize, usize), String> {
    let range = fragment.split(';').next().unwrap_or_default();
    let ends = range.split_once(',');
    let ends = ends.and_then(|(start, end)| Some((start.parse().ok()?, end.parse().ok()?)));
    ends.ok_or_else(|| {
        format!(
            "expected two whole numbers behind `char=`, not {}",
            shown(fragment)
        )
    })
}
