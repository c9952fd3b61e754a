//! Why a corpus, or a sentence of it, cannot be read.

use spanarc_formats::Place;

use crate::{
    document::{Sentence, SentenceError},
    reading::{Annotation, Fault},
    schema::LabelSchema,
};

/// Why a corpus cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A file does not hold what its format demands.
    #[error(transparent)]
    Format(#[from] spanarc_formats::ReadError),
    /// A sentence that cannot be learnt from or measured on.
    #[error("{place}: {problem}")]
    Sentence {
        /// Where it was read.
        place: Place,
        /// What is wrong with it.
        problem: SentenceProblem,
    },
}

impl ReadError {
    pub(crate) fn sentence(place: &Place, problem: impl Into<SentenceProblem>) -> Self {
        Self::Sentence {
            place: place.clone(),
            problem: problem.into(),
        }
    }

    /// That `name` holds no sentences.
    pub fn empty(name: &str) -> Self {
        let name = name.to_owned();
        spanarc_formats::ReadError::Empty { name }.into()
    }
}

/// What is wrong with a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SentenceProblem {
    /// Spans or arguments that do not exist.
    #[error(transparent)]
    Sentence(#[from] SentenceError),
    /// A type that the schema does not know.
    #[error("{field} is {name:?}, which the label schema does not know; it knows {known}")]
    UnknownType {
        /// Path of the field.
        field: String,
        /// The type's name.
        name: String,
        /// The schema's types of that kind.
        known: String,
    },
    /// Two entities that share a token, where that cannot be.
    #[error(
        "{first} and {second} overlap, which tags cannot express: `overlaps = \"drop\"` keeps one of them"
    )]
    Overlap {
        /// The one that begins first, by index, type and words.
        first: String,
        /// The other one.
        second: String,
    },
    /// An entity in pieces, where that is refused.
    #[error(
        "{mention} is discontinuous, which tags cannot express: `discontinuous = \"drop\"` leaves such entities out, \
         \"cover\" takes the text from first to last piece"
    )]
    Discontinuous {
        /// Its type, words and offsets.
        mention: String,
    },
}

/// Refuses a sentence with a type that the schema does not hold.
pub(crate) fn check_types(sentence: &Sentence, schema: &LabelSchema) -> Result<(), Fault> {
    let unknown = |field, name: &str, known: Vec<&str>, annotation| {
        let problem = SentenceProblem::UnknownType {
            field,
            name: name.to_owned(),
            known: known.join(", "),
        };
        Err(Fault {
            annotation,
            problem,
        })
    };
    for (index, entity) in sentence.entities.iter().enumerate() {
        if schema.entity_index(&entity.kind).is_none() {
            let known = schema
                .entity_types
                .iter()
                .map(|kind| kind.name.as_str())
                .collect();
            let field = format!("entities[{index}].type");
            return unknown(field, &entity.kind, known, Annotation::Entity(index));
        }
    }
    for (index, relation) in sentence.relations.iter().enumerate() {
        if schema.relation_index(&relation.kind).is_none() {
            let known = schema
                .relation_types
                .iter()
                .map(|kind| kind.name.as_str())
                .collect();
            let field = format!("relations[{index}].type");
            return unknown(field, &relation.kind, known, Annotation::Relation(index));
        }
    }
    Ok(())
}
