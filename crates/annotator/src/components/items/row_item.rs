//! One row of a list.

use web_sys::HtmlElement;
use yew::prelude::*;

use crate::{
    components::{
        rows::{Argument, Content, Row},
        score::percent,
    },
    strings::{Strings, use_strings},
};

/// A row and its place.
#[derive(Properties, PartialEq)]
pub(super) struct RowItemProps {
    /// What it shows.
    pub(super) row: Row,
    /// Which row it is, from 0.
    pub(super) index: usize,
    /// How many there are.
    pub(super) len: usize,
    /// Whether its annotation is pointed at, anywhere.
    pub(super) active: bool,
    /// Whether it is the row that takes part in the tab order.
    pub(super) current: bool,
}

/// A row, at its place in the list's height.
#[component]
pub(super) fn RowItem(props: &RowItemProps) -> Html {
    let RowItemProps {
        row,
        index,
        len,
        active,
        current,
    } = props;
    let strings = use_strings();
    let item = use_node_ref();
    use_effect_with(*index, {
        let item = item.clone();
        move |index| {
            // Through the object model: the page's policy allows no style attributes.
            if let Some(item) = item.cast::<HtmlElement>() {
                let top = format!("calc({index} * var(--row-height))");
                let _ = item.style().set_property("top", &top);
            }
        }
    });
    let kind = AttrValue::from(row.kind.to_string());
    let (entity, relation) = match &row.content {
        Content::Entity(_) => (Some(kind.clone()), None),
        Content::Relation { .. } => (None, Some(kind.clone())),
    };
    let (head, tail) = match &row.content {
        Content::Entity(_) => (None, None),
        Content::Relation { head, tail } => (Some(head), Some(tail)),
    };
    let start = |argument: &Argument| argument.span.start.to_string();
    let end = |argument: &Argument| argument.span.end.to_string();
    html! {
        <li
            ref={item}
            class={classes!("item", row.class.clone(), active.then_some("is-active"))}
            aria-setsize={len.to_string()}
            aria-posinset={(index + 1).to_string()}
            data-entity={entity}
            data-relation={relation}
            data-start={row.span.start.to_string()}
            data-end={row.span.end.to_string()}
            data-head-start={head.map(start)}
            data-head-end={head.map(end)}
            data-tail-start={tail.map(start)}
            data-tail-end={tail.map(end)}
            data-score={format!("{:.4}", row.score)}
            data-id={row.target.id().0.to_string()}
        >
            <button type="button" class="item-button" tabindex={if *current { "0" } else { "-1" }}>
                {text(&row.content, &strings)}
                <span class="tag" translate="no">{kind}</span>
                <span class="item-score" translate="no">{percent(&strings, row.score)}</span>
            </button>
        </li>
    }
}

fn text(content: &Content, strings: &Strings) -> Html {
    match content {
        Content::Entity(text) => html! {
            <span class="item-text" dir="auto" translate="no" title={text.clone()}>{&**text}</span>
        },
        Content::Relation { head, tail } => html! {
            <span class="item-text" title={from_head_to_tail(&head.text, &tail.text)}>
                <span class="argument" dir="auto" translate="no">{&*head.text}</span>
                <svg class="item-arrow" viewBox="0 0 28 10" aria-hidden="true">
                    <path d="M1 5H21" /><path class="item-arrow-tip" d="M20 1.5L27 5L20 8.5Z" />
                </svg>
                <span class="visually-hidden">{format!(" {} ", strings.to)}</span>
                <span class="argument" dir="auto" translate="no">{&*tail.text}</span>
            </span>
        },
    }
}

/// Head, arrow and tail from left to right, whatever the direction around them: no arrow turns with it.
fn from_head_to_tail(head: &str, tail: &str) -> String {
    let (left_to_right, isolate, end) = ('\u{2066}', '\u{2068}', '\u{2069}');
    format!("{left_to_right}{isolate}{head}{end} \u{2192} {isolate}{tail}{end}{end}")
}
