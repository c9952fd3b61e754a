//! A document as a file holds it.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write,
};

use spanarc_document::{Byte, Change, Document, Id, Link, Mention, Span};

use crate::{
    by_tokens::describe_link,
    note::{Note, Noted},
    place::Place,
    quoting::quoted,
};

/// A document with its name, its place and, from formats of tokens, its sentences.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotated {
    /// What the source calls it, else its number there, from 1.
    pub id: String,
    /// Text, mentions, links.
    pub document: Document,
    /// Sentences of tokens, where the format has them or a segmenter made them.
    pub sentences: Option<Vec<TokenSentence>>,
    /// The line on which it begins.
    pub place: Place,
    /// Lines of annotations, where they have lines of their own.
    pub places: HashMap<Id, Place>,
}

/// A sentence by its tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenSentence {
    /// What the source calls it.
    pub id: String,
    /// The line on which it begins.
    pub place: Place,
    /// Its tokens in text order, disjoint and not empty.
    pub tokens: Vec<TextToken>,
}

/// A token of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextToken {
    /// Where it stands.
    pub span: Span<Byte>,
    /// What a model is given for it: usually the text there.
    pub word: String,
}

impl TokenSentence {
    /// The stretch of text from the first token to the last; empty without tokens.
    pub fn extent(&self) -> Span<Byte> {
        match self.tokens.as_slice() {
            [] => Span::new(0, 0),
            [first, .., last] => Span::new(first.span.start, last.span.end),
            [only] => only.span,
        }
    }
}

impl Annotated {
    /// A document that begins at `place`.
    pub fn new(id: impl Into<String>, document: Document, place: Place) -> Self {
        Self {
            id: id.into(),
            document,
            sentences: None,
            place,
            places: HashMap::new(),
        }
    }

    /// Takes out what only a model stands behind, with a note each.
    pub fn drop_suggestions(&mut self, notes: &mut Vec<Noted>) {
        let document = &self.document;
        let dropped: HashSet<Id> = (document.mentions().iter())
            .filter(|mention| mention.is_suggestion())
            .map(|mention| mention.id)
            .collect();
        let is_dropped = |link: &&Link| {
            link.is_suggestion() || dropped.contains(&link.head) || dropped.contains(&link.tail)
        };
        let links: Vec<&Link> = document.links().iter().filter(is_dropped).collect();
        let mentions = document
            .mentions()
            .iter()
            .filter(|mention| dropped.contains(&mention.id));
        notes.extend(
            mentions
                .map(|mention| (mention.id, self.describe(mention)))
                .chain(
                    links
                        .iter()
                        .map(|link| (link.id, describe_link(self, link))),
                )
                .map(|(id, subject)| Noted {
                    note: Note::Suggested,
                    place: self.place_of(id).clone(),
                    subject,
                }),
        );
        let changes = (links.iter().map(|link| Change::RemoveLink(link.id)))
            .chain(dropped.iter().map(|&id| Change::RemoveMention(id)));
        for change in changes.collect::<Vec<_>>() {
            // Links go before their mentions, so that nothing here can fail.
            let _ = self.document.apply(change);
        }
    }

    /// The line of an annotation.
    pub fn place_of(&self, annotation: Id) -> &Place {
        self.places.get(&annotation).unwrap_or(&self.place)
    }

    /// A mention by type, words and offsets, for messages: `Peop "Ada" (code points 0..3)`.
    pub fn describe(&self, mention: &Mention) -> String {
        let mut words = String::new();
        for (index, piece) in self.document.words(&mention.spans).enumerate() {
            let gap = if index > 0 { " … " } else { "" };
            let _ = write!(words, "{gap}{piece}");
        }
        let text = self.document.text();
        let chars = |end: usize| text.get(..end).map_or(0, |before| before.chars().count());
        let extent = mention.spans.extent();
        let (start, end) = (chars(extent.start), chars(extent.end));
        let words = quoted(&words);
        format!("{} {words} (code points {start}..{end})", mention.kind)
    }
}
