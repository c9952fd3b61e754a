//! What reading a corpus gives: its sentences, what was refused and why, what was passed over by rule.

use std::collections::HashSet;

use spanarc_formats::{Note, Noted, Place};

use crate::{
    document::Sentence,
    read_error::{ReadError, SentenceProblem, check_types},
    schema::LabelSchema,
};

/// A sentence and where it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedSentence {
    /// The sentence, valid.
    pub sentence: Sentence,
    /// The line on which it begins.
    pub place: Place,
    /// The lines of its annotations.
    pub annotation_places: AnnotationPlaces,
    /// Running number of its document: sentences of one document belong in one part of a corpus.
    pub document: usize,
}

/// The lines of a sentence's annotations; empty where that is the sentence's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AnnotationPlaces {
    /// Of each entity.
    pub entities: Vec<Place>,
    /// Of each relation.
    pub relations: Vec<Place>,
}

/// What was read so far, of one source or several.
#[derive(Debug, Default)]
pub struct Reading {
    /// The sentences, in order.
    pub sentences: Vec<LocatedSentence>,
    /// What could not be read.
    pub refused: Vec<ReadError>,
    /// What was left out or changed by rule.
    pub notes: Vec<Noted>,
    documents: usize,
}

impl Reading {
    /// Begins the next document.
    pub(crate) fn begin_document(&mut self) {
        self.documents += 1;
    }

    /// Documents begun so far.
    pub fn documents(&self) -> usize {
        self.documents
    }

    /// Keeps a sentence of the current document if it is valid.
    pub(crate) fn keep(
        &mut self,
        sentence: Sentence,
        place: Place,
        annotation_places: AnnotationPlaces,
    ) {
        match sentence.validate() {
            Ok(()) => self.sentences.push(LocatedSentence {
                sentence,
                place,
                annotation_places,
                document: self.documents,
            }),
            Err(problem) => self.refuse(&place, problem),
        }
    }

    pub(crate) fn refuse(&mut self, place: &Place, problem: impl Into<SentenceProblem>) {
        self.refused.push(ReadError::sentence(place, problem));
    }

    /// Refuses sentences with entities that share a token, which tags cannot express.
    pub fn refuse_overlaps(&mut self) {
        self.retain(|sentence| match first_overlap(sentence) {
            None => Ok(()),
            Some((first, second)) => Err(Fault {
                annotation: Annotation::Entity(second),
                problem: SentenceProblem::Overlap {
                    first: named(sentence, first),
                    second: named(sentence, second),
                },
            }),
        });
    }

    /// Refuses sentences with types that the schema does not hold.
    pub fn check_against(&mut self, schema: &LabelSchema) {
        self.retain(|sentence| check_types(sentence, schema));
    }

    /// Leaves one of each relation of the same type between the same entities, by type and place. After the checks, which tell
    /// relations by their numbers in the source.
    pub fn drop_repeated_relations(&mut self) {
        for located in &mut self.sentences {
            let Sentence {
                entities,
                relations,
                ..
            } = &mut located.sentence;
            let mut known = HashSet::new();
            let repeated = relations.iter().map(|relation| {
                let arguments = [relation.head, relation.tail].map(|index| &entities[index]);
                !known.insert((relation.kind.as_str(), arguments))
            });
            let repeated: Vec<bool> = repeated.collect();
            let places = &mut located.annotation_places.relations;
            for (index, _) in repeated
                .iter()
                .enumerate()
                .filter(|(_, repeated)| **repeated)
            {
                self.notes.push(Noted {
                    note: Note::RelationRepeated,
                    place: places.get(index).unwrap_or(&located.place).clone(),
                    subject: relations[index].kind.clone(),
                });
            }
            retain_unmarked(relations, &repeated);
            retain_unmarked(places, &repeated);
        }
    }

    fn retain(&mut self, check: impl Fn(&Sentence) -> Result<(), Fault>) {
        let refused = &mut self.refused;
        self.sentences.retain(|located| {
            let fault = check(&located.sentence).err();
            let keep = fault.is_none();
            refused.extend(fault.map(|fault| {
                let places = &located.annotation_places;
                let place = match fault.annotation {
                    Annotation::Entity(index) => places.entities.get(index),
                    Annotation::Relation(index) => places.relations.get(index),
                };
                ReadError::sentence(place.unwrap_or(&located.place), fault.problem)
            }));
            keep
        });
    }
}

/// What is wrong with which annotation of a sentence.
pub(crate) struct Fault {
    pub(crate) annotation: Annotation,
    pub(crate) problem: SentenceProblem,
}

/// An annotation of a sentence, by its index.
pub(crate) enum Annotation {
    Entity(usize),
    Relation(usize),
}

/// Keeps the items whose mark is not set; all where there are no more marks.
fn retain_unmarked<T>(items: &mut Vec<T>, marks: &[bool]) {
    let mut marks = marks.iter();
    items.retain(|_| marks.next() != Some(&true));
}

/// Indices of two entities that share a token.
fn first_overlap(sentence: &Sentence) -> Option<(usize, usize)> {
    let mut order: Vec<usize> = (0..sentence.entities.len()).collect();
    order.sort_by_key(|&index| sentence.entities[index].span);
    // In order of their starts, of two that overlap there are two next to each other.
    order.windows(2).find_map(|pair| {
        let [first, second] = [pair[0], pair[1]];
        let (one, other) = (&sentence.entities[first], &sentence.entities[second]);
        one.span.overlaps(other.span).then_some((first, second))
    })
}

/// An entity of a sentence by index, type and words.
fn named(sentence: &Sentence, index: usize) -> String {
    let entity = &sentence.entities[index];
    let words = sentence.tokens[entity.span.start..entity.span.end].join(" ");
    format!("entities[{index}] ({} {words:?})", entity.kind)
}
