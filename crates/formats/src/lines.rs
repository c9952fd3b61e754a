//! Numbered lines of a source.

use std::{io::BufRead, sync::Arc};

use crate::{
    place::Place,
    read_error::{LineProblem, ReadError},
};

/// The lines of a source with their numbers, from 1, without line ends and without the byte-order mark.
///
/// A line that is not UTF-8 is an error and reading may go on; a source that fails is an error and the end.
#[derive(Debug)]
pub struct Lines<R> {
    source: R,
    name: Arc<str>,
    number: usize,
    done: bool,
}

impl<R: BufRead> Lines<R> {
    /// A reader over a source; `name` stands for it in errors.
    pub fn new(source: R, name: impl Into<Arc<str>>) -> Self {
        Self {
            source,
            name: name.into(),
            number: 0,
            done: false,
        }
    }

    /// The source's name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The number of the line read last.
    pub fn number(&self) -> usize {
        self.number
    }

    /// A problem of that line as an error of the source.
    pub(crate) fn error(&self, line: usize, problem: LineProblem) -> ReadError {
        Place::new(&self.name, line).refuse(problem)
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<(usize, String), ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let mut bytes = Vec::new();
        match self.source.read_until(b'\n', &mut bytes) {
            Ok(0) => {
                self.done = true;
                return None;
            }
            Ok(_) => self.number += 1,
            Err(error) => {
                self.done = true;
                return Some(Err(ReadError::Io {
                    name: self.name.to_string(),
                    line: self.number + 1,
                    error,
                }));
            }
        }
        let mut line = bytes.as_slice();
        if self.number == 1 {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        line = line.strip_suffix(b"\n").unwrap_or(line);
        line = line.strip_suffix(b"\r").unwrap_or(line);
        Some(match std::str::from_utf8(line) {
            Ok(line) => Ok((self.number, line.to_owned())),
            Err(error) => Err(self.error(self.number, LineProblem::Utf8(error))),
        })
    }
}

/// The encoding that bytes at a file's start speak of, where it is not UTF-8.
pub(crate) fn other_encoding(start: &[u8]) -> Option<&'static str> {
    // Without a mark: of Latin text every other byte is zero, or nearly.
    let zeros = |first: usize| {
        let bytes = start.iter().take(256).skip(first).step_by(2);
        let zeros = bytes.clone().filter(|&&byte| byte == 0).count();
        10 * zeros >= 7 * bytes.count().max(2)
    };
    match start {
        [0xff, 0xfe, 0, 0, ..] => Some("UTF-32LE"),
        [0, 0, 0xfe, 0xff, ..] => Some("UTF-32BE"),
        [0xff, 0xfe, ..] => Some("UTF-16LE"),
        [0xfe, 0xff, ..] => Some("UTF-16BE"),
        _ if zeros(1) && !zeros(0) => Some("UTF-16LE"),
        _ if zeros(0) && !zeros(1) => Some("UTF-16BE"),
        _ => None,
    }
}

/// How much of a file tells whether it is text, in bytes.
const HEAD: usize = 128;

/// How an archive begins, whose first bytes may be UTF-8.
const ZIP: &[u8] = b"PK\x03\x04";

/// Whether bytes at a file's start are no text in any encoding: not UTF-8, and with more control characters than text has.
pub(crate) fn is_binary(start: &[u8]) -> bool {
    let head = &start[..start.len().min(HEAD)];
    let is_control = |byte: &&u8| byte.is_ascii_control() && !byte.is_ascii_whitespace();
    let is_utf8 =
        std::str::from_utf8(head).map_or_else(|error| error.error_len().is_none(), |_| true);
    let is_text = is_utf8 || 32 * head.iter().filter(is_control).count() < head.len();
    !is_text || head.starts_with(ZIP)
}
