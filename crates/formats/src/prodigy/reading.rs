//! Lines to documents.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};
use spanarc_document::{Attributes, Origin, State};

use super::{Arguments, LINE_KEYS, SpanRange};
use crate::{
    Offsets,
    draft::{Draft, DraftLink, DraftMention},
    json::{identifier, parse, parse_item},
    note::Note,
    place::Place,
    read_error::AnnotationProblem,
    reading::Reading,
    unknown_keys::further,
};

#[derive(Deserialize)]
struct Example<'a> {
    #[serde(default)]
    id: Option<Value>,
    text: String,
    tokens: Option<Vec<Token>>,
    #[serde(borrow)]
    spans: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    relations: Option<Vec<&'a RawValue>>,
    answer: Option<String>,
    #[serde(default, rename = "_is_binary")]
    is_binary: Option<bool>,
    #[serde(default, rename = "_view_id")]
    view: Option<String>,
}

#[derive(Deserialize)]
struct Token {
    start: usize,
    end: usize,
    id: Option<usize>,
}

#[derive(Deserialize)]
struct SpanObject {
    start: usize,
    end: usize,
    token_start: Option<usize>,
    token_end: Option<usize>,
    label: Option<String>,
    text: Option<String>,
    answer: Option<String>,
    #[serde(flatten)]
    maker: Maker,
}

#[derive(Deserialize)]
struct RelationObject {
    head: Option<usize>,
    child: Option<usize>,
    head_span: Option<SpanRange>,
    child_span: Option<SpanRange>,
    #[serde(default)]
    label: String,
    #[serde(rename = "color")]
    _color: Option<Value>,
    #[serde(flatten)]
    maker: Maker,
}

/// Who stands behind an annotation, and further keys.
#[derive(Deserialize)]
struct Maker {
    score: Option<f32>,
    state: Option<State>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Maker {
    /// Origin, state and attributes. A score is a model's, which a person accepted with the answer.
    fn made(&self, is_accepted: bool) -> (Origin, State, Attributes) {
        let mut attributes: Attributes = self.rest.clone().into_iter().collect();
        let (origin, usual) = match self.score {
            Some(score) => {
                let name = attributes.remove("source").as_ref().map(identifier);
                let name = name.unwrap_or_default().into();
                let state = if is_accepted {
                    State::Accepted
                } else {
                    State::Suggested
                };
                (Origin::Model { name, score }, state)
            }
            None => (Origin::Person, State::Accepted),
        };
        (origin, self.state.unwrap_or(usual), attributes)
    }
}

/// Reads a line; a text without an id is called by its number.
pub(crate) fn read_line(place: &Place, line: &str, reading: &mut Reading) {
    match parse::<Example<'_>>(line) {
        Ok(example) => read_example(&example, line, place, reading),
        Err(problem) => reading.refuse_below(place, problem),
    }
}

fn read_example(example: &Example<'_>, line: &str, place: &Place, reading: &mut Reading) {
    let (id, place) = &place.called(example.id.as_ref());
    let answer = example.answer.as_deref();
    if let Some(answer) = answer.filter(|answer| *answer != "accept") {
        return reading.note(Note::NotAccepted, place, format!("the answer is {answer}"));
    }
    if example.is_binary == Some(true)
        || matches!(example.view.as_deref(), Some("ner" | "spans" | "relation"))
    {
        reading.note(Note::OneAnswer, place, "the text");
    }
    if example.relations.is_none() {
        reading.note(Note::NoRelationsKey, place, "the text");
    }
    let mut draft = Draft::new(&example.text, Offsets::Char);
    let arguments = spans(example, line, &mut draft, place, reading);
    for (index, relation) in example.relations.iter().flatten().enumerate() {
        let field = format!("relations[{index}]");
        let relation: RelationObject = match parse_item(relation.get(), line, &field) {
            Ok(relation) => relation,
            Err(problem) => {
                reading.refuse_below(place, problem);
                continue;
            }
        };
        let ends = [
            ("head", &relation.head_span, relation.head),
            ("child", &relation.child_span, relation.child),
        ]
        .map(|(name, span, token)| {
            let found = arguments.find(span.as_ref(), token);
            let label = span.as_ref().and_then(|span| span.label.as_deref());
            found.ok_or((name, label.is_some()))
        });
        match ends {
            [Ok(head), Ok(tail)] => {
                let (origin, state, attributes) = relation.maker.made(answer.is_some());
                let link = DraftLink {
                    origin,
                    state,
                    attributes,
                    ..DraftLink::new(&relation.label, head, tail)
                };
                draft.link(link, &field, place, reading);
            }
            [Err((name, true)), _] | [_, Err((name, true))] => {
                let argument = format!("a span as its {name}");
                reading.refuse(place, AnnotationProblem::Unknown { field, argument });
            }
            // Tokens can be related, as in dependency trees.
            _ => {
                let subject = format!("{field}, of tokens without a span");
                reading.note(Note::OtherAnnotation, place, subject);
            }
        }
    }
    let notes = further(line, &LINE_KEYS);
    let notes = notes.filter(|(key, _)| !key.starts_with('_')).collect();
    draft.finish(id.as_str(), notes, place.clone(), reading);
}

/// Reads the spans; what relations call them.
fn spans(
    example: &Example<'_>,
    line: &str,
    draft: &mut Draft<'_>,
    place: &Place,
    reading: &mut Reading,
) -> Arguments {
    let mut arguments = Arguments::default();
    let (mut starting, mut ending) = (HashMap::new(), HashMap::new());
    for (index, token) in example.tokens.iter().flatten().enumerate() {
        let id = token.id.unwrap_or(index);
        starting.insert(token.start, id);
        ending.insert(token.end, id);
    }
    for (index, span) in example.spans.iter().flatten().enumerate() {
        let field = format!("spans[{index}]");
        let span: SpanObject = match parse_item(span.get(), line, &field) {
            Ok(span) => span,
            Err(problem) => {
                reading.refuse_below(place, problem);
                continue;
            }
        };
        let Some(label) = &span.label else {
            let subject = format!("{field}, a span without a label");
            reading.note(Note::OtherAnnotation, place, subject);
            continue;
        };
        if let Some(answer) = span.answer.as_deref().filter(|answer| *answer != "accept") {
            let subject = format!("{field}, the answer is {answer}");
            reading.note(Note::Rejected, place, subject);
            draft.leave_out(field.clone(), &field);
        } else {
            let (origin, state, attributes) = span.maker.made(example.answer.is_some());
            let mention = DraftMention {
                id: Some(field.clone()),
                said: span.text.as_deref(),
                origin,
                state,
                attributes,
                ..DraftMention::new(label, [(span.start, span.end)])
            };
            draft.mention(mention, &field, place, reading);
        }
        let first = span.token_start.or(starting.get(&span.start).copied());
        let last = span.token_end.or(ending.get(&span.end).copied());
        if let Some((first, last)) = first.zip(last) {
            arguments.add_tokens(first, last, field.clone());
        }
        arguments.add((span.start, span.end), label, field);
    }
    arguments
}
