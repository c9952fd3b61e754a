//! From page to worker.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;
use spanarc_document::{Span, Utf16};

/// A message from the page to the worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Request {
    /// Build the model of a bundle, which is either at an address or in the message itself: one of `url` and `bytes`.
    Load {
        /// Address of the bundle. A relative address is resolved against the worker's own script, so a page had better
        /// send an absolute one (resolved against its `document.baseURI`).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        url: Option<String>,
        /// The bundle's bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional, type = "Uint8Array"))]
        bytes: Option<ByteBuf>,
        /// SHA-256 of the file in hexadecimal. When given, a file with another hash is refused.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        sha256: Option<String>,
        /// How many secondary workers the page starts if it is asked to. With 0, the worker keeps nothing for them.
        #[serde(default, skip_serializing_if = "is_zero")]
        #[cfg_attr(test, ts(optional, as = "Option<u32>"))]
        secondaries: u32,
    },
    /// Annotate a text. Replaces the surface's text if it has one, and forgets which answers were sent.
    Open {
        /// Number of the surface, chosen by the page.
        surface: u32,
        /// Number of this state of the text, repeated in the answers.
        revision: u32,
        /// The whole text.
        text: String,
        /// The part on screen: its sentences are annotated first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional, as = "Option<crate::typescript::Span>"))]
        visible: Option<Span<Utf16>>,
    },
    /// The text has changed in one place. The edit counts as touching all that it replaces, even by the same text.
    Edit {
        /// Number of the surface.
        surface: u32,
        /// Number of the new state of the text, repeated in the answers.
        revision: u32,
        /// Where the edit begins, in UTF-16 code units.
        start: usize,
        /// How many UTF-16 code units of the old text go.
        removed: usize,
        /// The text that comes in their place.
        inserted: String,
        /// The part of the new text on screen; as last said when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional, as = "Option<crate::typescript::Span>"))]
        visible: Option<Span<Utf16>>,
    },
    /// A word is being typed, and the text may soon be edited so. A worker that owes no answer and is quick reads ahead, and says with
    /// [`Reply::Foreseen`](crate::Reply::Foreseen) what it would answer. Nothing changes.
    Foresee {
        /// Number of the surface.
        surface: u32,
        /// A number of the page's, repeated in the answer.
        revision: u32,
        /// Where the edit would begin, in UTF-16 code units.
        start: usize,
        /// How many UTF-16 code units of the text would go.
        removed: usize,
        /// The text that would come in their place.
        inserted: String,
    },
    /// Another part of the text is on screen: go on there.
    Look {
        /// Number of the surface.
        surface: u32,
        /// The part on screen.
        #[cfg_attr(test, ts(as = "crate::typescript::Span"))]
        visible: Span<Utf16>,
    },
    /// Forget the surface.
    Close {
        /// Number of the surface.
        surface: u32,
    },
    /// A secondary worker was started, as [`Reply::StartSecondary`](crate::Reply::StartSecondary) asked. The `MessagePort` that
    /// leads to it is transferred with this message.
    SecondaryStarted {
        /// Its number in that reply.
        secondary: u32,
    },
    /// A secondary worker could not be started, or has died: its share goes to the others.
    SecondaryLost {
        /// Its number in the reply that asked for it.
        secondary: u32,
    },
    /// Annotate sentences that belong to no surface. What a secondary worker is asked.
    Annotate {
        /// Number of the batch, repeated in the answer.
        batch: u32,
        /// The sentences, as a worker has cut them out of its texts.
        sentences: Vec<Arc<str>>,
    },
}

/// Serde asks with a reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's interface")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Request {
    /// The surface that the request is about.
    pub fn surface(&self) -> Option<u32> {
        match *self {
            Self::Load { .. }
            | Self::SecondaryStarted { .. }
            | Self::SecondaryLost { .. }
            | Self::Annotate { .. } => None,
            Self::Open { surface, .. }
            | Self::Edit { surface, .. }
            | Self::Foresee { surface, .. }
            | Self::Look { surface, .. }
            | Self::Close { surface } => Some(surface),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn requests_are_flat_objects_with_a_kind_and_camel_case_fields() {
        let request = Request::Edit {
            surface: 1,
            revision: 7,
            start: 5,
            removed: 0,
            inserted: "Jones".into(),
            visible: Some(Span::new(0, 4)),
        };
        let expected = json!({
            "kind": "edit", "surface": 1, "revision": 7, "start": 5, "removed": 0, "inserted": "Jones",
            "visible": {"start": 0, "end": 4}
        });
        assert_eq!(serde_json::to_value(&request).unwrap(), expected);
        assert_eq!(
            serde_json::from_value::<Request>(expected).unwrap(),
            request
        );
    }

    #[test]
    fn absent_options_are_left_out() {
        let request = Request::Load {
            url: Some("m".into()),
            bytes: None,
            sha256: None,
            secondaries: 0,
        };
        assert_eq!(
            serde_json::to_value(&request).unwrap(),
            json!({"kind": "load", "url": "m"})
        );
    }
}
