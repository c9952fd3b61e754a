//! Files and folders of annotated documents: which format they have, which files belong together, which are none.

use std::{
    fs::{self, File as OpenFile},
    io::{BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
};

use serde::de::IgnoredAny;
use spanarc_formats::{self as formats, File, Format, Layout, ReadError, Reading, ReadingRules};

use crate::error::{Result, TrainError};

/// How much of a file is looked at to tell its format, in bytes; more where it begins with a longer JSON object.
const LOOKED_AT: u64 = 1 << 20;

/// Files of one format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFiles {
    /// The format.
    pub format: Format,
    /// The files, in order of name: those of annotations where a document is two.
    pub files: Vec<PathBuf>,
}

impl DocumentFiles {
    /// What a file or a folder holds; the format is told by names and first lines where it is not given.
    ///
    /// In a folder, hidden files, editors' copies, read-me files and type systems are no documents. A folder with
    /// `.ann` files is brat's, one with `.jsonld` files is W3C's, and all files of another must have one format.
    pub fn find(path: &Path, format: Option<Format>) -> Result<Self> {
        if !path.is_dir() {
            let format = match format.or_else(|| paired_format(path)) {
                Some(format) => format,
                None => detect(path)?,
            };
            return Ok(Self {
                format,
                files: vec![path.to_owned()],
            });
        }
        let mut files = entries(path)?;
        files.retain(|file| file.is_file());
        let paired = [Format::Brat, Format::W3c].into_iter().find(|paired| {
            format.is_none_or(|format| format == *paired)
                && files
                    .iter()
                    .any(|file| has_extension(file, paired.ending()))
        });
        if let Some(format) = paired {
            if let Some(text) = files
                .iter()
                .find(|file| has_extension(file, "txt") && !annotations_of(file, format).is_file())
            {
                let reason = format!("has no .{} file beside it", format.ending());
                return Err(TrainError::corpus(text, reason));
            }
            files.retain(|file| has_extension(file, format.ending()));
            return Ok(Self { format, files });
        }
        files.retain(|file| is_document(file));
        let Some(first) = files.first() else {
            return Err(TrainError::corpus(
                path,
                "is a folder without documents".to_owned(),
            ));
        };
        let told = match format {
            Some(format) => format,
            None => detect(first)?,
        };
        if format.is_none() {
            for file in &files[1..] {
                let other = detect(file)?;
                if other != told {
                    let reason = format!(
                        "has the format {}, and {} has {}: the format says which files are meant, where it is given",
                        other.name(),
                        first.display(),
                        told.name()
                    );
                    return Err(TrainError::corpus(file, reason));
                }
            }
        }
        Ok(Self {
            format: told,
            files,
        })
    }

    /// The text of which `file` holds the annotations, where a document is two files.
    pub fn text_of(&self, file: &Path) -> Option<PathBuf> {
        is_paired(self.format).then(|| file.with_extension("txt"))
    }

    /// Reads every file; `each` gets what was read as it is read, and the annotations' file.
    pub fn read(&self, rules: &ReadingRules, each: &mut dyn FnMut(&Path, Reading)) -> Result<()> {
        for path in &self.files {
            let name = path.display().to_string();
            if let Some(text_path) = self.text_of(path) {
                let bytes =
                    |path: &Path| fs::read(path).map_err(|source| TrainError::io(path, source));
                let (text, annotations) = (bytes(&text_path)?, bytes(path)?);
                let text_name = text_path.display().to_string();
                let id = path.file_stem().unwrap_or_default().to_string_lossy();
                let [text, annotations] = [(&text_name, &text), (&name, &annotations)]
                    .map(|(name, bytes)| File { name, bytes });
                let mut reading = Reading::default();
                formats::read_pair(self.format, &id, text, annotations, &mut reading);
                each(path, reading);
            } else {
                formats::read(self.format, open(path)?, &name, rules, &mut |reading| {
                    each(path, reading)
                });
            }
        }
        Ok(())
    }
}

/// Whether documents of the format are a text and its annotations.
fn is_paired(format: Format) -> bool {
    matches!(format.layout(), Layout::Files([_, _]))
}

/// The format of one of two files that are a document.
fn paired_format(path: &Path) -> Option<Format> {
    let mut paired = [Format::Brat, Format::W3c].into_iter();
    paired
        .find(|format| has_extension(path, format.ending()) && path.with_extension("txt").is_file())
}

fn annotations_of(text: &Path, format: Format) -> PathBuf {
    text.with_extension(format.ending())
}

fn detect(path: &Path) -> Result<Format> {
    let failed = |source| TrainError::io(path, source);
    let (mut file, mut start) = (open(path)?, Vec::new());
    (file.by_ref().take(LOOKED_AT).read_to_end(&mut start)).map_err(failed)?;
    if is_cut_off(&start) {
        file.read_to_end(&mut start).map_err(failed)?;
    }
    Format::detect(&start).map_err(|reason| {
        let tried = Format::ALL.map(Format::name).join(", ");
        let name = path.display().to_string();
        TrainError::UnknownFormat(Box::new(ReadError::UnknownFormat {
            name,
            tried,
            reason,
        }))
    })
}

/// Whether the first object of JSON, of which `start` is the beginning, goes on beyond it.
fn is_cut_off(start: &[u8]) -> bool {
    let start = start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(start);
    let start = start.trim_ascii_start();
    let items = start.strip_prefix(b"[").unwrap_or(start);
    let mut values = serde_json::Deserializer::from_slice(items).into_iter::<IgnoredAny>();
    matches!(values.next(), Some(Err(error)) if error.is_eof())
}

fn open(path: &Path) -> Result<impl BufRead + use<>> {
    let file = OpenFile::open(path).map_err(|source| TrainError::io(path, source))?;
    Ok(BufReader::with_capacity(1 << 16, file))
}

/// Whether a file of a folder may hold documents.
fn is_document(path: &Path) -> bool {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    !(name.starts_with("readme")
        || name == "typesystem.xml"
        || name.starts_with("license")
        || name.ends_with(".conf"))
}

/// What a folder holds, in order of name, without hidden files and editors' copies.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |source| TrainError::io(folder, source);
    let entries = fs::read_dir(folder).map_err(failed)?;
    let paths = entries.map(|entry| Ok(entry.map_err(failed)?.path()));
    let mut paths = paths.collect::<Result<Vec<_>>>()?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_copy = name.ends_with(['~', '#'])
            || [".bak", ".swp", ".orig"]
                .iter()
                .any(|ending| name.ends_with(ending));
        !(name.starts_with('.') || is_copy || name == "__MACOSX" || name == "Thumbs.db")
    });
    paths.sort();
    Ok(paths)
}

pub(crate) fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_told_by_all_of_the_first_object_however_long() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long.json");
        let text = "long ".repeat(1 << 18);
        let cas = format!(r#"{{"text": "{text}", "%FEATURE_STRUCTURES": []}}"#);
        for (content, format) in [
            (cas.clone(), Format::CasJson),
            (
                format!(r#"[{{"x": "{text}", "data": {{}}}}]"#),
                Format::LabelStudio,
            ),
        ] {
            fs::write(&path, content).unwrap();
            assert_eq!(DocumentFiles::find(&path, None).unwrap().format, format);
        }
    }
}
