//! Random documents for the property tests of formats, and files written and read back.
//!
//! Mentions come in text order with the identities 0, 1, …, links behind them: what a format writes in text order and reads
//! in file order is the same document again. No two mentions share type and place, no two links type and arguments.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::json;
use spanarc_document::{Attributes, Byte, Document, Id, Link, Mention, Origin, Span, Spans, State};

use crate::{
    annotated::Annotated,
    draft::is_visible,
    format::{Format, Layout},
    note::Noted,
    place::Place,
    read::{File, ReadingRules, read, read_pair},
    reading::Reading,
    segmenting::Segmenter,
    writing::{WritingRules, frame, write},
};

/// What random documents hold beyond a person's accepted mentions and links; mentions may always nest.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Holds {
    /// Mentions that overlap others without nesting.
    pub(crate) overlaps: bool,
    /// Mentions in several pieces.
    pub(crate) pieces: bool,
    /// Mentions with white space at their ends.
    pub(crate) blank_ends: bool,
    /// Suggestions of a model.
    pub(crate) suggestions: bool,
    /// A model's annotations that a person accepted or rejected, and a person's that are not accepted.
    pub(crate) decisions: bool,
    /// Attributes, notes and normalisations of mentions and links.
    pub(crate) attributes: bool,
    /// Notes on the document.
    pub(crate) notes: bool,
}

impl Holds {
    /// Everything that a document can hold.
    pub(crate) const ALL: Self = Self {
        overlaps: true,
        pieces: true,
        blank_ends: true,
        suggestions: true,
        decisions: true,
        attributes: true,
        notes: true,
    };
}

/// Texts of words, emoji, combining marks, scripts of both directions, and every kind of white space and markup.
pub(crate) fn any_text() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "Ada",
        "met",
        "Zoë",
        "e\u{301}mile",
        "naïve",
        "x",
        "7",
        "👍🏽",
        "👩‍👩‍👧",
        "🇨🇭",
        "שלום",
        "مرحبا",
        "你好",
        "𝒳",
    ]);
    let mark = prop::sample::select(vec![
        ".", ",", "&", "<b>", "\"", "\\", "#", "|", "[1]", "_", "*", "'", ";", "]]>",
    ]);
    let blank = prop::sample::select(vec![
        " ", " ", " ", "  ", "\t", "\n", "\r\n", "\n\n", "\u{a0}", "\u{2028}", "\u{200f}",
        "\u{200b}",
    ]);
    vec(prop_oneof![4 => word, 1 => mark, 3 => blank], 1..32).prop_map(|parts| parts.concat())
}

/// Random documents.
pub(crate) fn any_document(holds: Holds) -> impl Strategy<Value = Document> {
    let mention = (
        prop::sample::select(vec!["Person", "Org", "Größe", "Work"]),
        vec(any::<Index>(), 6),
        prop_oneof![3 => Just(1_usize), 1 => if holds.pieces { 2..=3_usize } else { 1..=1 }],
        any_maker(holds),
        any_attributes(holds.attributes),
    );
    let link = (
        prop::sample::select(vec!["knows", "Live_In"]),
        any::<(Index, Index)>(),
        any_maker(holds),
        any_attributes(holds.attributes),
    );
    (
        any_text(),
        vec(mention, 0..12),
        vec(link, 0..8),
        any_notes(holds.notes),
    )
        .prop_map(move |(text, mentions, links, notes)| {
            let ends: Vec<usize> = (text.char_indices().map(|(index, _)| index))
                .chain([text.len()])
                .collect();
            let mut placed: Vec<Mention> = Vec::new();
            for (kind, indices, pieces, (origin, state), attributes) in mentions {
                let mut cuts: Vec<usize> = (indices[..2 * pieces].iter())
                    .map(|index| *index.get(&ends))
                    .collect();
                cuts.sort_unstable();
                let Some(spans) = spans(&text, &cuts, holds) else {
                    continue;
                };
                let collides = |other: &Mention| {
                    (&*other.kind, &other.spans) == (kind, &spans)
                        || !holds.overlaps && crosses(other.spans.extent(), spans.extent())
                };
                if !placed.iter().any(collides) {
                    placed.push(Mention {
                        id: Id(0),
                        kind: kind.into(),
                        spans,
                        origin,
                        state,
                        attributes,
                    });
                }
            }
            placed.sort_by(|a, b| a.spans.cmp(&b.spans));
            for (index, mention) in placed.iter_mut().enumerate() {
                mention.id = id(index);
            }
            let standing: Vec<Id> = (placed.iter())
                .filter(|mention| mention.state != State::Rejected)
                .map(|mention| mention.id)
                .collect();
            let mut known = HashSet::new();
            let mut linked = Vec::new();
            for (kind, (head, tail), (origin, state), attributes) in links {
                if standing.is_empty() {
                    break;
                }
                let (head, tail) = (*head.get(&standing), *tail.get(&standing));
                if head != tail && known.insert((kind, head, tail)) {
                    linked.push(Link {
                        id: id(placed.len() + linked.len()),
                        kind: kind.into(),
                        head,
                        tail,
                        origin,
                        state,
                        attributes,
                    });
                }
            }
            Document::with_annotations(text, placed, linked, notes).expect("a valid document")
        })
}

/// Random documents, without sentences.
pub(crate) fn any_annotated(holds: Holds) -> impl Strategy<Value = Annotated> {
    any_document(holds)
        .prop_map(|document| Annotated::new("1", document, Place::new(&Arc::from("random"), 1)))
}

/// Random documents, cut into sentences of tokens that every mention fits.
pub(crate) fn any_tokenised(holds: Holds) -> impl Strategy<Value = Annotated> {
    any_annotated(holds).prop_map(|mut annotated| {
        annotated.segment(&Words, None, crate::Discontinuous::Cover, &mut Vec::new());
        annotated
    })
}

/// Sentences are lines, tokens what white space parts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words;

impl Segmenter for Words {
    fn sentences(&self, text: &str) -> Vec<Span<Byte>> {
        parts(text, |character| character == '\n')
    }

    fn tokens(&self, sentence: &str) -> Vec<(Span<Byte>, String)> {
        let words = parts(sentence, char::is_whitespace).into_iter();
        words
            .map(|span| (span, sentence[span.start..span.end].to_owned()))
            .collect()
    }
}

/// The files that a format makes of one document, and what was noted.
pub(crate) fn written(format: Format, annotated: &Annotated) -> (Vec<String>, Vec<Noted>) {
    let mut notes = Vec::new();
    let mut files = write(format, annotated, &WritingRules::default(), &mut notes)
        .expect("a document that the format can hold");
    if !matches!(format.layout(), Layout::Files(_)) {
        let [before, _, after] = frame(format.layout());
        files[0] = format!("{before}{}{after}", files[0]);
    }
    (files, notes)
}

/// What one file reads as, or the two of a document in two.
pub(crate) fn read_text(format: Format, files: &[impl AsRef<str>]) -> Reading {
    let mut reading = Reading::default();
    let bytes = |index: usize| files[index].as_ref().as_bytes();
    if files.len() == 2 {
        let [text, annotations] = [0, 1].map(|index| File {
            name: ["t.txt", "t.ann"][index],
            bytes: bytes(index),
        });
        read_pair(format, "1", text, annotations, &mut reading);
    } else {
        read(
            format,
            bytes(0),
            "t",
            &ReadingRules::default(),
            &mut |part| {
                reading.documents.extend(part.documents);
                reading.refused.extend(part.refused);
                reading.notes.extend(part.notes);
            },
        );
    }
    reading
}

/// A file with faults: at each place a character is replaced.
pub(crate) fn any_faults() -> impl Strategy<Value = Vec<(Index, &'static str)>> {
    let instead = prop::sample::select(vec![
        "", "\"", "{", "]", ",", "-1", "9e99", "null", "\u{1}", "👍",
    ]);
    vec((any::<Index>(), instead), 1..4)
}

/// The text with these faults.
pub(crate) fn with_faults(text: &str, faults: &[(Index, &str)]) -> String {
    let mut characters: Vec<String> = text.chars().map(String::from).collect();
    for (place, instead) in faults {
        if !characters.is_empty() {
            let index = place.index(characters.len());
            characters[index] = (*instead).to_owned();
        }
    }
    characters.concat()
}

/// The one document that a file holds, of which nothing is refused.
pub(crate) fn read_one(format: Format, files: &[impl AsRef<str>]) -> Annotated {
    let mut reading = read_text(format, files);
    let refused: Vec<_> = reading.refused.iter().map(ToString::to_string).collect();
    assert!(refused.is_empty(), "{refused:#?}");
    assert_eq!(reading.documents.len(), 1);
    reading.documents.remove(0)
}

/// The same document with identities by place, type and arguments, for formats that keep another order.
pub(crate) fn renumbered(document: &Document) -> Document {
    let mut mentions = document.mentions().to_vec();
    mentions.sort_by(|a, b| (&a.spans, &a.kind).cmp(&(&b.spans, &b.kind)));
    let new_ids: HashMap<Id, Id> = (mentions.iter().enumerate())
        .map(|(index, mention)| (mention.id, id(index)))
        .collect();
    for mention in &mut mentions {
        mention.id = new_ids[&mention.id];
    }
    let mut links = document.links().to_vec();
    for link in &mut links {
        (link.head, link.tail) = (new_ids[&link.head], new_ids[&link.tail]);
    }
    links.sort_by(|a, b| (a.head, a.tail, &a.kind).cmp(&(b.head, b.tail, &b.kind)));
    for (index, link) in links.iter_mut().enumerate() {
        link.id = id(mentions.len() + index);
    }
    let text = Arc::clone(document.text());
    Document::with_annotations(text, mentions, links, document.notes().clone())
        .expect("a valid document")
}

fn id(index: usize) -> Id {
    Id(u32::try_from(index).unwrap_or(u32::MAX))
}

/// The spans between each two cuts, without their white space unless that is allowed; none where nothing shows.
fn spans(text: &str, cuts: &[usize], holds: Holds) -> Option<Spans> {
    let mut spans = Vec::new();
    for pair in cuts.chunks_exact(2) {
        let (mut start, mut end) = (pair[0], pair[1]);
        if !holds.blank_ends {
            start = end - text[start..end].trim_start().len();
            end = start + text[start..end].trim_end().len();
        }
        spans.push(Span::new(start, end));
    }
    let shows = |span: &Span<Byte>| text[span.start..span.end].chars().any(is_visible);
    spans.iter().all(shows).then(|| Spans::new(&spans).ok())?
}

/// Whether two spans overlap and neither lies in the other.
fn crosses(a: Span<Byte>, b: Span<Byte>) -> bool {
    let within = |a: Span<Byte>, b: Span<Byte>| b.start <= a.start && a.end <= b.end;
    a.overlaps(b) && !within(a, b) && !within(b, a)
}

/// The stretches between characters of a kind.
fn parts(text: &str, is_between: impl Fn(char) -> bool) -> Vec<Span<Byte>> {
    let mut start = 0;
    let mut parts = Vec::new();
    for part in text.split_inclusive(&is_between) {
        let end = start + part.trim_end_matches(&is_between).len();
        if start < end {
            parts.push(Span::new(start, end));
        }
        start += part.len();
    }
    parts
}

fn any_maker(holds: Holds) -> BoxedStrategy<(Origin, State)> {
    let person = Just((Origin::Person, State::Accepted)).boxed();
    let model = (prop::sample::select(vec!["news", ""]), 0_u8..=100)
        .prop_map(|(name, score)| Origin::Model {
            name: name.into(),
            score: f32::from(score) / 100.0,
        })
        .boxed();
    let suggested = model.clone().prop_map(|origin| (origin, State::Suggested));
    let states = vec![State::Suggested, State::Accepted, State::Rejected];
    let decided = (
        prop_oneof![Just(Origin::Person), model],
        prop::sample::select(states),
    );
    let weight = u32::from;
    prop_oneof![
        4 => person.clone(),
        weight(holds.suggestions).max(1) => if holds.suggestions { suggested.boxed() } else { person.clone() },
        weight(holds.decisions).max(1) => if holds.decisions { decided.boxed() } else { person },
    ]
    .boxed()
}

fn any_attributes(wanted: bool) -> BoxedStrategy<Attributes> {
    if !wanted {
        return Just(Attributes::default()).boxed();
    }
    let attributes = vec![
        ("note", json!("see \"7\"\nbelow")),
        ("note", json!(["one", "zwei 👍🏽"])),
        (
            "normalizations",
            json!([{"resource": "Wikidata", "id": "Q7259", "text": "Ada Lovelace"}]),
        ),
        ("certainty", json!("low")),
        ("negated", json!(true)),
        ("weight", json!(2.5)),
        ("list", json!([1, {"a": null}])),
    ];
    vec(prop::sample::select(attributes), 0..3)
        .prop_map(|attributes| {
            let mut all = Attributes::default();
            for (key, value) in attributes {
                all.insert(key.to_owned(), value);
            }
            all
        })
        .boxed()
}

fn any_notes(wanted: bool) -> BoxedStrategy<Attributes> {
    if !wanted {
        return Just(Attributes::default()).boxed();
    }
    let notes = vec![
        ("source", json!("letters/7.txt")),
        ("year", json!(1843)),
        ("meta", json!({"tags": ["a", "b"]})),
    ];
    vec(prop::sample::select(notes), 0..3)
        .prop_map(|notes| {
            notes
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect()
        })
        .boxed()
}
