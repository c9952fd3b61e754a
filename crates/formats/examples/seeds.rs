//! Writes what fuzzing begins with: `seeds FOLDER` makes a file of each invented document in each format, called by both. Where a
//! document is two files, a zero byte parts them.

// What only the tests take of them.
#[allow(dead_code)]
#[path = "../../../tests/formats/documents.rs"]
mod documents;
#[allow(dead_code)]
#[path = "../../../tests/formats/files.rs"]
mod files;

use std::{env, fs, io, path::Path};

use spanarc_formats::{Format, Layout};

fn main() -> io::Result<()> {
    let folder = env::args()
        .nth(1)
        .ok_or_else(|| io::Error::other("usage: seeds FOLDER"))?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    for document in documents::documents() {
        for format in Format::ALL {
            let (parts, _) = files::written(format, document.clone());
            let seed = match format.layout() {
                Layout::Files(_) => parts.join("\0"),
                _ => files::framed(format, &parts),
            };
            fs::write(
                folder.join(format!("{}.{}", document.id, format.name())),
                seed,
            )?;
        }
    }
    Ok(())
}
