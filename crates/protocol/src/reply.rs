//! From worker to page.

use serde::{Deserialize, Serialize};
use spanarc_document::{Span, Utf16};

/// A message from the worker to the page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
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
        #[cfg_attr(test, ts(optional))]
        total: Option<usize>,
    },
    /// The model is built: annotations can follow.
    Ready {
        /// The loaded model.
        model: ModelSummary,
    },
    /// Answers that the surface lacks.
    Annotations(AnnotationsReply),
    /// What [`Self::Annotations`] would say, in one reply, after the edit of [`Request::Foresee`](crate::Request::Foresee). That edit
    /// is answered all the same when it comes.
    Foreseen(AnnotationsReply),
    /// There is work for a secondary worker: the page may start one, and answers with
    /// [`Request::SecondaryStarted`](crate::Request::SecondaryStarted) or [`Request::SecondaryLost`](crate::Request::SecondaryLost).
    StartSecondary {
        /// A number for it.
        secondary: u32,
    },
    /// A secondary worker is of no more use: the page ends it.
    StopSecondary {
        /// Its number.
        secondary: u32,
    },
    /// The answer to [`Request::Annotate`](crate::Request::Annotate).
    Batch {
        /// Number of the batch.
        batch: u32,
        /// The answer to each sentence of it, in the same order; each starts at 0.
        sentences: Vec<SentenceAnswer>,
    },
    /// Something went wrong. The worker lives on, except after a failure of [`Stage::Load`] behind [`Reply::Ready`].
    Failed {
        /// The step that failed.
        stage: Stage,
        /// The surface concerned, where it is only one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        surface: Option<u32>,
        /// A message for people.
        message: String,
    },
}

/// The step in which something went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Stage {
    /// Starting the program, fetching the bundle and building the model. After [`Reply::Ready`]: the program has failed as
    /// a whole, and answers nothing more.
    Load,
    /// Following the edits of a surface: the worker has forgotten it, and needs the whole text again.
    Edit,
    /// Annotating a text. A sentence that fails counts as done, without annotations.
    Annotate,
}

/// A loaded model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct ModelSummary {
    /// Name of the model.
    pub name: String,
    /// Size of the bundle in bytes.
    pub bytes: usize,
    /// Entity types; entities refer to them by index.
    pub entity_types: Vec<Label>,
    /// Relation types; relations refer to them by index.
    pub relation_types: Vec<Label>,
    /// The score from which a relation holds unless the user says otherwise.
    pub relation_threshold: f32,
}

/// An entity or relation type as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct Label {
    /// Name as in the label schema.
    pub name: String,
    /// Colour as `#rrggbb`.
    pub color: String,
}

/// Answers that a surface lacks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct AnnotationsReply {
    /// Number of the surface.
    pub surface: u32,
    /// The state of the text that the offsets refer to.
    pub revision: u32,
    /// Sentences of the text that have answers, those sent earlier included.
    pub done: usize,
    /// Sentences of the text; the reply is the last one to this revision when `done == total`.
    pub total: usize,
    /// The answers, in text order.
    pub sentences: Vec<SentenceAnswer>,
    /// Milliseconds spent on this revision so far in sentence splitting and inference.
    pub milliseconds: f64,
}

/// The annotations of one sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct SentenceAnswer {
    /// First UTF-16 code unit of the sentence in the text. Sentences do not overlap.
    pub start: usize,
    /// First UTF-16 code unit after it.
    pub end: usize,
    /// Entities in text order, never overlapping.
    pub entities: Vec<FoundEntity>,
    /// Relations by head, then tail, then type: all scored 0.05 or more, so that a page can move its threshold without
    /// asking.
    pub relations: Vec<FoundRelation>,
}

impl SentenceAnswer {
    /// Where the sentence is in the text.
    pub fn span(&self) -> Span<Utf16> {
        Span::new(self.start, self.end)
    }
}

/// An entity in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FoundEntity {
    /// Index into the model's entity types.
    pub entity_type: usize,
    /// First UTF-16 code unit inside, counted from the start of the sentence.
    pub start: usize,
    /// First UTF-16 code unit after.
    pub end: usize,
    /// Probability in 0..=1.
    pub score: f32,
}

impl FoundEntity {
    /// Where the entity is, counted from the start of its sentence.
    pub fn span(&self) -> Span<Utf16> {
        Span::new(self.start, self.end)
    }
}

/// A directed relation between two entities of the same sentence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct FoundRelation {
    /// Index into the model's relation types.
    pub relation_type: usize,
    /// Index into the entities of the sentence.
    pub head: usize,
    /// Index into the entities of the sentence.
    pub tail: usize,
    /// Score in 0..=1.
    pub score: f32,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn replies_are_flat_objects_with_a_kind_and_camel_case_fields() {
        let reply = Reply::Annotations(AnnotationsReply {
            surface: 1,
            revision: 7,
            done: 1,
            total: 1,
            sentences: vec![SentenceAnswer {
                start: 10,
                end: 15,
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
            }],
            milliseconds: 1.5,
        });
        let expected = json!({
            "kind": "annotations", "surface": 1, "revision": 7, "done": 1, "total": 1,
            "sentences": [{
                "start": 10, "end": 15,
                "entities": [{"entityType": 0, "start": 0, "end": 4, "score": 0.5}],
                "relations": [{"relationType": 2, "head": 0, "tail": 0, "score": 1.0}],
            }],
            "milliseconds": 1.5
        });
        assert_eq!(serde_json::to_value(&reply).unwrap(), expected);
        assert_eq!(serde_json::from_value::<Reply>(expected).unwrap(), reply);
        assert_eq!(
            serde_json::to_value(Reply::Started).unwrap(),
            json!({"kind": "started"})
        );
    }
}
