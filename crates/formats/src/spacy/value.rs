//! A `Doc` as it stands in files.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, value::RawValue};

use crate::{prodigy::SpanRange, unknown_keys::Keys};

/// The keys of a `Doc` and its entities.
pub(super) const KEYS: Keys = Keys {
    owner: "documents",
    known: &[
        "id",
        "text",
        "sents",
        "tokens",
        "spans",
        "cats",
        "_",
        "underscore_span",
        "underscore_token",
        "rel",
        "notes",
        "span_attributes",
    ],
    lists: &[(
        "ents",
        Keys {
            owner: "ents",
            known: &["start", "end", "label", "kb_id", "id"],
            lists: &[],
        },
    )],
};

#[derive(Deserialize)]
pub(super) struct DocObject<'a> {
    #[serde(default)]
    pub(super) id: Option<Value>,
    pub(super) text: String,
    /// Entities, which are read one by one as those of groups are.
    #[serde(borrow)]
    pub(super) ents: Option<Vec<&'a RawValue>>,
    pub(super) sents: Option<Vec<Range>>,
    pub(super) tokens: Option<Vec<Token>>,
    #[serde(borrow)]
    pub(super) spans: Option<BTreeMap<String, Vec<&'a RawValue>>>,
    pub(super) cats: Option<Value>,
    #[serde(rename = "_")]
    pub(super) extensions: Option<Map<String, Value>>,
    pub(super) underscore_span: Option<BTreeMap<String, Vec<SpanValue>>>,
    pub(super) underscore_token: Option<Map<String, Value>>,
    /// Ours: relations.
    pub(super) rel: Option<Value>,
    /// Ours: notes of the document.
    pub(super) notes: Option<Map<String, Value>>,
    /// Ours: attributes of spans.
    pub(super) span_attributes: Option<BTreeMap<String, Vec<SpanValue>>>,
}

#[derive(Deserialize, Clone, Copy)]
pub(super) struct Range {
    pub(super) start: usize,
    pub(super) end: usize,
}

#[derive(Deserialize)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Tags, lemmas, heads.
    #[serde(flatten)]
    pub(super) layers: Map<String, Value>,
}

#[derive(Deserialize)]
pub(super) struct SpanObject {
    pub(super) start: usize,
    pub(super) end: usize,
    #[serde(default)]
    pub(super) label: String,
    pub(super) kb_id: Option<Value>,
    pub(super) id: Option<Value>,
}

/// An extension of a span.
#[derive(Deserialize)]
pub(super) struct SpanValue {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Ours: the span's label.
    pub(super) label: Option<String>,
    pub(super) value: Value,
}

/// A relation in our extension.
#[derive(Deserialize)]
pub(super) struct Relation {
    pub(super) head_span: SpanRange,
    pub(super) child_span: SpanRange,
    pub(super) label: String,
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}
