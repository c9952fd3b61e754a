//! Where the parts of a corpus lie, and reading them in whatever format they are.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use spanarc_corpus::{
    Format, LabelSchema, Overlaps, ReadError, Reading,
    formats::{self, brat},
};

use crate::{
    corpus_choice::CorpusChoice,
    error::{Result, TrainError},
    segmentation::EngineSegmenter,
};

/// A part of a corpus, read.
#[derive(Debug)]
pub struct Part {
    /// The file, or the folder of brat's files.
    pub path: PathBuf,
    /// The format it was read in.
    pub format: Format,
    /// What was read and what was refused.
    pub reading: Reading,
}

/// The parts of a corpus, read, with all that is wrong with them.
#[derive(Debug)]
pub struct CorpusFiles {
    /// What the corpus is called: the name of its folder or file.
    pub name: String,
    /// The part to train on.
    pub train: Part,
    /// The part to choose by, if there is one.
    pub dev: Option<Part>,
    /// The labels: those given, or those of the training part.
    pub schema: LabelSchema,
}

impl CorpusFiles {
    /// Reads a corpus. `data` is a folder that holds the parts, or the training part itself.
    ///
    /// Unless `choice` names them, the parts are what is called `train` and `dev` in the folder: a file, whatever comes
    /// after the dot, or a folder of brat's files. A folder with brat's files in it is the training part itself. Errors
    /// are files that are not there or cannot be told; what is wrong inside them is collected.
    pub fn read(data: &Path, choice: &CorpusChoice, labels: Option<&LabelSchema>) -> Result<Self> {
        let (train, dev) = paths(data, choice)?;
        let mut train = Part::read(train, choice)?;
        let derived = || {
            let located = train.reading.sentences.iter();
            LabelSchema::from_sentences(located.map(|located| &located.sentence))
        };
        let schema = labels.cloned().unwrap_or_else(derived);
        train.reading.check_against(&schema);
        train.reading.drop_repeated_relations();
        let dev = dev.map(|path| Part::read(path, choice)).transpose()?;
        // Against no labels at all, all of dev would be at fault for what is wrong with the training part.
        let known = labels.is_some() || !train.reading.sentences.is_empty();
        let dev = dev.map(|mut part| {
            if known {
                part.reading.check_against(&schema);
            }
            part.reading.drop_repeated_relations();
            part
        });
        Ok(Self {
            name: corpus_name(data),
            train,
            dev,
            schema,
        })
    }

    /// Refuses sentences to train on whose entities overlap, unless one of the entities is to be left out.
    pub fn refuse_overlaps(&mut self, overlaps: Overlaps) {
        if overlaps == Overlaps::Refuse {
            self.train.reading.refuse_overlaps();
        }
    }

    /// The parts that there are.
    pub fn parts(&self) -> impl Iterator<Item = &Part> {
        [&self.train].into_iter().chain(&self.dev)
    }
}

impl Part {
    /// Reads a file, or a folder of brat's files.
    pub fn read(path: PathBuf, choice: &CorpusChoice) -> Result<Self> {
        let mut reading = Reading::default();
        let format = if path.is_dir() {
            read_brat(&path, choice, &mut reading)?;
            Format::Brat
        } else {
            let bytes = fs::read(&path).map_err(|source| TrainError::io(&path, source))?;
            let format = choice.format.unwrap_or_else(|| Format::detect(&bytes));
            let (name, rules) = (path.display().to_string(), choice.rules());
            formats::read(
                format,
                &bytes,
                &name,
                &rules,
                &EngineSegmenter(choice.hyphens),
                &mut reading,
            );
            format
        };
        Ok(Self {
            path,
            format,
            reading,
        })
    }
}

/// Every document of a folder of brat's files, in order of name.
fn read_brat(folder: &Path, choice: &CorpusChoice, reading: &mut Reading) -> Result<()> {
    let files = entries(folder)?;
    let with = |extension: &str| {
        let files = files.iter();
        files
            .filter(|path| has_extension(path, extension))
            .collect::<Vec<_>>()
    };
    let annotations = with("ann");
    if annotations.is_empty() {
        let reason =
            "is a folder without .ann files of brat: name one with them, or a file".to_owned();
        return Err(TrainError::corpus(folder, reason));
    }
    if let Some(text) = with("txt")
        .iter()
        .find(|text| !text.with_extension("ann").is_file())
    {
        return Err(TrainError::corpus(
            text,
            "has no .ann file beside it".to_owned(),
        ));
    }
    for path in annotations {
        let text_path = path.with_extension("txt");
        let read = |path: &Path| fs::read(path).map_err(|source| TrainError::io(path, source));
        let (text, annotations) = (read(&text_path)?, read(path)?);
        let (text_name, name) = (text_path.display().to_string(), path.display().to_string());
        let id = path.file_stem().unwrap_or_default().to_string_lossy();
        brat::read(
            &id,
            brat::File {
                name: &text_name,
                bytes: &text,
            },
            brat::File {
                name: &name,
                bytes: &annotations,
            },
            &choice.rules(),
            &EngineSegmenter(choice.hyphens),
            reading,
        );
    }
    if reading.sentences.is_empty() && reading.refused.is_empty() {
        let name = folder.display().to_string();
        reading.refused.push(ReadError::Empty { name });
    }
    Ok(())
}

/// Where the training part lies, and the dev part if there is one.
fn paths(data: &Path, choice: &CorpusChoice) -> Result<(PathBuf, Option<PathBuf>)> {
    if !data.is_dir() {
        let dev = choice.dev.as_ref().map(|dev| beside(data, dev));
        return Ok((data.to_owned(), dev));
    }
    let named = |part: &Option<PathBuf>, name| match part {
        Some(path) => Ok(Some(data.join(path))),
        None => find(data, name),
    };
    let dev = named(&choice.dev, "dev")?;
    if let Some(train) = named(&choice.train, "train")? {
        return Ok((train, dev));
    }
    if entries(data)?.iter().any(|path| has_extension(path, "ann")) {
        return Ok((data.to_owned(), dev));
    }
    let reason = "holds no training part: no file or folder called train, and no .ann files of brat; `train` in the \
                  table [corpus] names another";
    Err(TrainError::corpus(data, reason.to_owned()))
}

fn beside(file: &Path, other: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(other)
}

/// What is called `name` in the folder, whatever comes after the dot. Editors' copies, `train.jsonl~`, are no parts.
fn find(folder: &Path, name: &str) -> Result<Option<PathBuf>> {
    let mut found = entries(folder)?;
    let copy = |path: &Path| path.to_string_lossy().ends_with('~');
    found.retain(|path| path.file_stem().is_some_and(|stem| stem == name) && !copy(path));
    match found.as_slice() {
        [] => Ok(None),
        [path] => Ok(Some(path.clone())),
        [first, second, ..] => {
            let names = [first, second]
                .map(|path| path.file_name().unwrap_or_default().display().to_string());
            let reason = format!(
                "holds {} and {}: `{name}` in the table [corpus] says which is meant",
                names[0], names[1]
            );
            Err(TrainError::corpus(folder, reason))
        }
    }
}

/// What a folder holds, in order of name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |source| TrainError::io(folder, source);
    let entries = fs::read_dir(folder).map_err(failed)?;
    let paths = entries.map(|entry| Ok(entry.map_err(failed)?.path()));
    let mut paths = paths.collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// What a corpus is called in bundles and records: `conll04` for the folder `…/conll04`, `conll04 dev` for its file
/// `dev.jsonl`.
pub fn corpus_name(data: &Path) -> String {
    if data.is_dir() {
        let folder = fs::canonicalize(data).unwrap_or_else(|_| data.to_owned());
        return readable(folder.file_name(), data);
    }
    // A link's own name says more than that of what it leads to.
    let file = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let name = readable(file.file_stem(), data);
    match file.parent().and_then(Path::file_name) {
        Some(folder) => format!("{} {name}", folder.to_string_lossy()),
        None => name,
    }
}

/// Part of a path, such as its file name, as text; the whole path where it has no such part.
pub(crate) fn readable(part: Option<&OsStr>, path: &Path) -> String {
    part.map_or_else(
        || path.display().to_string(),
        |part| part.to_string_lossy().into_owned(),
    )
}
