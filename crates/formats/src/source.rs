//! Bytes of a source as text: lines, whole files, and what is no UTF-8.

use std::{io::BufRead, sync::Arc};

use crate::{
    lines::Lines,
    place::Place,
    read_error::{LineProblem, ReadError},
    reading::Reading,
};

/// Refuses a source that is no text or in another encoding, once; whether it did.
pub(crate) fn refuse_encoding(start: &[u8], name: &str, reading: &mut Reading) -> bool {
    let error = ReadError::of_start(name, start);
    let is_refused = error.is_some();
    reading.refused.extend(error);
    is_refused
}

/// The text of a file that is read as a whole, without its byte-order mark. What is not UTF-8 is refused, once.
pub(crate) fn utf8<'a>(
    bytes: &'a [u8],
    source: &Arc<str>,
    reading: &mut Reading,
) -> Option<&'a str> {
    if refuse_encoding(bytes, source, reading) {
        return None;
    }
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) => {
            let place = Place::new(source, line_at(bytes, error.valid_up_to()));
            reading.refuse(&place, LineProblem::NotText);
            None
        }
    }
}

/// Hands on each line that is not blank, without white space at its end. The first line that is not UTF-8 is refused;
/// further ones are counted and refused together, since in a file of another encoding that is most.
pub(crate) fn each_line(
    source: impl BufRead,
    name: &Arc<str>,
    reading: &mut Reading,
    mut read: impl FnMut(&Place, &str, &mut Reading),
) {
    let mut broken = 0;
    let mut last = 0;
    for line in Lines::new(source, Arc::clone(name)) {
        match line {
            Ok((_, line)) if line.trim_ascii().is_empty() => {}
            Ok((number, line)) => read(&Place::new(name, number), line.trim_ascii_end(), reading),
            Err(ReadError::Line { place, .. }) if broken > 0 => {
                (broken, last) = (broken + 1, place.line);
            }
            Err(error) => {
                broken += usize::from(matches!(error, ReadError::Line { .. }));
                reading.refused.push(error);
            }
        }
    }
    if broken > 1 {
        let lines = broken - 1;
        reading.refuse(&Place::new(name, last), LineProblem::MoreNotText { lines });
    }
}

/// The line, from 1, on which the byte `position` lies.
pub(crate) fn line_at(bytes: &[u8], position: usize) -> usize {
    let before = &bytes[..position.min(bytes.len())];
    1 + before.iter().filter(|&&byte| byte == b'\n').count()
}

/// What a file is called without its folders and its ending.
pub(crate) fn file_stem(source: &str) -> &str {
    let name = source.rsplit(['/', '\\']).next().unwrap_or_default();
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}
