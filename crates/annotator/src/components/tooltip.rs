//! Type, text and score of what the pointer is on.

use web_sys::HtmlElement;
use yew::prelude::*;

use super::score::percent;
use crate::{scene::Rect, shown::Shown, strings::use_strings, view::Target};

/// Between the annotation and the tooltip.
const GAP: f64 = 3.0;

/// What is told, and where.
#[derive(Properties, PartialEq)]
pub(crate) struct TooltipProps {
    /// What the pointer is on.
    pub(crate) target: Target,
    /// Where that is, in the text's coordinates.
    pub(crate) anchor: Rect,
    /// The document, and which of it is shown.
    pub(crate) shown: Shown,
    /// The bottom of what is on screen, in the text's coordinates.
    pub(crate) floor: f64,
}

/// A card under the annotation, or above it where there is no room.
#[component]
pub(crate) fn Tooltip(props: &TooltipProps) -> Html {
    let strings = use_strings();
    let card = use_node_ref();
    use_effect_with((props.anchor, props.floor, props.shown.clone()), {
        let card = card.clone();
        move |(anchor, floor, _)| {
            // Through the object model: the page's policy allows no style attributes.
            if let Some(card) = card.cast::<HtmlElement>() {
                place(&card, anchor, *floor);
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
    let TooltipProps { target, shown, .. } = props;
    let document = shown.document();
    match *target {
        Target::Mention(id) => {
            let mention = document.mention(id)?;
            let class = format!("entity-{}", shown.kinds.entity(&mention.kind));
            let what = html! { <span dir="auto">{&*shown.words(&mention.spans)}</span> };
            Some((
                class,
                shown.kinds.entity_title(&mention.kind).to_string(),
                what,
                mention.origin.score(),
            ))
        }
        Target::Link(id) => {
            let link = document.link(id)?;
            let class = format!("relation-{}", shown.kinds.relation(&link.kind));
            let words = |id| Some(shown.words(&document.mention(id)?.spans));
            let what = html! {
                // The arrow does not turn with the direction around it.
                <span dir="ltr">
                    <span dir="auto">{&*words(link.head)?}</span>
                    <span>{" \u{2192} "}</span>
                    <span dir="auto">{&*words(link.tail)?}</span>
                </span>
            };
            Some((
                class,
                shown.kinds.relation_title(&link.kind).to_string(),
                what,
                link.origin.score(),
            ))
        }
    }
}

/// Lengths are those of layout, which no transform of the host changes.
fn place(card: &HtmlElement, anchor: &Rect, floor: f64) {
    let Some(parent) = card.offset_parent() else {
        return;
    };
    let (width, height) = (
        f64::from(card.offset_width()),
        f64::from(card.offset_height()),
    );
    let x = (anchor.x + anchor.width / 2.0 - width / 2.0)
        .min(f64::from(parent.client_width()) - width)
        .max(0.0);
    let below = anchor.bottom() + GAP;
    let y = if below + height <= floor {
        below
    } else {
        anchor.y - GAP - height
    };
    let style = card.style();
    let _ = style.set_property("transform", &format!("translate({x:.1}px, {y:.1}px)"));
    let _ = style.set_property("visibility", "visible");
}
