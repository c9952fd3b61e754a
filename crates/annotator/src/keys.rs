//! Keys of the text surface that mean more than a letter.

use web_sys::KeyboardEvent;

/// A step through the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HistoryKey {
    /// Back.
    Undo,
    /// Forth.
    Redo,
}

/// Ctrl or Cmd with Z, with Shift and Z, or with Y.
pub(crate) fn history_key(event: &KeyboardEvent) -> Option<HistoryKey> {
    let command = event.ctrl_key() != event.meta_key() && !event.alt_key();
    if !command {
        return None;
    }
    key_of(&event.key(), &event.code(), event.shift_key())
}

/// The key by what it writes; on layouts without Latin letters by where it is.
fn key_of(key: &str, code: &str, shift: bool) -> Option<HistoryKey> {
    let letter = if key.is_ascii() {
        key.to_ascii_lowercase()
    } else {
        code.trim_start_matches("Key").to_ascii_lowercase()
    };
    match (letter.as_str(), shift) {
        ("z", false) => Some(HistoryKey::Undo),
        ("z", true) | ("y", false) => Some(HistoryKey::Redo),
        _ => None,
    }
}

/// What a key writes that may label the selection: with Alt, or in a text that is read only.
pub(crate) fn label_key(event: &KeyboardEvent, read_only: bool) -> Option<String> {
    let plain = !event.ctrl_key() && !event.meta_key();
    let key = labelling(&event.key(), &event.code(), event.alt_key(), read_only)?;
    plain.then_some(key)
}

fn labelling(key: &str, code: &str, alt: bool, read_only: bool) -> Option<String> {
    // With Alt, some systems write another character: then the key counts by its place.
    let is_plain = key.len() == 1 && key.chars().all(|c| c.is_ascii_alphanumeric());
    let place = || (code.strip_prefix("Key")).or_else(|| code.strip_prefix("Digit"));
    let character = match alt && !is_plain {
        true => place().unwrap_or(key),
        false => key,
    };
    ((alt || read_only) && character.chars().count() == 1).then(|| character.to_owned())
}

/// Whether a key moves the caret: what is typed then is a step of its own.
pub(crate) fn moves_caret(key: &str) -> bool {
    key.starts_with("Arrow") || matches!(key, "Home" | "End" | "PageUp" | "PageDown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_keys_go_by_their_letter_and_on_other_alphabets_by_their_place() {
        assert_eq!(key_of("z", "KeyZ", false), Some(HistoryKey::Undo));
        assert_eq!(key_of("Z", "KeyZ", true), Some(HistoryKey::Redo));
        assert_eq!(key_of("y", "KeyY", false), Some(HistoryKey::Redo));
        // A German keyboard: Z is where others have Y.
        assert_eq!(key_of("z", "KeyY", false), Some(HistoryKey::Undo));
        assert_eq!(key_of("я", "KeyZ", false), Some(HistoryKey::Undo));
        assert_eq!(key_of("x", "KeyX", false), None);
    }

    #[test]
    fn keys_label_with_alt_and_alone_where_nothing_can_be_typed() {
        assert_eq!(labelling("p", "KeyP", false, false), None);
        assert_eq!(labelling("p", "KeyP", false, true), Some("p".into()));
        assert_eq!(labelling("π", "KeyP", true, false), Some("P".into()));
        assert_eq!(labelling("z", "KeyY", true, false), Some("z".into()));
        assert_eq!(labelling("¡", "Digit1", true, false), Some("1".into()));
        assert_eq!(labelling("Tab", "Tab", true, false), None);
    }

    #[test]
    fn keys_that_move_the_caret_are_known() {
        assert!(moves_caret("ArrowLeft") && moves_caret("End"));
        assert!(!moves_caret("a") && !moves_caret("Backspace"));
    }
}
