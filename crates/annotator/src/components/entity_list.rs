//! The list of entities.

use yew::prelude::*;

use super::{
    items::{Items, ListProps},
    score::percent,
};
use crate::{annotations::Mention, labels::label_name, scene::Target};

/// All entities that are shown, in text order.
#[component]
pub(crate) fn EntityList(props: &ListProps) -> Html {
    let items = props.view.mentions(&props.annotations).map(|mention| {
        html! {
            <EntityItem
                key={mention.id}
                mention={mention.clone()}
                kind={AttrValue::from(label_name(&props.model.entity_types, mention.entity_type).to_owned())}
                active={props.focus == Some(Target::Mention(mention.id))}
            />
        }
    });
    html! {
        <Items
            testid="entities"
            focus={props.focus}
            on_focus={props.on_focus.clone()}
            on_select={props.on_select.clone()}
        >
            {for items}
        </Items>
    }
}

#[derive(Properties, PartialEq)]
struct EntityItemProps {
    mention: Mention,
    kind: AttrValue,
    active: bool,
}

#[component]
fn EntityItem(props: &EntityItemProps) -> Html {
    let EntityItemProps {
        mention,
        kind,
        active,
    } = props;
    html! {
        <li
            class={classes!("item", format!("entity-{}", mention.entity_type), active.then_some("is-active"))}
            data-entity={kind.clone()}
            data-start={mention.span.start.to_string()}
            data-end={mention.span.end.to_string()}
            data-score={format!("{:.4}", mention.score)}
            data-id={mention.id.to_string()}
        >
            <button type="button" class="item-button">
                <span class="item-text">{&*mention.text}</span>
                <span class="tag">{kind.clone()}</span>
                <span class="item-score">{percent(mention.score)}</span>
            </button>
        </li>
    }
}
