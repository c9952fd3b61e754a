//! The line breaks of a textarea, which has no others than `\n`.

use std::sync::Arc;

use spanarc_document::{Command, Document, Span};

/// `command` with the line breaks of a textarea.
pub(super) fn in_command(command: &Command) -> Command {
    match command {
        Command::ReplaceText { span, with } => Command::ReplaceText {
            span: *span,
            with: in_text(with),
        },
        other => other.clone(),
    }
}

/// `document` with the line breaks of a textarea. Annotations stay on their words.
pub(super) fn in_document(mut document: Document) -> Document {
    // From the end, so that places before stay where they are.
    while let Some(at) = document.text().rfind('\r') {
        let followed = document.text()[at + 1..].starts_with('\n');
        let command = Command::ReplaceText {
            span: Span::new(at, at + 1),
            with: if followed { "" } else { "\n" }.into(),
        };
        let changes = document.changes_for(&command);
        let changed = changes.and_then(|changes| document.apply_all(changes));
        debug_assert!(changed.is_ok(), "{changed:?}");
        if changed.is_err() {
            break;
        }
    }
    document
}

/// `text` with the line breaks that a textarea has: it turns every other kind into `\n`.
pub(super) fn in_text(text: &str) -> Arc<str> {
    if text.contains('\r') {
        text.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        text.into()
    }
}
