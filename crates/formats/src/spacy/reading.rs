//! Objects to documents.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;
use serde_json::{Value, json};
use spanarc_document::{Attributes, OffsetMap, Origin, State};

use super::{
    GROUP, MAKER_KEYS, RELATIONS,
    value::{DocObject, KEYS, Relation, SpanObject, SpanValue},
};
use crate::{
    Offsets,
    annotated::{TextToken, TokenSentence},
    covering::trimmed,
    draft::{Draft, DraftLink, DraftMention},
    json::{identifier, parse, parse_item},
    note::Note,
    place::Place,
    prodigy::Arguments,
    read_error::AnnotationProblem,
    reading::Reading,
    unknown_keys::note_unknown,
};

/// Reads an object; a text without an id is called by its number.
pub(crate) fn read_line(place: &Place, text: &str, reading: &mut Reading) {
    match parse::<DocObject<'_>>(text) {
        Ok(object) => {
            note_unknown(text, &KEYS, place, reading);
            read_object(object, text, place, reading);
        }
        Err(problem) => reading.refuse_below(place, problem),
    }
}

fn read_object(mut object: DocObject<'_>, json: &str, place: &Place, reading: &mut Reading) {
    let (id, place) = &place.called(object.id.as_ref());
    note_tokens(&object, place, reading);
    let values = [object.underscore_span.take(), object.span_attributes.take()];
    let mut extensions = Extensions::new(values.into_iter().flatten().flatten());
    let mut own = object.extensions.take().unwrap_or_default();
    let relations = object.rel.take().or_else(|| own.remove(RELATIONS));
    own.extend(object.notes.take().into_iter().flatten());
    let mut notes: Attributes = own.into_iter().collect();
    if let Some(cats) = object.cats.take() {
        notes.insert("cats".to_owned(), cats);
    }
    let mut draft = Draft::new(&object.text, Offsets::Char);
    let mut arguments = Arguments::default();
    let mut known: HashMap<_, String> = HashMap::new();
    let groups = object.spans.iter().flatten();
    let groups = groups.map(|(name, spans)| (format!("spans.{name}"), Some(name), spans));
    let ents = object
        .ents
        .iter()
        .map(|ents| ("ents".to_owned(), None, ents));
    for (list, group, spans) in ents.chain(groups) {
        for (index, span) in spans.iter().enumerate() {
            let field = format!("{list}[{index}]");
            let span: SpanObject = match parse_item(span.get(), json, &field) {
                Ok(span) => span,
                Err(problem) => {
                    reading.refuse_below(place, problem);
                    continue;
                }
            };
            if span.label.is_empty() {
                let subject = format!("{field}, a span without a label");
                reading.note(Note::OtherAnnotation, place, subject);
                continue;
            }
            let group = group.filter(|group| *group != GROUP);
            let key = (span.start, span.end, span.label.clone());
            if let Some(first) = known.get(&key) {
                // What stands in `ents` may stand in our own group, too.
                if group.is_some() || *first == list {
                    let subject = format!("{field}, which stands in {first}, too");
                    reading.note(Note::OtherAnnotation, place, subject);
                }
                continue;
            }
            known.insert(key, list.clone());
            let mut attributes = extensions.of(&span);
            let (origin, state) = made(&mut attributes);
            if let Some(group) = group {
                attributes.insert("group".to_owned(), group.as_str().into());
            }
            let mention = DraftMention {
                id: Some(field.clone()),
                origin,
                state,
                attributes,
                ..DraftMention::new(&span.label, [(span.start, span.end)])
            };
            draft.mention(mention, &field, place, reading);
            arguments.add((span.start, span.end), &span.label, field);
        }
    }
    extensions.note_rest(place, reading);
    if let Some(relations) = relations {
        read_relations(relations, &arguments, &mut draft, place, reading);
    }
    match sentences(&object, id, place) {
        Some(sentences) => {
            draft.finish_sentences(id.as_str(), sentences, notes, place.clone(), reading)
        }
        None => draft.finish(id.as_str(), notes, place.clone(), reading),
    }
}

/// Notes what is said of tokens.
fn note_tokens(object: &DocObject<'_>, place: &Place, reading: &mut Reading) {
    let tokens = object.tokens.iter().flatten();
    let layers: BTreeSet<&str> = tokens
        .flat_map(|token| token.layers.keys().map(String::as_str))
        .filter(|layer| *layer != "id")
        .collect();
    let extensions = object.underscore_token.iter().flatten();
    let names: Vec<&str> = (layers.into_iter())
        .chain(extensions.map(|(name, _)| name.as_str()))
        .collect();
    if !names.is_empty() {
        let subject = format!("of tokens: {}", names.join(", "));
        reading.note(Note::OtherAnnotation, place, subject);
    }
}

/// Extensions of spans by place, each with the label that it is for, and whether a mention has taken it.
struct Extensions(HashMap<(usize, usize), Vec<Extension>>);

struct Extension {
    label: Option<String>,
    name: String,
    value: Value,
    is_taken: bool,
}

impl Extensions {
    fn new(values: impl Iterator<Item = (String, Vec<SpanValue>)>) -> Self {
        let mut extensions: HashMap<_, Vec<_>> = HashMap::new();
        for (name, values) in values {
            for value in values {
                let here = extensions.entry((value.start, value.end)).or_default();
                here.push(Extension {
                    label: value.label,
                    name: name.clone(),
                    value: value.value,
                    is_taken: false,
                });
            }
        }
        Self(extensions)
    }

    /// The attributes of a span.
    fn of(&mut self, span: &SpanObject) -> Attributes {
        let mut attributes = Attributes::default();
        let here = self.0.get_mut(&(span.start, span.end));
        for extension in here.into_iter().flatten() {
            let label = extension.label.as_ref();
            if label.is_none_or(|label| *label == span.label) {
                extension.is_taken = true;
                attributes.insert(extension.name.clone(), extension.value.clone());
            }
        }
        let set = |id: &Option<Value>| id.as_ref().map(identifier).filter(|id| !id.is_empty());
        if let Some(id) = set(&span.id) {
            attributes.entry("id".to_owned()).or_insert(id.into());
        }
        if let Some(id) = set(&span.kb_id) {
            let normalization = json!([{"resource": "", "id": id, "text": ""}]);
            let entry = attributes.entry("normalizations".to_owned());
            entry.or_insert(normalization);
        }
        attributes
    }

    /// Notes extensions of spans that are no mentions.
    fn note_rest(self, place: &Place, reading: &mut Reading) {
        let rest: BTreeMap<_, _> = self.0.into_iter().collect();
        for ((start, end), extensions) in rest {
            for extension in extensions.iter().filter(|extension| !extension.is_taken) {
                let name = &extension.name;
                let subject = format!("{name} of the span {start}..{end}, no mention");
                reading.note(Note::OtherAnnotation, place, subject);
            }
        }
    }
}

/// Who stands behind an annotation, taken from its attributes.
fn made(attributes: &mut Attributes) -> (Origin, State) {
    let [score, model, state] = MAKER_KEYS.map(|key| attributes.get(key).cloned());
    let score = score.and_then(|score| score.as_f64());
    let state = state.and_then(|state| State::deserialize(state).ok());
    let (origin, usual) = match score {
        Some(score) => {
            let name = model.as_ref().map(identifier).unwrap_or_default().into();
            let score = score as f32;
            (Origin::Model { name, score }, State::Suggested)
        }
        None => (Origin::Person, State::Accepted),
    };
    if score.is_some() {
        attributes.remove("score");
        attributes.remove("model");
    }
    if state.is_some() {
        attributes.remove("state");
    }
    (origin, state.unwrap_or(usual))
}

fn read_relations(
    relations: Value,
    arguments: &Arguments,
    draft: &mut Draft<'_>,
    place: &Place,
    reading: &mut Reading,
) {
    let Value::Array(relations) = relations else {
        let subject = "rel, which is no list of relations";
        return reading.note(Note::OtherAnnotation, place, subject);
    };
    for (index, relation) in relations.iter().enumerate() {
        let field = format!("rel[{index}]");
        let relation: Relation = match serde_path_to_error::deserialize(relation) {
            Ok(relation) => relation,
            Err(error) => {
                reading.refuse(place, crate::json::in_field(&field, &error));
                continue;
            }
        };
        let ends = [
            ("head", &relation.head_span),
            ("child", &relation.child_span),
        ];
        let ends = ends.map(|(name, span)| arguments.find(Some(span), None).ok_or(name));
        match ends {
            [Ok(head), Ok(tail)] => {
                let rest = relation.rest.into_iter();
                let mut attributes = rest
                    .filter(|(key, _)| key != "head" && key != "child")
                    .collect();
                let (origin, state) = made(&mut attributes);
                let link = DraftLink {
                    origin,
                    state,
                    attributes,
                    ..DraftLink::new(&relation.label, head, tail)
                };
                draft.link(link, &field, place, reading);
            }
            [Err(name), _] | [_, Err(name)] => {
                let argument = format!("a span as its {name}");
                reading.refuse(place, AnnotationProblem::Unknown { field, argument });
            }
        }
    }
}

/// The sentences with their tokens; none where there are no sentences, or tokens are not in order.
fn sentences(object: &DocObject<'_>, id: &str, place: &Place) -> Option<Vec<TokenSentence>> {
    let map = OffsetMap::new(&object.text);
    let trim = |start, end| {
        let span = Offsets::Char.to_byte(&map, start, end).ok()?;
        Some(trimmed(&object.text, span))
    };
    let tokens = object.tokens.as_ref()?.iter();
    let tokens: Option<Vec<_>> = tokens.map(|token| trim(token.start, token.end)).collect();
    let tokens: Vec<_> = (tokens?.into_iter())
        .filter(|token| !token.is_empty())
        .collect();
    let are_in_order = tokens.windows(2).all(|pair| pair[0].end <= pair[1].start);
    let mut sentences = Vec::new();
    let mut end = 0;
    for range in object.sents.as_ref()?.iter().filter(|_| are_in_order) {
        let sentence = trim(range.start, range.end)?;
        let first = tokens.partition_point(|token| token.start < sentence.start.max(end));
        let after = tokens.partition_point(|token| token.end <= sentence.end);
        end = end.max(sentence.end);
        if first < after {
            let tokens = tokens[first..after].iter().map(|&span| TextToken {
                span,
                word: object.text[span.start..span.end].to_owned(),
            });
            sentences.push(TokenSentence {
                id: format!("{id}:{}", sentences.len() + 1),
                place: place.clone(),
                tokens: tokens.collect(),
            });
        }
    }
    are_in_order.then_some(sentences)
}
