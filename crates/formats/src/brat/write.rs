//! Writing a text and its annotation file.

use std::{collections::HashMap, fmt::Write};

use serde_json::Value;
use spanarc_document::{Attributes, Byte, Char, Id, Mention, OffsetMap, Span, State};

use crate::{
    annotated::Annotated, by_tokens::describe_link, note::Note, type_names::TypeNames,
    writing::Notes,
};

/// The text and its annotations, numbered in text order.
pub(crate) fn write(annotated: &Annotated, notes: &mut Notes<'_>) -> [String; 2] {
    let document = &annotated.document;
    let mut lines = AnnotationLines::default();
    let map = OffsetMap::new(document.text());
    let mut number_of: HashMap<Id, usize> = HashMap::new();
    let mentions = document.mentions().iter();
    let mention_types = TypeNames::new(mentions.map(|mention| &*mention.kind), name);
    let links = document.links().iter();
    let relation_types = TypeNames::new(links.map(|link| &*link.kind), name);
    for mention in document.mentions() {
        let subject = annotated.describe(mention);
        if mention.state == State::Rejected {
            notes.add(Note::Rejected, mention.id, subject);
            continue;
        }
        let number = number_of.len() + 1;
        number_of.insert(mention.id, number);
        let (mut offsets, mut said) = (String::new(), String::new());
        let pieces = pieces(annotated, mention, &subject, notes);
        for span in pieces {
            let chars: Span<Char> = map.to_char(span).unwrap_or(Span::new(0, 0));
            let gap = if offsets.is_empty() { "" } else { ";" };
            let _ = write!(offsets, "{gap}{} {}", chars.start, chars.end);
            said.push_str(if said.is_empty() { "" } else { " " });
            said.extend(document.text()[span.start..span.end].chars().map(one_line));
        }
        let kind = mention_types.write(&mention.kind, mention.id, &subject, notes);
        let _ = writeln!(lines.text, "T{number}\t{kind} {offsets}\t{said}");
        lines.remarks(
            &format!("T{number}"),
            mention.id,
            &mention.attributes,
            &subject,
            notes,
        );
    }
    let mut relations = 0;
    for link in document.links() {
        let subject = describe_link(annotated, link);
        if link.state == State::Rejected {
            notes.add(Note::Rejected, link.id, subject);
            continue;
        }
        let (Some(head), Some(tail)) = (number_of.get(&link.head), number_of.get(&link.tail))
        else {
            notes.add(Note::RelationOfDropped, link.id, subject);
            continue;
        };
        relations += 1;
        let kind = relation_types.write(&link.kind, link.id, &subject, notes);
        let _ = writeln!(lines.text, "R{relations}\t{kind} Arg1:T{head} Arg2:T{tail}");
        lines.remarks(
            &format!("R{relations}"),
            link.id,
            &link.attributes,
            &subject,
            notes,
        );
    }
    notes.add_scores();
    notes.add_document_notes();
    [document.text().to_string(), lines.text]
}

/// Brat's own names end at white space.
fn name(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join("_")
}

/// The pieces of a mention, cut where lines end. Noted where they will not be read as they were.
fn pieces(
    annotated: &Annotated,
    mention: &Mention,
    subject: &str,
    notes: &mut Notes<'_>,
) -> Vec<Span<Byte>> {
    let text = &**annotated.document.text();
    let mut pieces = Vec::new();
    for span in mention.spans.iter() {
        let lines = line_pieces(text, span);
        let ends = lines.first().zip(lines.last());
        let is_whole =
            ends.is_some_and(|(first, last)| (first.start, last.end) == (span.start, span.end));
        if !is_whole {
            let subject = format!("{subject}, without the line ends around it");
            notes.add(Note::TextChanged, mention.id, subject);
        }
        let follows_line_end = pieces.last().zip(lines.first()).is_some_and(
            |(last, first): (&Span<Byte>, &Span<Byte>)| {
                let gap = text.get(last.end..first.start).unwrap_or_default();
                gap.contains('\n') && gap.trim().is_empty()
            },
        );
        if follows_line_end {
            notes.add(Note::DiscontinuousCovered, mention.id, subject);
        }
        pieces.extend(lines);
    }
    pieces
}

/// A span cut where lines end, without the line ends and blank lines: brat shows no piece of white space.
fn line_pieces(text: &str, span: Span<Byte>) -> Vec<Span<Byte>> {
    let mut start = span.start;
    let mut pieces = Vec::new();
    for line in text[span.start..span.end].split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let is_part = line.len() < span.len();
        if !(content.is_empty() || is_part && content.trim().is_empty()) {
            pieces.push(Span::new(start, start + content.len()));
        }
        start += line.len();
    }
    pieces
}

fn one_line(character: char) -> char {
    if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
        ' '
    } else {
        character
    }
}

#[derive(Default)]
struct AnnotationLines {
    text: String,
    attributes: usize,
    normalisations: usize,
    notes: usize,
}

impl AnnotationLines {
    /// The attributes, normalisations and notes of the annotation that is called `target`.
    fn remarks(
        &mut self,
        target: &str,
        id: Id,
        attributes: &Attributes,
        subject: &str,
        notes: &mut Notes<'_>,
    ) {
        for (key, value) in attributes.iter().filter(|(key, _)| *key != "id") {
            let items = match value {
                Value::Array(items) => items.as_slice(),
                value => std::slice::from_ref(value),
            };
            for item in items {
                if !self.remark(target, key, item) {
                    notes.add(Note::Attribute, id, format!("{key} of {subject}"));
                }
            }
        }
    }

    /// One of them; whether it has a place.
    fn remark(&mut self, target: &str, key: &str, value: &Value) -> bool {
        let is_word = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
        let text = |field: &str| {
            value
                .get(field)
                .and_then(Value::as_str)
                .filter(|text| !text.contains(['\t', '\n', '\r']))
        };
        let written = match (key, value) {
            ("note", Value::String(note)) if !note.contains(['\n', '\r']) => {
                self.notes += 1;
                writeln!(
                    self.text,
                    "#{}\tAnnotatorNotes {target}\t{note}",
                    self.notes
                )
            }
            ("normalizations", _) => {
                let (Some(resource), Some(entry)) = (text("resource"), text("id")) else {
                    return false;
                };
                if !is_word(resource) || resource.contains(':') || !is_word(entry) {
                    return false;
                }
                self.normalisations += 1;
                let words = text("text").unwrap_or_default();
                writeln!(
                    self.text,
                    "N{}\tReference {target} {resource}:{entry}\t{words}",
                    self.normalisations
                )
            }
            (key, Value::Bool(true)) if is_word(key) => {
                self.attributes += 1;
                writeln!(self.text, "A{}\t{key} {target}", self.attributes)
            }
            (key, Value::String(value)) if is_word(key) && is_word(value) => {
                self.attributes += 1;
                writeln!(self.text, "A{}\t{key} {target} {value}", self.attributes)
            }
            _ => return false,
        };
        written.is_ok()
    }
}
