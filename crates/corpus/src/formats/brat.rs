//! Brat's standoff format (<https://brat.nlplab.org/standoff.html>): a text, and beside it a file of annotations.
//!
//! ```text
//! T1 → Method 0 7 → Parsers
//! T2 → Task 12 18;27 31 → depend tree
//! R1 → Used_For Arg1:T1 Arg2:T2
//! ```
//!
//! (`→` is a tab.) Offsets count Unicode code points of the text as the file holds it. Read are text-bound annotations
//! (`T`) as entities, and binary relations (`R`), of which the first argument, `Arg1`, is the head. Events, attributes,
//! normalisations, comments and equivalences are passed over and counted; the triggers of events are entities like others.
//!
//! Pieces of an entity that only white space parts, as brat writes entities that go over a line's end, are one; what else
//! is discontinuous is for [`Discontinuous`](super::Discontinuous) to decide.

use std::{collections::HashMap, sync::Arc};

use super::{Discontinuous, ReadingRules, utf8};
use crate::{
    lines::Lines,
    offsets::OffsetMap,
    raw_text::{RawEntity, RawRelation, RawText, Segmenter, TextPlace},
    read_error::LineProblem,
    reading::{Note, Place, Reading},
    span::{Byte, Char, Span},
};

/// What is wrong with a line of annotations.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BratProblem {
    /// The format was asked of a single file.
    #[error("brat's format is a folder of .txt and .ann files, and this is one file")]
    OneFile,
    /// A line that begins with no identifier of brat.
    #[error("{id:?} is no identifier of brat: T, R, E, A, M, N or # with a number, or *")]
    Identifier {
        /// What the line begins with.
        id: String,
    },
    /// A line in which spaces stand for tabs, perhaps.
    #[error("{id} has no tab behind it, by which brat parts identifier, annotation and text")]
    NoTab {
        /// Its identifier.
        id: String,
    },
    /// A text-bound annotation of another form.
    #[error("{id} is not of the form `{id}<tab>TYPE START END<tab>TEXT`")]
    Entity {
        /// Its identifier.
        id: String,
    },
    /// A relation of another form.
    #[error("{id} is not of the form `{id}<tab>TYPE ARGUMENT:ID ARGUMENT:ID`")]
    Relation {
        /// Its identifier.
        id: String,
    },
    /// An identifier for the second time.
    #[error("{id} stands on line {first} already")]
    Repeated {
        /// The identifier.
        id: String,
        /// Where it stands first.
        first: usize,
    },
    /// The text at the offsets is another than the annotation says, so that the offsets are probably of another text.
    #[error("{id} is said to be {said:?}, but at {span:?} the text is {found:?}")]
    OtherText {
        /// Identifier of the entity.
        id: String,
        /// The span in the text.
        span: Span<Char>,
        /// What the annotation says.
        said: String,
        /// What the text says.
        found: String,
    },
    /// An entity in pieces, where that is refused.
    #[error(
        "{id} is discontinuous ({pieces}), which tags cannot express: `discontinuous = \"drop\"` leaves such entities \
         out, \"cover\" takes the text from first to last piece"
    )]
    Discontinuous {
        /// Identifier of the entity.
        id: String,
        /// Its offsets, as written.
        pieces: String,
    },
    /// A relation with an entity that is not there.
    #[error("{id} names {argument}, which is not there")]
    Unknown {
        /// Identifier of the relation.
        id: String,
        /// The argument.
        argument: String,
    },
    /// A relation of an entity with itself.
    #[error("{id} has {argument} as both arguments")]
    SameArguments {
        /// Identifier of the relation.
        id: String,
        /// The entity.
        argument: String,
    },
}

/// A file of a document.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// What stands for it in errors.
    pub name: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Reads a document: a text and its annotations. Its sentences get the ids `id:1`, `id:2`, …
pub fn read(
    id: &str,
    text: File<'_>,
    annotations: File<'_>,
    rules: &ReadingRules,
    segmenter: &dyn Segmenter,
    reading: &mut Reading,
) {
    let source: Arc<str> = text.name.into();
    let Some(text) = utf8(text.bytes, &source, reading) else {
        return;
    };
    let mut document = Document {
        text,
        offsets: OffsetMap::new(text),
        rules,
        seen: HashMap::new(),
        entities: Vec::new(),
        relations: Vec::new(),
    };
    let mut lines = Lines::new(annotations.bytes, annotations.name);
    while let Some(line) = lines.next() {
        match line {
            Ok((number, line)) => {
                let place = Place::new(lines.name(), number);
                if let Err(problem) = document.read_line(line.trim_end(), &place, reading) {
                    reading.refuse(&place, problem);
                }
            }
            Err(error) => reading.refused.push(error),
        }
    }
    let relations = document.resolve_relations(reading);
    let text = RawText {
        id: id.to_owned(),
        text,
        entities: document.entities,
        relations,
        place: TextPlace::Source(source),
    };
    text.read(segmenter, reading);
}

/// What an identifier stands for.
enum Annotation {
    /// An entity, by index.
    Entity(usize),
    /// An entity that was left out by rule.
    Dropped,
    /// An entity that was refused: what refers to it is not refused once more.
    Refused,
    Event,
    Other,
}

struct Relation {
    id: String,
    kind: String,
    arguments: [String; 2],
    place: Place,
}

struct Document<'a> {
    text: &'a str,
    offsets: OffsetMap,
    rules: &'a ReadingRules,
    seen: HashMap<String, (usize, Annotation)>,
    entities: Vec<RawEntity>,
    relations: Vec<Relation>,
}

impl Document<'_> {
    fn read_line(
        &mut self,
        line: &str,
        place: &Place,
        reading: &mut Reading,
    ) -> Result<(), LineProblem> {
        if line.is_empty() {
            return Ok(());
        }
        let (id, rest) = match line.split_once('\t') {
            Some(parts) => parts,
            None if line.contains(' ') && !line.starts_with(['#', '*']) => {
                let id = line.split(' ').next().unwrap_or(line).to_owned();
                return Err(BratProblem::NoTab { id }.into());
            }
            None => (line, ""),
        };
        if let Some((first, _)) = self.seen.get(id).filter(|_| id != "*") {
            let (id, first) = (id.to_owned(), *first);
            return Err(BratProblem::Repeated { id, first }.into());
        }
        let mut characters = id.chars();
        let letter = characters.next();
        let numbered = characters
            .as_str()
            .starts_with(|c: char| c.is_ascii_digit());
        let note = match letter {
            Some('T') if numbered => {
                let entity = self.entity(id, rest, place, reading);
                let (annotation, outcome) = match entity {
                    Ok(Some(entity)) => {
                        self.entities.push(entity);
                        (Annotation::Entity(self.entities.len() - 1), Ok(()))
                    }
                    Ok(None) => (Annotation::Dropped, Ok(())),
                    Err(problem) => (Annotation::Refused, Err(problem)),
                };
                self.seen.insert(id.to_owned(), (place.line, annotation));
                return outcome;
            }
            Some('R') if numbered => {
                self.seen
                    .insert(id.to_owned(), (place.line, Annotation::Other));
                let relation = relation(id, rest, place)?;
                self.relations.push(relation);
                return Ok(());
            }
            Some('E') if numbered => Note::Event,
            Some('A' | 'M') if numbered => Note::Attribute,
            Some('N') if numbered => Note::Normalisation,
            Some('#') => Note::Comment,
            Some('*') if id == "*" => Note::Equivalence,
            _ => return Err(BratProblem::Identifier { id: id.to_owned() }.into()),
        };
        let annotation = if note == Note::Event {
            Annotation::Event
        } else {
            Annotation::Other
        };
        self.seen.insert(id.to_owned(), (place.line, annotation));
        reading.note(note);
        Ok(())
    }

    /// The entity of a `T` line, or nothing where it is left out by rule.
    fn entity(
        &self,
        id: &str,
        rest: &str,
        place: &Place,
        reading: &mut Reading,
    ) -> Result<Option<RawEntity>, LineProblem> {
        let malformed = || BratProblem::Entity { id: id.to_owned() };
        let (head, said) = match rest.split_once('\t') {
            // After the text a comment may stand.
            Some((head, said)) => (head, said.split('\t').next()),
            None => (rest, None),
        };
        let (kind, offsets) = head.split_once(' ').ok_or_else(malformed)?;
        let mut pieces = Vec::new();
        for piece in offsets.split(';') {
            let (start, end) = piece.split_once(' ').ok_or_else(malformed)?;
            let position = |text: &str| text.parse::<usize>().map_err(|_| malformed());
            let span = Span::<Char>::new(position(start)?, position(end)?);
            let bytes = self.offsets.to_byte(span).map_err(|error| {
                let field = id.to_owned();
                LineProblem::Offset { field, error }
            })?;
            pieces.push(bytes);
        }
        if kind.is_empty() {
            return Err(malformed().into());
        }
        self.compare(id, &pieces, said)?;
        pieces.sort();
        let span = Span::new(
            pieces.first().map_or(0, |piece| piece.start),
            pieces.iter().map(|piece| piece.end).max().unwrap_or(0),
        );
        let apart = pieces.windows(2).any(|pair| {
            let between = self.text.get(pair[0].end..pair[1].start);
            between.is_some_and(|between| !between.trim().is_empty())
        });
        if apart {
            match self.rules.discontinuous {
                Discontinuous::Refuse => {
                    let (id, pieces) = (id.to_owned(), offsets.to_owned());
                    return Err(BratProblem::Discontinuous { id, pieces }.into());
                }
                Discontinuous::Drop => {
                    reading.note(Note::DiscontinuousDropped);
                    return Ok(None);
                }
                Discontinuous::Cover => reading.note(Note::DiscontinuousCovered),
            }
        }
        Ok(Some(RawEntity {
            kind: kind.to_owned(),
            span,
            place: place.clone(),
        }))
    }

    /// Compares the text at the pieces with what the annotation says it is; white space is all alike.
    fn compare(
        &self,
        id: &str,
        pieces: &[Span<Byte>],
        said: Option<&str>,
    ) -> Result<(), LineProblem> {
        let Some(said) = said else {
            return Ok(());
        };
        let found = pieces
            .iter()
            .map(|piece| &self.text[piece.start..piece.end])
            .collect::<Vec<_>>()
            .join(" ");
        if said.split_whitespace().eq(found.split_whitespace()) {
            return Ok(());
        }
        let whole = Span::<Byte>::new(
            pieces.iter().map(|piece| piece.start).min().unwrap_or(0),
            pieces.iter().map(|piece| piece.end).max().unwrap_or(0),
        );
        let problem = |error| LineProblem::Offset {
            field: id.to_owned(),
            error,
        };
        Err(BratProblem::OtherText {
            id: id.to_owned(),
            span: self.offsets.to_char(whole).map_err(problem)?,
            said: said.to_owned(),
            found,
        }
        .into())
    }

    fn resolve_relations(&mut self, reading: &mut Reading) -> Vec<RawRelation> {
        let mut resolved = Vec::new();
        for relation in std::mem::take(&mut self.relations) {
            let Relation {
                id,
                kind,
                arguments: [head, tail],
                place,
            } = relation;
            let seen = |argument: &String| self.seen.get(argument).map(|(_, found)| found);
            match (seen(&head), seen(&tail)) {
                (None | Some(Annotation::Other), _) => {
                    let argument = head;
                    reading.refuse(&place, BratProblem::Unknown { id, argument });
                }
                (_, None | Some(Annotation::Other)) => {
                    let argument = tail;
                    reading.refuse(&place, BratProblem::Unknown { id, argument });
                }
                (Some(Annotation::Refused), _) | (_, Some(Annotation::Refused)) => {}
                (Some(Annotation::Event), _) | (_, Some(Annotation::Event)) => {
                    reading.note(Note::RelationOfEvent);
                }
                (Some(Annotation::Dropped), _) | (_, Some(Annotation::Dropped)) => {
                    reading.note(Note::RelationOfDropped);
                }
                (Some(Annotation::Entity(first)), Some(Annotation::Entity(second))) => {
                    if first == second {
                        let argument = head;
                        reading.refuse(&place, BratProblem::SameArguments { id, argument });
                    } else {
                        resolved.push(RawRelation {
                            kind,
                            head: *first,
                            tail: *second,
                            place,
                        });
                    }
                }
            }
        }
        resolved
    }
}

fn relation(id: &str, rest: &str, place: &Place) -> Result<Relation, BratProblem> {
    let malformed = || BratProblem::Relation { id: id.to_owned() };
    let mut parts = rest.split_whitespace();
    let kind = parts.next().ok_or_else(malformed)?;
    Ok(Relation {
        id: id.to_owned(),
        kind: kind.to_owned(),
        arguments: argument_ids(parts).ok_or_else(malformed)?,
        place: place.clone(),
    })
}

/// The two identifiers of `Arg1:T1 Arg2:T2`, in the order of the numbers where brat's own names stand, else as they stand.
fn argument_ids<'a>(mut words: impl Iterator<Item = &'a str>) -> Option<[String; 2]> {
    let mut argument = || words.next()?.split_once(':');
    let mut arguments = [argument()?, argument()?];
    if let [("Arg2", _), ("Arg1", _)] = arguments {
        arguments.reverse();
    }
    let ids = arguments.map(|(_, id)| id.to_owned());
    words.next().is_none().then_some(ids)
}
