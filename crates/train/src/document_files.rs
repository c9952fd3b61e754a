//! Files and folders of annotated documents: which format they have, which files belong together, which are none.

use std::{
    fs::{self, File as OpenFile},
    io::{self, BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
};

use serde::de::IgnoredAny;
use spanarc_formats::{self as formats, File, Format, Layout, ReadError, Reading, ReadingRules};

use crate::error::{Result, TrainError};

/// How much of a file is looked at to tell its format, in bytes; more where it begins with a longer JSON object.
const LOOKED_AT: u64 = 1 << 20;

/// What stands for standard input where a path is wanted.
const STANDARD_INPUT: &str = "-";

/// Files of one format.
#[derive(Debug)]
pub struct DocumentFiles {
    /// The format.
    pub format: Format,
    /// The files, in order of name: those of annotations where a document is two.
    pub files: Vec<PathBuf>,
    /// Files and folders that lie there and are not read, in order of name.
    pub passed_over: Vec<PathBuf>,
    /// What of the folder cannot be read.
    refused: Vec<ReadError>,
    /// What came through a pipe, which cannot be read twice.
    piped: Option<Vec<u8>>,
}

impl DocumentFiles {
    /// What a file or a folder holds, or a pipe, or standard input at `-`; the format is told by names and first lines where it is
    /// not given.
    ///
    /// In a folder, hidden files, editors' copies, read-me files and type systems are no documents. A folder with
    /// `.ann` files is brat's, one with `.jsonld` files, or with W3C's annotations in `.json` files beside their texts, is W3C's, and
    /// all files of another must have one format. Folders in it are passed over.
    pub fn find(path: &Path, format: Option<Format>) -> Result<Self> {
        if path.is_dir() {
            return Self::in_folder(path, format);
        }
        let piped = piped(path)?;
        let format = match (format.or_else(|| paired_format(path)), &piped) {
            (Some(format), _) => format,
            (None, Some(content)) => told(path, content)?,
            (None, None) => detect(path)?,
        };
        Ok(Self {
            piped,
            ..Self::of(format, vec![path.to_owned()])
        })
    }

    fn of(format: Format, files: Vec<PathBuf>) -> Self {
        Self {
            format,
            files,
            passed_over: Vec::new(),
            refused: Vec::new(),
            piped: None,
        }
    }

    fn in_folder(folder: &Path, format: Option<Format>) -> Result<Self> {
        let mut files = entries(folder)?;
        files.retain(|file| is_document(file));
        let paired = [Format::Brat, Format::W3c].into_iter().find(|paired| {
            let is_plain = |file: &Path| {
                is_plain_pair(*paired, file)
                    && (format.is_some() || detect(file).is_ok_and(|format| format == *paired))
            };
            format.is_none_or(|format| format == *paired)
                && files
                    .iter()
                    .any(|file| has_extension(file, paired.ending()) || is_plain(file))
        });
        if let Some(format) = paired {
            return Ok(Self::pairs(format, files));
        }
        let (files, passed_over): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| file.is_file());
        let Some(format) = format else {
            return Self::told_by_content(folder, files, passed_over);
        };
        if files.is_empty() {
            return Err(without_documents(folder));
        }
        Ok(Self {
            passed_over,
            ..Self::of(format, files)
        })
    }

    /// Those of a folder whose documents are two files each.
    fn pairs(format: Format, entries: Vec<PathBuf>) -> Self {
        let (files, others): (Vec<_>, Vec<_>) = entries.into_iter().partition(|file| {
            (has_extension(file, format.ending()) || is_plain_pair(format, file)) && file.is_file()
        });
        let (texts, passed_over): (Vec<_>, Vec<_>) = others
            .into_iter()
            .partition(|file| has_extension(file, "txt") && file.is_file());
        let lonely = texts.iter().filter(|text| {
            let plain = text.with_extension("json");
            !(text.with_extension(format.ending()).is_file() || is_plain_pair(format, &plain))
        });
        let refused = lonely.map(|text| ReadError::Lonely {
            name: text.display().to_string(),
            ending: format.ending(),
        });
        Self {
            passed_over,
            refused: refused.collect(),
            ..Self::of(format, files)
        }
    }

    /// Those of a folder whose format the first says of which it can be told.
    fn told_by_content(
        folder: &Path,
        all: Vec<PathBuf>,
        passed_over: Vec<PathBuf>,
    ) -> Result<Self> {
        let mut found = None::<Self>;
        let mut refused = Vec::new();
        for file in all {
            match (detect(&file), &mut found) {
                (Ok(format), None) => found = Some(Self::of(format, vec![file])),
                (Ok(format), Some(found)) if format == found.format => found.files.push(file),
                (Ok(other), Some(found)) => {
                    let reason = format!(
                        "has the format {}, and {} has {}: the format says which files are meant, where it is given",
                        other.name(),
                        found.files[0].display(),
                        found.format.name()
                    );
                    return Err(TrainError::corpus(&file, reason));
                }
                (Err(TrainError::UnknownFormat(error)), _) => refused.push(*error),
                (Err(error), _) => return Err(error),
            }
        }
        match (found, refused.into_iter()) {
            (Some(found), refused) => Ok(Self {
                passed_over,
                refused: refused.collect(),
                ..found
            }),
            (None, mut refused) => Err(match refused.next() {
                Some(error) => TrainError::UnknownFormat(Box::new(error)),
                None => without_documents(folder),
            }),
        }
    }

    /// Reads every file; `each` gets what was read as it is read, and the annotations' file.
    pub fn read(self, rules: &ReadingRules, each: &mut dyn FnMut(&Path, Reading)) -> Result<()> {
        if !self.refused.is_empty() {
            let of_no_document = Reading {
                refused: self.refused,
                ..Reading::default()
            };
            each(Path::new(""), of_no_document);
        }
        for path in &self.files {
            let name = shown(path);
            let mut each = |reading| each(path, reading);
            if let Some(content) = &self.piped {
                formats::read(self.format, &content[..], &name, rules, &mut each);
            } else if let Some(text) = text_of(self.format, path) {
                each(pair(self.format, &text, path)?);
            } else {
                formats::read(self.format, open(path)?, &name, rules, &mut each);
            }
        }
        Ok(())
    }
}

/// A document of two files.
fn pair(format: Format, text: &Path, annotations: &Path) -> Result<Reading> {
    let id = annotations
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy();
    let names = [text, annotations].map(shown);
    let mut reading = Reading::default();
    if !text.is_file() {
        let [_, name] = names;
        reading.refused.push(ReadError::Lonely {
            name,
            ending: "txt",
        });
        return Ok(reading);
    }
    let bytes = |path: &Path| fs::read(path).map_err(|source| TrainError::io(path, source));
    let contents = [bytes(text)?, bytes(annotations)?];
    let file = |of: usize| File {
        name: &names[of],
        bytes: &contents[of],
    };
    formats::read_pair(format, &id, file(0), file(1), &mut reading);
    Ok(reading)
}

/// The text of which `file` holds the annotations, where a document is two files.
pub fn text_of(format: Format, file: &Path) -> Option<PathBuf> {
    is_paired(format).then(|| file.with_extension("txt"))
}

fn without_documents(folder: &Path) -> TrainError {
    TrainError::corpus(folder, "is a folder without documents".to_owned())
}

/// What a file is called in messages.
fn shown(path: &Path) -> String {
    if path == Path::new(STANDARD_INPUT) {
        return "standard input".to_owned();
    }
    path.display().to_string()
}

/// All that comes through a pipe or standard input, which can be read once only; none of a file.
fn piped(path: &Path) -> Result<Option<Vec<u8>>> {
    let failed = |source| TrainError::io(path, source);
    let mut content = Vec::new();
    if path == Path::new(STANDARD_INPUT) {
        io::stdin().read_to_end(&mut content).map_err(failed)?;
    } else if fs::metadata(path).map_err(failed)?.is_file() {
        return Ok(None);
    } else {
        content = fs::read(path).map_err(failed)?;
    }
    Ok(Some(content))
}

/// Whether documents of the format are a text and its annotations.
fn is_paired(format: Format) -> bool {
    matches!(format.layout(), Layout::Files([_, _]))
}

/// Whether a file may hold annotations of the text beside it though it is called like any JSON, as W3C's often are.
fn is_plain_pair(format: Format, file: &Path) -> bool {
    format == Format::W3c
        && has_extension(file, "json")
        && file.is_file()
        && file.with_extension("txt").is_file()
        && !file.with_extension(format.ending()).is_file()
}

/// The format of one of two files that are a document.
fn paired_format(path: &Path) -> Option<Format> {
    let mut paired = [Format::Brat, Format::W3c].into_iter();
    paired
        .find(|format| has_extension(path, format.ending()) && path.with_extension("txt").is_file())
}

fn detect(path: &Path) -> Result<Format> {
    let failed = |source| TrainError::io(path, source);
    let (mut file, mut start) = (open(path)?, Vec::new());
    (file.by_ref().take(LOOKED_AT).read_to_end(&mut start)).map_err(failed)?;
    if is_cut_off(&start) {
        file.read_to_end(&mut start).map_err(failed)?;
    }
    told(path, &start)
}

/// The format of what begins with `start`.
fn told(path: &Path, start: &[u8]) -> Result<Format> {
    Format::detect(start).map_err(|reason| {
        let tried = Format::ALL.map(Format::name).join(", ");
        let name = shown(path);
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
    fn annotations_of_w3c_go_with_their_texts_under_either_ending() {
        let folder = tempfile::tempdir().unwrap();
        let page = r#"{"type": "AnnotationPage", "items": []}"#;
        let files = [
            ("a.json", page),
            ("a.txt", "Group O"),
            ("list.json", "{}"),
            ("b.txt", ""),
        ];
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        for format in [None, Some(Format::W3c)] {
            let found = DocumentFiles::find(folder.path(), format).unwrap();
            assert_eq!(found.format, Format::W3c);
            assert_eq!(found.files, [folder.path().join("a.json")]);
            assert_eq!(found.passed_over, [folder.path().join("list.json")]);
            assert_eq!(found.refused.len(), 1, "{:?}", found.refused);
        }
        fs::write(folder.path().join("a.jsonld"), page).unwrap();
        let found = DocumentFiles::find(folder.path(), None).unwrap();
        assert_eq!(found.files, [folder.path().join("a.jsonld")]);
    }

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
