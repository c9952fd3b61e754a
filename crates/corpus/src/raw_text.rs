//! Annotated running text to sentences of tokens.

use std::sync::Arc;

use crate::{
    document::{Entity, Relation, Sentence},
    reading::{AnnotationPlaces, Note, Place, Reading},
    span::{Byte, Span, Token},
};

/// How running text becomes sentences and tokens. A model should meet the same words in training as in use, so this is
/// the business of whoever uses it.
pub trait Segmenter {
    /// The sentences of a text in order; what is in none is white space.
    fn sentences(&self, text: &str) -> Vec<Span<Byte>>;

    /// The tokens of a sentence in order, each with what the model is given for it, which is not empty.
    fn tokens(&self, sentence: &str) -> Vec<(Span<Byte>, String)>;
}

/// Why an annotation of a text cannot be one of tokens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextProblem {
    /// An entity of no or only white space.
    #[error("{kind} covers nothing but white space")]
    Blank {
        /// Type of the entity.
        kind: String,
    },
    /// An entity of characters that belong to no token.
    #[error("{kind} {text:?} covers no token")]
    NoToken {
        /// Type of the entity.
        kind: String,
        /// Its text.
        text: String,
    },
}

/// A text with annotations by bytes.
#[derive(Debug)]
pub(crate) struct RawText<'a> {
    pub id: String,
    pub text: &'a str,
    pub entities: Vec<RawEntity>,
    pub relations: Vec<RawRelation>,
    pub place: TextPlace,
}

/// Where a text stands in its source.
#[derive(Debug)]
pub(crate) enum TextPlace {
    /// It is the source.
    Source(Arc<str>),
    /// It stands on one line.
    Line(Place),
}

/// An entity, on characters of the text.
#[derive(Debug)]
pub(crate) struct RawEntity {
    pub kind: String,
    pub span: Span<Byte>,
    pub place: Place,
}

/// A relation, by indices into the text's entities; never of an entity with itself.
#[derive(Debug)]
pub(crate) struct RawRelation {
    pub kind: String,
    pub head: usize,
    pub tail: usize,
    pub place: Place,
}

impl RawText<'_> {
    /// Hands the text's sentences over, as a document of their own.
    ///
    /// White space at the ends of an entity is no part of it. Where an entity lies in two sentences, they are one;
    /// where it begins or ends inside a token, the token is cut there. A relation between two sentences is passed over.
    pub(crate) fn read(mut self, segmenter: &dyn Segmenter, reading: &mut Reading) {
        reading.begin_document();
        let kept = self.trim_entities(reading);
        let sentences = self.sentences(segmenter, &kept, reading);
        let sentence_of = |index: usize| {
            let start = self.entities[index].span.start;
            sentences.partition_point(|sentence| sentence.end <= start)
        };
        for relation in &self.relations {
            if [relation.head, relation.tail]
                .iter()
                .any(|argument| kept.binary_search(argument).is_err())
            {
                reading.note(Note::RelationOfDropped);
            } else if sentence_of(relation.head) != sentence_of(relation.tail) {
                reading.note(Note::RelationAcrossSentences);
            }
        }
        for (number, &sentence) in sentences.iter().enumerate() {
            let entities: Vec<usize> = kept
                .iter()
                .copied()
                .filter(|&index| sentence_of(index) == number)
                .collect();
            self.read_sentence(number, sentence, &entities, segmenter, reading);
        }
    }

    /// Takes white space off the ends of entities; the indices of those of which something is left.
    fn trim_entities(&mut self, reading: &mut Reading) -> Vec<usize> {
        let mut kept = Vec::new();
        for (index, entity) in self.entities.iter_mut().enumerate() {
            let text = &self.text[entity.span.start..entity.span.end];
            let end = entity.span.start + text.trim_end().len();
            let start = entity.span.end - text.trim_start().len();
            if start >= end {
                let kind = entity.kind.clone();
                reading.refuse(&entity.place, TextProblem::Blank { kind });
            } else {
                entity.span = Span::new(start, end);
                kept.push(index);
            }
        }
        kept
    }

    /// The segmenter's sentences, joined where an entity lies in several.
    fn sentences(
        &self,
        segmenter: &dyn Segmenter,
        kept: &[usize],
        reading: &mut Reading,
    ) -> Vec<Span<Byte>> {
        let mut joined: Vec<Span<Byte>> = Vec::new();
        let mut spans: Vec<_> = kept
            .iter()
            .map(|&index| self.entities[index].span)
            .collect();
        spans.sort();
        // The furthest end of the entities that begin before a sentence does.
        let (mut next, mut reach) = (0, 0);
        for sentence in segmenter.sentences(self.text) {
            while spans
                .get(next)
                .is_some_and(|span| span.start < sentence.start)
            {
                reach = reach.max(spans[next].end);
                next += 1;
            }
            match joined.last_mut() {
                Some(last) if reach > sentence.start => {
                    last.end = sentence.end;
                    reading.note(Note::SentencesJoined);
                }
                _ => joined.push(sentence),
            }
        }
        joined
    }

    fn read_sentence(
        &self,
        number: usize,
        sentence: Span<Byte>,
        entities: &[usize],
        segmenter: &dyn Segmenter,
        reading: &mut Reading,
    ) {
        let mut cuts: Vec<usize> = entities
            .iter()
            .map(|&index| self.entities[index].span)
            .flat_map(|span| [span.start, span.end])
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        let tokens = self.tokens(sentence, &cuts, segmenter, reading);
        let mut found = Vec::new();
        let mut places = AnnotationPlaces::default();
        let mut index_of = vec![None; self.entities.len()];
        for &index in entities {
            let RawEntity { kind, span, place } = &self.entities[index];
            let start = tokens.partition_point(|(token, _)| token.start < span.start);
            let end = tokens.partition_point(|(token, _)| token.end <= span.end);
            if start < end {
                index_of[index] = Some(found.len());
                places.entities.push(place.clone());
                found.push(Entity {
                    kind: kind.clone(),
                    span: Span::<Token>::new(start, end),
                });
            } else {
                let (kind, text) = (kind.clone(), self.text[span.start..span.end].to_owned());
                reading.refuse(place, TextProblem::NoToken { kind, text });
            }
        }
        if tokens.is_empty() {
            return;
        }
        let relation = |relation: &RawRelation| {
            let resolved = Relation {
                kind: relation.kind.clone(),
                head: index_of[relation.head]?,
                tail: index_of[relation.tail]?,
            };
            Some((resolved, relation.place.clone()))
        };
        let relations;
        (relations, places.relations) = self.relations.iter().filter_map(relation).unzip();
        let place = match &self.place {
            TextPlace::Line(place) => place.clone(),
            TextPlace::Source(source) => {
                let before = &self.text.as_bytes()[..sentence.start];
                let breaks = before.iter().filter(|&&byte| byte == b'\n').count();
                Place::new(source, breaks + 1)
            }
        };
        let sentence = Sentence {
            id: format!("{}:{}", self.id, number + 1),
            tokens: tokens.into_iter().map(|(_, word)| word).collect(),
            entities: found,
            relations,
        };
        reading.keep_with(sentence, place, places);
    }

    /// The tokens of a sentence, by bytes of the text, none of which goes over a cut.
    fn tokens(
        &self,
        sentence: Span<Byte>,
        cuts: &[usize],
        segmenter: &dyn Segmenter,
        reading: &mut Reading,
    ) -> Vec<(Span<Byte>, String)> {
        let mut tokens = Vec::new();
        for (span, word) in segmenter.tokens(&self.text[sentence.start..sentence.end]) {
            let span = span.shifted(sentence.start);
            let first = cuts.partition_point(|&cut| cut <= span.start);
            let after = cuts.partition_point(|&cut| cut < span.end);
            if first == after {
                tokens.push((span, word));
                continue;
            }
            reading.note(Note::TokenCut);
            let mut start = span.start;
            for &end in cuts[first..after].iter().chain([&span.end]) {
                let pieces = segmenter.tokens(&self.text[start..end]);
                tokens.extend(
                    pieces
                        .into_iter()
                        .map(|(piece, word)| (piece.shifted(start), word)),
                );
                start = end;
            }
        }
        tokens
    }
}
