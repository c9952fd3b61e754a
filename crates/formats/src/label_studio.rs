//! Label Studio's tasks, in code points: its JSON export and import, an array, an object or an object a line.
//!
//! ```json
//! [{"id": 7, "data": {"text": "Ada met Bo."},
//!   "annotations": [{"was_cancelled": false, "ground_truth": false, "result": [
//!     {"id": "e0", "from_name": "label", "to_name": "text", "type": "labels", "origin": "manual",
//!      "value": {"start": 0, "end": 3, "text": "Ada", "labels": ["Peop"]}, "meta": {"text": ["the elder"]}}, …,
//!     {"type": "relation", "from_id": "e0", "to_id": "e1", "direction": "right", "labels": ["knows"]}]}],
//!   "predictions": [{"model_version": "news", "score": 0.9, "result": [ … ]}]}]
//! ```
//!
//! **Reading.** Of several annotations the one marked as ground truth is read, else the first; cancelled ones never, and a task of
//! which all are cancelled is no document. Predictions are suggestions of models; where one says what stands there already, it
//! is read once. A region with several labels is a mention for each; relations mean the first. Other results on a region
//! (`choices`, `rating`, …) are attributes of its mention, by the name of their control. A relation to the left is turned
//! round; one in both directions is read from left to right with the attribute `direction`, `bi`; one without a label is
//! called `relation`. JSON-MIN exports, which hold no relations, are read too; of several annotators' items for a task, the first.
//! Texts that lie in files, and positions in what a browser shows of HTML, are refused: the words are not in the task.
//!
//! The text is the value of `data` that the regions' own texts fit, `text` before others; the other values are the document's
//! notes. Label Studio counted UTF-16 units until 2022: these are tried where regions' texts do not fit code points.
//!
//! **Writing.** What a person made or accepted stands in the one annotation (`origin` says `prediction` where a model made it),
//! a model's suggestions in a prediction for each model. A list of results repeats the regions that its relations need. The
//! names of the controls are the template's, `label` and `text`, unless the document comes from a project with others, which
//! its note `label_studio` holds.

mod reading;
mod results;
mod value;
mod writing;

pub(crate) use reading::read;
pub(crate) use writing::write;

/// What a relation is called that has no label.
const NO_LABEL: &str = "relation";

/// The note of a document that holds the names of its project.
const PROJECT: &str = "label_studio";

/// The default name of a region.
fn default_name(index: usize) -> String {
    format!("e{index}")
}

/// Whether a region may have got its name from [`default_name`].
fn is_default_name(name: &str) -> bool {
    name.strip_prefix('e')
        .and_then(|number| number.parse::<usize>().ok())
        .is_some_and(|number| default_name(number) == name)
}

#[cfg(test)]
mod export_tests;
#[cfg(test)]
mod tests;
