//! `spanarc convert`: annotated documents from one format to another.

use std::{
    collections::HashSet,
    fs,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use spanarc_corpus::Hyphens;
use spanarc_formats::{
    self as formats, Annotated, Discontinuous, Format, Layout, Noted, Reading, ReadingRules,
    WritingRules, columns::TagDialect,
};
use spanarc_segmentation::EngineSegmenter;
use spanarc_train::{
    document_files::DocumentFiles,
    whole_file::{self, WholeFile},
};

use crate::{files, notes};

/// Convert annotated documents from one format to another
///
/// Formats: brat, conll, multihead, spert, dygie, jsonl (sentences of tokens), text (a text with annotations a line), json (the
/// page's document), doccano, label-studio, webanno-tsv, cas-xmi, cas-json, prodigy, spacy, w3c; docs/formats.md says what each
/// can hold. What cannot be read is named by file and line, and the rest is converted; what cannot be written is named by
/// place. Exit status 1 if anything could not be read.
#[derive(Args)]
pub(crate) struct Arguments {
    /// File or folder to read; `-` for standard input
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// File or folder to write; `-` for standard output
    #[arg(value_name = "OUT")]
    output: PathBuf,
    /// Format of what is read; told by names and content without
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    from: Option<Format>,
    /// Format to write; told by the ending of OUT without
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    to: Option<Format>,
    /// Tags of columns to write
    #[arg(long, value_name = "TAGS", default_value = "bio", value_parser = ["bio", "bilou"])]
    tags: String,
}

fn format(name: &str) -> Result<Format, String> {
    Format::from_name(name)
        .ok_or_else(|| format!("is none of {}", Format::ALL.map(Format::name).join(", ")))
}

/// Converts document by document.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let documents = DocumentFiles::find(&arguments.input, arguments.from)?;
    let format = match arguments.to {
        Some(format) => format,
        None => told_by_ending(&arguments.output)?,
    };
    refuse_own_source(arguments, documents.format, format)?;
    for path in &documents.passed_over {
        eprintln!("passed over: {}", path.display());
    }
    let mut writer = Writer::new(format, &arguments.output, arguments.tags == "bilou")?;
    let (mut refused, mut noted) = (0, Vec::new());
    let mut failure = None;
    let (is_folder, from) = (documents.files.len() > 1, documents.format);
    documents.read(&ReadingRules::default(), &mut |file, reading| {
        let Reading {
            documents,
            refused: errors,
            notes,
        } = reading;
        refused += errors.len();
        noted.extend(notes);
        for error in errors {
            eprintln!("{error}");
        }
        for document in documents {
            let name = is_folder.then(|| file.file_stem().unwrap_or_default().to_string_lossy());
            if failure.is_none() {
                failure = writer.document(document, name.as_deref(), &mut noted).err();
            }
        }
    })?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    if writer.count == 0 && refused > 0 {
        bail!("nothing could be read, and nothing is written");
    }
    let count = writer.finish()?;
    let mut err = io::stderr().lock();
    writeln!(
        err,
        "{count} document{}, from {} to {}",
        if count == 1 { "" } else { "s" },
        from.name(),
        format.name()
    )?;
    notes::write(&mut err, &noted)?;
    match refused {
        0 => Ok(()),
        1 => bail!("one place could not be read"),
        _ => bail!("{refused} places could not be read"),
    }
}

/// What could not be read would be lost with the only copy.
fn refuse_own_source(arguments: &Arguments, from: Format, to: Format) -> Result<()> {
    let real = |path: &Path| fs::canonicalize(path).ok();
    let (input, output) = (real(&arguments.input), real(&arguments.output));
    let Some((input, output)) = input.zip(output) else {
        return Ok(());
    };
    let is_beside = from == to && output.is_dir() && input.parent() == Some(&output);
    let is_kept = input.is_file() || input.is_dir();
    if is_beside || is_kept && input == output {
        bail!(
            "{} would replace what it is made of: name another file or folder",
            arguments.output.display()
        );
    }
    Ok(())
}

/// The format that an ending means; one that several formats share is none.
fn told_by_ending(output: &Path) -> Result<Format> {
    let ending = output.extension().unwrap_or_default().to_string_lossy();
    match &*ending {
        "ann" | "txt" => Ok(Format::Brat),
        "conll" | "bio" | "iob" => Ok(Format::Conll),
        "tsv" => Ok(Format::WebannoTsv),
        "xmi" => Ok(Format::CasXmi),
        "jsonld" => Ok(Format::W3c),
        _ => bail!(
            "{} does not tell the format: --to names it",
            output.display()
        ),
    }
}

/// Where documents go.
enum Target {
    /// One file for all, moved to its place when it is whole.
    File {
        path: PathBuf,
        file: BufWriter<WholeFile>,
    },
    /// Standard output.
    Output(BufWriter<io::Stdout>),
    /// Files of its own for each document, in a folder.
    Folder {
        path: PathBuf,
        names: HashSet<String>,
    },
    /// The files of the only document, by this path without ending; written when no other has come.
    Single { path: PathBuf, parts: Vec<String> },
}

struct Writer {
    format: Format,
    rules: WritingRules,
    target: Target,
    count: usize,
}

impl Writer {
    fn new(format: Format, output: &Path, bilou: bool) -> Result<Self> {
        let is_output = output == Path::new("-");
        let target = match format.layout() {
            Layout::Lines | Layout::Array if is_output => {
                Target::Output(BufWriter::new(io::stdout()))
            }
            Layout::Files(_) if is_output => bail!(
                "the format {} is files of its own for each document: name a folder",
                format.name()
            ),
            Layout::Lines | Layout::Array => {
                let file = whole_file::begin(output)
                    .with_context(|| format!("cannot write {}", output.display()))?;
                Target::File {
                    path: output.to_owned(),
                    file: BufWriter::new(file),
                }
            }
            Layout::Files(endings) => {
                let ending = output.extension().unwrap_or_default().to_string_lossy();
                if endings.contains(&&*ending) {
                    Target::Single {
                        path: output.with_extension(""),
                        parts: Vec::new(),
                    }
                } else {
                    fs::create_dir_all(output)
                        .with_context(|| format!("cannot make the folder {}", output.display()))?;
                    for (name, text) in formats::shared_files(format) {
                        files::write(&output.join(name), text.as_bytes())?;
                    }
                    Target::Folder {
                        path: output.to_owned(),
                        names: HashSet::new(),
                    }
                }
            }
        };
        let tags = if bilou {
            TagDialect::Bilou
        } else {
            TagDialect::Bio
        };
        Ok(Self {
            format,
            rules: WritingRules { tags },
            target,
            count: 0,
        })
    }

    /// Writes a document; `file` is the name of its own file, without ending.
    fn document(
        &mut self,
        mut document: Annotated,
        file: Option<&str>,
        noted: &mut Vec<Noted>,
    ) -> Result<()> {
        if self.format.needs_tokens() {
            document.segment(
                &EngineSegmenter(Hyphens::default()),
                None,
                Discontinuous::Drop,
                noted,
            );
        }
        let parts = formats::write(self.format, &document, &self.rules, noted)?;
        if parts.iter().all(String::is_empty) && self.format.layout() == Layout::Array {
            return Ok(());
        }
        let [before, between, _] = formats::frame(self.format.layout());
        let gap = if self.count == 0 { before } else { between };
        self.count += 1;
        match &mut self.target {
            Target::File { path, file } => {
                let written = parts
                    .iter()
                    .try_fold((), |(), part| write!(file, "{gap}{part}"));
                written.with_context(|| format!("cannot write {}", path.display()))
            }
            Target::Output(out) => Ok(parts
                .iter()
                .try_fold((), |(), part| write!(out, "{gap}{part}"))?),
            Target::Folder { path, names } => {
                let name = free_name(file.unwrap_or(&document.id), names);
                write_files(&path.join(name), self.format, &parts)
            }
            Target::Single { .. } if self.count > 1 => Err(anyhow!(
                "there are several documents, and {} is files of its own for each: name a folder",
                self.format.name()
            )),
            Target::Single { parts: only, .. } => {
                *only = parts;
                Ok(())
            }
        }
    }

    /// The number of documents, once all are in their places.
    fn finish(self) -> Result<usize> {
        let [before, _, after] = formats::frame(self.format.layout());
        let empty = if self.count == 0 { before } else { "" };
        match self.target {
            Target::File { path, mut file } => {
                let failed = || format!("cannot write {}", path.display());
                write!(file, "{empty}{after}").with_context(failed)?;
                let file = file
                    .into_inner()
                    .map_err(io::IntoInnerError::into_error)
                    .with_context(failed)?;
                file.finish().with_context(failed)?;
            }
            Target::Output(mut out) => {
                write!(out, "{empty}{after}")?;
                out.flush()?;
            }
            Target::Single { path, parts } => write_files(&path, self.format, &parts)?,
            Target::Folder { .. } => {}
        }
        Ok(self.count)
    }
}

fn write_files(path: &Path, format: Format, parts: &[String]) -> Result<()> {
    let Layout::Files(endings) = format.layout() else {
        return Ok(());
    };
    for (ending, part) in endings.iter().zip(parts) {
        // Not `with_extension`: a name may hold dots.
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{ending}"));
        files::write(Path::new(&name), part.as_bytes())?;
    }
    Ok(())
}

/// A file's name made of a document's, which no other has.
fn free_name(id: &str, names: &mut HashSet<String>) -> String {
    let plain: String = id
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || "-_. ".contains(c) {
                c
            } else {
                '_'
            }
        })
        .take(100)
        .collect();
    let plain = plain.trim_matches(['.', ' ']);
    let plain = if plain.is_empty() { "document" } else { plain };
    let mut name = plain.to_owned();
    let mut number = 1;
    while !names.insert(name.to_lowercase()) {
        number += 1;
        name = format!("{plain}-{number}");
    }
    name
}
