//! Highlights, labels and arcs behind the text.

use std::rc::Rc;

use spanarc_document::Id;
use yew::prelude::*;

use crate::{
    kinds::{Kind, Kinds},
    scene::{Arc, ArcLabel, Mark, Scene},
};

/// What is drawn.
#[derive(Properties, PartialEq)]
pub(crate) struct OverlayProps {
    /// Geometry of everything.
    pub(crate) scene: Rc<Scene>,
    /// The types, for their names.
    pub(crate) kinds: Rc<Kinds>,
    /// Identities of what stands out; nothing does when empty.
    pub(crate) active: Rc<[Id]>,
}

/// The drawing; told to no screen reader, since the lists say the same.
#[component]
pub(crate) fn Overlay(props: &OverlayProps) -> Html {
    let OverlayProps {
        scene,
        kinds,
        active,
    } = props;
    let state = |id: u32| active.contains(&Id(id)).then_some("is-active");
    let highlights = scene
        .marks
        .iter()
        .map(|mark| highlight(mark, state(mark.id)));
    let arcs = scene.arcs.iter().map(|arc| line(arc, state(arc.id)));
    let names = scene
        .marks
        .iter()
        .map(|mark| mark_label(mark, title(&kinds.entity, mark.kind), state(mark.id)));
    let arc_names = scene.labels.iter().map(|label| {
        arc_label(
            label,
            title(&kinds.relation, label.kind),
            label.links.iter().find_map(|&id| state(id)),
        )
    });
    html! {
        <svg class={classes!("scene", (!active.is_empty()).then_some("has-active"))} aria-hidden="true">
            <g class="highlights">{for highlights}</g>
            <g class="arcs">{for arcs}</g>
            <g class="names">{for names}</g>
            <g class="arc-names">{for arc_names}</g>
        </svg>
    }
}

/// The title of the type at `place`.
fn title(kinds: &[Kind], place: usize) -> &str {
    kinds.get(place).map_or("", |kind| &kind.title)
}

fn highlight(mark: &Mark, state: Option<&'static str>) -> Html {
    html! {
        <g key={mark.id} class={classes!("mark", format!("entity-{}", mark.kind), state)}>
            {for mark.boxes.iter().map(|b| html! {
                <>
                    <rect class="mark-tint" x={px(b.x)} y={px(b.y)} width={px(b.width)} height={px(b.height)} rx="3" />
                    <rect class="mark-edge" x={px(b.x)} y={px(b.bottom() - 2.0)} width={px(b.width)} height="2" rx="1" />
                </>
            })}
        </g>
    }
}

fn mark_label(mark: &Mark, name: &str, state: Option<&'static str>) -> Html {
    let label = &mark.label;
    html! {
        <text
            key={mark.id}
            class={classes!("mark-label", format!("entity-{}", mark.kind), state)}
            x={px(label.x + label.width / 2.0)}
            y={px(label.y + label.height / 2.0)}
        >
            {name.to_uppercase()}
        </text>
    }
}

fn line(arc: &Arc, state: Option<&'static str>) -> Html {
    html! {
        <g key={arc.id} class={classes!("arc", format!("relation-{}", arc.kind), state)}>
            <path class="arc-line" d={arc.path.clone()} />
            <polygon class="arc-tip" points={arc.arrow.clone()} />
        </g>
    }
}

fn arc_label(label: &ArcLabel, name: &str, state: Option<&'static str>) -> Html {
    let ArcLabel {
        rect: label,
        kind,
        links,
    } = label;
    html! {
        <g key={links[0]} class={classes!("arc-label", format!("relation-{kind}"), state)}>
            <rect
                class="arc-label-ground"
                x={px(label.x)}
                y={px(label.y)}
                width={px(label.width)}
                height={px(label.height)}
                rx="3"
            />
            <text x={px(label.x + label.width / 2.0)} y={px(label.y + label.height / 2.0)}>{name.to_owned()}</text>
        </g>
    }
}

fn px(value: f64) -> String {
    ((value * 10.0).round() / 10.0).to_string()
}
