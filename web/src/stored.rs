//! What the browser remembers between visits. Storage may be full, forbidden or absent; the page works without it.

use gloo_storage::{LocalStorage, Storage};

const DOCUMENT: &str = "spanarc.document";
const TEXT: &str = "spanarc.text";
const MODEL: &str = "spanarc.model";
const THEME: &str = "spanarc.theme";

/// Text and annotations of the last visit, as JSON.
pub(crate) fn document() -> Option<String> {
    LocalStorage::get(DOCUMENT).ok()
}

/// The text of the last visit, where its annotations were not remembered.
pub(crate) fn text() -> Option<String> {
    LocalStorage::get(TEXT).ok()
}

/// Remembers text and annotations, `document` as JSON. Without them, or if they do not fit, the text alone is remembered, or nothing.
pub(crate) fn keep(document: Option<&str>, text: &str) {
    // The old one may leave no room.
    LocalStorage::delete(TEXT);
    if document.is_none_or(|document| LocalStorage::set(DOCUMENT, document).is_err()) {
        LocalStorage::delete(DOCUMENT);
        drop(LocalStorage::set(TEXT, text));
    }
}

/// Name of the model chosen, if one was.
pub(crate) fn model() -> Option<String> {
    LocalStorage::get(MODEL).ok()
}

/// Remembers the model chosen. A choice that cannot be kept still holds for this visit.
pub(crate) fn keep_model(name: &str) {
    drop(LocalStorage::set(MODEL, name));
}

/// The theme chosen, if one was.
pub(crate) fn theme() -> Option<String> {
    LocalStorage::get(THEME).ok()
}

/// Remembers the theme chosen, or that none is.
pub(crate) fn keep_theme(theme: Option<&str>) {
    match theme {
        // A choice that cannot be kept still holds for this visit.
        Some(theme) => drop(LocalStorage::set(THEME, theme)),
        None => LocalStorage::delete(THEME),
    }
}
