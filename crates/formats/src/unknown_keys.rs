//! Keys of JSON objects that no reader knows. Each is noted once with a count: in a whole project they are the same everywhere.

use std::collections::BTreeMap;

use serde_json::{Value, value::RawValue};

use crate::{note::Note, place::Place, reading::Reading};

/// The keys that a reader knows of an object and of the objects in its lists.
pub(crate) struct Keys {
    /// What messages call such objects.
    pub(crate) owner: &'static str,
    pub(crate) known: &'static [&'static str],
    /// Lists of objects by their keys.
    pub(crate) lists: &'static [(&'static str, Keys)],
}

/// The unknown keys of a source by their objects, with how often they occur and where first.
#[derive(Default)]
pub(crate) struct UnknownKeys(BTreeMap<(&'static str, String), (usize, Place)>);

impl UnknownKeys {
    /// Adds those of the object in `json`.
    pub(crate) fn add(&mut self, json: &str, keys: &Keys, place: &Place) {
        for (key, value) in fields(json) {
            let mut lists = keys.lists.iter();
            if let Some((_, inner)) = lists.find(|(list, _)| *list == key) {
                let items: Vec<&RawValue> = serde_json::from_str(value.get()).unwrap_or_default();
                for item in items {
                    self.add(item.get(), inner, place);
                }
            } else if !keys.known.contains(&key.as_str()) {
                let first = || (0, place.clone());
                (self.0.entry((keys.owner, key)).or_insert_with(first)).0 += 1;
            }
        }
    }

    pub(crate) fn note(self, reading: &mut Reading) {
        for ((owner, key), (count, place)) in self.0 {
            let times = if count == 1 {
                "once"
            } else {
                &format!("{count} times")
            };
            let subject = format!("`{key}` of {owner}, {times}");
            reading.note(Note::UnknownKey, &place, subject);
        }
    }
}

/// The unknown keys of one object, noted.
pub(crate) fn note_unknown(json: &str, keys: &Keys, place: &Place, reading: &mut Reading) {
    let mut unknown = UnknownKeys::default();
    unknown.add(json, keys, place);
    unknown.note(reading);
}

/// The values of the keys of an object but those that are known.
pub(crate) fn further(json: &str, known: &[&str]) -> impl Iterator<Item = (String, Value)> {
    let further = fields(json).into_iter();
    further
        .filter(|(key, _)| !known.contains(&key.as_str()))
        .filter_map(|(key, value)| Some((key, serde_json::from_str(value.get()).ok()?)))
}

/// The fields of an object; none of other values.
fn fields(json: &str) -> BTreeMap<String, &RawValue> {
    serde_json::from_str(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::{
        any_document::read_text,
        format::Format::{Dygie, Jsonl, LabelStudio, Spacy, Spert},
        note::Note,
        reported::notes,
    };

    #[test]
    fn keys_that_are_not_read_are_noted_once_each_with_a_count() {
        let sentence = r#"{"id": "a", "tokens": ["Ada"], "entities": [{"type": "P", "start": 0, "end": 1, "foo": 1}], "relations": [], "bar": 2}"#;
        let array = format!("[{sentence}, {sentence}]");
        let cases = [
            (
                Jsonl,
                sentence,
                vec!["`foo` of entities, once", "`bar` of sentences, once"],
            ),
            (
                Spert,
                array.as_str(),
                vec!["`foo` of entities, 2 times", "`bar` of sentences, 2 times"],
            ),
            (
                Dygie,
                r#"{"doc_key": "a", "sentences": [["Ada"]], "ner": [[]], "relations": [[]], "clusters": []}"#,
                vec!["`clusters` of documents, once"],
            ),
            (
                Spacy,
                r#"{"text": "Ada", "ents": [{"start": 0, "end": 3, "label": "P", "foo": 1}], "bar": 2}"#,
                vec!["`bar` of documents, once", "`foo` of ents, once"],
            ),
            (
                LabelStudio,
                r#"[{"id": 1, "data": {"text": "Ada"}, "annotations": [{"lead_time": 5, "result": [
                    {"type": "labels", "value": {"start": 0, "end": 3, "labels": ["P"]}, "hidden": false},
                    {"type": "labels", "value": {"start": 0, "end": 3, "labels": ["Q"]}, "hidden": true}]}]}]"#,
                vec![
                    "`lead_time` of annotations, once",
                    "`hidden` of results, 2 times",
                ],
            ),
        ];
        for (format, text, expected) in cases {
            let reading = read_text(format, &[text]);
            let expected: Vec<_> = expected
                .into_iter()
                .map(|key| (Note::UnknownKey, key))
                .collect();
            assert_eq!(notes(&reading), expected, "{text}");
        }
    }
}
