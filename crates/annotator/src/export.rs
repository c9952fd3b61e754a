//! A document as JSON, to copy, to save, and to hand to the program that writes other formats.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use spanarc_document::{Attributes, Id, Link, Mention, Origin, State};

use crate::{session::Snapshot, view::View};

/// The format `json` of the crate `spanarc-formats`, which is no part of this program: offsets are UTF-16 code units, heads
/// and tails are indices of entities.
#[derive(Serialize)]
struct Text<'a> {
    id: &'a str,
    text: &'a str,
    offsets: &'static str,
    entities: Vec<Entity<'a>>,
    relations: Vec<Relation<'a>>,
    #[serde(skip_serializing_if = "is_empty")]
    notes: &'a Attributes,
}

#[derive(Serialize)]
struct Entity<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    start: usize,
    end: usize,
    text: String,
    /// The pieces of a discontinuous one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spans: Vec<(usize, usize)>,
    #[serde(flatten)]
    standing: Standing<'a>,
}

#[derive(Serialize)]
struct Relation<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    head: usize,
    tail: usize,
    #[serde(flatten)]
    standing: Standing<'a>,
}

/// Who stands behind an annotation, and what else its file says of it. A model has a score; its annotations are suggested
/// and a person's accepted unless the state says otherwise.
#[derive(Serialize)]
struct Standing<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<State>,
    #[serde(skip_serializing_if = "is_empty")]
    attributes: &'a Attributes,
}

impl<'a> Standing<'a> {
    fn new(origin: &'a Origin, state: State, attributes: &'a Attributes) -> Self {
        let (score, model, usual) = match origin {
            Origin::Model { name, score } => (Some(*score), Some(&**name), State::Suggested),
            Origin::Person => (None, None, State::Accepted),
        };
        Self {
            score,
            model: model.filter(|name| !name.is_empty()),
            state: (state != usual).then_some(state),
            attributes,
        }
    }
}

/// All that a person decided, and the suggestions that `view` shows, under the name `id`. A rejected relation between entities of
/// which no model says one any more is not among them.
pub(crate) fn json(snapshot: &Snapshot, view: &View, id: &str) -> String {
    let document = &snapshot.document;
    let links: Vec<&Link> = (document.links().iter())
        .filter(|link| !link.is_suggestion() || view.shows_link(document, link))
        .filter(|link| document.has_present_ends(link))
        .collect();
    let ends: HashSet<Id> = links
        .iter()
        .flat_map(|link| [link.head, link.tail])
        .collect();
    let mentions: Vec<&Mention> = (document.mentions().iter())
        .filter(|mention| {
            !mention.is_suggestion() || view.shows_mention(mention) || ends.contains(&mention.id)
        })
        .collect();
    let indices: HashMap<Id, usize> = mentions.iter().map(|mention| mention.id).zip(0..).collect();
    let text = Text {
        id,
        text: document.text(),
        offsets: "utf16",
        entities: mentions
            .iter()
            .map(|mention| entity(mention, snapshot))
            .collect(),
        relations: (links.iter())
            .filter_map(|link| {
                Some(Relation {
                    kind: &link.kind,
                    head: *indices.get(&link.head)?,
                    tail: *indices.get(&link.tail)?,
                    standing: Standing::new(&link.origin, link.state, &link.attributes),
                })
            })
            .collect(),
        notes: document.notes(),
    };
    // Names, numbers and values of JSON: nothing here can fail to serialise.
    serde_json::to_string_pretty(&text).unwrap_or_default() + "\n"
}

fn entity<'a>(mention: &'a Mention, snapshot: &'a Snapshot) -> Entity<'a> {
    let pair = |span| {
        let span = snapshot.utf16(span);
        (span.start, span.end)
    };
    let (start, end) = pair(mention.spans.extent());
    let pieces = mention.spans.as_slice();
    let words: Vec<&str> = snapshot.document.words(&mention.spans).collect();
    Entity {
        kind: &mention.kind,
        start,
        end,
        text: words.join(" "),
        spans: match pieces {
            [_] => Vec::new(),
            pieces => pieces.iter().map(|&span| pair(span)).collect(),
        },
        standing: Standing::new(&mention.origin, mention.state, &mention.attributes),
    }
}

fn is_empty(attributes: &&Attributes) -> bool {
    attributes.is_empty()
}

#[cfg(test)]
mod tests {
    use spanarc_document::{Document, Span, Spans};
    use spanarc_formats::{Format, ReadingRules, WritingRules};

    use super::*;
    use crate::session::Session;

    const EVERYTHING: View = View {
        threshold: 0.0,
        entity_threshold: 0.0,
        hidden_entity_types: std::collections::BTreeSet::new(),
        hidden_relation_types: std::collections::BTreeSet::new(),
    };

    /// A text with every origin and state, a discontinuous mention, attributes and notes.
    fn document() -> Document {
        let model = |score| Origin::Model {
            name: "news".into(),
            score,
        };
        let attributes = |value: &str| Attributes::from_iter([("certainty".into(), value.into())]);
        let mention = |id, kind: &str, spans: &[(usize, usize)], origin, state| Mention {
            id: Id(id),
            kind: kind.into(),
            spans: Spans::new(&Vec::from_iter(
                spans.iter().map(|&(start, end)| Span::new(start, end)),
            ))
            .unwrap(),
            origin,
            state,
            attributes: if id == 3 {
                attributes("low")
            } else {
                Attributes::default()
            },
        };
        let link = |id, head, tail, origin, state| Link {
            id: Id(id),
            kind: "Near".into(),
            head: Id(head),
            tail: Id(tail),
            origin,
            state,
            attributes: attributes("high"),
        };
        Document::with_annotations(
            "😀 Ada met Bea and Cy near Ulm.",
            vec![
                mention(0, "Peop", &[(5, 8)], model(0.9), State::Suggested),
                mention(1, "Peop", &[(13, 16)], model(0.3), State::Suggested),
                mention(
                    3,
                    "Group",
                    &[(5, 8), (21, 23)],
                    Origin::Person,
                    State::Accepted,
                ),
                mention(4, "Loc", &[(29, 32)], model(0.4), State::Rejected),
                mention(5, "Peop", &[(21, 23)], Origin::Person, State::Suggested),
                mention(9, "Peop", &[(29, 32)], model(1e-7), State::Accepted),
            ],
            vec![
                link(10, 0, 1, model(0.2), State::Suggested),
                link(11, 9, 0, model(0.25), State::Accepted),
            ],
            attributes("whole"),
        )
        .unwrap()
    }

    fn snapshot(document: Document) -> Snapshot {
        Session::new(document).snapshot()
    }

    #[test]
    fn the_json_is_that_of_the_formats_and_is_read_back_whole() {
        let document = document();
        let mut read = Vec::new();
        let json = json(&snapshot(document.clone()), &EVERYTHING, "a");
        let rules = ReadingRules::default();
        spanarc_formats::read(
            Format::Json,
            json.as_bytes(),
            "a.json",
            &rules,
            &mut |reading| {
                assert!(reading.refused.is_empty(), "{:?}", reading.refused);
                read.extend(reading.documents);
            },
        );
        let written = spanarc_formats::write(
            Format::Json,
            &read[0],
            &WritingRules::default(),
            &mut Vec::new(),
        );
        assert_eq!(written.unwrap(), [json]);
        let after: Vec<_> = read[0].document.changes_to(&document).into_iter().collect();
        let mut same = read[0].document.clone();
        same.apply_all(after).unwrap();
        let standing = |document: &Document| {
            let mentions = document.mentions().iter();
            Vec::from_iter(mentions.map(|m| {
                (
                    m.kind.clone(),
                    m.spans.clone(),
                    m.origin.clone(),
                    m.state,
                    m.attributes.clone(),
                )
            }))
        };
        assert_eq!(standing(&read[0].document), standing(&document));
        assert_eq!(read[0].document.links().len(), 2);
        assert_eq!(read[0].document.notes(), document.notes());
    }

    #[test]
    fn decisions_are_exported_whatever_is_shown_and_suggestions_where_they_are() {
        let view = View {
            threshold: 0.5,
            entity_threshold: 0.95,
            ..EVERYTHING
        };
        let json = json(&snapshot(document()), &view, "a");
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        let words: Vec<_> = value["entities"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entity| entity["text"].as_str().unwrap())
            .collect();
        // "Ada" is below the threshold and the end of a relation that was accepted; a person's suggestion counts in full.
        assert_eq!(words, ["Ada", "Ada Cy", "Cy", "Ulm", "Ulm"]);
        assert_eq!(value["relations"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn what_no_model_says_any_more_is_left_out_though_a_rejected_relation_hangs_on_it() {
        let mut session = Session::new(document());
        session
            .perform(
                &[spanarc_document::Command::Reject(Id(10))],
                Span::new(0, 0),
                0,
            )
            .unwrap();
        session.forget_suggestions();
        let bea = |session: &Session| session.document().mention(Id(1)).cloned();
        assert!(bea(&session).is_some_and(|mention| mention.is_withdrawn()));
        let json = json(&session.snapshot(), &EVERYTHING, "a");
        assert!(!json.contains("\"Bea\""), "{json}");
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["relations"].as_array().unwrap().len(), 1);
    }
}
