//! A list of annotations that can be pointed at and chosen, and what the two such lists are told.

use std::rc::Rc;

use spanarc_protocol::ModelSummary;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::{annotations::Annotations, scene::Target, state::View};

/// What a list of annotations shows.
#[derive(Properties, PartialEq)]
pub(crate) struct ListProps {
    /// What was found.
    pub(crate) annotations: Rc<Annotations>,
    /// What of it is shown.
    pub(crate) view: View,
    /// The model, for the names of types.
    pub(crate) model: Rc<ModelSummary>,
    /// What is pointed at, anywhere.
    pub(crate) focus: Option<Target>,
    /// Told when an item is pointed at.
    pub(crate) on_focus: Callback<Option<Target>>,
    /// Told when an item is chosen.
    pub(crate) on_select: Callback<Target>,
}

/// What happens in the list.
#[derive(Properties, PartialEq)]
pub(crate) struct ItemsProps {
    /// Names the list in tests.
    pub(crate) testid: &'static str,
    /// What is pointed at, anywhere.
    pub(crate) focus: Option<Target>,
    /// Told when an item is pointed at, or none any more.
    pub(crate) on_focus: Callback<Option<Target>>,
    /// Told when an item is chosen.
    pub(crate) on_select: Callback<Target>,
    /// The items: each carries `data-id` and either `data-entity` or `data-relation`.
    pub(crate) children: Html,
}

/// The list. It listens for all its items: thousands of listeners would cost more than all else at each keystroke.
#[component]
pub(crate) fn Items(props: &ItemsProps) -> Html {
    let point = {
        let (on_focus, present) = (props.on_focus.clone(), props.focus);
        move |target: Option<Target>| {
            if target != present {
                on_focus.emit(target);
            }
        }
    };
    let onpointerover = {
        let point = point.clone();
        move |event: PointerEvent| point(target_of(&event))
    };
    let onpointerleave = {
        let point = point.clone();
        move |_: PointerEvent| point(None)
    };
    let onfocusin = {
        let point = point.clone();
        move |event: FocusEvent| point(target_of(&event))
    };
    let onfocusout = move |_: FocusEvent| point(None);
    let onclick = {
        let on_select = props.on_select.clone();
        move |event: MouseEvent| {
            if let Some(target) = target_of(&event) {
                on_select.emit(target);
            }
        }
    };
    html! {
        <ul
            class="items"
            data-testid={props.testid}
            {onpointerover}
            {onpointerleave}
            {onfocusin}
            {onfocusout}
            {onclick}
        >
            {props.children.clone()}
        </ul>
    }
}

/// The annotation whose item an event happened in.
fn target_of(event: &Event) -> Option<Target> {
    let element: Element = event.target_dyn_into()?;
    let item: HtmlElement =
        wasm_bindgen::JsCast::dyn_into(element.closest("[data-id]").ok()??).ok()?;
    let data = item.dataset();
    let id = data.get("id")?.parse().ok()?;
    match data.get("relation") {
        Some(_) => Some(Target::Link(id)),
        None => Some(Target::Mention(id)),
    }
}
