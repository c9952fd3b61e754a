//! Type, text and score of what the pointer is on.

use std::rc::Rc;

use spanarc_protocol::ModelSummary;
use web_sys::HtmlElement;
use yew::prelude::*;

use super::score::percent;
use crate::{
    annotations::Annotations,
    labels::label_name,
    scene::{Rect, Target},
    strings::use_strings,
};

/// Between the annotation and the tooltip.
const GAP: f64 = 3.0;

/// What is told, and where.
#[derive(Properties, PartialEq)]
pub(crate) struct TooltipProps {
    /// What the pointer is on.
    pub(crate) target: Target,
    /// Where that is, in the text's coordinates.
    pub(crate) anchor: Rect,
    /// What was found.
    pub(crate) annotations: Rc<Annotations>,
    /// The model, for the names of types.
    pub(crate) model: Rc<ModelSummary>,
}

/// A card under the annotation, or above it where there is no room.
#[component]
pub(crate) fn Tooltip(props: &TooltipProps) -> Html {
    let strings = use_strings();
    let card = use_node_ref();
    use_effect_with((props.anchor, props.target, props.annotations.clone()), {
        let card = card.clone();
        move |(anchor, ..)| {
            // Through the object model: the page's policy allows no style attributes.
            if let Some(card) = card.cast::<HtmlElement>() {
                place(&card, anchor);
            }
        }
    });
    let Some((class, kind, what, score)) = describe(props) else {
        return html! {};
    };
    html! {
        <div ref={card} class={classes!("tooltip", class)} role="tooltip" data-testid="tooltip">
            <span class="tag">{kind}</span>
            <span class="tooltip-text">{what}</span>
            <span class="tooltip-score">{percent(&strings, score)}</span>
        </div>
    }
}

fn describe(props: &TooltipProps) -> Option<(String, String, Html, f32)> {
    let TooltipProps {
        target,
        annotations,
        model,
        ..
    } = props;
    match *target {
        Target::Mention(id) => {
            let mention = annotations.mentions.iter().find(|m| m.id == id)?;
            let kind = label_name(&model.entity_types, mention.entity_type).to_owned();
            let class = format!("entity-{}", mention.entity_type);
            let what = html! { <span dir="auto">{&*mention.text}</span> };
            Some((class, kind, what, mention.score))
        }
        Target::Link(id) => {
            let link = annotations.links.iter().find(|l| l.id == id)?;
            let kind = label_name(&model.relation_types, link.relation_type).to_owned();
            let class = format!("relation-{}", link.relation_type);
            let (head, tail) = (
                &annotations.mentions[link.head],
                &annotations.mentions[link.tail],
            );
            let what = html! {
                <>
                    <span dir="auto">{&*head.text}</span>
                    <span>{" \u{2192} "}</span>
                    <span dir="auto">{&*tail.text}</span>
                </>
            };
            Some((class, kind, what, link.score))
        }
    }
}

fn place(card: &HtmlElement, anchor: &Rect) {
    let Some(parent) = card.offset_parent() else {
        return;
    };
    let page = parent.get_bounding_client_rect();
    let (width, height) = (
        f64::from(card.offset_width()),
        f64::from(card.offset_height()),
    );
    let floor = (parent.closest("[data-scroller]").ok().flatten())
        .map(|scroller| scroller.get_bounding_client_rect().bottom())
        .into_iter()
        .chain(web_sys::window().and_then(|w| w.inner_height().ok()?.as_f64()))
        .fold(f64::INFINITY, f64::min);
    let x = (anchor.x + anchor.width / 2.0 - width / 2.0)
        .min(page.width() - width)
        .max(0.0);
    let below = anchor.bottom() + GAP;
    let fits_below = page.top() + below + height <= floor;
    let y = if fits_below {
        below
    } else {
        anchor.y - GAP - height
    };
    let style = card.style();
    let _ = style.set_property("transform", &format!("translate({x:.1}px, {y:.1}px)"));
    let _ = style.set_property("visibility", "visible");
}
