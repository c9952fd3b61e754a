//! Running text that comes line by line.

use std::io::BufRead;

use anyhow::{Context, Result, anyhow, bail};

/// Hands each line of a source that is not blank over, with its number from 1 and without its end. An error says in which line
/// of `name` it is; a source without any such line is one.
pub(crate) fn each(
    mut source: impl BufRead,
    name: &str,
    mut line: impl FnMut(usize, &str) -> Result<()>,
) -> Result<()> {
    let mut bytes = Vec::new();
    let (mut number, mut any) = (0, false);
    loop {
        number += 1;
        bytes.clear();
        let place = || format!("{name}, line {number}");
        let read = source.read_until(b'\n', &mut bytes);
        if read.with_context(|| format!("cannot read {}", place()))? == 0 {
            break;
        }
        let text = utf8(&bytes).with_context(place)?;
        let text = text
            .strip_prefix('\u{feff}')
            .filter(|_| number == 1)
            .unwrap_or(text)
            .trim_end_matches(['\n', '\r']);
        if !text.trim().is_empty() {
            any = true;
            line(number, text).with_context(place)?;
        }
    }
    if !any {
        bail!("{name} holds no documents");
    }
    Ok(())
}

/// Text, or where it is none.
pub(crate) fn utf8(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes)
        .map_err(|error| anyhow!("invalid UTF-8 at byte {}", error.valid_up_to() + 1))
}
