//! One annotation: what its bodies, targets and further keys say.

use serde::Deserialize;
use serde_json::{Value, json};
use spanarc_document::{Attributes, Origin, State};

use super::{
    KEPT_KEYS, is_default_name,
    selectors::{list, string},
    term,
};
use crate::{naming::keep, note::Note, place::Place, reading::Reading};

/// An annotation with its place.
pub(super) struct Item {
    pub(super) annotation: Value,
    /// Its path.
    pub(super) path: String,
    pub(super) place: Place,
}

/// The purposes of bodies that name a type.
const TAGS: [&str; 2] = ["tagging", "classifying"];

impl Item {
    pub(super) fn targets(&self) -> &[Value] {
        list(self.annotation.get("target"))
    }

    fn bodies(&self) -> &[Value] {
        list(self.annotation.get("body"))
    }

    pub(super) fn id(&self) -> Option<&str> {
        string(&self.annotation, "id")
    }

    /// What a field of it is called in messages.
    pub(super) fn field(&self, field: &str) -> String {
        format!("{}.{field}", self.path)
    }

    fn is_motivated(&self, by: &[&str]) -> bool {
        let motivations = list(self.annotation.get("motivation")).iter();
        let mut motivations = motivations.filter_map(Value::as_str);
        motivations.any(|motivation| by.contains(&motivation))
    }

    pub(super) fn is_link(&self) -> bool {
        self.is_motivated(&["linking"])
    }

    fn is_tag(&self, body: &Value) -> bool {
        match string(body, "purpose") {
            Some(purpose) => TAGS.contains(&purpose),
            None => self.is_motivated(&TAGS),
        }
    }

    /// The values of the bodies that are tags.
    pub(super) fn tags(&self) -> Vec<&str> {
        let bodies = self.bodies().iter().filter(|body| self.is_tag(body));
        let tags = bodies.filter_map(|body| string(body, "value").or(reference(body)));
        let plain = string(&self.annotation, "bodyValue").filter(|_| self.is_motivated(&TAGS));
        tags.chain(plain).collect()
    }

    /// Head and tail of a relation: two targets, or the target and a body that names an annotation.
    pub(super) fn arguments(&self) -> Option<(&str, &str)> {
        let mut targets = self.targets().iter().filter_map(reference);
        let head = targets.next()?;
        let by_body = || reference(self.bodies().iter().find(|body| self.is_argument(body))?);
        let tail = targets.next().or_else(by_body)?;
        targets.next().is_none().then_some((head, tail))
    }

    /// Whether a body names the annotation to which a relation leads.
    fn is_argument(&self, body: &Value) -> bool {
        let is_plain = string(body, "purpose").is_none_or(|purpose| purpose == "linking");
        self.is_link() && self.targets().len() == 1 && is_plain && reference(body).is_some()
    }

    /// Who made it and what became of it.
    pub(super) fn maker(&self) -> (Origin, State) {
        let score = self.annotation.get(term::SCORE).and_then(Value::as_f64);
        let software = self.software();
        let (origin, usual) = if software.is_some() || score.is_some() {
            let name = software.and_then(|agent| string(agent, "name").or(string(agent, "id")));
            let name = name.unwrap_or_default().into();
            let score = score.map_or(1.0, |score| score as f32);
            (Origin::Model { name, score }, State::Suggested)
        } else {
            (Origin::Person, State::Accepted)
        };
        let state = self.annotation.get(term::STATE);
        let state = state.and_then(|state| State::deserialize(state).ok());
        (origin, state.unwrap_or(usual))
    }

    /// The creator, where it is no person.
    fn software(&self) -> Option<&Value> {
        let mut creators = list(self.annotation.get("creator")).iter();
        creators.find(|agent| string(agent, "type") == Some("Software"))
    }

    /// Everything else: its name, what the standard says of annotations, comments, normalisations and our own term.
    pub(super) fn attributes(&self, reading: &mut Reading) -> Attributes {
        let mut attributes = Attributes::default();
        for key in KEPT_KEYS {
            let value = self.annotation.get(key);
            if let Some(value) = value.filter(|_| key != "creator" || self.software().is_none()) {
                attributes.insert(key.to_owned(), value.clone());
            }
        }
        let plain = string(&self.annotation, "bodyValue").filter(|_| !self.is_motivated(&TAGS));
        let mut notes: Vec<Value> = plain.map(Value::from).into_iter().collect();
        let mut normalizations = Vec::new();
        for (index, body) in self.bodies().iter().enumerate() {
            if self.is_tag(body) || self.is_argument(body) {
                continue;
            }
            let purpose = string(body, "purpose");
            match (string(body, "value"), reference(body)) {
                (Some(text), _) if purpose != Some("highlighting") => notes.push(text.into()),
                (None, Some(id)) => {
                    let whole = body.get(term::NORMALIZATION).cloned();
                    let plain = || json!({"resource": "", "id": id, "text": ""});
                    normalizations.push(whole.unwrap_or_else(plain));
                }
                _ => {
                    let field = self.field(&format!("body[{index}]"));
                    let purpose = purpose.unwrap_or("without a purpose");
                    let subject = format!("{field}, {purpose}");
                    reading.note(Note::OtherAnnotation, &self.place, subject);
                }
            }
        }
        match notes.as_slice() {
            [] => {}
            [note] => {
                attributes.insert("note".to_owned(), note.clone());
            }
            _ => {
                attributes.insert("note".to_owned(), notes.into());
            }
        }
        if !normalizations.is_empty() {
            attributes.insert("normalizations".to_owned(), normalizations.into());
        }
        if let Some(Value::Object(own)) = self.annotation.get(term::ATTRIBUTES) {
            attributes.extend(own.clone());
        }
        if let Some(id) = self.id().filter(|id| !is_default_name(id)) {
            keep(&mut attributes, id, "");
        }
        attributes
    }
}

/// The thing that a target or a body names, where it selects no part of it.
pub(super) fn reference(value: &Value) -> Option<&str> {
    let is_whole = value.get("selector").is_none();
    let named = || string(value, "id").or(string(value, "source"));
    value.as_str().or_else(named).filter(|_| is_whole)
}
