//! Tasks as they stand in files.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::{Map, Value};
use spanarc_document::State;

use crate::unknown_keys::Keys;

/// The keys of a task.
pub(super) const KEYS: Keys = Keys {
    owner: "tasks",
    known: &["id", "data", "drafts"],
    lists: &[
        ("annotations", ANNOTATION_KEYS),
        ("completions", ANNOTATION_KEYS),
        (
            "predictions",
            Keys {
                owner: "predictions",
                known: &["model_version", "score"],
                lists: &[("result", RESULT_KEYS)],
            },
        ),
    ],
};

const ANNOTATION_KEYS: Keys = Keys {
    owner: "annotations",
    known: &["id", "was_cancelled", "skipped", "ground_truth"],
    lists: &[("result", RESULT_KEYS)],
};

const RESULT_KEYS: Keys = Keys {
    owner: "results",
    known: &[
        "id",
        "type",
        "from_name",
        "to_name",
        "value",
        "meta",
        "score",
        "origin",
        "model_version",
        "state",
        "from_id",
        "to_id",
        "direction",
        "labels",
    ],
    lists: &[],
};

/// A task.
#[derive(Deserialize)]
pub(super) struct Task {
    pub(super) id: Option<Value>,
    pub(super) data: Map<String, Value>,
    #[serde(alias = "completions")]
    pub(super) annotations: Option<Vec<Annotation>>,
    pub(super) predictions: Option<Vec<Prediction>>,
    pub(super) drafts: Option<Vec<IgnoredAny>>,
}

/// What a person says about a task.
#[derive(Deserialize)]
pub(super) struct Annotation {
    pub(super) id: Option<Value>,
    pub(super) result: Option<Vec<ResultItem>>,
    #[serde(alias = "skipped")]
    pub(super) was_cancelled: Option<bool>,
    pub(super) ground_truth: Option<bool>,
}

/// What a model says about a task. Some exports hold only its number.
pub(super) enum Prediction {
    /// Its number or name.
    Named(String),
    /// All of it.
    Whole(WholePrediction),
}

#[derive(Deserialize)]
pub(super) struct WholePrediction {
    pub(super) model_version: Option<Value>,
    pub(super) score: Option<f32>,
    pub(super) result: Option<Vec<ResultItem>>,
}

impl<'de> Deserialize<'de> for Prediction {
    // An untagged enumeration would do, but its errors name neither field nor reason.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PredictionVisitor;
        impl<'de> Visitor<'de> for PredictionVisitor {
            type Value = Prediction;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a prediction or its number")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Prediction, E> {
                Ok(Prediction::Named(number.to_string()))
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Prediction, E> {
                Ok(Prediction::Named(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Prediction, A::Error> {
                WholePrediction::deserialize(MapAccessDeserializer::new(map)).map(Prediction::Whole)
            }
        }
        deserializer.deserialize_any(PredictionVisitor)
    }
}

/// A region, a relation, or something else that is said of a region or the whole.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct ResultItem {
    pub(super) id: Option<Value>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) from_name: Option<String>,
    pub(super) to_name: Option<String>,
    #[serde(default)]
    pub(super) value: RegionValue,
    pub(super) meta: Option<Map<String, Value>>,
    pub(super) score: Option<f32>,
    pub(super) origin: Option<String>,
    /// Ours: the model, where it is not the list's.
    pub(super) model_version: Option<String>,
    /// Ours: what a person decided, where that is not usual for the list.
    pub(super) state: Option<State>,
    pub(super) from_id: Option<Value>,
    pub(super) to_id: Option<Value>,
    pub(super) direction: Option<String>,
    pub(super) labels: Option<Vec<String>>,
}

/// Where a region is, and what is said of it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct RegionValue {
    pub(super) start: Option<Value>,
    pub(super) end: Option<Value>,
    /// Positions in the text of regions that count in elements of HTML.
    #[serde(rename = "globalOffsets")]
    global: Option<Global>,
    pub(super) text: Option<Value>,
    #[serde(alias = "hypertextlabels")]
    pub(super) labels: Option<Vec<String>>,
    #[serde(flatten)]
    pub(super) rest: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct Global {
    start: usize,
    end: usize,
}

impl ResultItem {
    /// Whether it is a labelled stretch of text.
    pub(super) fn is_region(&self) -> bool {
        let kind = self.kind.as_deref().unwrap_or_default();
        matches!(
            kind.to_ascii_lowercase().as_str(),
            "labels" | "hypertextlabels"
        )
    }

    /// Start and end in the unit of the file.
    pub(super) fn offsets(&self) -> Option<(usize, usize)> {
        let global = self.value.global;
        self.plain_offsets()
            .or_else(|| global.map(|global| (global.start, global.end)))
    }

    fn plain_offsets(&self) -> Option<(usize, usize)> {
        let RegionValue { start, end, .. } = &self.value;
        number(start.as_ref()).zip(number(end.as_ref()))
    }

    /// Whether its offsets count what a browser shows of HTML.
    pub(super) fn counts_shown_text(&self) -> bool {
        self.plain_offsets().is_none() && self.value.global.is_some()
    }

    /// The text that the file says it covers.
    pub(super) fn said(&self) -> Option<&str> {
        self.value.text.as_ref()?.as_str()
    }
}

/// A whole number, which some write with a point or in quotes.
fn number(value: Option<&Value>) -> Option<usize> {
    match value? {
        Value::String(digits) => digits.parse().ok(),
        number => match number.as_f64() {
            Some(number) if number >= 0.0 && number.fract() == 0.0 => Some(number as usize),
            _ => None,
        },
    }
}

/// The names that a project's configuration gives to text and controls, each where it is not the template's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Project {
    /// The key of the text in `data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    /// The control of the labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from_name: Option<String>,
    /// The element that shows the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) to_name: Option<String>,
}
