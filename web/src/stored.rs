//! What the browser remembers between visits. Storage may be full, forbidden or absent; the page works without it.

use gloo_storage::{LocalStorage, Storage};

const TEXT: &str = "spanarc.text";
const MODEL: &str = "spanarc.model";
const THEME: &str = "spanarc.theme";

/// The text of the last visit.
pub(crate) fn text() -> Option<String> {
    LocalStorage::get(TEXT).ok()
}

/// Remembers the text; what does not fit is not remembered.
pub(crate) fn keep_text(text: &str) {
    if LocalStorage::set(TEXT, text).is_err() {
        LocalStorage::delete(TEXT);
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
