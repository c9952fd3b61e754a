//! Auxiliary corpora: more sentences, with the run's own labels or with others; others teach entities alone.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use spanarc_corpus::{LabelSchema, Sentence, TagScheme};
use spanarc_model::{
    config::NetworkConfig,
    features::Featurizer,
    network::{EntityHead, JointNetwork},
};

use crate::{
    batching,
    corpus::{self, read_sentences},
    corpus_choice::CorpusChoice,
    corpus_files::corpus_name,
    dataset::Dataset,
    error::Result,
    seed,
    seeded_vars::SeededVars,
};

/// Where the parameters of auxiliary heads stand; they are trained along and left out of the bundle.
pub(crate) const HEADS: &str = "auxiliary.";

/// Which tags an auxiliary corpus teaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Head {
    /// Those of its own labels, through a tanh layer, a linear layer and a CRF of its own.
    #[default]
    Own,
    /// Those of the run: its labels must be among them.
    Main,
}

/// A table `[[auxiliary]]` of the configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuxiliaryChoice {
    /// File of sentences; in a configuration file relative to that file's folder. In a cross-validation `{fold}` in it stands for
    /// the fold's number.
    pub data: PathBuf,
    /// Which tags it teaches.
    #[serde(default)]
    pub head: Head,
    /// With [`Head::Main`]: whether its relations count, their absence too. Otherwise it says nothing about relations.
    #[serde(default)]
    pub relations: bool,
    /// Share of its sentences that an epoch draws, above 0 and at most 1; each epoch draws others.
    #[serde(default = "one")]
    pub share: f64,
    /// Factor of its loss.
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
        } else if !(self.weight > 0. && self.weight.is_finite()) {
            Some(("weight", "above 0"))
        } else if self.relations && self.head == Head::Own {
            Some(("relations", "false where head = \"own\""))
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
    /// Reads the file. With [`Head::Main`], a label that `schema` lacks is an error that names the line.
    pub(crate) fn read(choice: &'a AuxiliaryChoice, schema: &LabelSchema) -> Result<Self> {
        let known = (choice.head == Head::Main).then_some(schema);
        Ok(Self {
            choice,
            name: corpus_name(&choice.data),
            sentences: read_sentences(&choice.data, &CorpusChoice::default(), known)?,
        })
    }

    /// By what a run knows it again.
    pub(crate) fn sha256(&self) -> Result<String> {
        corpus::sha256(&self.name, &[&self.sentences])
    }
}

/// An auxiliary corpus ready to be trained on.
#[derive(Debug)]
pub(crate) struct Auxiliary {
    pub(crate) choice: AuxiliaryChoice,
    pub(crate) data: Dataset,
    /// Its own head, if it has one.
    pub(crate) head: Option<EntityHead>,
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
        let own = (corpus.choice.head == Head::Own)
            .then(|| LabelSchema::from_sentences(&corpus.sentences));
        let data = Dataset::new(
            &corpus.sentences,
            own.as_ref().unwrap_or(schema),
            scheme,
            featurizer,
        )?;
        let head = own.map(|own| {
            EntityHead::new(
                network.entity_feature_size(),
                shape.ner_feed_forward,
                scheme.tag_count(own.entity_types.len()),
                &vars.var_builder().pp(format!("{HEADS}{index}")),
            )
        });
        let drawn = (data.len() as f64 * corpus.choice.share).ceil() as usize;
        Ok(Self {
            choice: corpus.choice.clone(),
            drawn: drawn.clamp(1, data.len()),
            data,
            head: head.transpose()?,
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
