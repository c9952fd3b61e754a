//! The list of relations.

use spanarc_document::{Span, Utf16};
use yew::prelude::*;

use super::{
    items::{Items, ListProps},
    score::percent,
};
use crate::{
    annotations::{Link, Mention},
    labels::label_name,
    scene::Target,
};

/// All relations that are shown, in text order of their heads.
#[component]
pub(crate) fn RelationList(props: &ListProps) -> Html {
    let mentions = &props.annotations.mentions;
    let items = props.view.links(&props.annotations).map(|link| {
        html! {
            <RelationItem
                key={link.id}
                link={link.clone()}
                head={mentions[link.head].clone()}
                tail={mentions[link.tail].clone()}
                hull={props.annotations.hull(link)}
                kind={AttrValue::from(label_name(&props.model.relation_types, link.relation_type).to_owned())}
                active={props.focus == Some(Target::Link(link.id))}
            />
        }
    });
    html! {
        <Items
            testid="relations"
            focus={props.focus}
            on_focus={props.on_focus.clone()}
            on_select={props.on_select.clone()}
        >
            {for items}
        </Items>
    }
}

#[derive(Properties, PartialEq)]
struct RelationItemProps {
    link: Link,
    head: Mention,
    tail: Mention,
    hull: Span<Utf16>,
    kind: AttrValue,
    active: bool,
}

#[component]
fn RelationItem(props: &RelationItemProps) -> Html {
    let RelationItemProps {
        link,
        head,
        tail,
        hull,
        kind,
        active,
    } = props;
    html! {
        <li
            class={classes!("item", format!("relation-{}", link.relation_type), active.then_some("is-active"))}
            data-relation={kind.clone()}
            data-start={hull.start.to_string()}
            data-end={hull.end.to_string()}
            data-head-start={head.span.start.to_string()}
            data-head-end={head.span.end.to_string()}
            data-tail-start={tail.span.start.to_string()}
            data-tail-end={tail.span.end.to_string()}
            data-score={format!("{:.4}", link.score)}
            data-id={link.id.to_string()}
        >
            <button type="button" class="item-button">
                <span class="item-text">
                    <span class="argument">{&*head.text}</span>
                    <svg class="item-arrow" viewBox="0 0 28 10" aria-hidden="true">
                        <path d="M1 5H21" /><path class="item-arrow-tip" d="M20 1.5L27 5L20 8.5Z" />
                    </svg>
                    <span class="visually-hidden">{" to "}</span>
                    <span class="argument">{&*tail.text}</span>
                </span>
                <span class="tag">{kind.clone()}</span>
                <span class="item-score">{percent(link.score)}</span>
            </button>
        </li>
    }
}
