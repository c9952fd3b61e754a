//! Events of a component's own elements.

use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event};
use yew::prelude::*;

/// Calls `react` for every event `name` of the element of `node`, which the component always renders, until the component goes.
///
/// In place of `on…` attributes: Yew 0.23 never removes the listeners that these put on the root of the application
/// (`EventListener::forget` in its `subtree_root.rs`), so every annotator that goes would leave its elements behind.
#[hook]
pub(crate) fn use_event<E: JsCast + 'static>(
    node: &NodeRef,
    name: &'static str,
    react: impl Fn(&E) + 'static,
) {
    let newest = use_mut_ref(|| None::<Rc<dyn Fn(&E)>>);
    newest.replace(Some(Rc::new(react)));
    use_effect_with(node.clone(), move |node| {
        let listener = node.cast::<Element>().map(|element| {
            let options = EventListenerOptions::enable_prevent_default();
            EventListener::new_with_options(&element, name, options, move |event: &Event| {
                let react = newest.borrow().clone();
                if let (Some(react), Some(event)) = (react, event.dyn_ref::<E>()) {
                    react(event);
                }
            })
        });
        move || drop(listener)
    });
}
