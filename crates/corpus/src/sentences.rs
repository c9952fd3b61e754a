//! Documents of any format as sentences of tokens.

use std::{io::BufRead, sync::Arc};

use serde::{Deserialize, Serialize};
use spanarc_formats::{
    self as formats, Annotated, File, Format, Note, ReadingRules, Segmenter, SentenceView,
};

use crate::{
    document::{Entity, Relation, Sentence},
    read_error::{ReadError, SentenceProblem},
    reading::{AnnotationPlaces, Reading},
};

/// What becomes of an entity in several pieces, which tags cannot express.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Discontinuous {
    /// It is an error.
    #[default]
    Refuse,
    /// It is left out, and relations with it are.
    Drop,
    /// It is taken to be the text from its first piece to its last.
    Cover,
}

/// What of it formats of tokens know; what is refused is left out.
impl From<Discontinuous> for formats::Discontinuous {
    fn from(discontinuous: Discontinuous) -> Self {
        match discontinuous {
            Discontinuous::Cover => Self::Cover,
            Discontinuous::Refuse | Discontinuous::Drop => Self::Drop,
        }
    }
}

/// What becomes of a model's suggestions that nobody has accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Suggestions {
    /// They are no gold: left out.
    #[default]
    Drop,
    /// They are taken for gold.
    Keep,
}

/// What is decided by rule where a corpus says more or something else than sentences with tags can.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SentenceRules {
    /// How files are read.
    pub reading: ReadingRules,
    /// What becomes of entities in several pieces.
    pub discontinuous: Discontinuous,
    /// What becomes of a model's suggestions.
    pub suggestions: Suggestions,
}

/// Reads a source of a format that has one file a document; `name` stands for it in errors. A source without a sentence is
/// refused. Running text is cut by the segmenter.
pub fn read(
    format: Format,
    source: impl BufRead,
    name: &str,
    rules: &SentenceRules,
    segmenter: &dyn Segmenter,
    reading: &mut Reading,
) {
    let before = (reading.sentences.len(), reading.refused.len());
    formats::read(format, source, name, &rules.reading, &mut |read| {
        reading.add(read, rules, segmenter, None);
    });
    if before == (reading.sentences.len(), reading.refused.len()) {
        reading.refused.push(ReadError::empty(name));
    }
}

/// Reads a document of two files, a text and its annotations. Its sentences get the ids `id:1`, `id:2`, …
pub fn read_pair(
    format: Format,
    id: &str,
    [text, annotations]: [File<'_>; 2],
    rules: &SentenceRules,
    segmenter: &dyn Segmenter,
    reading: &mut Reading,
) {
    let mut read = formats::Reading::default();
    formats::read_pair(format, id, text, annotations, &mut read);
    reading.add(read, rules, segmenter, Some(&text.name.into()));
}

impl Reading {
    /// Takes over what was read; `text_source` is the text's own file where it has one.
    pub fn add(
        &mut self,
        read: formats::Reading,
        rules: &SentenceRules,
        segmenter: &dyn Segmenter,
        text_source: Option<&Arc<str>>,
    ) {
        self.refused
            .extend(read.refused.into_iter().map(ReadError::from));
        self.notes.extend(read.notes);
        for mut annotated in read.documents {
            self.begin_document();
            if rules.suggestions == Suggestions::Drop {
                annotated.drop_suggestions(&mut self.notes);
            }
            annotated.segment(
                segmenter,
                text_source,
                rules.discontinuous.into(),
                &mut self.notes,
            );
            self.add_document(&annotated, rules);
        }
    }

    fn add_document(&mut self, annotated: &Annotated, rules: &SentenceRules) {
        let mut notes = Vec::new();
        let views = annotated.by_tokens(rules.discontinuous.into(), &mut notes);
        for noted in notes {
            if noted.note == Note::DiscontinuousDropped
                && rules.discontinuous == Discontinuous::Refuse
            {
                let mention = noted.subject;
                self.refuse(&noted.place, SentenceProblem::Discontinuous { mention });
            } else {
                self.notes.push(noted);
            }
        }
        for view in views {
            let (sentence, places) = sentence(annotated, &view);
            self.keep(sentence, view.sentence.place.clone(), places);
        }
    }
}

fn sentence(annotated: &Annotated, view: &SentenceView<'_>) -> (Sentence, AnnotationPlaces) {
    let entities = view.mentions.iter().map(|&(mention, span)| Entity {
        kind: mention.kind.to_string(),
        span,
    });
    let relations = view.links.iter().map(|&(link, head, tail)| Relation {
        kind: link.kind.to_string(),
        head,
        tail,
    });
    let tokens = view.sentence.tokens.iter().map(|token| token.word.clone());
    let mentions = view
        .mentions
        .iter()
        .map(|(mention, _)| annotated.place_of(mention.id).clone());
    let links = view
        .links
        .iter()
        .map(|(link, ..)| annotated.place_of(link.id).clone());
    let places = AnnotationPlaces {
        entities: mentions.collect(),
        relations: links.collect(),
    };
    let sentence = Sentence {
        id: view.sentence.id.clone(),
        tokens: tokens.collect(),
        entities: entities.collect(),
        relations: relations.collect(),
    };
    (sentence, places)
}

#[cfg(test)]
mod tests;
