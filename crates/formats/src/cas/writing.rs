//! A document to feature structures.

use std::collections::{HashMap, HashSet};

use serde_json::Value;
use spanarc_document::{Attributes, Byte, Id, OffsetMap, Origin, Span, State};

use super::{
    model::{Cas, Feature, FeatureStructure},
    types::{METADATA, NAMED_ENTITY, RELATION, SENTENCE, SOFA, TOKEN},
};
use crate::{
    annotated::Annotated,
    by_tokens::{describe_link, is_discontinuous},
    json::number,
    note::Note,
    writing::Notes,
};

/// Which features annotations get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Features {
    /// Those of the layers.
    Layer,
    /// Also `score`, `model`, `state` and `note`.
    All,
}

/// The structures of a document, of which the sofa is the first. A mention that does not fit is left out.
pub(crate) fn structures(
    annotated: &Annotated,
    features: Features,
    fits: &dyn Fn(Span<Byte>) -> bool,
    notes: &mut Notes<'_>,
) -> Cas {
    let document = &annotated.document;
    let mut writer = Writer {
        map: OffsetMap::new(document.text()),
        cas: Cas::default(),
        features,
        scores: 0,
    };
    writer.push(
        SOFA,
        vec![
            ("sofaNum", 1_usize.into()),
            ("sofaID", "_InitialView".into()),
            ("mimeType", "text".into()),
            ("sofaString", (&**document.text()).into()),
        ],
    );
    let whole = Span::new(0, document.text().len());
    let name = || Feature::from(annotated.id.as_str());
    let features = vec![
        ("language", "x-unspecified".into()),
        ("documentTitle", name()),
        ("documentId", name()),
    ];
    writer.annotation(METADATA, whole, features);
    for key in document.notes().keys() {
        notes.add_whole(Note::Attribute, key);
    }
    for (index, sentence) in annotated.sentences.iter().flatten().enumerate() {
        let usual = format!("{}:{}", annotated.id, index + 1);
        let id = (sentence.id != usual).then(|| ("id", sentence.id.as_str().into()));
        writer.annotation(SENTENCE, sentence.extent(), id.into_iter().collect());
        for token in &sentence.tokens {
            writer.annotation(TOKEN, token.span, Vec::new());
        }
    }
    writer.annotations(annotated, fits, notes);
    if writer.scores > 0 {
        notes.add_whole(Note::Attribute, format!("{} models' scores", writer.scores));
    }
    writer.cas
}

struct Writer {
    map: OffsetMap,
    cas: Cas,
    features: Features,
    /// Scores that are left out.
    scores: usize,
}

impl Writer {
    /// Adds a structure; its identifier.
    fn push(&mut self, kind: &str, features: Vec<(&str, Feature)>) -> String {
        let id = (self.cas.structures.len() + 1).to_string();
        let features = features.into_iter();
        self.cas.structures.push(FeatureStructure {
            id: id.clone(),
            kind: kind.to_owned(),
            features: features
                .map(|(name, feature)| (name.to_owned(), feature))
                .collect(),
            line: 0,
        });
        id
    }

    fn annotation(
        &mut self,
        kind: &str,
        span: Span<Byte>,
        features: Vec<(&str, Feature)>,
    ) -> String {
        // The document's own spans are the text's.
        let span = self.map.to_utf16(span).unwrap_or(Span::new(0, 0));
        let mut all = vec![
            ("sofa", Feature::Reference("1".to_owned())),
            ("begin", span.start.into()),
            ("end", span.end.into()),
        ];
        all.extend(features);
        self.push(kind, all)
    }

    /// Mentions and links, by identity.
    fn annotations(
        &mut self,
        annotated: &Annotated,
        fits: &dyn Fn(Span<Byte>) -> bool,
        notes: &mut Notes<'_>,
    ) {
        let document = &annotated.document;
        let mut mentions: Vec<_> = document.mentions().iter().collect();
        mentions.sort_by_key(|mention| mention.id);
        let mut places: HashMap<Id, (String, Span<Byte>)> = HashMap::new();
        for mention in mentions {
            let describe = || annotated.describe(mention);
            let left_out = if mention.state == State::Rejected {
                Some(Note::Rejected)
            } else if is_discontinuous(document.text(), &mention.spans) {
                Some(Note::DiscontinuousDropped)
            } else if !fits(mention.spans.extent()) {
                Some(Note::CutsTokens)
            } else {
                None
            };
            if let Some(note) = left_out {
                notes.add(note, mention.id, describe());
                continue;
            }
            let mut features = vec![("value", Feature::from(&*mention.kind))];
            let mut held = HashSet::new();
            if let Some((identifier, lost)) = identifier(&mention.attributes) {
                features.push(("identifier", Feature::Value(identifier.into())));
                held.insert("normalizations");
                if let Some(lost) = lost {
                    let subject = format!("{}: {lost}", describe());
                    notes.add(Note::Attribute, mention.id, subject);
                }
            }
            features.extend(self.maker(&mention.origin, mention.state));
            features.extend(self.note(&mention.attributes, &mut held));
            for key in left_over(&mention.attributes, &held) {
                notes.add(
                    Note::Attribute,
                    mention.id,
                    format!("{}: {key}", describe()),
                );
            }
            let extent = mention.spans.extent();
            let id = self.annotation(NAMED_ENTITY, extent, features);
            places.insert(mention.id, (id, extent));
        }
        for link in document.links() {
            let describe = || describe_link(annotated, link);
            if link.state == State::Rejected {
                notes.add(Note::Rejected, link.id, describe());
                continue;
            }
            let (Some((head, _)), Some((tail, extent))) =
                (places.get(&link.head), places.get(&link.tail))
            else {
                notes.add(Note::RelationOfDropped, link.id, describe());
                continue;
            };
            let mut features = vec![
                ("Governor", Feature::Reference(head.clone())),
                ("Dependent", Feature::Reference(tail.clone())),
                ("value", Feature::from(&*link.kind)),
            ];
            let mut held = HashSet::new();
            features.extend(self.maker(&link.origin, link.state));
            features.extend(self.note(&link.attributes, &mut held));
            for key in left_over(&link.attributes, &held) {
                notes.add(Note::Attribute, link.id, format!("{}: {key}", describe()));
            }
            self.annotation(RELATION, *extent, features);
        }
    }

    fn maker(&mut self, origin: &Origin, state: State) -> Vec<(&'static str, Feature)> {
        let is_model = matches!(origin, Origin::Model { .. });
        if self.features == Features::Layer {
            self.scores += usize::from(is_model);
            return Vec::new();
        }
        let mut features = Vec::new();
        if let Origin::Model { name, score } = origin {
            features.push(("score", Feature::Value(number(*score))));
            features.push(("model", Feature::from(&**name)));
        }
        match state {
            State::Accepted if is_model => features.push(("state", "accepted".into())),
            State::Suggested if !is_model => features.push(("state", "suggested".into())),
            _ => {}
        }
        features
    }

    /// A note, or several as lines.
    fn note(
        &self,
        attributes: &Attributes,
        held: &mut HashSet<&'static str>,
    ) -> Option<(&'static str, Feature)> {
        if self.features == Features::Layer {
            return None;
        }
        let note = match attributes.get("note")? {
            Value::String(note) => note.clone(),
            Value::Array(notes) => {
                let notes: Option<Vec<&str>> = notes.iter().map(Value::as_str).collect();
                notes?.join("\n")
            }
            _ => return None,
        };
        held.insert("note");
        Some(("note", Feature::Value(note.into())))
    }
}

/// The first normalisation, and what of all it lacks.
fn identifier(attributes: &Attributes) -> Option<(String, Option<&'static str>)> {
    let normalizations = attributes.get("normalizations")?.as_array()?;
    let first = normalizations.first()?;
    let text = |key: &str| {
        first
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let id = text("id")?;
    let identifier = match text("resource") {
        None => id.to_owned(),
        Some(resource) => format!("{resource}:{id}"),
    };
    let lost = match (normalizations.len(), text("text")) {
        (1, None) => None,
        (1, Some(_)) => Some("the text of the normalisation"),
        _ => Some("normalisations but the identifier of the first"),
    };
    Some((identifier, lost))
}

fn left_over<'a>(
    attributes: &'a Attributes,
    held: &HashSet<&'static str>,
) -> impl Iterator<Item = &'a String> {
    attributes.keys().filter(|key| !held.contains(key.as_str()))
}
