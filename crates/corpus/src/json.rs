//! JSON values of a corpus, with errors that name the field and what stands there instead.

use serde::de::DeserializeOwned;
use serde_json::{Value, error::Category};
use serde_path_to_error::{Path, Segment};

use crate::read_error::LineProblem;

/// The value in `text`, whole. An error comes with the line, from 0, on which it lies in `text`.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T, (usize, LineProblem)> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        let field = if matches!(field.as_str(), "." | "?") {
            String::new()
        } else {
            field
        };
        let missing = error.inner().to_string().starts_with("missing field");
        let keys = if missing {
            keys_at(text, error.path())
        } else {
            Vec::new()
        };
        problem(error.inner(), field, keys)
    })?;
    json.end()
        .map_err(|error| problem(&error, String::new(), Vec::new()))?;
    Ok(value)
}

/// A value as an identifier: a string without its quotes.
pub(crate) fn identifier(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn problem(error: &serde_json::Error, field: String, keys: Vec<String>) -> (usize, LineProblem) {
    let message = error.to_string();
    // The position is the place of the text, which is not the first line of its source.
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = message
        .strip_suffix(&position)
        .unwrap_or(&message)
        // A type of ours says nothing to who reads the message.
        .replace("expected usize", "expected a whole number from 0");
    let message = match error.classify() {
        Category::Syntax | Category::Eof => format!("is not JSON: {message}"),
        Category::Data | Category::Io => message,
    };
    let problem = LineProblem::Json {
        message,
        field,
        column: error.column(),
        keys,
    };
    (error.line().saturating_sub(1), problem)
}

/// The keys of the object at `path`: one of them may be the missing one, misspelt.
fn keys_at(text: &str, path: &Path) -> Vec<String> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let Some(Ok(value)) = values.next() else {
        return Vec::new();
    };
    let place = path
        .iter()
        .try_fold(&value, |value, segment| match segment {
            Segment::Seq { index } => value.get(index),
            Segment::Map { key } => value.get(key),
            Segment::Enum { .. } | Segment::Unknown => Some(value),
        });
    let object = place.and_then(Value::as_object);
    object.map_or_else(Vec::new, |object| object.keys().cloned().collect())
}
