//! JSON values of a corpus, with errors that name the field and what stands there instead.

use std::sync::Arc;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, error::Category};
use serde_path_to_error::{Path, Segment};

use crate::{place::Place, read_error::LineProblem, reading::Reading};

/// The value in `text`, whole. An error comes with the line, from 0, on which it lies in `text`.
pub(crate) fn parse<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, (usize, LineProblem)> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        // Where values are looked at twice the path ends so.
        let field = field.trim_end_matches(['.', '?']).to_owned();
        if !error.inner().to_string().starts_with("missing field") {
            return problem(error.inner(), field, Vec::new());
        }
        match keys_at(text, error.path()) {
            Ok(keys) => problem(error.inner(), field, keys),
            // What is not read is not looked at closely, and may hide what is missing.
            Err(error) => problem(&error, String::new(), Vec::new()),
        }
    })?;
    json.end()
        .map_err(|error| problem(&error, String::new(), Vec::new()))?;
    Ok(value)
}

/// An item of a list in `whole`, by itself: a fault in it is its own. An error comes with the line, from 0, on which it lies in
/// `whole`; `field` is the item's path.
pub(crate) fn parse_item<'a, T: Deserialize<'a>>(
    item: &'a str,
    whole: &str,
    field: &str,
) -> Result<T, (usize, LineProblem)> {
    parse(item).map_err(|(below, mut problem)| {
        // The item borrows from the whole.
        let start = (item.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
        let before = whole.get(..start).unwrap_or_default();
        if let LineProblem::Json {
            field: inner,
            column,
            ..
        } = &mut problem
        {
            let gap = if inner.is_empty() || inner.starts_with('[') {
                ""
            } else {
                "."
            };
            *inner = format!("{field}{gap}{inner}");
            if below == 0 && *column > 0 {
                *column += start - before.rfind('\n').map_or(0, |end| end + 1);
            }
        }
        (before.matches('\n').count() + below, problem)
    })
}

/// Whether a file of JSON is no object a line but an array, or objects over several lines: the first line goes on, and the next
/// is no object by itself, as it would be where a line is only torn.
pub(crate) fn spans_lines(start: &[u8]) -> bool {
    let start = start.strip_prefix("\u{feff}".as_bytes()).unwrap_or(start);
    let mut lines = (start.split(|&byte| byte == b'\n'))
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty());
    let value = serde_json::from_slice::<IgnoredAny>;
    match lines.next() {
        Some([b'[', ..]) => true,
        Some(first @ [b'{', ..]) => {
            value(first).is_err_and(|error| error.is_eof())
                && lines.next().is_some_and(|next| value(next).is_err())
        }
        _ => false,
    }
}

/// Hands on each value of a file, with the place where it begins: the items of an array, objects over several lines, or an
/// object a line. Broken lines are handed on; where lines do not part the values, reading ends with a syntax error.
pub(crate) fn each_value(
    text: &str,
    source: &Arc<str>,
    reading: &mut Reading,
    mut read: impl FnMut(&Place, &str, &mut Reading),
) {
    if !spans_lines(text.as_bytes()) {
        for (index, line) in text.lines().enumerate() {
            if !line.trim().is_empty() {
                read(&Place::new(source, index + 1), line, reading);
            }
        }
        return;
    }
    let is_array = text.trim_start().starts_with('[');
    let found = if is_array { items(text) } else { values(text) };
    match found {
        Ok(items) => {
            for (index, item) in items.iter().enumerate() {
                let place = if is_array {
                    item.place(source, index)
                } else {
                    Place::new(source, item.line)
                };
                read(&place, item.text, reading);
            }
        }
        Err((line, problem)) => reading.refuse(&Place::new(source, line), problem),
    }
}

/// The values that stand one after another in `text`. An error comes with the line, from 1.
fn values(text: &str) -> Result<Vec<Item<'_>>, (usize, LineProblem)> {
    let mut values = Vec::new();
    let mut cursor = Cursor::new(text);
    cursor.skip_blank();
    while !cursor.rest().is_empty() {
        values.push(cursor.item()?);
        cursor.skip_blank();
    }
    Ok(values)
}

/// An item of a JSON array.
pub(crate) struct Item<'a> {
    /// Its JSON.
    pub(crate) text: &'a str,
    /// The line of the source, from 1, on which it begins.
    pub(crate) line: usize,
    /// Bytes in front of it on that line.
    column: usize,
}

impl Item<'_> {
    /// Its place as an item of the array that `source` is.
    pub(crate) fn place(&self, source: &Arc<str>, index: usize) -> Place {
        Place::of_item(source, self.line, index, self.column)
    }
}

/// The items of the array in `text`. An error comes with the line, from 1.
pub(crate) fn items(text: &str) -> Result<Vec<Item<'_>>, (usize, LineProblem)> {
    let mut items = Vec::new();
    let mut cursor = Cursor::new(text);
    cursor.skip_blank();
    if !cursor.take('[') {
        return Err(cursor.expected("a JSON array"));
    }
    cursor.skip_blank();
    if !cursor.take(']') {
        loop {
            items.push(cursor.item()?);
            cursor.skip_blank();
            if cursor.take(']') {
                break;
            }
            if !cursor.take(',') {
                return Err(cursor.expected("`,` or `]`"));
            }
            cursor.skip_blank();
        }
    }
    cursor.skip_blank();
    if cursor.position < text.len() {
        return Err(cursor.expected("nothing after the array"));
    }
    Ok(items)
}

struct Cursor<'a> {
    text: &'a str,
    position: usize,
    line: usize,
    /// Where that line begins.
    line_start: usize,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            position: 0,
            line: 1,
            line_start: 0,
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    /// The value that begins here.
    fn item(&mut self) -> Result<Item<'a>, (usize, LineProblem)> {
        let rest = self.rest();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        if values.next().is_none_or(|value| value.is_err()) {
            return Err(self.fault());
        }
        let item = Item {
            text: &rest[..values.byte_offset()],
            line: self.line,
            column: self.position - self.line_start,
        };
        self.advance(item.text.len());
        Ok(item)
    }

    fn advance(&mut self, length: usize) {
        let passed = &self.rest()[..length];
        if let Some(end) = passed.rfind('\n') {
            self.line += passed.matches('\n').count();
            self.line_start = self.position + end + 1;
        }
        self.position += length;
    }

    fn skip_blank(&mut self) {
        self.advance(self.rest().len() - self.rest().trim_start().len());
    }

    fn take(&mut self, character: char) -> bool {
        let found = self.rest().starts_with(character);
        if found {
            self.advance(character.len_utf8());
        }
        found
    }

    fn expected(&self, what: &str) -> (usize, LineProblem) {
        let problem = LineProblem::Json {
            message: format!("expected {what}"),
            field: String::new(),
            column: self.position - self.line_start + 1,
            keys: Vec::new(),
        };
        (self.line, problem)
    }

    /// Why no JSON value begins here.
    fn fault(&self) -> (usize, LineProblem) {
        match parse::<Value>(self.rest()) {
            Err((below, mut problem)) => {
                if let (0, LineProblem::Json { column, .. }) = (below, &mut problem) {
                    *column += self.position - self.line_start;
                }
                (self.line + below, problem)
            }
            Ok(_) => self.expected("a JSON value"),
        }
    }
}

/// A value as an identifier: a string without its quotes.
pub(crate) fn identifier(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// An identifier as a value: a whole number where it is one.
pub(crate) fn number_or_string(id: &str) -> Value {
    match id.parse::<i64>() {
        Ok(number) if number.to_string() == id => number.into(),
        _ => id.into(),
    }
}

/// A score with as many digits as tell it from its neighbours: 0.9 and not 0.8999999761581421.
pub(crate) fn number(score: f32) -> Value {
    score.to_string().parse::<f64>().unwrap_or_default().into()
}

/// Why the value of `field` is not what it should be.
pub(crate) fn in_field(
    field: &str,
    error: &serde_path_to_error::Error<serde_json::Error>,
) -> LineProblem {
    let inner = error.path().to_string();
    let field = match inner.trim_end_matches(['.', '?']) {
        "" => field.to_owned(),
        inner => format!("{field}.{inner}"),
    };
    problem(error.inner(), field, Vec::new()).1
}

fn problem(error: &serde_json::Error, field: String, keys: Vec<String>) -> (usize, LineProblem) {
    let message = error.to_string();
    // The position is the place of the text, which is not the first line of its source.
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = message
        .strip_suffix(&position)
        .unwrap_or(&message)
        // A type of ours says nothing to who reads the message.
        .replace("expected usize", "expected a whole number from 0")
        .replace("expected f32", "expected a number")
        .replace("expected a sequence", "expected a list")
        .replace("expected a map", "expected an object");
    let message = match message.split_once("expected struct ") {
        Some((before, _)) => format!("{before}expected an object"),
        None => message,
    };
    let message = match error.classify() {
        // What goes before is JSON.
        Category::Syntax if message == "trailing characters" => {
            "there is something behind the end of the JSON".to_owned()
        }
        Category::Syntax if message == "recursion limit exceeded" => {
            "its lists and objects are nested too deep".to_owned()
        }
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

/// The keys of the object at `path`: one of them may be the missing one, misspelt. Errors where the JSON itself cannot be read.
fn keys_at(text: &str, path: &Path) -> Result<Vec<String>, serde_json::Error> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next().transpose()?.unwrap_or_default();
    let place = path
        .iter()
        .try_fold(&value, |value, segment| match segment {
            Segment::Seq { index } => value.get(index),
            Segment::Map { key } => value.get(key),
            Segment::Enum { .. } | Segment::Unknown => Some(value),
        });
    let object = place.and_then(Value::as_object);
    Ok(object.map_or_else(Vec::new, |object| object.keys().cloned().collect()))
}

#[cfg(test)]
mod tests {
    use super::{parse, spans_lines};

    #[test]
    fn what_is_nested_too_deep_is_refused_for_that_and_not_for_a_key_that_it_hides() {
        #[derive(Debug, serde::Deserialize)]
        struct Sentence {
            _tokens: Vec<String>,
        }
        let text = format!("{{\"meta\":{}{}}}", "[".repeat(200), "]".repeat(200));
        let (_, problem) = parse::<Sentence>(&text).unwrap_err();
        assert_eq!(
            problem.to_string(),
            "its lists and objects are nested too deep at column 135"
        );
    }

    #[test]
    fn an_object_may_break_its_lines_anywhere() {
        for object in [
            "{\n\"text\": \"a\"}",
            "{\"text\": \"a\",\r\n \"entities\": []}\n",
            "\u{feff}\n{\"text\": \"a\", \"entities\": [\n{\"start\": 0},\n{\"start\": 1}]}",
        ] {
            assert!(spans_lines(object.as_bytes()), "{object}");
        }
    }

    #[test]
    fn a_torn_line_is_one_line() {
        for lines in [
            "{\"text\": \"a\", \"ent\n{\"text\": \"b\"}\n",
            "{\"text\": \"a\"}\n{\"text\":\n",
            "{\"text\": a}\n\"b\"}\n",
            "{\"text\": \"a\"",
        ] {
            assert!(!spans_lines(lines.as_bytes()), "{lines}");
        }
    }
}
