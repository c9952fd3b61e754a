//! What a textarea is typed into, told to the document; and its history in place of the browser's.

use web_sys::{CompositionEvent, Event, InputEvent, KeyboardEvent};
use yew::prelude::*;

use super::use_event;
use crate::{
    handle::Handle,
    keys::{HistoryKey, history_key, label_key, moves_caret},
};

/// Tells `handle` of every edit and selection in `textarea`, and lets it undo, redo, and label what is selected.
#[hook]
pub(crate) fn use_typing(textarea: &NodeRef, handle: &Handle, read_only: bool) {
    let typed = handle.clone();
    use_event(textarea, "input", move |event: &Event| {
        // Some programs that fill in forms send plain events.
        let input_type = wasm_bindgen::JsCast::dyn_ref::<InputEvent>(event);
        typed.typed(input_type.is_some_and(|event| is_typing(&event.input_type())));
    });
    let before = handle.clone();
    use_event(textarea, "beforeinput", move |event: &InputEvent| {
        before.about_to_type();
        let key = match event.input_type().as_str() {
            "historyUndo" => HistoryKey::Undo,
            "historyRedo" => HistoryKey::Redo,
            "insertFromPaste" => {
                if event.data().is_some_and(|text| before.paste(&text)) {
                    event.prevent_default();
                }
                return;
            }
            _ => return,
        };
        // The browser's own history knows neither annotations nor what was written by program.
        event.prevent_default();
        take(&before, key, read_only);
    });
    let pressed = handle.clone();
    use_event(textarea, "keydown", move |event: &KeyboardEvent| {
        if event.is_composing() {
            return;
        }
        pressed.about_to_type();
        let label = label_key(event, read_only);
        match history_key(event) {
            Some(key) => {
                event.prevent_default();
                take(&pressed, key, read_only);
            }
            None if label.is_some_and(|key| pressed.label_selection(&key)) => {
                event.prevent_default();
            }
            None if moves_caret(&event.key()) => pressed.moved(),
            None => {}
        }
    });
    // Browsers that do not tell a textarea of its selection tell it of what moves it.
    let selecting = handle.clone();
    let select = move |_: &Event| selecting.selected();
    use_event(textarea, "selectionchange", select.clone());
    use_event(textarea, "keyup", select.clone());
    use_event(textarea, "pointerup", select);
    let begun = handle.clone();
    use_event(textarea, "compositionstart", move |_: &CompositionEvent| {
        begun.compose(true);
    });
    let done = handle.clone();
    use_event(textarea, "compositionend", move |_: &CompositionEvent| {
        done.compose(false);
    });
    let left = handle.clone();
    use_event(textarea, "blur", move |_: &Event| {
        // A textarea that is moved in its document loses an input method without being told.
        left.compose(false);
        left.moved();
    });
}

fn take(handle: &Handle, key: HistoryKey, read_only: bool) {
    match (key, read_only) {
        _ if handle.is_composing() => {}
        (key, true) => handle.cross_reading(key == HistoryKey::Undo),
        (HistoryKey::Undo, false) => _ = handle.undo(),
        (HistoryKey::Redo, false) => _ = handle.redo(),
    }
}

/// Whether an input event comes of keys that spell a word, unlike a paste.
fn is_typing(input_type: &str) -> bool {
    matches!(
        input_type,
        "insertText" | "deleteContentBackward" | "deleteContentForward" | "insertCompositionText"
    )
}
