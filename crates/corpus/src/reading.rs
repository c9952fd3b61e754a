//! What reading a corpus gives: its sentences, what was refused and why, what was passed over by rule.

use std::{
    collections::{BTreeMap, HashSet},
    fmt,
    sync::Arc,
};

use crate::{
    document::Sentence,
    read_error::{LineProblem, ReadError, check_types},
    schema::LabelSchema,
};

/// A line of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Name of the source.
    pub source: Arc<str>,
    /// Line, from 1.
    pub line: usize,
}

impl Place {
    /// The line `line` of `source`.
    pub fn new(source: &Arc<str>, line: usize) -> Self {
        Self {
            source: Arc::clone(source),
            line,
        }
    }

    /// A problem of this line as an error.
    pub fn refuse(&self, problem: impl Into<LineProblem>) -> ReadError {
        ReadError::Line {
            name: self.source.to_string(),
            line: self.line,
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}", self.source, self.line)
    }
}

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

/// What a reader passed over or changed, each by a documented rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Note {
    /// An entity in several pieces, left out as the rules say.
    DiscontinuousDropped,
    /// An entity in several pieces, read as the text from the first to the last.
    DiscontinuousCovered,
    /// A relation with an entity that was left out.
    RelationOfDropped,
    /// A relation that the sentence holds already.
    RelationRepeated,
    /// A relation between entities of two sentences.
    RelationAcrossSentences,
    /// Sentences taken for one because an entity lies in both.
    SentencesJoined,
    /// A token cut in two because an entity ends or begins inside it.
    TokenCut,
    /// An event (`E`) of brat.
    Event,
    /// A relation of brat with an event.
    RelationOfEvent,
    /// An attribute (`A`, `M`) of brat.
    Attribute,
    /// A normalisation (`N`) of brat.
    Normalisation,
    /// A note (`#`) of brat.
    Comment,
    /// An equivalence (`*`) of brat.
    Equivalence,
    /// A document without the key that holds relations.
    NoRelationsKey,
}

impl Note {
    /// What happened, in words that follow a count.
    pub const fn description(self) -> &'static str {
        match self {
            Self::DiscontinuousDropped => "discontinuous entities left out",
            Self::DiscontinuousCovered => "discontinuous entities read from first to last piece",
            Self::RelationOfDropped => "relations with an entity that was left out, left out too",
            Self::RelationRepeated => "relations that stand there twice, read once",
            Self::RelationAcrossSentences => "relations between two sentences passed over",
            Self::SentencesJoined => "sentence boundaries inside an entity passed over",
            Self::TokenCut => "tokens cut where an entity begins or ends",
            Self::Event => "events passed over; their triggers are entities",
            Self::RelationOfEvent => "relations with an event passed over",
            Self::Attribute => "attributes passed over",
            Self::Normalisation => "normalisations passed over",
            Self::Comment => "comments passed over",
            Self::Equivalence => "equivalences passed over",
            Self::NoRelationsKey => "documents without the key `relations`",
        }
    }
}

/// What was read so far, of one source or several.
#[derive(Debug, Default)]
pub struct Reading {
    /// The sentences, in order.
    pub sentences: Vec<LocatedSentence>,
    /// What could not be read.
    pub refused: Vec<ReadError>,
    /// How often something was passed over or changed.
    pub notes: BTreeMap<Note, usize>,
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
    pub(crate) fn keep(&mut self, sentence: Sentence, place: Place) {
        self.keep_with(sentence, place, AnnotationPlaces::default());
    }

    /// The same of a sentence whose annotations stand on lines of their own.
    pub(crate) fn keep_with(
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
            Err(problem) => self.refused.push(place.refuse(problem)),
        }
    }

    pub(crate) fn refuse(&mut self, place: &Place, problem: impl Into<LineProblem>) {
        self.refused.push(place.refuse(problem));
    }

    pub(crate) fn note(&mut self, note: Note) {
        *self.notes.entry(note).or_default() += 1;
    }

    /// Refuses sentences with entities that share a token, which tags cannot express.
    pub fn refuse_overlaps(&mut self) {
        self.retain(|sentence| match first_overlap(sentence) {
            None => Ok(()),
            Some((first, second)) => Err(Fault {
                annotation: Annotation::Entity(second),
                problem: LineProblem::Overlap {
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
        let mut dropped = 0;
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
            dropped += repeated.iter().filter(|&&repeated| repeated).count();
            retain_unmarked(relations, &repeated);
            retain_unmarked(&mut located.annotation_places.relations, &repeated);
        }
        if dropped > 0 {
            *self.notes.entry(Note::RelationRepeated).or_default() += dropped;
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
                place.unwrap_or(&located.place).refuse(fault.problem)
            }));
            keep
        });
    }
}

/// What is wrong with which annotation of a sentence.
pub(crate) struct Fault {
    pub(crate) annotation: Annotation,
    pub(crate) problem: LineProblem,
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
