//! Digests of files and corpora.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader},
    path::Path,
};

use sha2::{Digest as _, Sha256};

use crate::error::{Result, TrainError};

/// SHA-256, in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(Sha256::digest(bytes).as_slice())
}

/// SHA-256 of the files' contents one behind the other, without reading any whole.
pub(crate) fn of_files(paths: &[impl AsRef<Path>]) -> Result<String> {
    let mut digest = Sha256::new();
    for path in paths {
        let path = path.as_ref();
        add(&mut digest, path).map_err(|source| TrainError::io(path, source))?;
    }
    Ok(hexadecimal(digest.finalize().as_slice()))
}

fn add(digest: &mut Sha256, path: &Path) -> io::Result<()> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    loop {
        let bytes = file.fill_buf()?;
        if bytes.is_empty() {
            return Ok(());
        }
        digest.update(bytes);
        let read = bytes.len();
        file.consume(read);
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
