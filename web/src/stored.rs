//! What the browser remembers between visits. Storage may be full, forbidden or absent; the page works without it.

use web_sys::Storage;

const DOCUMENT: &str = "spanarc.document";
const TEXT: &str = "spanarc.text";
const MODEL: &str = "spanarc.model";
const THEME: &str = "spanarc.theme";

/// Text and annotations of the last visit, as JSON.
pub(crate) fn document() -> Option<String> {
    get(DOCUMENT)
}

/// The text of the last visit, where its annotations were not remembered.
pub(crate) fn text() -> Option<String> {
    get(TEXT)
}

/// Remembers text and annotations, `document` as JSON. Without them, or if they do not fit, the text alone is remembered, or nothing.
pub(crate) fn keep(document: Option<&str>, text: &str) {
    // The old one may leave no room.
    delete(TEXT);
    if !document.is_some_and(|document| set(DOCUMENT, document)) {
        delete(DOCUMENT);
        set(TEXT, text);
    }
}

/// Name of the model chosen, if one was.
pub(crate) fn model() -> Option<String> {
    get(MODEL)
}

/// Remembers the model chosen. A choice that cannot be kept still holds for this visit.
pub(crate) fn keep_model(name: &str) {
    set(MODEL, name);
}

/// The theme chosen, if one was.
pub(crate) fn theme() -> Option<String> {
    get(THEME)
}

/// Remembers the theme chosen, or that none is. A choice that cannot be kept still holds for this visit.
pub(crate) fn keep_theme(theme: Option<&str>) {
    match theme {
        Some(theme) => drop(set(THEME, theme)),
        None => delete(THEME),
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// Values are strings of JSON.
fn get(key: &str) -> Option<String> {
    let value = storage()?.get_item(key).ok().flatten()?;
    serde_json::from_str(&value).ok()
}

/// Whether there was room.
fn set(key: &str, value: &str) -> bool {
    let value = serde_json::Value::from(value).to_string();
    storage().is_some_and(|storage| storage.set_item(key, &value).is_ok())
}

fn delete(key: &str) {
    if let Some(storage) = storage() {
        // What was not there need not go.
        let _ = storage.remove_item(key);
    }
}
