//! What a run learns from: sentences to train on, and sentences to choose by.

use std::{fs::File, io::BufReader, path::Path};

use spanarc_corpus::{LabelSchema, Sentence, jsonl, scoring};

use crate::error::{Result, TrainError};

/// An annotated corpus in memory.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Corpus {
    /// Its name, as the bundle will carry it.
    pub name: String,
    /// Sentences that the weights are fitted to.
    pub train: Vec<Sentence>,
    /// Sentences that choose epoch and threshold; may be empty where a run chooses neither.
    pub dev: Vec<Sentence>,
}

impl Corpus {
    /// Reads `train.jsonl` and, if it is there, `dev.jsonl`. A label that `labels`, or without it `train.jsonl`, does not
    /// hold is an error that names the line.
    pub fn read(folder: &Path, labels: Option<&LabelSchema>) -> Result<Self> {
        let train = read_sentences(&folder.join("train.jsonl"), labels)?;
        let dev = folder.join("dev.jsonl");
        let dev = match (dev.exists(), labels) {
            (false, _) => Vec::new(),
            (true, Some(labels)) => read_sentences(&dev, Some(labels))?,
            (true, None) => read_sentences(&dev, Some(&LabelSchema::from_sentences(&train)))?,
        };
        let name = folder.file_name().map_or_else(
            || folder.display().to_string(),
            |name| name.to_string_lossy().into_owned(),
        );
        Ok(Self { name, train, dev })
    }

    /// The labels that the training part holds.
    pub fn schema(&self) -> LabelSchema {
        LabelSchema::from_sentences(&self.train)
    }

    /// Refuses sentences with labels that `schema` does not hold.
    pub(crate) fn check(&self, schema: &LabelSchema) -> Result<()> {
        for part in [&self.train, &self.dev] {
            // Scoring looks up every label; the scores themselves say nothing here.
            scoring::score(part, part, schema)?;
        }
        Ok(())
    }
}

/// The sentences of a file of JSON lines, with labels of the schema only where there is one.
pub fn read_sentences(path: &Path, schema: Option<&LabelSchema>) -> Result<Vec<Sentence>> {
    let file = File::open(path).map_err(|source| TrainError::io(path, source))?;
    let reader = jsonl::Reader::new(BufReader::new(file), path.display().to_string());
    Ok(match schema {
        Some(schema) => reader.check_against(schema).read_all()?,
        None => reader.read_all()?,
    })
}
