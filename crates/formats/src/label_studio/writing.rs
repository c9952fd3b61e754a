//! Documents to tasks.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value, json};
use spanarc_document::{Attributes, Link, Mention, OffsetMap, Origin, State};

use super::{PROJECT, default_name, value::Project};
use crate::{
    Offsets,
    annotated::Annotated,
    by_spans::{SpanView, by_spans},
    json::{number, number_or_string},
    naming::{ID, names},
    note::Note,
    writing::Notes,
};

/// An item of the array.
pub(crate) fn write(annotated: &Annotated, notes: &mut Notes<'_>) -> String {
    let document = &annotated.document;
    let view = by_spans(annotated, notes);
    let project = (document.notes().get(PROJECT))
        .and_then(|project| Project::deserialize(project).ok())
        .unwrap_or_default();
    let regions = view.mentions.iter().map(|(mention, _)| &mention.attributes);
    let writer = TaskWriter {
        names: names(regions, |id| !id.is_empty(), default_name),
        map: OffsetMap::new(document.text()),
        annotated,
        view: &view,
        project: &project,
    };
    // Suggestions by model; under no model what people stand behind.
    let mut parts: BTreeMap<Option<&str>, Part> = BTreeMap::new();
    for (index, (mention, _)) in view.mentions.iter().enumerate() {
        let model = suggesting(&mention.origin, mention.is_suggestion());
        parts.entry(model).or_default().mentions.insert(index);
    }
    for (index, (link, head, tail)) in view.links.iter().enumerate() {
        let model = suggesting(&link.origin, link.is_suggestion());
        let part = parts.entry(model).or_default();
        part.links.push(index);
        part.mentions.extend([head, tail]);
    }
    let (mut annotations, mut predictions) = (Vec::new(), Vec::new());
    for (model, part) in &parts {
        let result = writer.result(*model, part, notes);
        match model {
            None => annotations.push(json!({
                "result": result,
                "was_cancelled": false,
                "ground_truth": false,
            })),
            Some(model) => predictions.push(json!({
                "model_version": model,
                "score": writer.mean_score(part),
                "result": result,
            })),
        }
    }
    let mut task = Map::new();
    let mut data = Map::new();
    let key = text_key(annotated, &view, &project);
    data.insert(key.to_owned(), json!(&**document.text()));
    match number_or_string(&annotated.id) {
        Value::Number(id) => task.insert("id".to_owned(), id.into()),
        id => data.insert("id".to_owned(), id),
    };
    for (name, value) in document.notes().iter().filter(|(name, _)| *name != PROJECT) {
        if data.contains_key(name) {
            notes.add_whole(Note::Attribute, name);
        } else {
            data.insert(name.clone(), value.clone());
        }
    }
    task.insert("data".to_owned(), data.into());
    task.insert("annotations".to_owned(), annotations.into());
    task.insert("predictions".to_owned(), predictions.into());
    Value::from(task).to_string()
}

/// The project's key of the text, if that is found again: by regions, or because no other string stands beside it.
fn text_key<'a>(annotated: &Annotated, view: &SpanView<'_>, project: &'a Project) -> &'a str {
    let mut others = annotated.document.notes().iter();
    let is_found = !view.mentions.is_empty() || !others.any(|(_, value)| value.is_string());
    let own = project.text.as_deref();
    own.filter(|key| is_found && *key != ID).unwrap_or("text")
}

/// The mentions and links of a list of results, as indices into the view.
#[derive(Default)]
struct Part {
    mentions: BTreeSet<usize>,
    links: Vec<usize>,
}

/// The model that suggests an annotation; none where a person stands behind it.
fn suggesting(origin: &Origin, is_suggestion: bool) -> Option<&str> {
    match origin {
        Origin::Model { name, .. } if is_suggestion => Some(name),
        _ => None,
    }
}

struct TaskWriter<'a> {
    annotated: &'a Annotated,
    view: &'a SpanView<'a>,
    names: Vec<String>,
    map: OffsetMap,
    project: &'a Project,
}

impl TaskWriter<'_> {
    fn result(&self, model: Option<&str>, part: &Part, notes: &mut Notes<'_>) -> Vec<Value> {
        let mut result = Vec::with_capacity(part.mentions.len() + part.links.len());
        for &index in &part.mentions {
            let (mention, _) = self.view.mentions[index];
            let mut region = self.region(index, mention);
            complete(&mut region, model, &mention.origin, mention.state);
            let mut attributes = mention.attributes.clone();
            if attributes.get(ID).and_then(Value::as_str) == Some(&self.names[index]) {
                attributes.remove(ID);
            }
            for key in ["from_name", "to_name"] {
                if let Some(Value::String(name)) = attributes.remove(key) {
                    region[key] = name.into();
                }
            }
            add_meta(&mut region, &attributes, |key| {
                notes.add_attribute(mention.id, key)
            });
            result.push(region);
        }
        for &index in &part.links {
            let (link, head, tail) = self.view.links[index];
            let mut relation = self.relation(link, head, tail);
            complete(&mut relation, model, &link.origin, link.state);
            let mut attributes = link.attributes.clone();
            if attributes
                .get("direction")
                .is_some_and(|direction| direction == "bi")
            {
                relation["direction"] = "bi".into();
                attributes.remove("direction");
            }
            add_meta(&mut relation, &attributes, |key| {
                notes.add_attribute(link.id, key)
            });
            result.push(relation);
        }
        result
    }

    fn region(&self, index: usize, mention: &Mention) -> Value {
        let (_, span) = self.view.mentions[index];
        // The document's own spans are the text's.
        let (start, end) = Offsets::Char.of_byte(&self.map, span).unwrap_or_default();
        let words = &self.annotated.document.text()[span.start..span.end];
        json!({
            "id": self.names[index],
            "from_name": self.project.from_name.as_deref().unwrap_or("label"),
            "to_name": self.project.to_name.as_deref().unwrap_or("text"),
            "type": "labels",
            "value": {"start": start, "end": end, "text": words, "labels": [&*mention.kind]},
        })
    }

    fn relation(&self, link: &Link, head: usize, tail: usize) -> Value {
        json!({
            "type": "relation",
            "from_id": self.names[head],
            "to_id": self.names[tail],
            "direction": "right",
            "labels": [&*link.kind],
        })
    }

    /// The mean score of what a model suggests.
    fn mean_score(&self, part: &Part) -> Value {
        let mentions = part
            .mentions
            .iter()
            .map(|&index| &self.view.mentions[index].0.origin);
        let links = part
            .links
            .iter()
            .map(|&index| &self.view.links[index].0.origin);
        let scores: Vec<f32> = mentions.chain(links).map(Origin::score).collect();
        let mean = scores.iter().sum::<f32>() / scores.len() as f32;
        // Label Studio refuses others.
        number(mean.clamp(0.0, 1.0))
    }
}

/// Adds who made a result, to a list of what `model` suggests or, without one, what people stand behind.
fn complete(result: &mut Value, model: Option<&str>, origin: &Origin, state: State) {
    match origin {
        Origin::Model { name, score } => {
            result["score"] = number(*score);
            if model.is_none() {
                result["origin"] = "prediction".into();
            }
            if **name != *model.unwrap_or_default() {
                result["model_version"] = (&**name).into();
            }
        }
        Origin::Person if model.is_none() => result["origin"] = "manual".into(),
        Origin::Person => {}
    }
    let usual = match model {
        None => State::Accepted,
        Some(_) => State::Suggested,
    };
    if state != usual {
        result["state"] = json!(state);
    }
}

/// Adds attributes to a result; `left_out` gets the keys for which there is no place.
fn add_meta(result: &mut Value, attributes: &Attributes, mut left_out: impl FnMut(&str)) {
    let mut meta = Map::new();
    for (key, value) in attributes.iter() {
        match (key.as_str(), value) {
            ("note", Value::Array(notes)) => {
                meta.insert("text".to_owned(), notes.clone().into());
            }
            ("note", note) => {
                meta.insert("text".to_owned(), json!([note]));
            }
            ("text", _) => left_out(key),
            (_, value) => {
                meta.insert(key.clone(), value.clone());
            }
        }
    }
    if !meta.is_empty() {
        result["meta"] = meta.into();
    }
}
