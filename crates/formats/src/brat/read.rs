//! Reading a text and its annotation file.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use serde_json::{Value, json};
use spanarc_document::Attributes;

use super::line::{BratProblem, Line, has_identifier, parse};
use crate::{
    Offsets,
    draft::{Draft, DraftLink, DraftMention},
    lines::Lines,
    note::Note,
    place::Place,
    read::File,
    reading::Reading,
    source::refuse_encoding,
};

/// A mention or a relation, with what further lines say of it.
struct Annotation {
    id: String,
    place: Place,
    attributes: Attributes,
    what: What,
}

enum What {
    Mention {
        kind: String,
        pieces: Vec<(usize, usize)>,
        said: Option<String>,
    },
    Relation {
        kind: String,
        arguments: [String; 2],
    },
}

/// Reads a document. `has_mark` says that the text began with a byte-order mark, which `text` lacks.
pub(crate) fn read(
    id: &str,
    text: &str,
    has_mark: bool,
    source: &Arc<str>,
    annotations: File<'_>,
    reading: &mut Reading,
) {
    if refuse_encoding(annotations.bytes, annotations.name, reading) {
        return;
    }
    let mut file = AnnotationFile::default();
    file.read(annotations, reading);
    file.attach(reading);
    let characters: Vec<char> = text.chars().collect();
    let counting = file.counting(&characters, has_mark);
    if counting.short.is_some() {
        let subject = "read as counting each line end, CR LF, as one";
        reading.note(Note::OtherUnit, &Place::new(source, 1), subject);
    }
    let mut draft = Draft::new(text, Offsets::Char);
    for annotation in &mut file.annotations {
        let What::Mention { kind, pieces, said } = &annotation.what else {
            continue;
        };
        let pieces = whole_lines(&characters, counting.places(pieces));
        let mention = DraftMention {
            id: Some(annotation.id.clone()),
            said: said.as_deref(),
            attributes: std::mem::take(&mut annotation.attributes),
            ..DraftMention::new(kind, pieces)
        };
        let remarks = mention.attributes.clone();
        let added = draft.mention(mention, &annotation.id, &annotation.place, reading);
        for key in remarks.keys().filter(|_| added.is_none()) {
            let subject = format!("{key} of {}, which was refused", annotation.id);
            reading.note(Note::Attribute, &annotation.place, subject);
        }
    }
    for refused in &file.refused {
        draft.leave_out(refused.clone(), refused);
    }
    for annotation in &mut file.annotations {
        let What::Relation {
            kind,
            arguments: [head, tail],
        } = &annotation.what
        else {
            continue;
        };
        if file.events.contains(head) || file.events.contains(tail) {
            reading.note(
                Note::RelationOfEvent,
                &annotation.place,
                annotation.id.as_str(),
            );
            continue;
        }
        let link = DraftLink {
            attributes: std::mem::take(&mut annotation.attributes),
            ..DraftLink::new(kind, head, tail)
        };
        draft.link(link, &annotation.id, &annotation.place, reading);
    }
    draft.finish(id, Attributes::default(), Place::new(source, 1), reading);
}

/// What the offsets of a file count, which text editors and version control may have changed since.
#[derive(Default)]
struct Counting {
    /// 1 where they count the byte-order mark.
    mark: usize,
    /// Where they count a line end of two characters as one: the places of all characters that they count.
    short: Option<Vec<usize>>,
}

impl Counting {
    /// Offsets as places among the text's characters; beyond the text where they are.
    fn places(&self, pieces: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let place = |offset: usize| {
            let offset = offset.saturating_sub(self.mark);
            match &self.short {
                Some(places) => places.get(offset).copied().unwrap_or(usize::MAX),
                None => offset,
            }
        };
        let places = pieces
            .iter()
            .map(|&(start, end)| (place(start), place(end)));
        places.collect()
    }
}

/// The places of all characters but the second of each CR LF, and of the text's end; none where there is no CR LF.
fn with_short_line_ends(characters: &[char]) -> Option<Vec<usize>> {
    let is_counted =
        |&index: &usize| index == 0 || !characters[index - 1..].starts_with(&['\r', '\n']);
    let has_any = (0..characters.len()).any(|index| !is_counted(&index));
    has_any.then(|| (0..=characters.len()).filter(is_counted).collect())
}

/// The pieces in order, those as one that a line's end parts, with no more than white space beside it.
fn whole_lines(characters: &[char], mut pieces: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    if pieces.len() < 2 {
        return pieces;
    }
    pieces.sort_unstable();
    let mut whole: Vec<(usize, usize)> = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let gap = whole
            .last()
            .and_then(|last| characters.get(last.1..piece.0));
        let is_line_end =
            gap.is_some_and(|gap| gap.contains(&'\n') && gap.iter().all(|c| c.is_whitespace()));
        match whole.last_mut() {
            Some(last) if is_line_end => last.1 = piece.1,
            _ => whole.push(piece),
        }
    }
    whole
}

/// The lines that are not blank; whether a mention's text goes on over the end of its line, and so over lines of plain text.
fn logical_lines(file: File<'_>, reading: &mut Reading) -> Vec<(Place, String, bool)> {
    let mut found: Vec<(Place, String, bool)> = Vec::new();
    let mut lines = Lines::new(file.bytes, file.name);
    while let Some(line) = lines.next() {
        let (number, line) = match line {
            Ok(line) => line,
            Err(error) => {
                reading.refused.push(error);
                continue;
            }
        };
        if line.trim().is_empty() {
            continue;
        }
        match found.last_mut() {
            Some((_, last, is_torn))
                if last.starts_with('T') && !line.contains('\t') && !has_identifier(&line) =>
            {
                *is_torn = true;
            }
            _ => found.push((Place::new(lines.name(), number), line, false)),
        }
    }
    found
}

#[derive(Default)]
struct AnnotationFile {
    annotations: Vec<Annotation>,
    events: HashSet<String>,
    /// Attributes, normalisations and notes, in order, with their identifiers.
    remarks: Vec<(String, Line, Place)>,
    /// Identifiers of lines that were refused.
    refused: HashSet<String>,
}

impl AnnotationFile {
    fn read(&mut self, file: File<'_>, reading: &mut Reading) {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (place, line, is_torn) in logical_lines(file, reading) {
            let id = line.split(['\t', ' ']).next().unwrap_or_default();
            let parsed = match seen.get(id).filter(|_| id != "*") {
                Some(&first) => Err(BratProblem::Repeated {
                    id: id.to_owned(),
                    first,
                }),
                None if is_torn => Err(BratProblem::Torn { id: id.to_owned() }),
                None => parse(&line),
            };
            seen.entry(id.to_owned()).or_insert(place.line);
            match parsed {
                Ok((id, parsed)) => self.add(id.to_owned(), parsed, place, reading),
                Err(problem) => {
                    self.refused.insert(id.to_owned());
                    reading.refuse(&place, problem);
                }
            }
        }
    }

    fn add(&mut self, id: String, line: Line, place: Place, reading: &mut Reading) {
        let what = match line {
            Line::Mention { kind, pieces, said } => What::Mention { kind, pieces, said },
            Line::Relation { kind, arguments } => What::Relation { kind, arguments },
            Line::Event => {
                reading.note(Note::Event, &place, id.as_str());
                self.events.insert(id);
                return;
            }
            Line::Equivalence => return reading.note(Note::Equivalence, &place, id),
            remark => return self.remarks.push((id, remark, place)),
        };
        let attributes = Attributes::default();
        self.annotations.push(Annotation {
            id,
            place,
            attributes,
            what,
        });
    }

    /// Puts attributes, normalisations and notes on the annotations that they name.
    fn attach(&mut self, reading: &mut Reading) {
        let ids = self.annotations.iter().enumerate();
        let index_of: HashMap<String, usize> =
            ids.map(|(index, one)| (one.id.clone(), index)).collect();
        for (id, remark, place) in std::mem::take(&mut self.remarks) {
            let (target, key, value, is_list) = match remark {
                Line::Attribute {
                    name,
                    target,
                    value,
                } => (target, name, value.map_or(json!(true), Value::from), false),
                Line::Normalisation {
                    target,
                    resource,
                    entry,
                    text,
                } => {
                    let value = json!({"resource": resource, "id": entry, "text": text});
                    (target, "normalizations".to_owned(), value, true)
                }
                Line::Note { kind, target, text } => {
                    let key = if kind == "AnnotatorNotes" {
                        "note".to_owned()
                    } else {
                        kind
                    };
                    (target, key, text.into(), false)
                }
                _ => continue,
            };
            let Some(&index) = index_of.get(&target) else {
                let is_known = target.is_empty() || self.events.contains(&target);
                if is_known || id.starts_with('#') {
                    reading.note(Note::Attribute, &place, id);
                } else if self.refused.contains(&target) {
                    let subject = format!("{id} of {target}, which was refused");
                    reading.note(Note::Attribute, &place, subject);
                } else {
                    reading.refuse(
                        &place,
                        BratProblem::Unknown {
                            id,
                            argument: target,
                        },
                    );
                }
                continue;
            };
            let attributes = &mut self.annotations[index].attributes;
            let entry = attributes.entry(key).or_insert(Value::Null);
            *entry = match (std::mem::take(entry), is_list) {
                (Value::Null, false) => value,
                (Value::Null, true) => json!([value]),
                (Value::Array(mut values), _) => {
                    values.push(value);
                    Value::Array(values)
                }
                (first, _) => json!([first, value]),
            };
        }
    }

    /// What offsets count: of all that is usual, the first by which most mentions have their words.
    fn counting(&self, characters: &[char], has_mark: bool) -> Counting {
        let marks = || 0..=usize::from(has_mark);
        let short = with_short_line_ends(characters);
        if short.is_none() && !has_mark {
            return Counting::default();
        }
        let long = marks().map(|mark| Counting { mark, short: None });
        let short = short.into_iter().flat_map(|places| {
            marks().map(move |mark| Counting {
                mark,
                short: Some(places.clone()),
            })
        });
        let all = long.chain(short).enumerate();
        let best = all.max_by_key(|(index, counting)| {
            (
                self.fitting(characters, counting),
                std::cmp::Reverse(*index),
            )
        });
        best.map_or_else(Counting::default, |(_, counting)| counting)
    }

    /// How many mentions have their words.
    fn fitting(&self, characters: &[char], counting: &Counting) -> usize {
        let fits = |annotation: &&Annotation| {
            let What::Mention {
                pieces,
                said: Some(said),
                ..
            } = &annotation.what
            else {
                return false;
            };
            let places = counting.places(pieces).into_iter();
            let found =
                places.map(|(start, end)| characters.get(start..end).map(String::from_iter));
            let found: Option<Vec<String>> = found.collect();
            found.is_some_and(|found| {
                found
                    .join(" ")
                    .split_whitespace()
                    .eq(said.split_whitespace())
            })
        };
        self.annotations.iter().filter(fits).count()
    }
}
