//! What was found, beside or below the text.

use std::rc::Rc;

use spanarc_protocol::ModelSummary;
use yew::prelude::*;

use super::{
    entity_list::EntityList, export_buttons::ExportButtons, relation_list::RelationList,
    threshold::Threshold,
};
use crate::{annotations::Annotations, hooks::use_settled, scene::Target, state::View};

/// From this many annotations on, the lists wait for typing to pause: nobody reads them meanwhile.
const MANY: usize = 200;
/// How long typing must pause then.
const MANY_WAIT_MS: u32 = 200;

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub(crate) struct PanelProps {
    /// The text, to export.
    pub(crate) text: Rc<str>,
    /// What was found.
    pub(crate) annotations: Rc<Annotations>,
    /// What of it is shown.
    pub(crate) view: View,
    /// The model, once there is one.
    pub(crate) model: Option<Rc<ModelSummary>>,
    /// What is pointed at, anywhere.
    pub(crate) focus: Option<Target>,
    /// Told when an item is pointed at.
    pub(crate) on_focus: Callback<Option<Target>>,
    /// Told when an item is chosen.
    pub(crate) on_select: Callback<Target>,
    /// Told when the threshold moves.
    pub(crate) on_threshold: Callback<f32>,
}

/// The lists and their controls.
#[component]
pub(crate) fn Panel(props: &PanelProps) -> Html {
    let many = props.annotations.mentions.len() + props.annotations.links.len() >= MANY;
    let settled = use_settled(props.annotations.clone(), MANY_WAIT_MS);
    let annotations = if many {
        settled
    } else {
        props.annotations.clone()
    };
    let Some(model) = &props.model else {
        return html! { <aside class="panel" aria-label="Annotations" /> };
    };
    let entities = props.view.mentions(&annotations).count();
    let relations = props.view.links(&annotations).count();
    html! {
        <aside class="panel" aria-label="Annotations">
            <section class="panel-section" aria-labelledby="entities-title">
                <h2 id="entities-title" class="panel-title">{"Entities"}<span class="count">{entities}</span></h2>
                <EntityList
                    annotations={annotations.clone()}
                    view={props.view.clone()}
                    model={model.clone()}
                    focus={props.focus}
                    on_focus={props.on_focus.clone()}
                    on_select={props.on_select.clone()}
                />
            </section>
            <section class="panel-section" aria-labelledby="relations-title">
                <h2 id="relations-title" class="panel-title">{"Relations"}<span class="count">{relations}</span></h2>
                <Threshold
                    value={props.view.threshold}
                    default={model.relation_threshold}
                    on_change={props.on_threshold.clone()}
                />
                <RelationList
                    annotations={annotations.clone()}
                    view={props.view.clone()}
                    model={model.clone()}
                    focus={props.focus}
                    on_focus={props.on_focus.clone()}
                    on_select={props.on_select.clone()}
                />
            </section>
            <ExportButtons
                text={props.text.clone()}
                annotations={props.annotations.clone()}
                view={props.view.clone()}
                model={model.clone()}
            />
        </aside>
    }
}
