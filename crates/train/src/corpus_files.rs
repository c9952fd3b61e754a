//! Where the parts of a corpus lie, and reading them in whatever format they are.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use spanarc_corpus::{Format, LabelSchema, Overlaps, ReadError, Reading};
use spanarc_segmentation::EngineSegmenter;

use crate::{
    corpus_choice::CorpusChoice,
    document_files::{DocumentFiles, entries, has_extension, text_of},
    error::{Result, TrainError},
};

/// A part of a corpus, read.
#[derive(Debug)]
pub struct Part {
    /// The file, or the folder of files.
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
    /// after the dot, or a folder of files. A folder with files of brat, W3C, WebAnno or UIMA in it is the training part itself. Errors
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
    /// Reads a file or a folder of documents.
    pub fn read(path: PathBuf, choice: &CorpusChoice) -> Result<Self> {
        let files = DocumentFiles::find(&path, choice.format)?;
        let mut reading = Reading::default();
        let (rules, segmenter) = (choice.rules(), EngineSegmenter(choice.hyphens));
        let format = files.format;
        files.read(&rules.reading, &mut |file, read| {
            let text = text_of(format, file).map(|text| text.display().to_string().into());
            reading.add(read, &rules, &segmenter, text.as_ref());
        })?;
        if reading.sentences.is_empty() && reading.refused.is_empty() {
            reading
                .refused
                .push(ReadError::empty(&path.display().to_string()));
        }
        Ok(Self {
            path,
            format,
            reading,
        })
    }
}

/// Endings of files of which a folder is a part of a corpus.
const PART_ENDINGS: [&str; 4] = ["ann", "jsonld", "tsv", "xmi"];

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
        return match &dev {
            Some(dev) if lies_in(dev, &train) => {
                let reason = format!("the dev part, {}, is in the training part", dev.display());
                Err(TrainError::corpus(&train, reason))
            }
            _ => Ok((train, dev)),
        };
    }
    let is_part = |path: &PathBuf| {
        PART_ENDINGS
            .iter()
            .any(|ending| has_extension(path, ending))
    };
    if entries(data)?.iter().any(is_part) {
        return Ok((data.to_owned(), dev));
    }
    let reason = "holds no training part: no file or folder called train, and no files of brat, W3C, WebAnno or UIMA; \
                  `train` in the table [corpus] names another";
    Err(TrainError::corpus(data, reason.to_owned()))
}

/// Whether a part of a corpus is the other, or in its folder.
fn lies_in(one: &Path, other: &Path) -> bool {
    let real = |path| fs::canonicalize(path).ok();
    (real(one).zip(real(other))).is_some_and(|(one, other)| one.starts_with(other))
}

fn beside(file: &Path, other: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(other)
}

/// What is called `name` in the folder, whatever comes after the dot.
fn find(folder: &Path, name: &str) -> Result<Option<PathBuf>> {
    let mut found = entries(folder)?;
    found.retain(|path| path.file_stem().is_some_and(|stem| stem == name));
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
