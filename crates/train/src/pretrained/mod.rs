//! What a run takes over from others: an encoder, ELMo, word vectors.

mod elmo;
mod encoder;
mod words;

use std::{ffi::OsString, path::PathBuf};

use spanarc_corpus::Sentence;
use spanarc_model::features::Vocabularies;

pub use elmo::PretrainedElmo;
pub use encoder::PretrainedEncoder;
pub use words::{PretrainedWords, WordCoverage};

use crate::{
    config::RunConfig,
    error::{Result, TrainError},
    seeded_vars::SeededVars,
};

/// Where the network keeps ELMo's parameters.
const ELMO: &str = "embedding.elmo.";

/// Where the network keeps the word vectors.
pub(crate) const WORD_VECTORS: &str = "embedding.words.vectors";

/// For errors of those who have not got it.
pub(crate) const WHERE_ELMO_IS_FOUND: &str = "ELMo's options (…options.json) and weights (…weights.hdf5) are \
    published by AllenNLP; the paper's are those of the large model trained on 5.5B words, \"Original (5.5B)\" on \
    AllenNLP's ELMo page, allennlp.org/elmo. Spanarc does not download them";

/// For errors of those who have not got them.
pub(crate) const WHERE_WORD_VECTORS_ARE_FOUND: &str = "Word vectors are text files of a word and its numbers a line, \
    such as those that the GloVe project of the Stanford NLP group publishes; the paper's have 300 dimensions. Spanarc \
    does not download them";

/// Folders and files of pretrained parts, as far as they are used.
#[derive(Debug, Clone, Default)]
pub struct PretrainedPaths {
    /// Folder of an encoder.
    pub encoder: Option<PathBuf>,
    /// Folder of an ELMo.
    pub elmo: Option<PathBuf>,
    /// File of word vectors.
    pub words: Option<PathBuf>,
}

impl PretrainedPaths {
    /// Refuses a configuration that asks for what is not given.
    pub(crate) fn check(&self, config: &RunConfig) -> Result<()> {
        for (asked, given, missing) in [
            (
                config.encoder.is_some(),
                &self.encoder,
                TrainError::NoEncoder,
            ),
            (config.elmo.is_some(), &self.elmo, TrainError::NoElmo),
            (config.words.is_some(), &self.words, TrainError::NoWords),
        ] {
            if asked && given.is_none() {
                return Err(missing);
            }
        }
        Ok(())
    }

    /// The parts that are used with the files that are read of each, by the names of the program's arguments.
    pub(crate) fn files(&self) -> Result<Vec<(&'static str, Vec<PathBuf>)>> {
        let mut files = Vec::new();
        if let Some(folder) = &self.encoder {
            files.push(("encoder", PretrainedEncoder::files(folder)));
        }
        if let Some(folder) = &self.elmo {
            files.push(("elmo", PretrainedElmo::files(folder)?.into()));
        }
        if let Some(file) = &self.words {
            files.push(("words", vec![file.clone()]));
        }
        Ok(files)
    }

    /// Arguments by which a process of `spanarc` is told of them.
    pub fn arguments(&self) -> Vec<OsString> {
        let given = [
            ("--encoder", &self.encoder),
            ("--elmo", &self.elmo),
            ("--words", &self.words),
        ];
        let given = given
            .into_iter()
            .filter_map(|(flag, path)| Some([flag.into(), path.clone()?.into()]));
        given.flatten().collect()
    }
}

/// Pretrained parts that have been read.
#[derive(Debug, Default)]
pub(crate) struct Pretrained {
    pub(crate) encoder: Option<PretrainedEncoder>,
    pub(crate) elmo: Option<PretrainedElmo>,
    pub(crate) words: Option<PretrainedWords>,
}

impl Pretrained {
    /// Reads what the configuration and the paths agree on, and of the word vectors those of the sentences' words.
    pub(crate) fn read<'a>(
        config: &RunConfig,
        paths: &PretrainedPaths,
        sentences: impl Iterator<Item = &'a Sentence>,
    ) -> Result<Self> {
        paths.check(config)?;
        let encoder = paths.encoder.as_deref().map(PretrainedEncoder::read);
        let elmo = paths.elmo.as_deref().map(PretrainedElmo::read);
        let words = paths.words.as_deref().map(|path| {
            let tokens = sentences.flat_map(|sentence| &sentence.tokens);
            PretrainedWords::read(path, &config.words(), tokens.map(String::as_str))
        });
        Ok(Self {
            encoder: encoder.transpose()?,
            elmo: elmo.transpose()?,
            words: words.transpose()?,
        })
    }

    /// What the network reads text by.
    pub(crate) fn vocabularies(&self) -> Vocabularies<'_> {
        Vocabularies {
            pieces: (self.encoder.as_ref()).map(|encoder| encoder.vocabulary.as_str()),
            words: self.words.as_ref().map(|words| words.words.as_str()),
        }
    }

    /// Puts ELMo, frozen, and the word vectors where the network looks for them.
    pub(crate) fn place_elmo_and_words(&self, vars: &SeededVars, config: &RunConfig) -> Result<()> {
        if let Some(elmo) = &self.elmo {
            for (name, tensor) in &elmo.tensors {
                vars.insert(&format!("{ELMO}{name}"), tensor, false)?;
            }
        }
        if let Some(words) = &self.words {
            vars.insert(WORD_VECTORS, &words.vectors, config.words().fine_tune)?;
        }
        Ok(())
    }
}
