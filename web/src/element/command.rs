//! What a host can have done to a document.

use std::sync::Arc;

use serde::Deserialize;
use spanarc_annotator::{Schema, SchemaError, Snapshot};
use spanarc_document::{Byte, Command, Document, Id, OffsetError, Span, Spans, SpansError, Utf16};

use super::names::Names;

/// One thing that a person does, as a host says it: `{ accept: { id: "s0" } }`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) enum Action {
    AddEntity {
        #[serde(rename = "type")]
        kind: Arc<str>,
        start: usize,
        end: usize,
    },
    UpdateEntity {
        id: String,
        #[serde(rename = "type", default)]
        kind: Option<Arc<str>>,
        #[serde(default)]
        start: Option<usize>,
        #[serde(default)]
        end: Option<usize>,
    },
    RemoveEntity {
        id: String,
    },
    AddRelation {
        #[serde(rename = "type")]
        kind: Arc<str>,
        head: String,
        tail: String,
    },
    UpdateRelation {
        id: String,
        #[serde(rename = "type")]
        kind: Arc<str>,
    },
    RemoveRelation {
        id: String,
    },
    Accept {
        id: String,
    },
    Reject {
        id: String,
    },
    ReplaceText {
        start: usize,
        end: usize,
        text: Arc<str>,
    },
}

/// Why it cannot be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ActionError {
    /// No annotation of this sort has the name.
    #[error("there is no {sort} {name:?}")]
    Unknown { sort: &'static str, name: String },
    /// The place is none.
    #[error(transparent)]
    Offset(#[from] OffsetError),
    /// The place is empty.
    #[error(transparent)]
    Spans(#[from] SpansError),
    /// The types do not go together.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

impl Action {
    /// The commands that it takes, all of them one step.
    pub(super) fn commands(
        &self,
        snapshot: &Snapshot,
        names: &Names,
        schema: &Schema,
    ) -> Result<Vec<Command>, ActionError> {
        let document = &snapshot.document;
        let bytes = |start, end| snapshot.offsets.to_byte(Span::<Utf16>::new(start, end));
        let spans = |start, end| Ok::<_, ActionError>(Spans::one(bytes(start, end)?)?);
        let unknown = |sort, name: &str| ActionError::Unknown {
            sort,
            name: name.to_owned(),
        };
        let mention = |name: &str| {
            let mention = names.id(name).and_then(|id| document.mention(id));
            mention.ok_or_else(|| unknown("entity", name))
        };
        let link = |name: &str| {
            let link = names.id(name).and_then(|id| document.link(id));
            link.ok_or_else(|| unknown("relation", name))
        };
        let either = |name: &str| {
            let here = |id: &Id| document.mention(*id).is_some() || document.link(*id).is_some();
            let id = names.id(name).filter(here);
            id.ok_or_else(|| unknown("entity or relation", name))
        };
        Ok(match self {
            Self::AddEntity { kind, start, end } => vec![Command::AddMention {
                kind: kind.clone(),
                spans: spans(*start, *end)?,
            }],
            Self::UpdateEntity {
                id,
                kind,
                start,
                end,
            } => {
                let mention = mention(id)?;
                let (id, was) = (mention.id, snapshot.utf16(mention.spans.extent()));
                let moved = (start.is_some() || end.is_some()).then(|| {
                    let spans = spans(start.unwrap_or(was.start), end.unwrap_or(was.end))?;
                    Ok::<_, ActionError>(Command::MoveMention { id, spans })
                });
                let kind = kind.clone();
                let relabelled = kind.map(|kind| Command::RelabelMention { id, kind });
                moved.transpose()?.into_iter().chain(relabelled).collect()
            }
            Self::RemoveEntity { id } => vec![Command::RemoveMention(mention(id)?.id)],
            Self::AddRelation { kind, head, tail } => {
                let (head, tail) = (mention(head)?, mention(tail)?);
                schema.check_signature(kind, &head.kind, &tail.kind)?;
                vec![Command::AddLink {
                    kind: kind.clone(),
                    head: head.id,
                    tail: tail.id,
                }]
            }
            Self::UpdateRelation { id, kind } => {
                let link = link(id)?;
                let ends = (document.mention(link.head)).zip(document.mention(link.tail));
                if let Some((head, tail)) = ends {
                    schema.check_signature(kind, &head.kind, &tail.kind)?;
                }
                vec![Command::RelabelLink {
                    id: link.id,
                    kind: kind.clone(),
                }]
            }
            Self::RemoveRelation { id } => vec![Command::RemoveLink(link(id)?.id)],
            Self::Accept { id } => vec![Command::Accept(either(id)?)],
            Self::Reject { id } => vec![Command::Reject(either(id)?)],
            Self::ReplaceText { start, end, text } => {
                let span: Span<Byte> = bytes(*start, *end)?;
                vec![Command::ReplaceText {
                    span,
                    with: text.clone(),
                }]
            }
        })
    }
}

/// The annotation that `commands` have added to `document`, or found there.
pub(super) fn added(commands: &[Command], document: &Document) -> Option<Id> {
    match commands {
        [Command::AddMention { kind, spans }] => {
            document.find_mention(kind, spans).map(|mention| mention.id)
        }
        [Command::AddLink { kind, head, tail }] => {
            document.find_link(kind, *head, *tail).map(|link| link.id)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn fault(action: Value) -> String {
        let read = serde_path_to_error::deserialize::<_, Action>(action);
        read.unwrap_err().path().to_string()
    }

    #[test]
    fn what_is_none_is_told_by_its_action_and_field() {
        let entity = json!({"addEntity": {"type": "P", "start": "0", "end": 3}});
        assert_eq!(fault(entity), "addEntity.start");
        assert_eq!(fault(json!({"accept": {"id": 7}})), "accept.id");
        assert_eq!(
            fault(json!({"addEntity": {"type": null, "start": 0, "end": 3}})),
            "addEntity.type"
        );
    }
}
