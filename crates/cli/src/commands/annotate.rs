//! `spanarc annotate`: entities and relations of documents as JSON lines.

use std::{
    fmt,
    io::{self, BufRead, BufReader, BufWriter, Read, Write},
    iter,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use rayon::prelude::*;
use serde::Deserialize;
use spanarc_corpus::{
    OffsetMap,
    exchange::{AnnotatedEntity, AnnotatedRelation, AnnotatedText},
};
use spanarc_engine::{Annotations, Engine, FoundEntity, FoundRelation, RELATION_FLOOR};
use spanarc_formats::{Annotated, ReadError, ReadingRules, lines::Lines};
use spanarc_train::document_files::DocumentFiles;

use super::device::DeviceArguments;
use crate::files;

/// Annotate text; one JSON object a document
///
/// Each object has the text, its entities (type, start, end, text, score) and its relations (type, head, tail, score;
/// head and tail count entities from 0).
#[derive(Args)]
pub(crate) struct Arguments {
    /// The model's bundle
    #[arg(long, value_name = "BUNDLE")]
    model: PathBuf,
    /// What the input is
    #[arg(long, value_enum, default_value_t)]
    input: Input,
    /// What start and end of an entity count
    #[arg(long, value_enum, default_value_t)]
    offsets: Offsets,
    /// Score from which a relation holds, 0.05 or more, instead of the model's own
    #[arg(long, value_name = "SCORE", value_parser = threshold)]
    threshold: Option<f32>,
    #[command(flatten)]
    device: DeviceArguments,
    /// Files to annotate; standard input without any
    files: Vec<PathBuf>,
}

/// A score that the engine can tell from lower ones.
fn threshold(text: &str) -> Result<f32, String> {
    match super::probability(text)? {
        value if value >= RELATION_FLOOR => Ok(value),
        _ => Err(format!("relations below {RELATION_FLOOR} are not kept")),
    }
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Input {
    /// Plain text: a file is a document
    #[default]
    Text,
    /// Plain text: a line is a document, with file and number as "id"; empty ones are passed over
    Lines,
    /// JSON lines: objects with "text" or, tokenised, "tokens"; an "id" is handed on
    Jsonl,
    /// Files or folders of annotated documents in any format that `convert` reads; only their texts count
    Documents,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Offsets {
    /// Bytes of UTF-8
    Byte,
    /// UTF-16 code units, as JavaScript counts
    Utf16,
    /// Unicode code points, as Python counts
    #[default]
    Char,
}

impl Offsets {
    /// What the output says of its unit, where that is not the usual one.
    fn mark(self) -> Option<&'static str> {
        match self {
            Self::Byte => Some("byte"),
            Self::Utf16 => Some("utf16"),
            Self::Char => None,
        }
    }
}

/// A line of the input; other keys are passed over, so that a corpus can be read as it is.
#[derive(Deserialize)]
struct InputDocument {
    id: Option<serde_json::Value>,
    text: Option<String>,
    tokens: Option<Vec<String>>,
}

/// Documents that are annotated side by side at most.
const AT_ONCE: usize = 256;

/// Writes a line as soon as its document, and others that were waiting with it, are annotated.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut engine = Engine::new(files::model(&arguments.model, &arguments.device.open()?)?);
    if let Some(threshold) = arguments.threshold {
        engine.set_relation_threshold(threshold);
    }
    let mut documents = Documents {
        engine,
        offsets: arguments.offsets,
        refused: 0,
        out: BufWriter::new(io::stdout().lock()),
    };
    if arguments.files.is_empty() {
        if matches!(arguments.input, Input::Documents) {
            bail!("--input documents reads files: name one, or a folder");
        }
        let source = BufReader::new(io::stdin());
        documents.source(source, None, arguments.input)?;
    }
    for path in &arguments.files {
        match arguments.input {
            Input::Documents => documents.files(path)?,
            input => documents.source(files::open(path)?, Some(path), input)?,
        }
    }
    match documents.refused {
        0 => Ok(()),
        1 => bail!("one document could not be read"),
        refused => bail!("{refused} documents could not be read"),
    }
}

/// What is to be annotated.
struct Document {
    id: Option<serde_json::Value>,
    text: String,
    /// Of one tokenised sentence, whose text they are with spaces between them.
    tokens: Option<Vec<String>>,
}

impl Document {
    fn of_json(line: &str) -> Result<Self> {
        let InputDocument { id, text, tokens } = serde_json::from_str(line)?;
        let (text, tokens) = match (text, tokens) {
            (Some(text), _) => (text, None),
            (None, Some(tokens)) => (tokens.join(" "), Some(tokens)),
            (None, None) => bail!("the object has neither \"text\" nor \"tokens\""),
        };
        Ok(Self { id, text, tokens })
    }
}

struct Documents<W: Write> {
    engine: Engine,
    offsets: Offsets,
    /// Documents that could not be read.
    refused: usize,
    out: BufWriter<W>,
}

impl<W: Write> Documents<W> {
    fn source(
        &mut self,
        mut source: impl BufRead + Send + 'static,
        path: Option<&Path>,
        input: Input,
    ) -> Result<()> {
        let name = files::name(path);
        let start = source
            .fill_buf()
            .with_context(|| format!("cannot read {name}"))?;
        if let Some(error) = ReadError::of_start(&name, start) {
            return Err(error.into());
        }
        match input {
            Input::Lines | Input::Jsonl => self.lines(source, path, name, input),
            Input::Text | Input::Documents => self.whole_text(source, path, &name),
        }
    }

    /// The texts of annotated documents.
    fn files(&mut self, path: &Path) -> Result<()> {
        let files = DocumentFiles::find(path, None)?;
        let mut failure = None;
        files.read(&ReadingRules::default(), &mut |_, reading| {
            for error in &reading.refused {
                self.refuse(error);
            }
            for document in reading.documents {
                if failure.is_none() {
                    failure = self.document(&document).err();
                }
            }
        })?;
        failure.map_or(Ok(()), Err)
    }

    fn document(&mut self, annotated: &Annotated) -> Result<()> {
        let text = annotated.document.text();
        let found = self
            .engine
            .annotate(text)
            .with_context(|| annotated.id.clone())?;
        self.write(Some(&annotated.id.as_str().into()), text, &found)?;
        Ok(self.out.flush()?)
    }

    /// Says what could not be read; the rest goes on.
    fn refuse(&mut self, error: &dyn fmt::Display) {
        self.refused += 1;
        eprintln!("error: {error:#}");
    }

    fn whole_text(&mut self, mut source: impl Read, path: Option<&Path>, name: &str) -> Result<()> {
        let mut bytes = Vec::new();
        source
            .read_to_end(&mut bytes)
            .with_context(|| format!("cannot read {name}"))?;
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            anyhow!("{name}: invalid UTF-8 at byte {}", error.valid_up_to() + 1)
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        // An empty file among others is a document without annotations; nothing on standard input is a mistake.
        if text.trim().is_empty() && path.is_none() {
            bail!("{name} holds no text");
        }
        let annotations = self
            .engine
            .annotate(text)
            .with_context(|| name.to_owned())?;
        let id = path.map(|path| path.display().to_string().into());
        self.write(id.as_ref(), text, &annotations)?;
        Ok(self.out.flush()?)
    }

    fn lines(
        &mut self,
        source: impl BufRead + Send + 'static,
        path: Option<&Path>,
        name: String,
        input: Input,
    ) -> Result<()> {
        // Read on a thread of their own, so that lines that are there already are told from those that are to come.
        let (queue, waiting) = mpsc::sync_channel(AT_ONCE);
        let lines = Lines::new(source, name.clone());
        thread::spawn(move || lines.map(|line| queue.send(line)).all(|sent| sent.is_ok()));
        let id = |number: usize| match path {
            Some(_) => format!("{name}:{number}").into(),
            None => number.into(),
        };
        let mut any = false;
        while let Ok(first) = waiting.recv() {
            let mut documents = Vec::new();
            for line in iter::once(first).chain(waiting.try_iter().take(AT_ONCE - 1)) {
                let document = match line.map_err(anyhow::Error::from) {
                    Ok((_, line)) if line.trim().is_empty() => continue,
                    Ok((number, line)) => {
                        let document = match input {
                            Input::Jsonl => Document::of_json(&line),
                            _ => Ok(Document {
                                id: Some(id(number)),
                                text: line,
                                tokens: None,
                            }),
                        };
                        let document = document.map(|document| (number, document));
                        document.with_context(|| format!("{name}, line {number}"))
                    }
                    Err(error) => Err(error),
                };
                any = true;
                match document {
                    Ok(document) => documents.push(document),
                    Err(error) => self.refuse(&format!("{error:#}")),
                }
            }
            let written = self.annotate(&documents, &name);
            self.out.flush()?;
            written?;
        }
        if !any {
            bail!("{name} holds no documents");
        }
        Ok(())
    }

    /// Writes the documents, each with the number of its line in `name`, up to the first that cannot be annotated.
    fn annotate(&mut self, documents: &[(usize, Document)], name: &str) -> Result<()> {
        let running = documents.iter().filter(|(_, one)| one.tokens.is_none());
        let texts: Vec<&str> = running.map(|(_, one)| one.text.as_str()).collect();
        let mut of_texts = self.engine.annotate_all(&texts).into_iter();
        let engine = &self.engine;
        let of_words = |(_, one): &(usize, Document)| {
            let words: Vec<&str> = one.tokens.as_ref()?.iter().map(String::as_str).collect();
            Some(engine.annotate_words(&words))
        };
        let of_words: Vec<_> = documents.par_iter().map(of_words).collect();
        for ((number, document), of_words) in documents.iter().zip(of_words) {
            let found = of_words.or_else(|| of_texts.next());
            let found = found.context("the engine left out a document")?;
            found
                .map_err(anyhow::Error::from)
                .and_then(|found| self.write(document.id.as_ref(), &document.text, &found))
                .with_context(|| format!("{name}, line {number}"))?;
        }
        Ok(())
    }

    fn write(
        &mut self,
        id: Option<&serde_json::Value>,
        text: &str,
        annotations: &Annotations,
    ) -> Result<()> {
        let schema = self.engine.schema();
        let map = OffsetMap::new(text);
        let entity = |entity: &FoundEntity| {
            let (start, end) = match self.offsets {
                Offsets::Byte => (entity.span.start, entity.span.end),
                Offsets::Utf16 => map
                    .to_utf16(entity.span)
                    .map(|span| (span.start, span.end))?,
                Offsets::Char => map
                    .to_char(entity.span)
                    .map(|span| (span.start, span.end))?,
            };
            Ok(AnnotatedEntity {
                kind: &schema.entity_types[entity.entity_type].name,
                start,
                end,
                text: &text[entity.span.start..entity.span.end],
                score: entity.score,
            })
        };
        let relation = |relation: &FoundRelation| AnnotatedRelation {
            kind: &schema.relation_types[relation.relation_type].name,
            head: relation.head,
            tail: relation.tail,
            score: relation.score,
        };
        let document = AnnotatedText {
            id: id.cloned(),
            text,
            offsets: self.offsets.mark(),
            model: None,
            entities: annotations
                .entities
                .iter()
                .map(entity)
                .collect::<Result<_>>()?,
            relations: annotations.relations.iter().map(relation).collect(),
        };
        let mut line = serde_json::to_string(&document)?;
        line.push('\n');
        Ok(self.out.write_all(line.as_bytes())?)
    }
}
