//! Starting from the weights of another run: what its bundle has in common with the new network is taken over.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt, fs,
    path::{Path, PathBuf},
};

use candle_core::{Device, Tensor};
use spanarc_corpus::LabelSchema;
use spanarc_model::{
    bundle::{Bundle, BundleError, BundleMetadata},
    config::NetworkConfig,
    features::Vocabularies,
};

use crate::{
    error::{Result, TrainError},
    preparation::ENCODER,
    pretrained::WORD_VECTORS,
    seeded_vars::SeededVars,
};

/// The characters' table, whose rows mean what the alphabet says.
const CHARACTERS: &str = "embedding.characters.embedding";

/// Parameters whose rows mean what the entity types say, by the beginning of their names.
const OF_ENTITY_TYPES: [&str; 3] = ["emission.", "crf.", "relation.labels"];

/// Parameters whose rows mean what the relation types say.
const OF_RELATION_TYPES: [&str; 2] = ["relation.diagonal", "relation.output."];

/// A bundle to start from.
#[derive(Debug)]
pub(crate) struct StartingWeights {
    pub(crate) metadata: BundleMetadata,
    pieces: Option<String>,
    words: Option<String>,
    tensors: BTreeMap<String, Tensor>,
}

/// What came of starting from another run's bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenOver {
    /// The bundle.
    pub bundle: PathBuf,
    /// Names of the network's parameters that have the bundle's values.
    pub taken: Vec<String>,
    /// Names of the network's parameters that do not: drawn anew, or the pretrained encoder's.
    pub others: Vec<String>,
    /// Names of the bundle's parameters for which the network has no use.
    pub unused: Vec<String>,
}

impl fmt::Display for TakenOver {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (taken, all) = (self.taken.len(), self.taken.len() + self.others.len());
        let bundle = self.bundle.display();
        write!(formatter, "{taken} of {all} parameters start from {bundle}")?;
        for (what, names) in [
            ("not taken from it", &self.others),
            ("of no use here", &self.unused),
        ] {
            if !names.is_empty() {
                write!(formatter, "\n  {what}: {}", names.join(", "))?;
            }
        }
        Ok(())
    }
}

/// The corpora that a bundle was fitted to.
pub(crate) fn corpora(path: &Path) -> Result<Vec<String>> {
    let file = fs::read(path).map_err(|source| TrainError::io(path, source))?;
    let bundle = Bundle::parse(&file).map_err(refused(path))?;
    Ok(bundle.metadata().provenance.corpora.clone())
}

fn refused(path: &Path) -> impl Fn(BundleError) -> TrainError {
    move |source| TrainError::Start {
        path: path.to_owned(),
        source: Box::new(source),
    }
}

impl StartingWeights {
    /// Reads a bundle, of f32 or quantised.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let file = fs::read(path).map_err(|source| TrainError::io(path, source))?;
        let bundle = Bundle::parse(&file).map_err(refused(path))?;
        let parameters = bundle.var_builder(&Device::Cpu);
        let tensors = bundle
            .parameter_names()
            .map(|name| Ok((name.to_owned(), parameters.get_unchecked(name)?)))
            .collect::<Result<_>>()?;
        Ok(Self {
            metadata: bundle.metadata().clone(),
            pieces: bundle.vocabularies().pieces.map(str::to_owned),
            words: bundle.vocabularies().words.map(str::to_owned),
            tensors,
        })
    }

    /// Gives the parameters of a network of this shape their new values. A parameter is taken over where name, shape and
    /// meaning agree: tags need the same entity types in the same scheme, relation scores the same relation types, an
    /// encoder the same architecture and vocabulary, word vectors the same words. Of the characters' table those rows are taken whose characters both alphabets hold.
    pub(crate) fn place(
        &self,
        vars: &SeededVars,
        shape: &NetworkConfig,
        schema: &LabelSchema,
        vocabularies: Vocabularies,
    ) -> Result<BTreeSet<String>> {
        let theirs = &self.metadata;
        let same_tags = theirs.network.scheme == shape.scheme
            && names(&theirs.schema.entity_types, |kind| &kind.name)
                == names(&schema.entity_types, |kind| &kind.name);
        let same_relations = names(&theirs.schema.relation_types, |kind| &kind.name)
            == names(&schema.relation_types, |kind| &kind.name);
        let kind = |network: &NetworkConfig| network.encoder.as_ref().map(|encoder| encoder.kind);
        let same_encoder =
            self.pieces.as_deref() == vocabularies.pieces && kind(&theirs.network) == kind(shape);
        let same_words = self.words.as_deref() == vocabularies.words;
        let begins = |name: &str, any: &[&str]| any.iter().any(|start| name.starts_with(start));
        let mut taken = BTreeSet::new();
        for (name, tensor) in &self.tensors {
            let means_the_same = (same_tags || !begins(name, &OF_ENTITY_TYPES))
                && (same_relations || !begins(name, &OF_RELATION_TYPES))
                && (same_encoder || !name.starts_with(ENCODER))
                && (same_words || name != WORD_VECTORS);
            let replaced = if !means_the_same {
                false
            } else if name == CHARACTERS {
                self.place_characters(vars, shape, tensor)?
            } else {
                vars.replace(name, tensor)?
            };
            if replaced {
                taken.insert(name.clone());
            }
        }
        Ok(taken)
    }

    fn place_characters(
        &self,
        vars: &SeededVars,
        shape: &NetworkConfig,
        theirs: &Tensor,
    ) -> Result<bool> {
        let (Some(old), Some(new), Some(ours)) = (
            &self.metadata.network.characters,
            &shape.characters,
            vars.tensors().remove(CHARACTERS),
        ) else {
            return Ok(false);
        };
        if old.embedding != new.embedding {
            return Ok(false);
        }
        if theirs.dims() != [old.alphabet.chars().count() + 2, old.embedding] {
            return Ok(false);
        }
        let theirs = theirs.to_vec2::<f32>()?;
        let mut rows = ours.to_vec2::<f32>()?;
        // Rows 0 and 1 stand for padding and for unknown characters.
        let known = old.alphabet.chars().zip(2..);
        let known: BTreeMap<char, usize> = known.collect();
        let pairs = (new.alphabet.chars().zip(2..))
            .filter_map(|(character, row)| Some((row, *known.get(&character)?)));
        for (row, their_row) in [(0, 0), (1, 1)].into_iter().chain(pairs) {
            rows[row].clone_from(&theirs[their_row]);
        }
        Ok(vars.replace(CHARACTERS, &Tensor::new(rows, &Device::Cpu)?)?)
    }

    /// What was taken over of the bundle, given the names of the network's parameters.
    pub(crate) fn report<'a>(
        &self,
        bundle: &Path,
        taken: BTreeSet<String>,
        network: impl Iterator<Item = &'a String>,
    ) -> TakenOver {
        let without = |name: &&String| !taken.contains(*name);
        TakenOver {
            bundle: bundle.to_owned(),
            others: network.filter(without).cloned().collect(),
            unused: self.tensors.keys().filter(without).cloned().collect(),
            taken: taken.iter().cloned().collect(),
        }
    }
}

fn names<T>(types: &[T], name: impl Fn(&T) -> &String) -> Vec<&String> {
    types.iter().map(name).collect()
}
