//! The types, each a switch that shows and hides its annotations.

use std::sync::Arc;

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, KeyboardEvent};
use yew::prelude::*;

use super::button::Button;
use crate::{
    hooks::use_event,
    shown::Shown,
    state::Action,
    strings::{fill, use_strings},
    view::View,
};

/// What is counted and switched.
#[derive(Properties, PartialEq)]
pub(crate) struct LegendProps {
    /// The document, and which of it is shown.
    pub(crate) shown: Shown,
    /// Told of switches.
    pub(crate) on_action: Callback<Action>,
}

/// The legend above the text.
#[component]
pub(crate) fn Legend(props: &LegendProps) -> Html {
    let strings = use_strings();
    let Shown { view, kinds, .. } = &props.shown;
    let document = props.shown.document();
    // Of the types that are hidden too: a count says what switching on would bring.
    let every_type = View {
        threshold: view.threshold,
        entity_threshold: view.entity_threshold,
        ..View::default()
    };
    let mut entity_counts = vec![0; kinds.entity.len() + 1];
    for mention in every_type.mentions(document) {
        entity_counts[kinds.entity(&mention.kind)] += 1;
    }
    let mut relation_counts = vec![0; kinds.relation.len() + 1];
    for link in every_type.links(document) {
        relation_counts[kinds.relation(&link.kind)] += 1;
    }
    let entity_switches = (kinds.entity.iter().zip(entity_counts)).map(|(kind, count)| Switch {
        title: kind.title.clone(),
        count,
        shown: !view.hidden_entity_types.contains(&kind.name),
        action: Action::EntityTypeToggled(kind.name.clone()),
    });
    let relation_switches =
        (kinds.relation.iter().zip(relation_counts)).map(|(kind, count)| Switch {
            title: kind.title.clone(),
            count,
            shown: !view.hidden_relation_types.contains(&kind.name),
            action: Action::RelationTypeToggled(kind.name.clone()),
        });
    html! {
        <div class="legend" part="legend">
            <Switches
                class="entity"
                testid="entity-types"
                label={strings.entity_types.to_string()}
                switches={entity_switches.collect::<Vec<_>>()}
                on_action={props.on_action.clone()}
            />
            <Switches
                class="relation"
                testid="relation-types"
                label={strings.relation_types.to_string()}
                switches={relation_switches.collect::<Vec<_>>()}
                on_action={props.on_action.clone()}
            />
        </div>
    }
}

/// A type that can be shown and hidden.
#[derive(Clone, PartialEq)]
struct Switch {
    title: Arc<str>,
    count: usize,
    shown: bool,
    action: Action,
}

#[derive(Properties, PartialEq)]
struct SwitchesProps {
    /// Sort of the types in class names.
    class: &'static str,
    testid: &'static str,
    label: String,
    switches: Vec<Switch>,
    on_action: Callback<Action>,
}

/// One stop of the tab order; arrow keys move within.
#[component]
fn Switches(props: &SwitchesProps) -> Html {
    let strings = use_strings();
    let list = use_node_ref();
    let current = use_state_eq(|| 0);
    let stop = (*current).min(props.switches.len().saturating_sub(1));
    use_event(&list, "keydown", {
        let (list, len) = (list.clone(), props.switches.len());
        move |event: &KeyboardEvent| {
            let list = list.cast::<Element>();
            let from_right = || {
                list.as_ref()
                    .is_some_and(|it| it.matches(":dir(rtl)") == Ok(true))
            };
            let next = match event.key().as_str() {
                "ArrowLeft" if from_right() => stop + 1,
                "ArrowRight" if from_right() => stop.wrapping_sub(1),
                "ArrowLeft" | "ArrowUp" => stop.wrapping_sub(1),
                "ArrowRight" | "ArrowDown" => stop + 1,
                "Home" => 0,
                "End" => len.saturating_sub(1),
                _ => return,
            };
            event.prevent_default();
            let button = list.filter(|_| next < len).and_then(|list| {
                let item = list.children().item(next as u32)?;
                item.first_element_child()?.dyn_into::<HtmlElement>().ok()
            });
            if let Some(button) = button {
                let _ = button.focus();
            }
        }
    });
    use_event(&list, "focusin", {
        let (list, current) = (list.clone(), current.setter());
        move |event: &Event| {
            let focused = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok());
            let item = focused.and_then(|focused| focused.closest("li").ok().flatten());
            let items = list.cast::<Element>().map(|list| list.children());
            if let Some((item, items)) = item.zip(items) {
                let place = (0..items.length()).find(|&at| items.item(at).as_ref() == Some(&item));
                current.set(place.unwrap_or(0) as usize);
            }
        }
    });
    let switch = |(index, switch): (usize, &Switch)| {
        let Switch {
            title,
            count,
            shown,
            action,
        } = switch.clone();
        let on_action = props.on_action.clone();
        let on_press = Callback::from(move |()| on_action.emit(action.clone()));
        let does = if shown {
            &strings.hide_type
        } else {
            &strings.show_type
        };
        let class = props.class;
        html! {
            <li>
                <Button
                    class={classes!("switch", format!("{class}-switch"), format!("{class}-{index}"))}
                    pressed={Some(shown)}
                    tabindex={Some(if index == stop { "0" } else { "-1" })}
                    title={Some(fill(does, &[("type", &title)]))}
                    {on_press}
                >
                    <span class="switch-sample" aria-hidden="true" />
                    <span translate="no">{&*title}</span>
                    <span class="switch-count" translate="no">{count}</span>
                </Button>
            </li>
        }
    };
    html! {
        <ul ref={list} class="switches" aria-label={props.label.clone()} data-testid={props.testid}>
            {for props.switches.iter().enumerate().map(switch)}
        </ul>
    }
}
