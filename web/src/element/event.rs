//! Events as the class dispatches them.

use serde::Serialize;
use spanarc_annotator::{Event, Handle, Snapshot};
use spanarc_document::{Id, Mention, Span, State, Utf16};
use spanarc_protocol::{ModelSummary, Stage};

use super::{changes::Changes, names::Names};

/// The detail of an event.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Detail<'a> {
    Progress {
        received: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        total: Option<usize>,
    },
    Ready(&'a ModelSummary),
    Error {
        stage: Stage,
        message: &'a str,
    },
    Annotations {
        complete: bool,
    },
    Input {
        start: usize,
        removed: usize,
        inserted: &'a str,
    },
    Change(Changes),
    Select {
        start: usize,
        end: usize,
        /// Identities of what is there.
        entities: Vec<String>,
        relations: Vec<String>,
    },
}

/// The names and details of what JavaScript is told of `event` in the document of `handle`.
pub(super) fn told<'a>(
    event: &'a Event,
    handle: &Handle,
    names: &mut Names,
) -> Vec<(&'static str, Detail<'a>)> {
    let one = match event {
        Event::Progress { received, total } => {
            let (received, total) = (*received, *total);
            ("progress", Detail::Progress { received, total })
        }
        Event::Ready(model) => ("ready", Detail::Ready(model)),
        Event::Failed { stage, message } => {
            let stage = *stage;
            ("error", Detail::Error { stage, message })
        }
        Event::Annotated { complete } => {
            let complete = *complete;
            ("annotations", Detail::Annotations { complete })
        }
        Event::Stepped {
            step,
            edit,
            before,
            after,
        } => {
            let input = edit.as_ref().map(|edit| Detail::Input {
                start: edit.start,
                removed: edit.removed,
                inserted: &edit.inserted,
            });
            let changes = Changes::between(*step, before, after, names).map(Detail::Change);
            let input = input.map(|input| ("input", input));
            let change = changes.map(|change| ("change", change));
            return input.into_iter().chain(change).collect();
        }
        Event::Selected { span, chosen } => {
            let (entities, relations) = selected(*span, *chosen, &handle.snapshot());
            let mut named =
                |ids: Vec<Id>| ids.into_iter().map(|id| names.of(id).to_string()).collect();
            let select = Detail::Select {
                start: span.start,
                end: span.end,
                entities: named(entities),
                relations: named(relations),
            };
            ("select", select)
        }
    };
    vec![one]
}

/// The entities and relations that a person has selected: the one that was chosen, or the entities that share text with the
/// selection. A caret is in those that it stands in or beside.
fn selected(span: Span<Utf16>, chosen: Option<Id>, snapshot: &Snapshot) -> (Vec<Id>, Vec<Id>) {
    let document = &snapshot.document;
    if let Some(id) = chosen {
        let (entity, relation) = (document.mention(id), document.link(id));
        return (
            entity.map(|mention| mention.id).into_iter().collect(),
            relation.map(|link| link.id).into_iter().collect(),
        );
    }
    let Ok(span) = snapshot.offsets.to_byte(span) else {
        return Default::default();
    };
    let there = |mention: &&Mention| {
        let extent = mention.spans.extent();
        let caret_is_in = span.is_empty() && extent.start <= span.start && span.end <= extent.end;
        let counts = mention.state != State::Rejected && !mention.is_withdrawn();
        counts && (caret_is_in || extent.overlaps(span))
    };
    let there = document.mentions().iter().filter(there);
    (there.map(|mention| mention.id).collect(), Vec::new())
}
