//! Files that are dropped.

use web_sys::{DragEvent, Element, File, FileList, Node};
use yew::prelude::*;

use super::use_event;

/// Whether files are held over the element of `node`, where `on_drop` gets those that are let go; without `is_on` files are the
/// browser's business.
#[hook]
pub(crate) fn use_drop(node: &NodeRef, is_on: bool, on_drop: Callback<Vec<File>>) -> bool {
    let over = use_state(|| false);
    let begun = over.clone();
    use_event(node, "dragover", move |event: &DragEvent| {
        if is_on && has_files(event) {
            // Says that files are taken here.
            event.prevent_default();
            if !*begun {
                begun.set(true);
            }
        }
    });
    let (left, inside) = (over.clone(), node.clone());
    use_event(node, "dragleave", move |event: &DragEvent| {
        let to = event.related_target();
        let to = to.as_ref().and_then(wasm_bindgen::JsCast::dyn_ref::<Node>);
        let stays = inside
            .cast::<Element>()
            .is_some_and(|element| element.contains(to));
        if *left && !(to.is_some() && stays) {
            left.set(false);
        }
    });
    let dropped = over.clone();
    use_event(node, "drop", move |event: &DragEvent| {
        if *dropped {
            dropped.set(false);
        }
        let files = event.data_transfer().and_then(|data| data.files());
        let files = files.filter(|files| is_on && files.length() > 0);
        if let Some(files) = files {
            event.prevent_default();
            on_drop.emit(listed(&files));
        }
    });
    *over
}

/// The files of a list.
pub(crate) fn listed(files: &FileList) -> Vec<File> {
    (0..files.length())
        .filter_map(|index| files.item(index))
        .collect()
}

fn has_files(event: &DragEvent) -> bool {
    let data = event.data_transfer();
    data.is_some_and(|data| data.types().includes(&"Files".into(), 0))
}
