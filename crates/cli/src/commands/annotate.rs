//! `spanarc annotate`: entities and relations of documents as JSON lines.

use std::{
    io::{self, BufRead, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use serde::Deserialize;
use spanarc_corpus::{
    OffsetMap,
    exchange::{AnnotatedEntity, AnnotatedRelation, AnnotatedText},
    lines::Lines,
};
use spanarc_engine::{Annotations, Engine, FoundEntity, FoundRelation, RELATION_FLOOR};

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

/// A line of the input; other keys are passed over, so that a corpus can be read as it is.
#[derive(Deserialize)]
struct InputDocument {
    id: Option<serde_json::Value>,
    text: Option<String>,
    tokens: Option<Vec<String>>,
}

/// Writes a line as soon as its document is annotated.
pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut engine = Engine::new(files::model(&arguments.model, &arguments.device.open()?)?);
    if let Some(threshold) = arguments.threshold {
        engine.set_relation_threshold(threshold);
    }
    let mut documents = Documents {
        engine,
        offsets: arguments.offsets,
        out: io::stdout().lock(),
    };
    if arguments.files.is_empty() {
        return documents.source(io::stdin().lock(), None, arguments.input);
    }
    for path in &arguments.files {
        documents.source(files::open(path)?, Some(path), arguments.input)?;
    }
    Ok(())
}

struct Documents<W> {
    engine: Engine,
    offsets: Offsets,
    out: W,
}

impl<W: Write> Documents<W> {
    fn source(&mut self, source: impl BufRead, path: Option<&Path>, input: Input) -> Result<()> {
        let name = files::name(path);
        match input {
            Input::Text => self.whole_text(source, path, &name),
            Input::Lines | Input::Jsonl => self.lines(source, path, &name, input),
        }
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
        let id = path.map(|path| path.display().to_string().into());
        self.text(id, text).with_context(|| name.to_owned())
    }

    fn lines(
        &mut self,
        source: impl BufRead,
        path: Option<&Path>,
        name: &str,
        input: Input,
    ) -> Result<()> {
        let id = |number: usize| match path {
            Some(_) => format!("{name}:{number}").into(),
            None => number.into(),
        };
        let mut any = false;
        for line in Lines::new(source, name) {
            let (number, line) = line?;
            if line.trim().is_empty() {
                continue;
            }
            any = true;
            match input {
                Input::Jsonl => self.object(&line),
                _ => self.text(Some(id(number)), &line),
            }
            .with_context(|| format!("{name}, line {number}"))?;
        }
        if !any {
            bail!("{name} holds no documents");
        }
        Ok(())
    }

    fn object(&mut self, line: &str) -> Result<()> {
        match serde_json::from_str(line)? {
            InputDocument {
                id,
                text: Some(text),
                ..
            } => self.text(id, &text),
            InputDocument {
                id,
                tokens: Some(tokens),
                ..
            } => self.tokens(id, &tokens),
            _ => bail!("the object has neither \"text\" nor \"tokens\""),
        }
    }

    fn text(&mut self, id: Option<serde_json::Value>, text: &str) -> Result<()> {
        let annotations = self.engine.annotate(text)?;
        self.write(id, text, &annotations)
    }

    /// Annotates one tokenised sentence; its text is the tokens with spaces between them.
    fn tokens(&mut self, id: Option<serde_json::Value>, tokens: &[String]) -> Result<()> {
        let words: Vec<&str> = tokens.iter().map(String::as_str).collect();
        let annotations = self.engine.annotate_words(&words)?;
        self.write(id, &words.join(" "), &annotations)
    }

    fn write(
        &mut self,
        id: Option<serde_json::Value>,
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
            id,
            text,
            offsets: None,
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
        self.out.write_all(line.as_bytes())?;
        Ok(self.out.flush()?)
    }
}
