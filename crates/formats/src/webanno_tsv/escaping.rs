//! Escapes with `\`, and cells that hold several values.
//!
//! Text escapes the backslash and control characters, values also what has a meaning in cells. Reading takes both for one:
//! a backslash in front of a mark or a control character is dropped, which also reads files whose text escapes as values
//! do. `\u00e4` is in files up to version 3.1.

/// A stretch of text for `#Text=`, without line feeds.
pub(super) fn escape_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\u{c}' => escaped.push_str("\\f"),
            '\u{8}' => escaped.push_str("\\b"),
            '\0'..='\u{7}' | '\u{e}'..='\u{1f}' => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// A feature's value.
pub(super) fn escape_value(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    let mut characters = value.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            // INCEpTION writes it as it is and takes it for the end of the line.
            '\r' => escaped.push_str("\\r"),
            '-' if characters.peek() == Some(&'>') => escaped.push_str("\\-"),
            '\\' | '[' | ']' | '|' | '_' | ';' | '*' => escaped.extend(['\\', character]),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Text or a value without its escapes.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        rest = after;
        let Some(character) = after.chars().next() else {
            plain.push('\\');
            break;
        };
        let meant = match character {
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            'b' => '\u{8}',
            'u' => match code_point(after) {
                Some((character, length)) => {
                    plain.push(character);
                    rest = &after[length..];
                    continue;
                }
                None => {
                    plain.push('\\');
                    continue;
                }
            },
            _ if character.is_ascii_punctuation() || character.is_control() => character,
            _ => {
                plain.push('\\');
                continue;
            }
        };
        plain.push(meant);
        rest = &after[character.len_utf8()..];
    }
    plain.push_str(rest);
    plain
}

/// The character of `u00e4` or `ud83d\ude00` at the start, and how many bytes spell it.
fn code_point(text: &str) -> Option<(char, usize)> {
    let unit = |text: &str| u16::from_str_radix(text.strip_prefix('u')?.get(..4)?, 16).ok();
    let first = unit(text)?;
    let second = || unit(text.get(5..)?.strip_prefix('\\')?);
    match char::from_u32(first.into()) {
        Some(character) => Some((character, 5)),
        None => {
            let decoded = char::decode_utf16([first, second()?]).next()?;
            Some((decoded.ok()?, 11))
        }
    }
}

/// One of the values of a cell.
pub(super) struct Cell<'a> {
    /// The value, escaped.
    pub(super) value: &'a str,
    /// What stands in brackets behind it.
    pub(super) mark: Option<&'a str>,
}

impl<'a> Cell<'a> {
    /// The values of a cell; none where no annotation is.
    pub(super) fn all(cell: &'a str) -> Vec<Self> {
        if cell == "_" || cell.is_empty() {
            return Vec::new();
        }
        let mut cells = Vec::new();
        let (mut start, mut is_escaped) = (0, false);
        for (index, byte) in cell.bytes().enumerate() {
            if byte == b'|' && !is_escaped {
                cells.push(Self::new(&cell[start..index]));
                start = index + 1;
            }
            is_escaped = byte == b'\\' && !is_escaped;
        }
        cells.push(Self::new(&cell[start..]));
        cells
    }

    /// A mark is of digits, or of two numbers and `_`: brackets in values of careless writers are none.
    fn new(value: &'a str) -> Self {
        let inner = value
            .strip_suffix(']')
            .and_then(|value| value.rsplit_once('['));
        match inner {
            Some((value, mark)) if is_mark(mark) && !ends_in_escape(value) => {
                let mark = Some(mark);
                Self { value, mark }
            }
            _ => Self { value, mark: None },
        }
    }

    /// The value, unless there is none.
    pub(super) fn plain(&self) -> Option<String> {
        (self.value != "*").then(|| unescape(self.value))
    }
}

fn is_mark(mark: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match mark.split_once('_') {
        Some((source, target)) => is_number(source) && is_number(target),
        None => is_number(mark),
    }
}

fn ends_in_escape(value: &str) -> bool {
    (value.len() - value.trim_end_matches('\\').len()) % 2 == 1
}
