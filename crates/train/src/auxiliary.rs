//! Auxiliary corpora: more sentences, with the run's own labels, with others, which teach entities alone, or with none, some of
//! whose words are masked.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use spanarc_corpus::{Hyphens, LabelSchema, Sentence, TagScheme};
use spanarc_formats::lines::Lines;
use spanarc_model::{
    config::NetworkConfig,
    embedding::encoder::MaskedLanguageHead,
    features::Featurizer,
    network::{EntityHead, JointNetwork},
};
use spanarc_segmentation::EngineSegmenter;

use crate::{
    batching,
    config::validation::{POSITIVE, is_positive},
    corpus::{self, read_sentences},
    corpus_choice::CorpusChoice,
    corpus_files::corpus_name,
    dataset::Dataset,
    error::{Result, TrainError},
    seed,
    seeded_vars::SeededVars,
};

/// Where the parameters of auxiliary heads stand; they are trained along and left out of the bundle.
pub(crate) const HEADS: &str = "auxiliary.";

/// What an auxiliary corpus teaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Head {
    /// Tags of its own labels, through a tanh layer, a linear layer and a CRF of its own.
    #[default]
    Own,
    /// Tags of the run: its labels must be among them.
    Main,
    /// Running text, some of whose words are masked, to be predicted by a masked language model's head on the encoder.
    MaskedWords,
}

/// A table `[[auxiliary]]` of the configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuxiliaryChoice {
    /// File of sentences, or of text; in a configuration file relative to that file's folder. In a cross-validation `{fold}` in it stands for
    /// the fold's number.
    pub data: PathBuf,
    /// What it teaches.
    #[serde(default)]
    pub head: Head,
    /// With [`Head::Main`]: whether its relations count, their absence too. Otherwise it says nothing about relations.
    #[serde(default)]
    pub relations: bool,
    /// Share of its sentences that an epoch draws, above 0 and at most 1; each epoch draws others.
    #[serde(default = "one")]
    pub share: f64,
    /// Factor of its loss, and of `clip` for its batches.
    #[serde(default = "one")]
    pub weight: f64,
}

fn one() -> f64 {
    1.
}

impl AuxiliaryChoice {
    /// The field that cannot be, and what it must be.
    pub(crate) fn fault(&self) -> Option<(&'static str, &'static str)> {
        if !(self.share > 0. && self.share <= 1.) {
            Some(("share", "above 0 and at most 1"))
        } else if !is_positive(self.weight) {
            Some(("weight", POSITIVE))
        } else if self.relations && self.head != Head::Main {
            Some(("relations", "false without head = \"main\""))
        } else {
            None
        }
    }
}

/// An auxiliary corpus as it was read.
pub(crate) struct AuxiliaryCorpus<'a> {
    pub(crate) choice: &'a AuxiliaryChoice,
    pub(crate) name: String,
    pub(crate) sentences: Vec<Sentence>,
}

impl<'a> AuxiliaryCorpus<'a> {
    /// Reads the file by the default rules, running text split as the run's own corpus is. With [`Head::Main`], a label that
    /// `schema` lacks is an error that names the line.
    pub(crate) fn read(
        choice: &'a AuxiliaryChoice,
        schema: &LabelSchema,
        hyphens: Hyphens,
    ) -> Result<Self> {
        let rules = CorpusChoice {
            hyphens,
            ..CorpusChoice::default()
        };
        let labelled = |schema| read_sentences(&choice.data, &rules, schema);
        Ok(Self {
            choice,
            name: corpus_name(&choice.data),
            sentences: match choice.head {
                Head::Own => labelled(None)?,
                Head::Main => labelled(Some(schema))?,
                Head::MaskedWords => read_text(&choice.data, hyphens)?,
            },
        })
    }

    /// Its sentences, if somebody has annotated them.
    pub(crate) fn annotated(&self) -> &[Sentence] {
        match self.choice.head {
            Head::Own | Head::Main => &self.sentences,
            Head::MaskedWords => &[],
        }
    }

    /// By what a run knows it again.
    pub(crate) fn sha256(&self) -> Result<String> {
        corpus::sha256(&self.name, &[&self.sentences])
    }
}

/// The sentences of a text, each line of which is running text.
fn read_text(path: &Path, hyphens: Hyphens) -> Result<Vec<Sentence>> {
    let segmenter = EngineSegmenter(hyphens);
    let file = File::open(path).map_err(|source| TrainError::io(path, source))?;
    let mut sentences = Vec::new();
    for line in Lines::new(BufReader::new(file), path.display().to_string()) {
        let (line, text) = line.map_err(|error| TrainError::Refused(vec![error.into()]))?;
        sentences.extend(segmenter.words(&text).map(|tokens| Sentence {
            id: line.to_string(),
            tokens,
            entities: Vec::new(),
            relations: Vec::new(),
        }));
    }
    match sentences.is_empty() {
        true => Err(TrainError::corpus(path, "holds no words".to_owned())),
        false => Ok(sentences),
    }
}

/// What the sentences of an auxiliary corpus are compared with.
#[derive(Debug)]
pub(crate) enum AuxiliaryHead {
    /// The run's own tags.
    Main,
    Own(EntityHead),
    Masked(MaskedLanguageHead),
}

/// An auxiliary corpus ready to be trained on.
#[derive(Debug)]
pub(crate) struct Auxiliary {
    pub(crate) choice: AuxiliaryChoice,
    pub(crate) data: Dataset,
    pub(crate) head: AuxiliaryHead,
    pub(crate) drawn: usize,
}

impl Auxiliary {
    /// Makes the head, and the features of the sentences. `index` tells heads apart.
    pub(crate) fn new(
        corpus: &AuxiliaryCorpus,
        index: usize,
        schema: &LabelSchema,
        shape: &NetworkConfig,
        network: &JointNetwork,
        featurizer: &Featurizer,
        vars: &SeededVars,
    ) -> Result<Self> {
        let scheme: TagScheme = shape.scheme;
        let labelled = |schema: &_| Dataset::new(&corpus.sentences, schema, scheme, featurizer);
        let vb = vars.var_builder().pp(format!("{HEADS}{index}"));
        let (data, head) = match corpus.choice.head {
            Head::Main => (labelled(schema)?, AuxiliaryHead::Main),
            Head::Own => {
                let schema = LabelSchema::from_sentences(&corpus.sentences);
                let features = network.entity_feature_size();
                let tags = scheme.tag_count(schema.entity_types.len());
                let head = EntityHead::new(features, shape.ner_feed_forward, tags, &vb)?;
                (labelled(&schema)?, AuxiliaryHead::Own(head))
            }
            Head::MaskedWords => {
                let head = network.embedding().masked_language_head(vb)?;
                let text = Dataset::of_text(&corpus.sentences, featurizer);
                (text, AuxiliaryHead::Masked(head))
            }
        };
        let drawn = (data.len() as f64 * corpus.choice.share).ceil() as usize;
        Ok(Self {
            choice: corpus.choice.clone(),
            drawn: drawn.clamp(1, data.len()),
            data,
            head,
        })
    }

    /// Batches of at most `size` sentences that an epoch draws.
    pub(crate) fn batches(
        &self,
        size: usize,
        run: u64,
        index: usize,
        epoch: usize,
    ) -> Vec<Vec<usize>> {
        let purpose =
            |what: &str| seed::derived(run, &format!("{what} of auxiliary {index}"), epoch);
        let drawn = batching::subset(self.data.len(), self.drawn, purpose("sentences"));
        let lengths = self.data.lengths();
        let of_drawn: Vec<usize> = drawn.iter().map(|&sentence| lengths[sentence]).collect();
        let mut batches = batching::shuffled(&of_drawn, size, purpose("order"));
        for place in batches.iter_mut().flatten() {
            *place = drawn[*place];
        }
        batches
    }

    /// Number of batches of every epoch.
    pub(crate) fn batch_count(&self, size: usize) -> usize {
        self.drawn.div_ceil(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotated_running_text_is_split_at_hyphens_as_the_corpus_is() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("notes.jsonl");
        let line = r#"{"text": "A drug-induced rash.", "entities": [{"type": "Effect", "start": 15, "end": 19}], "relations": []}"#;
        std::fs::write(&data, line).unwrap();
        let choice = AuxiliaryChoice {
            data,
            head: Head::Own,
            relations: false,
            share: 1.,
            weight: 1.,
        };
        let tokens = |hyphens| {
            let schema = LabelSchema::from_sentences([]);
            let corpus = AuxiliaryCorpus::read(&choice, &schema, hyphens).unwrap();
            corpus.sentences[0].tokens.join(" ")
        };
        assert_eq!(tokens(Hyphens::Joined), "A drug-induced rash .");
        assert_eq!(tokens(Hyphens::Split), "A drug - induced rash .");
    }
}
