//! The list of entities.

use std::rc::Rc;

use spanarc_wasm::protocol::ModelSummary;
use yew::prelude::*;

use super::score::percent;
use crate::{
    annotations::{Annotations, Mention},
    labels::label_name,
    scene::Target,
    state::View,
};

/// What the list shows.
#[derive(Properties, PartialEq)]
pub(crate) struct EntityListProps {
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

/// All entities that are shown, in text order.
#[component]
pub(crate) fn EntityList(props: &EntityListProps) -> Html {
    let items = props.view.mentions(&props.annotations).map(|mention| {
        html! {
            <EntityItem
                key={mention.id}
                mention={mention.clone()}
                kind={AttrValue::from(label_name(&props.model.entity_types, mention.entity_type).to_owned())}
                active={props.focus == Some(Target::Mention(mention.id))}
                on_focus={props.on_focus.clone()}
                on_select={props.on_select.clone()}
            />
        }
    });
    html! { <ul class="items" data-testid="entities">{for items}</ul> }
}

#[derive(Properties, PartialEq)]
struct EntityItemProps {
    mention: Mention,
    kind: AttrValue,
    active: bool,
    on_focus: Callback<Option<Target>>,
    on_select: Callback<Target>,
}

#[component]
fn EntityItem(props: &EntityItemProps) -> Html {
    let EntityItemProps {
        mention,
        kind,
        active,
        on_focus,
        on_select,
    } = props;
    let target = Target::Mention(mention.id);
    let point = |target: Option<Target>| {
        let on_focus = on_focus.clone();
        move || on_focus.emit(target)
    };
    let (enter, leave) = (point(Some(target)), point(None));
    let (focus, blur) = (enter.clone(), leave.clone());
    let select = on_select.clone();
    html! {
        <li
            class={classes!("item", format!("entity-{}", mention.entity_type), active.then_some("is-active"))}
            data-entity={kind.clone()}
            data-start={mention.span.start.to_string()}
            data-end={mention.span.end.to_string()}
            data-score={format!("{:.4}", mention.score)}
            data-id={mention.id.to_string()}
            onpointerenter={move |_| enter()}
            onpointerleave={move |_| leave()}
        >
            <button
                type="button"
                class="item-button"
                onclick={move |_| select.emit(target)}
                onfocus={move |_| focus()}
                onblur={move |_| blur()}
            >
                <span class="item-text">{&*mention.text}</span>
                <span class="tag">{kind.clone()}</span>
                <span class="item-score">{percent(mention.score)}</span>
            </button>
        </li>
    }
}
