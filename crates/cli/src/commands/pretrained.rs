//! What commands that train take over from others: an encoder, ELMo, word vectors.

use std::path::PathBuf;

use clap::Args;
use spanarc_train::pretrained::PretrainedPaths;

#[derive(Args)]
pub(crate) struct PretrainedArguments {
    /// Folder of a pretrained encoder: config.json, vocab.txt, model.safetensors
    #[arg(long, value_name = "FOLDER")]
    encoder: Option<PathBuf>,
    /// Folder of a pretrained ELMo: …options.json and …weights.hdf5, as AllenNLP publishes them
    #[arg(long, value_name = "FOLDER")]
    elmo: Option<PathBuf>,
    /// Static word vectors, a word and its numbers a line, such as GloVe's
    #[arg(long, value_name = "FILE")]
    words: Option<PathBuf>,
}

impl PretrainedArguments {
    pub(crate) fn paths(&self) -> PretrainedPaths {
        PretrainedPaths {
            encoder: self.encoder.clone(),
            elmo: self.elmo.clone(),
            words: self.words.clone(),
        }
    }
}
