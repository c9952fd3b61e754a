//! The model's colours made fit for the page: a tint to lay under text and an ink to write labels with, in both themes; and
//! lines that tell types apart where the system allows no colours.

use std::fmt::Write;

use crate::kinds::{Kind, Kinds};

/// Contrast that small text needs against its background (WCAG 2.2, level AA), with a little to spare.
const CONTRAST: f64 = 4.6;

const BLACK: Rgb = Rgb(0.0, 0.0, 0.0);
const WHITE: Rgb = Rgb(255.0, 255.0, 255.0);

/// What tints are mixed with and inks must stand out from; as in `styles/tokens.css`.
const LIGHT_SHEET: Rgb = Rgb(255.0, 255.0, 255.0);
const DARK_SHEET: Rgb = Rgb(29.0, 32.0, 38.0);

/// An sRGB colour, channels in 0..=255.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rgb(f64, f64, f64);

impl Rgb {
    /// Reads `#rrggbb`; a middle grey for anything else, since a bundle may come from anywhere.
    fn parse(hex: &str) -> Self {
        let channel = |at: usize| {
            let digits = hex.strip_prefix('#')?.get(at..at + 2)?;
            u8::from_str_radix(digits, 16).ok().map(f64::from)
        };
        match (hex.len(), channel(0), channel(2), channel(4)) {
            (7, Some(r), Some(g), Some(b)) => Self(r, g, b),
            _ => Self(128.0, 128.0, 128.0),
        }
    }

    fn mix(self, other: Self, share: f64) -> Self {
        let mix = |a: f64, b: f64| a + (b - a) * share;
        Self(
            mix(self.0, other.0),
            mix(self.1, other.1),
            mix(self.2, other.2),
        )
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(self) -> f64 {
        let linear = |v: f64| {
            let v = v / 255.0;
            if v <= 0.04045 {
                v / 12.92
            } else {
                ((v + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// The colour, moved towards `pole` no further than it takes to stand out from every one of `grounds`.
    fn readable_on(self, grounds: &[Self], pole: Self) -> Self {
        (0..=20)
            .map(|step| self.mix(pole, f64::from(step) / 20.0))
            .find(|ink| {
                grounds
                    .iter()
                    .all(|ground| ink.contrast(*ground) >= CONTRAST)
            })
            .unwrap_or(pole)
    }

    fn hex(self) -> String {
        let byte = |v: f64| v.round().clamp(0.0, 255.0) as u8;
        format!(
            "#{:02x}{:02x}{:02x}",
            byte(self.0),
            byte(self.1),
            byte(self.2)
        )
    }
}

/// The shades of one colour on one sheet.
struct Shades {
    tint: Rgb,
    edge: Rgb,
    ink: Rgb,
}

impl Shades {
    fn light(color: Rgb) -> Self {
        let tint = LIGHT_SHEET.mix(color, 0.20);
        Self {
            tint,
            edge: color.mix(BLACK, 0.05),
            ink: color.readable_on(&[LIGHT_SHEET, tint], BLACK),
        }
    }

    fn dark(color: Rgb) -> Self {
        let tint = DARK_SHEET.mix(color, 0.26);
        Self {
            tint,
            edge: color.mix(WHITE, 0.12),
            ink: color.readable_on(&[DARK_SHEET, tint], WHITE),
        }
    }
}

/// How lines look in forced colours, as a border style and as the same in dashes of SVG.
const LINES: [(&str, &str); 3] = [("solid", "none"), ("dashed", "6 3"), ("dotted", "1.5 2.5")];

/// A style sheet that gives the classes `entity-0`, `entity-1`, ... and `relation-0`, ... their `--type-tint`, `--type-edge`,
/// `--type-ink` and, for forced colours, `--type-line`, `--type-dash`, `--type-width`.
pub(crate) fn style_sheet(kinds: &Kinds) -> String {
    let mut css = String::new();
    for (class, labels) in [("entity", &kinds.entity), ("relation", &kinds.relation)] {
        for (index, Kind { color, .. }) in labels.iter().enumerate() {
            let color = Rgb::parse(color);
            let (light, dark) = (Shades::light(color), Shades::dark(color));
            let both = |a: Rgb, b: Rgb| format!("light-dark({},{})", a.hex(), b.hex());
            let (line, dash) = LINES[index % LINES.len()];
            let width = index / LINES.len() % 2 + 1;
            let _ = writeln!(
                css,
                ".{class}-{index}{{--type-tint:{};--type-edge:{};--type-ink:{};\
                 --type-line:{line};--type-dash:{dash};--type-width:{width}px}}",
                both(light.tint, dark.tint),
                both(light.edge, dark.edge),
                both(light.ink, dark.ink),
            );
        }
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_of_black_on_white_is_21() {
        assert!((BLACK.contrast(WHITE) - 21.0).abs() < 1e-9);
    }

    #[test]
    fn every_ink_is_readable_on_sheet_and_tint_in_both_themes() {
        for color in [
            "#ffff00", "#0000ff", "#ff0000", "#00ff00", "#000000", "#ffffff", "#7f7f7f", "#4e9af1",
        ] {
            let color = Rgb::parse(color);
            for (shades, sheet) in [
                (Shades::light(color), LIGHT_SHEET),
                (Shades::dark(color), DARK_SHEET),
            ] {
                for ground in [sheet, shades.tint] {
                    assert!(
                        shades.ink.contrast(ground) >= 4.5,
                        "{color:?} on {ground:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_colour_that_is_readable_already_stays_as_it_is() {
        let navy = Rgb::parse("#102a6b");
        assert_eq!(navy.readable_on(&[WHITE], BLACK), navy);
    }

    #[test]
    fn what_is_no_colour_becomes_grey() {
        for text in ["", "#12", "red", "#gggggg", "#1234567", "#12é45"] {
            assert_eq!(Rgb::parse(text).hex(), "#808080", "{text}");
        }
    }
}
