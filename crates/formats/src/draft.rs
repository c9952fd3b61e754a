//! A document in the making: mentions and relations as files give them, checked one by one.

use std::collections::HashMap;

use spanarc_document::{Attributes, Document, Id, Link, Mention, OffsetMap, Origin, Spans, State};

use crate::{
    Offsets,
    annotated::{Annotated, TokenSentence},
    note::Note,
    place::Place,
    read_error::AnnotationProblem,
    reading::Reading,
};

/// A mention as a file gives it.
#[derive(Debug, Clone)]
pub(crate) struct DraftMention<'a> {
    /// What relations call it.
    pub(crate) id: Option<String>,
    /// Its type.
    pub(crate) kind: &'a str,
    /// Its pieces in any order, counted in the draft's unit.
    pub(crate) pieces: Vec<(usize, usize)>,
    /// The text that the file says it covers; of several pieces, joined by spaces. White space and control characters are all
    /// alike.
    pub(crate) said: Option<&'a str>,
    pub(crate) origin: Origin,
    pub(crate) state: State,
    pub(crate) attributes: Attributes,
}

impl<'a> DraftMention<'a> {
    /// A person's accepted mention.
    pub(crate) fn new(kind: &'a str, pieces: impl Into<Vec<(usize, usize)>>) -> Self {
        Self {
            id: None,
            kind,
            pieces: pieces.into(),
            said: None,
            origin: Origin::Person,
            state: State::Accepted,
            attributes: Attributes::default(),
        }
    }
}

/// A relation as a file gives it.
#[derive(Debug, Clone)]
pub(crate) struct DraftLink<'a> {
    /// Its type.
    pub(crate) kind: &'a str,
    /// What the file calls the mention it starts from.
    pub(crate) head: &'a str,
    /// What the file calls the mention it leads to.
    pub(crate) tail: &'a str,
    pub(crate) origin: Origin,
    pub(crate) state: State,
    pub(crate) attributes: Attributes,
}

impl<'a> DraftLink<'a> {
    /// A person's accepted relation.
    pub(crate) fn new(kind: &'a str, head: &'a str, tail: &'a str) -> Self {
        Self {
            kind,
            head,
            tail,
            origin: Origin::Person,
            state: State::Accepted,
            attributes: Attributes::default(),
        }
    }
}

/// What an identifier of the file stands for.
enum Known {
    Mention(Id),
    /// A mention that was refused or left out: what refers to it is not refused once more.
    LeftOut,
}

/// Collects the annotations of one text. What is refused or left out goes to the reading, with its place.
pub(crate) struct Draft<'a> {
    text: &'a str,
    map: OffsetMap,
    unit: Offsets,
    mentions: Vec<Mention>,
    links: Vec<Link>,
    known: HashMap<String, (String, Known)>,
    places: HashMap<Id, Place>,
    /// All pieces, as the file counts them.
    pieces: Vec<(usize, usize)>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(text: &'a str, unit: Offsets) -> Self {
        Self {
            text,
            map: OffsetMap::new(text),
            unit,
            mentions: Vec::new(),
            links: Vec::new(),
            known: HashMap::new(),
            places: HashMap::new(),
            pieces: Vec::new(),
        }
    }

    /// Counts `unit` from here on. Whether the offsets seem to count something else is then judged by those that follow.
    pub(crate) fn count_in(&mut self, unit: Offsets) {
        if unit != self.unit {
            self.unit = unit;
            self.pieces.clear();
        }
    }

    /// Adds a mention, or refuses it; `field` is what messages call it. Its identity, if it was added.
    pub(crate) fn mention(
        &mut self,
        mention: DraftMention<'_>,
        field: &str,
        place: &Place,
        reading: &mut Reading,
    ) -> Option<Id> {
        self.pieces.extend(&mention.pieces);
        let checked = self.spans(&mention, field).and_then(|spans| {
            self.check_new(mention.id.as_deref(), field)?;
            Ok(spans)
        });
        let known = match checked {
            Ok(spans) => {
                let id = self.fresh();
                self.mentions.push(Mention {
                    id,
                    kind: mention.kind.into(),
                    spans,
                    origin: mention.origin,
                    state: mention.state,
                    attributes: mention.attributes,
                });
                self.places.insert(id, place.clone());
                Known::Mention(id)
            }
            Err(problem) => {
                reading.refuse(place, problem);
                Known::LeftOut
            }
        };
        let added = match known {
            Known::Mention(id) => Some(id),
            Known::LeftOut => None,
        };
        if let Some(id) = mention.id {
            self.known
                .entry(id)
                .or_insert_with(|| (field.to_owned(), known));
        }
        added
    }

    /// Says that `id` stands for something that was left out, so that relations with it are left out, too; unless it is
    /// known already.
    pub(crate) fn leave_out(&mut self, id: String, field: &str) {
        self.known
            .entry(id)
            .or_insert_with(|| (field.to_owned(), Known::LeftOut));
    }

    /// Whether a mention of that identifier was read, refused or left out.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.known.contains_key(id)
    }

    /// Adds a relation, or refuses it; after all mentions, so that a mention's identity is its index. Its identity, if it was
    /// added.
    pub(crate) fn link(
        &mut self,
        link: DraftLink<'_>,
        field: &str,
        place: &Place,
        reading: &mut Reading,
    ) -> Option<Id> {
        let (head, tail) = match self.arguments(&link, field) {
            Ok(Some(arguments)) => arguments,
            Ok(None) => {
                reading.note(Note::RelationOfDropped, place, field);
                return None;
            }
            Err(problem) => {
                reading.refuse(place, problem);
                return None;
            }
        };
        let id = self.fresh();
        self.links.push(Link {
            id,
            kind: link.kind.into(),
            head,
            tail,
            origin: link.origin,
            state: link.state,
            attributes: link.attributes,
        });
        self.places.insert(id, place.clone());
        Some(id)
    }

    /// Hands the document over, with a note where its offsets seem to count something else than was said.
    pub(crate) fn finish(
        self,
        id: impl Into<String>,
        notes: Attributes,
        place: Place,
        reading: &mut Reading,
    ) {
        self.finish_with(id.into(), None, notes, place, reading);
    }

    /// The same with the text's sentences.
    pub(crate) fn finish_sentences(
        self,
        id: impl Into<String>,
        sentences: Vec<TokenSentence>,
        notes: Attributes,
        place: Place,
        reading: &mut Reading,
    ) {
        self.finish_with(id.into(), Some(sentences), notes, place, reading);
    }

    fn finish_with(
        self,
        id: String,
        sentences: Option<Vec<TokenSentence>>,
        notes: Attributes,
        place: Place,
        reading: &mut Reading,
    ) {
        if let Some(unit) = self.better_unit() {
            let subject = format!(
                "the offsets cut words if they count {}s, and none if {}s",
                self.unit.name(),
                unit.name()
            );
            reading.note(Note::OtherUnit, &place, subject);
        }
        match Document::with_annotations(self.text, self.mentions, self.links, notes) {
            Ok(document) => reading.documents.push(Annotated {
                id,
                document,
                sentences,
                place,
                places: self.places,
            }),
            // Everything was checked one by one.
            Err(error) => reading.refuse(&place, crate::read_error::LineProblem::Document(error)),
        }
    }

    fn fresh(&self) -> Id {
        Id(u32::try_from(self.mentions.len() + self.links.len()).unwrap_or(u32::MAX))
    }

    fn spans(&self, mention: &DraftMention<'_>, field: &str) -> Result<Spans, AnnotationProblem> {
        let field = || field.to_owned();
        if mention.kind.trim().is_empty() {
            return Err(AnnotationProblem::NoType { field: field() });
        }
        check_score(&mention.origin, &field)?;
        let mut pieces = Vec::with_capacity(mention.pieces.len());
        for &(start, end) in &mention.pieces {
            let span = self.unit.to_byte(&self.map, start, end);
            pieces.push(span.map_err(|error| AnnotationProblem::Offset {
                field: field(),
                error,
            })?);
        }
        let found = pieces
            .iter()
            .map(|piece| &self.text[piece.start..piece.end]);
        let found = found.collect::<Vec<_>>().join(" ");
        if let Some(said) = mention.said.filter(|said| !words(said).eq(words(&found))) {
            return Err(AnnotationProblem::OtherText {
                field: field(),
                unit: self.unit.name(),
                said: said.to_owned(),
                found,
            });
        }
        if !found.chars().any(is_visible) {
            let kind = mention.kind.to_owned();
            return Err(AnnotationProblem::Blank {
                field: field(),
                kind,
            });
        }
        pieces.sort();
        Spans::new(&pieces).map_err(|error| AnnotationProblem::Spans {
            field: field(),
            error,
        })
    }

    fn check_new(&self, id: Option<&str>, field: &str) -> Result<(), AnnotationProblem> {
        match id.and_then(|id| Some((id, self.known.get(id)?))) {
            None => Ok(()),
            Some((id, (first, _))) => Err(AnnotationProblem::Repeated {
                field: field.to_owned(),
                id: id.to_owned(),
                first: first.clone(),
            }),
        }
    }

    /// Head and tail; nothing where one of them was left out.
    fn arguments(
        &self,
        link: &DraftLink<'_>,
        field: &str,
    ) -> Result<Option<(Id, Id)>, AnnotationProblem> {
        let field = || field.to_owned();
        if link.kind.trim().is_empty() {
            return Err(AnnotationProblem::NoType { field: field() });
        }
        check_score(&link.origin, &field)?;
        let find = |argument: &str| match self.known.get(argument) {
            Some((_, known)) => Ok(known),
            None => Err(AnnotationProblem::Unknown {
                field: field(),
                argument: argument.to_owned(),
            }),
        };
        let (head, tail) = (find(link.head)?, find(link.tail)?);
        let (Known::Mention(head), Known::Mention(tail)) = (head, tail) else {
            return Ok(None);
        };
        if head == tail {
            let argument = link.head.to_owned();
            return Err(AnnotationProblem::SameArguments {
                field: field(),
                argument,
            });
        }
        // A relation cannot outlive its mentions.
        let rejected = |id: &Id| self.mentions[id.0 as usize].state == State::Rejected;
        Ok((!rejected(head) && !rejected(tail)).then_some((*head, *tail)))
    }

    /// The unit in which no piece cuts a word, where in the one that was said some does.
    fn better_unit(&self) -> Option<Offsets> {
        let cuts = |unit: Offsets| {
            let cut = |&(start, end): &(usize, usize)| {
                let span = unit.to_byte(&self.map, start, end);
                span.map_or(true, |span| {
                    cuts_word(self.text, span.start) || cuts_word(self.text, span.end)
                })
            };
            self.pieces.iter().any(cut)
        };
        let others = || Offsets::ALL.into_iter().filter(|&unit| unit != self.unit);
        (!self.text.is_ascii() && cuts(self.unit)).then(|| others().find(|&unit| !cuts(unit)))?
    }
}

/// What blanks part. Tools write a space for what would break a line, which some take every control character for.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
}

fn check_score(origin: &Origin, field: &impl Fn() -> String) -> Result<(), AnnotationProblem> {
    match origin.has_valid_score() {
        true => Ok(()),
        false => Err(AnnotationProblem::Score { field: field() }),
    }
}

/// Whether a position lies between two letters or digits.
fn cuts_word(text: &str, position: usize) -> bool {
    let before = text[..position].chars().next_back();
    let after = text[position..].chars().next();
    before
        .zip(after)
        .is_some_and(|(before, after)| before.is_alphanumeric() && after.is_alphanumeric())
}

/// Whether a character shows, alone or on another one.
pub(crate) fn is_visible(character: char) -> bool {
    let invisible = matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}');
    !(invisible || character.is_whitespace() || character.is_control())
}
