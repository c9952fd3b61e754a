//! Tasks to documents.

use std::{collections::HashSet, sync::Arc};

use serde_json::{Map, Value, json};
use spanarc_document::{Attributes, OffsetMap};

use super::{
    PROJECT,
    results::{ResultList, ResultReader},
    value::{Annotation, KEYS, Prediction, Project, RegionValue, ResultItem, Task},
};
use crate::{
    json::{each_value, identifier, parse},
    naming::ID,
    note::Note,
    place::Place,
    quoting::quoted,
    read_error::LineProblem,
    reading::Reading,
    unknown_keys::UnknownKeys,
};

/// Keys of JSON-MIN exports that are neither data nor results.
const EXPORT_KEYS: [&str; 6] = [
    "annotator",
    "annotation_id",
    "created_at",
    "updated_at",
    "lead_time",
    "agreement",
];

/// Reads a file; a task without an id is called by its number, from 1.
pub(crate) fn read(text: &str, source: &Arc<str>, reading: &mut Reading) {
    let mut number = 0;
    let mut seen = HashSet::new();
    let mut unknown = UnknownKeys::default();
    each_value(text, source, reading, |place, text, reading| {
        number += 1;
        let keys = match parse::<Map<String, Value>>(text) {
            Ok(keys) => keys,
            Err(problem) => return reading.refuse_below(place, problem),
        };
        let (_, place) = &place.called(keys.get("id"));
        let is_whole = keys.contains_key("data");
        // An item for each annotator.
        if let Some(id) = keys.get("id").filter(|_| !is_whole).map(identifier)
            && !seen.insert(id.clone())
        {
            let subject = format!("a further item of task {id}");
            return reading.note(Note::OtherAnnotation, place, subject);
        }
        let task = if is_whole {
            parse::<Task>(text)
        } else {
            reading.note(Note::NoRelationsKey, place, "a JSON-MIN export");
            minimal(keys)
        };
        match task {
            Ok(task) => {
                if is_whole {
                    unknown.add(text, &KEYS, place);
                }
                read_task(task, number, place, reading);
            }
            Err(problem) => reading.refuse_below(place, problem),
        }
    });
    unknown.note(reading);
}

/// The task of an item of a JSON-MIN export, whose results stand beside the data, by the names of their controls.
fn minimal(keys: Map<String, Value>) -> Result<Task, (usize, LineProblem)> {
    let mut data = Map::new();
    let mut result = Vec::new();
    let mut id = None;
    for (key, value) in keys {
        let is_region = |item: &Value| item.get("start").is_some() && item.get("labels").is_some();
        match value {
            id_value if key == "id" => id = Some(id_value),
            _ if EXPORT_KEYS.contains(&key.as_str()) => {}
            Value::Array(items) if items.iter().any(is_region) => {
                for item in items {
                    result.push(ResultItem {
                        kind: Some("labels".to_owned()),
                        from_name: Some(key.clone()),
                        value: parse::<RegionValue>(&item.to_string())?,
                        ..ResultItem::default()
                    });
                }
            }
            value => {
                data.insert(key, value);
            }
        }
    }
    let annotation = Annotation {
        id: None,
        result: Some(result),
        was_cancelled: None,
        ground_truth: None,
    };
    Ok(Task {
        id,
        data,
        annotations: Some(vec![annotation]),
        predictions: None,
        drafts: None,
    })
}

fn read_task(task: Task, number: usize, place: &Place, reading: &mut Reading) {
    let id = task.id.as_ref().or_else(|| task.data.get("id"));
    let id = id.map_or_else(|| number.to_string(), identifier);
    let annotations = task.annotations.as_deref().unwrap_or_default();
    let chosen = match choose(annotations, place, reading) {
        Ok(chosen) => chosen,
        Err(()) => return reading.note(Note::NotAccepted, place, format!("task {id}")),
    };
    if task.drafts.is_some_and(|drafts| !drafts.is_empty()) {
        reading.note(Note::OtherAnnotation, place, "drafts");
    }
    let mut lists = Vec::new();
    if let Some((index, annotation)) = chosen {
        lists.push(ResultList {
            field: format!("annotations[{index}].result"),
            results: annotation.result.as_deref().unwrap_or_default(),
            prediction: None,
        });
    }
    for (index, prediction) in task.predictions.iter().flatten().enumerate() {
        match prediction {
            Prediction::Whole(prediction) => lists.push(ResultList {
                field: format!("predictions[{index}].result"),
                results: prediction.result.as_deref().unwrap_or_default(),
                prediction: Some(prediction),
            }),
            Prediction::Named(name) => {
                let subject = format!("predictions[{index}] is only its number, {name}");
                reading.note(Note::OtherAnnotation, place, subject);
            }
        }
    }
    if lists.is_empty() {
        reading.note(Note::Unannotated, place, format!("task {id}"));
    }
    let Some((key, text)) = text_of(&task.data, &lists) else {
        return reading.refuse(place, no_text(&task.data));
    };
    let has_regions = lists.iter().any(ResultList::has_regions);
    if has_regions && is_address(text) && !is_said(text, &lists) {
        let address = quoted(text);
        let message = format!("expected a text, found the address {address} of one");
        return reading.refuse(place, in_data(&task.data, message));
    }
    let project = project(key, &lists);
    let mut notes: Attributes = (task.data.iter())
        .filter(|(name, value)| *name != key && !(*name == "id" && identifier(value) == id))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if project != Project::default() {
        notes.insert(PROJECT.to_owned(), json!(project));
    }
    let mut reader = ResultReader::new(text, project, place, reading);
    let names: Vec<_> = lists.iter().map(|list| reader.regions(list)).collect();
    for (list, names) in lists.iter().zip(&names) {
        reader.relations(list, names);
    }
    reader.finish(id, notes);
}

/// The annotation to read with its index; nothing where there is none, an error where all are cancelled.
fn choose<'a>(
    annotations: &'a [Annotation],
    place: &Place,
    reading: &mut Reading,
) -> Result<Option<(usize, &'a Annotation)>, ()> {
    let is_valid = |annotation: &Annotation| annotation.was_cancelled != Some(true);
    let valid = annotations.iter().enumerate();
    let mut valid = valid.filter(|(_, annotation)| is_valid(annotation));
    let first = valid.clone().next();
    let chosen = (valid.find(|(_, annotation)| annotation.ground_truth == Some(true))).or(first);
    let Some((index, _)) = chosen else {
        return if annotations.is_empty() {
            Ok(None)
        } else {
            Err(())
        };
    };
    for (other, annotation) in annotations.iter().enumerate() {
        let named = annotation.id.as_ref().map(identifier);
        let named = named.map_or_else(String::new, |id| format!(" (id {id})"));
        if !is_valid(annotation) {
            let subject = format!("annotations[{other}]{named}");
            reading.note(Note::NotAccepted, place, subject);
        } else if other != index {
            let subject = format!("annotations[{other}]{named} beside annotations[{index}]");
            reading.note(Note::OtherAnnotation, place, subject);
        }
    }
    Ok(chosen)
}

/// The text of a task with its key: a string that all regions fit, or else what is called `text`, or the only string
/// but an `id`.
fn text_of<'a>(
    data: &'a Map<String, Value>,
    lists: &[ResultList<'_>],
) -> Option<(&'a String, &'a str)> {
    let mut strings: Vec<_> = (data.iter())
        .filter_map(|(key, value)| Some((key, value.as_str()?)))
        .collect();
    strings.sort_by_key(|(key, _)| *key != "text");
    let fitting = strings.iter().find(|(_, text)| is_said(text, lists));
    let by_name = strings.first().filter(|(key, _)| *key == "text");
    let mut others = strings.iter().filter(|(key, _)| *key != ID);
    let only = (others.next().filter(|_| others.next().is_none()))
        .or(strings.first().filter(|_| strings.len() == 1));
    fitting.or(by_name).or(only).copied()
}

/// Whether regions say what they cover, and all that do cover it in this text.
fn is_said(text: &str, lists: &[ResultList<'_>]) -> bool {
    let map = OffsetMap::new(text);
    let says = |list: &ResultList<'_>| list.results.iter().any(|item| item.said().is_some());
    lists.iter().any(says) && lists.iter().all(|list| list.unit(text, &map).1 == 0)
}

/// Whether a text is the address of a file, as tasks have it whose texts are files.
fn is_address(text: &str) -> bool {
    !text.contains(char::is_whitespace) && (text.contains("://") || text.starts_with("/data/"))
}

fn no_text(data: &Map<String, Value>) -> LineProblem {
    let message = "no text: there is neither the key `text` nor a string that the regions fit";
    in_data(data, message.to_owned())
}

fn in_data(data: &Map<String, Value>, message: String) -> LineProblem {
    LineProblem::Json {
        message,
        field: "data".to_owned(),
        column: 0,
        keys: data.keys().cloned().collect(),
    }
}

/// The names of the task's project: those of its first region.
fn project(key: &str, lists: &[ResultList<'_>]) -> Project {
    let mut regions = lists.iter().flat_map(|list| list.results);
    let region = regions.find(|item| item.is_region());
    let name = |name: Option<&String>, usual: &str| name.filter(|name| *name != usual).cloned();
    Project {
        text: name(Some(&key.to_owned()), "text"),
        from_name: name(region.and_then(|item| item.from_name.as_ref()), "label"),
        to_name: name(region.and_then(|item| item.to_name.as_ref()), "text"),
    }
}
