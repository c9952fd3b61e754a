//! Whether an encoder reads text in lower case: as `tokenizer_config.json` says, else `tokenizer.json`, else it does.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::parse;
use crate::error::{Result, TrainError};

const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
const TOKENIZER: &str = "tokenizer.json";

/// What is decided, and the files that were read for it.
#[derive(Debug)]
pub(super) struct Lowercase {
    pub(super) lowercase: bool,
    pub(super) files: Vec<PathBuf>,
}

#[derive(Default, Deserialize)]
struct TokenizerConfig {
    do_lower_case: Option<bool>,
    strip_accents: Option<bool>,
}

#[derive(Deserialize)]
struct TokenizerFile {
    normalizer: Option<Normalizer>,
}

#[derive(Deserialize)]
struct Normalizer {
    lowercase: Option<bool>,
    strip_accents: Option<bool>,
}

impl Lowercase {
    pub(super) fn read(folder: &Path) -> Result<Self> {
        let mut files = Vec::new();
        let mut found = TokenizerConfig::default();
        let path = folder.join(TOKENIZER_CONFIG);
        if path.exists() {
            found = parse(&path)?;
            files.push(path);
        }
        let path = folder.join(TOKENIZER);
        if found.do_lower_case.is_none() && path.exists() {
            if let Some(normalizer) = parse::<TokenizerFile>(&path)?.normalizer {
                found = TokenizerConfig {
                    do_lower_case: normalizer.lowercase,
                    strip_accents: normalizer.strip_accents,
                };
            }
            files.push(path);
        }
        let lowercase = found.do_lower_case.unwrap_or(true);
        match (found.strip_accents, files.last()) {
            (Some(strips), Some(path)) if strips != lowercase => Err(TrainError::Encoder {
                path: path.clone(),
                reason: format!(
                    "strip_accents is {strips} where lower-casing is {lowercase}; word pieces are read with both or neither"
                ),
            }),
            _ => Ok(Self { lowercase, files }),
        }
    }
}
