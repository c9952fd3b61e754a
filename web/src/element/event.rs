//! Events as the class dispatches them.

use serde::Serialize;
use spanarc_annotator::Event;
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
        /// The annotation that was chosen in a list.
        #[serde(skip_serializing_if = "Option::is_none")]
        chosen: Option<String>,
    },
}

/// The name and detail of what JavaScript is told of `event`, if it is told anything.
pub(super) fn told<'a>(event: &'a Event, names: &mut Names) -> Option<(&'static str, Detail<'a>)> {
    Some(match event {
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
        Event::Edited(edit) => {
            let input = Detail::Input {
                start: edit.start,
                removed: edit.removed,
                inserted: &edit.inserted,
            };
            ("input", input)
        }
        Event::Stepped {
            step,
            before,
            after,
        } => {
            let changes = Changes::between(*step, before, after, names)?;
            ("change", Detail::Change(changes))
        }
        Event::Selected { span, chosen } => {
            let select = Detail::Select {
                start: span.start,
                end: span.end,
                chosen: chosen.map(|id| names.of(id).to_string()),
            };
            ("select", select)
        }
    })
}
