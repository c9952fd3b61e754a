//! Text of files in messages.

use std::fmt::Write;

/// How many characters of a text a message shows.
const SHOWN: usize = 80;

/// A text on one line and not too long: combining marks and joiners as they are, what would disturb the line escaped.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::new();
    for (index, character) in text.chars().enumerate() {
        if index == SHOWN {
            shown.push('…');
            break;
        }
        let disturbs = matches!(character,
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if character.is_control() || disturbs {
            let _ = write!(shown, "{}", character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The same in quotation marks.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", shown(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_would_disturb_the_line_is_escaped_and_long_texts_are_shortened() {
        assert_eq!(
            quoted("Zu\u{308}rich 👩‍💻\n\0"),
            "\"Zu\u{308}rich 👩‍💻\\n\\u{0}\""
        );
        assert_eq!(shown(&"a".repeat(50_000)), format!("{}…", "a".repeat(80)));
    }
}
