//! The messages between a page and the worker that holds the model.
//!
//! Messages are plain JavaScript objects sent with `postMessage`: `kind` names the message, field names are camelCase,
//! absent options are `undefined`. [`Request`] goes from page to worker, [`Reply`] from worker to page.
//!
//! A conversation:
//!
//! 1. The page starts the worker and waits for [`Reply::Started`]: a message posted before the worker listens is lost.
//! 2. The page sends [`Request::Load`] once. The worker answers with [`Reply::Progress`] any number of times, then with
//!    [`Reply::Ready`] once, or with [`Reply::Failed`] at stage [`Stage::Load`]; after that `Load` may be sent again.
//! 3. The page sends [`Request::Annotate`] whenever text, view or threshold changes, before or after `Ready`. Only the
//!    newest request counts: an older one is dropped without a further reply, even half done. The worker answers with
//!    [`Reply::Annotations`] one or more times; each holds everything known so far and replaces the one before. The last
//!    has `done == total`. Sentences seen before come from a cache, so sending the whole text at each keystroke is cheap.
//!
//! Offsets are UTF-16 code units of the text as JavaScript counts them, also when it holds lone surrogates.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use spanarc_document::{Span, Utf16};
use wasm_bindgen::JsValue;

/// What a page asks of the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Request {
    /// Fetch a bundle and build the model.
    Load {
        /// Where the bundle is. A relative address is resolved against the worker's own script, so a page had better
        /// send an absolute one (resolved against its `document.baseURI`).
        url: String,
        /// SHA-256 of the file in hexadecimal. When given, a file with another hash is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<String>,
    },
    /// Annotate a text; replaces every earlier `Annotate`.
    Annotate(AnnotateRequest),
}

/// A text to annotate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnnotateRequest {
    /// Which text surface asks; repeated in the reply.
    pub id: u32,
    /// Which state of the text this is; repeated in the reply, so that a page can tell an answer to an older state.
    pub revision: u32,
    /// The whole text.
    pub text: String,
    /// The part on screen: its sentences are annotated first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible: Option<Span<Utf16>>,
    /// Relations scored below are left out; the model's own threshold when absent. Another threshold over the same
    /// text needs no inference. Scores below 0.05 are never kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relation_threshold: Option<f32>,
}

/// What the worker says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Reply {
    /// The worker listens: requests can be sent. The first message of every worker.
    Started,
    /// The bundle is being downloaded.
    Progress {
        /// Bytes received so far.
        received: usize,
        /// Bytes in all, when the server says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        total: Option<usize>,
    },
    /// The model is built: annotations can follow.
    Ready {
        /// What was loaded.
        model: ModelSummary,
    },
    /// What is known of a text so far.
    Annotations(AnnotationsReply),
    /// Something went wrong. The worker lives on.
    Failed {
        /// What was being done.
        stage: Stage,
        /// The `id` of the request at fault, at stage [`Stage::Annotate`].
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<u32>,
        /// What happened, for people.
        message: String,
    },
}

/// What the worker was doing when something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Fetching the bundle and building the model.
    Load,
    /// Annotating a text.
    Annotate,
}

/// What a page needs to know of a loaded model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelSummary {
    /// Name of the model.
    pub name: String,
    /// BCP 47 tag of the language it annotates.
    pub language: String,
    /// Size of the bundle in bytes.
    pub bytes: usize,
    /// Whether the bundle came out of the browser's cache, without network.
    pub cached: bool,
    /// Entity types; [`FoundEntity::entity_type`] is an index into them.
    pub entity_types: Vec<Label>,
    /// Relation types; [`FoundRelation::relation_type`] is an index into them.
    pub relation_types: Vec<Label>,
    /// The score from which a relation holds unless a request says otherwise.
    pub relation_threshold: f32,
}

/// A type as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Label {
    /// Name as in the label schema.
    pub name: String,
    /// Colour as `#rrggbb`.
    pub color: String,
}

/// Everything known of a text so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnnotationsReply {
    /// As in the request.
    pub id: u32,
    /// As in the request.
    pub revision: u32,
    /// Sentences annotated so far.
    pub done: usize,
    /// Sentences in the text; the reply is the last one when `done == total`.
    pub total: usize,
    /// Entities in text order, never overlapping.
    pub entities: Vec<FoundEntity>,
    /// Relations at or above the threshold, in text order of head, then tail.
    pub relations: Vec<FoundRelation>,
    /// Milliseconds spent so far on this request in sentence splitting and inference.
    pub milliseconds: f64,
    /// Words in the text, as people count them.
    pub words: usize,
}

/// An entity in a text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundEntity {
    /// Index into [`ModelSummary::entity_types`].
    pub entity_type: usize,
    /// First UTF-16 code unit inside.
    pub start: usize,
    /// First UTF-16 code unit after.
    pub end: usize,
    /// Probability in 0..=1.
    pub score: f32,
}

impl FoundEntity {
    /// Where the entity is.
    pub fn span(&self) -> Span<Utf16> {
        Span::new(self.start, self.end)
    }
}

/// A directed relation between two entities of the same reply.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FoundRelation {
    /// Index into [`ModelSummary::relation_types`].
    pub relation_type: usize,
    /// Index into [`AnnotationsReply::entities`].
    pub head: usize,
    /// Index into [`AnnotationsReply::entities`].
    pub tail: usize,
    /// Score in 0..=1.
    pub score: f32,
}

/// A message as the JavaScript object to post.
pub fn to_js<M: Serialize>(message: &M) -> Result<JsValue, serde_wasm_bindgen::Error> {
    serde_wasm_bindgen::to_value(message)
}

/// The message in the `data` of a received event.
pub fn from_js<M: DeserializeOwned>(data: JsValue) -> Result<M, serde_wasm_bindgen::Error> {
    serde_wasm_bindgen::from_value(data)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn messages_are_flat_objects_with_a_kind_and_camel_case_fields() {
        let request = Request::Annotate(AnnotateRequest {
            id: 1,
            revision: 7,
            text: "Mary".into(),
            visible: Some(Span::new(0, 4)),
            relation_threshold: None,
        });
        let expected = json!({
            "kind": "annotate", "id": 1, "revision": 7, "text": "Mary", "visible": {"start": 0, "end": 4}
        });
        assert_eq!(serde_json::to_value(&request).unwrap(), expected);
        assert_eq!(
            serde_json::from_value::<Request>(expected).unwrap(),
            request
        );

        let reply = Reply::Annotations(AnnotationsReply {
            id: 1,
            revision: 7,
            done: 1,
            total: 1,
            entities: vec![FoundEntity {
                entity_type: 0,
                start: 0,
                end: 4,
                score: 0.5,
            }],
            relations: vec![FoundRelation {
                relation_type: 2,
                head: 0,
                tail: 0,
                score: 1.0,
            }],
            milliseconds: 1.5,
            words: 1,
        });
        let expected = json!({
            "kind": "annotations", "id": 1, "revision": 7, "done": 1, "total": 1,
            "entities": [{"entityType": 0, "start": 0, "end": 4, "score": 0.5}],
            "relations": [{"relationType": 2, "head": 0, "tail": 0, "score": 1.0}],
            "milliseconds": 1.5, "words": 1
        });
        assert_eq!(serde_json::to_value(&reply).unwrap(), expected);
        assert_eq!(serde_json::from_value::<Reply>(expected).unwrap(), reply);
        assert_eq!(
            serde_json::to_value(Reply::Started).unwrap(),
            json!({"kind": "started"})
        );
    }

    #[test]
    fn absent_options_are_left_out() {
        let request = Request::Load {
            url: "m".into(),
            sha256: None,
        };
        assert_eq!(
            serde_json::to_value(&request).unwrap(),
            json!({"kind": "load", "url": "m"})
        );
    }
}
