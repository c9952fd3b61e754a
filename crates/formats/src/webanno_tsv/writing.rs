//! A document to rows.

use std::collections::{BTreeMap, HashMap};

use spanarc_document::{Byte, OffsetMap, Span};

use super::escaping::{escape_text, escape_value};
use crate::{
    annotated::{Annotated, TokenSentence},
    by_tokens::trimmed,
    cas::{
        Features,
        model::FeatureStructure,
        structures,
        types::{NAMED_ENTITY, RELATION},
    },
    note::Note,
    writing::Notes,
};

/// A token by its index, or a part of one.
type Unit = (usize, Option<Span<Byte>>);

/// A mention in the rows.
struct Placed<'a> {
    structure: &'a FeatureStructure,
    units: Vec<Unit>,
    /// What tells it from others in its rows, and its rows from those of others.
    mark: Option<usize>,
}

pub(crate) fn write(
    annotated: &Annotated,
    sentences: &[TokenSentence],
    notes: &mut Notes<'_>,
) -> String {
    let text = annotated.document.text();
    let tokens: Vec<Span<Byte>> = (sentences.iter())
        .flat_map(|sentence| sentence.tokens.iter().map(|token| token.span))
        .collect();
    let fits = |extent| !units(&tokens, trimmed(text, extent)).is_empty();
    let cas = structures(annotated, Features::Layer, &fits, notes);
    let map = OffsetMap::new(text);
    let mut placed: Vec<Placed<'_>> = Vec::new();
    let mut by_id: HashMap<&str, usize> = HashMap::new();
    for structure in cas.structures.iter().filter(|it| it.kind == NAMED_ENTITY) {
        let offset = |name| structure.offset(name).unwrap_or_default();
        let extent = Span::<spanarc_document::Utf16>::new(offset("begin"), offset("end"));
        let extent = map.to_byte(extent).unwrap_or(Span::new(0, 0));
        by_id.insert(&structure.id, placed.len());
        placed.push(Placed {
            structure,
            units: units(&tokens, trimmed(text, extent)),
            mark: None,
        });
    }
    let mut rows: BTreeMap<Unit, Vec<usize>> = BTreeMap::new();
    for (index, mention) in placed.iter().enumerate() {
        for unit in &mention.units {
            rows.entry(*unit).or_default().push(index);
        }
    }
    let mut last = 0;
    for mention in &mut placed {
        let units = &mention.units;
        if units.len() > 1 || units.iter().any(|unit| rows[unit].len() > 1) {
            last += 1;
            mention.mark = Some(last);
        }
    }
    let mut relations: BTreeMap<Unit, Vec<(usize, usize, &FeatureStructure)>> = BTreeMap::new();
    for relation in cas.structures.iter().filter(|it| it.kind == RELATION) {
        let argument = |name| by_id.get(&*relation.text(name)?).copied();
        let (Some(head), Some(tail)) = (argument("Governor"), argument("Dependent")) else {
            continue;
        };
        if let Some(&unit) = placed[tail].units.first() {
            let related = relations.entry(unit).or_default();
            related.push((head, tail, relation));
        }
    }
    let file = Writer {
        text,
        map,
        numbers: numbers(sentences, &rows),
        has_identifiers: placed
            .iter()
            .any(|mention| mention.structure.feature("identifier").is_some()),
        placed,
        rows,
        relations,
    };
    file.print(annotated, sentences, notes)
}

/// The units that a span covers; none where it begins or ends outside of tokens.
fn units(tokens: &[Span<Byte>], span: Span<Byte>) -> Vec<Unit> {
    let first = tokens.partition_point(|token| token.end <= span.start);
    let last = tokens.partition_point(|token| token.start < span.end);
    let covered = tokens.get(first..last).unwrap_or_default();
    let (Some(begin), Some(end)) = (covered.first(), covered.last()) else {
        return Vec::new();
    };
    if span.is_empty() || span.start < begin.start || end.end < span.end {
        return Vec::new();
    }
    let unit = |(index, token): (usize, &Span<Byte>)| {
        let part = Span::new(token.start.max(span.start), token.end.min(span.end));
        (first + index, (part != *token).then_some(part))
    };
    covered.iter().enumerate().map(unit).collect()
}

/// The numbers of all rows.
fn numbers(
    sentences: &[TokenSentence],
    rows: &BTreeMap<Unit, Vec<usize>>,
) -> HashMap<Unit, String> {
    let mut numbers = HashMap::new();
    let mut index = 0;
    for (sentence, tokens) in sentences.iter().enumerate() {
        for token in 0..tokens.tokens.len() {
            numbers.insert((index, None), format!("{}-{}", sentence + 1, token + 1));
            index += 1;
        }
    }
    let (mut token, mut part) = (usize::MAX, 0);
    for unit in rows.keys().filter(|(_, part)| part.is_some()) {
        part = if unit.0 == token { part + 1 } else { 1 };
        token = unit.0;
        let number = format!("{}.{part}", numbers[&(token, None)]);
        numbers.insert(*unit, number);
    }
    numbers
}

struct Writer<'a> {
    text: &'a str,
    map: OffsetMap,
    numbers: HashMap<Unit, String>,
    has_identifiers: bool,
    placed: Vec<Placed<'a>>,
    rows: BTreeMap<Unit, Vec<usize>>,
    /// Head, tail and relation by the first row of the tail.
    relations: BTreeMap<Unit, Vec<(usize, usize, &'a FeatureStructure)>>,
}

impl Writer<'_> {
    fn print(
        &self,
        annotated: &Annotated,
        sentences: &[TokenSentence],
        notes: &mut Notes<'_>,
    ) -> String {
        let identifier = if self.has_identifiers {
            "|identifier"
        } else {
            ""
        };
        let mut file = format!("#FORMAT=WebAnno TSV 3.3\n#T_SP={NAMED_ENTITY}{identifier}|value\n");
        if !self.relations.is_empty() {
            file.push_str(&format!("#T_RL={RELATION}|value|BT_{NAMED_ENTITY}\n"));
        }
        file.push('\n');
        let start = sentences
            .first()
            .map_or(self.text.len(), |first| first.extent().start);
        if self
            .text
            .get(..start)
            .is_some_and(|before| before.bytes().any(|byte| byte != b' '))
        {
            notes.add_whole(Note::TextChanged, "text in front of the first sentence");
        }
        let mut token = 0;
        for (index, sentence) in sentences.iter().enumerate() {
            file.push('\n');
            if sentence.id != format!("{}:{}", annotated.id, index + 1) {
                file.push_str(&format!("#Sentence.id={}\n", escape_text(&sentence.id)));
            }
            for line in self
                .sentence_text(sentence, sentences.get(index + 1))
                .split('\n')
            {
                file.push_str(&format!("#Text={}\n", escape_text(line)));
            }
            for place in &sentence.tokens {
                self.print_row(&mut file, (token, None), place.span);
                for (unit, _) in self
                    .rows
                    .range((token, Some(Span::new(0, 0)))..(token + 1, None))
                {
                    self.print_row(&mut file, *unit, unit.1.unwrap_or(place.span));
                }
                token += 1;
            }
        }
        file
    }

    /// The text of a sentence, with what parts it from the next one unless that is a line end with spaces.
    fn sentence_text(&self, sentence: &TokenSentence, next: Option<&TokenSentence>) -> &str {
        let extent = sentence.extent();
        let end = next.map_or(self.text.len(), |next| next.extent().start);
        let between = self.text.get(extent.end..end).unwrap_or_default();
        let is_plain = between
            .strip_prefix('\n')
            .is_some_and(|spaces| spaces.bytes().all(|byte| byte == b' '));
        let end = if next.is_some() && is_plain {
            extent.end
        } else {
            end
        };
        self.text.get(extent.start..end).unwrap_or_default()
    }

    fn print_row(&self, file: &mut String, unit: Unit, span: Span<Byte>) {
        let words = self.text.get(span.start..span.end).unwrap_or_default();
        let is_plain = !words.contains(['\t', '\n', '\r']);
        // INCEpTION writes words as they are; these would break the row.
        let words = if is_plain {
            words.to_owned()
        } else {
            escape_text(words)
        };
        let span = self.map.to_utf16(span).unwrap_or(Span::new(0, 0));
        let number = &self.numbers[&unit];
        file.push_str(&format!("{number}\t{}-{}\t{words}\t", span.start, span.end));
        let mentions = self.rows.get(&unit).map_or(&[][..], Vec::as_slice);
        let names = if self.has_identifiers {
            &["identifier", "value"][..]
        } else {
            &["value"]
        };
        for name in names {
            let values = mentions.iter().map(|&index| {
                let Placed {
                    structure, mark, ..
                } = &self.placed[index];
                let mark = mark.map_or_else(String::new, |mark| format!("[{mark}]"));
                value(structure, name) + &mark
            });
            print_cell(file, values.collect());
        }
        if self.relations.is_empty() {
            file.push('\n');
            return;
        }
        let relations = self.relations.get(&unit).map_or(&[][..], Vec::as_slice);
        let kinds = relations
            .iter()
            .map(|(_, _, relation)| value(relation, "value"));
        print_cell(file, kinds.collect());
        let sources = relations.iter().map(|(head, tail, _)| {
            let (head, tail) = (&self.placed[*head], &self.placed[*tail]);
            let unit = head.units.first();
            let number = unit.map_or("_", |unit| &self.numbers[unit]);
            match (head.mark, tail.mark) {
                (None, None) => number.to_owned(),
                (head, tail) => {
                    format!("{number}[{}_{}]", head.unwrap_or(0), tail.unwrap_or(0))
                }
            }
        });
        print_cell(file, sources.collect());
        file.push('\n');
    }
}

fn value(structure: &FeatureStructure, name: &str) -> String {
    let value = structure.text(name);
    value.map_or_else(|| "*".to_owned(), |value| escape_value(&value))
}

/// A tab follows each cell, also the last one.
fn print_cell(file: &mut String, values: Vec<String>) {
    if values.is_empty() {
        file.push('_');
    }
    file.push_str(&values.join("|"));
    file.push('\t');
}
