//! What was found, beside or below the text.

use std::rc::Rc;

use spanarc_protocol::ModelSummary;
use yew::prelude::*;

use super::{export_buttons::ExportButtons, items::Items, rows::Rows, threshold::Threshold};
use crate::{annotations::Annotations, scene::Target, state::View, strings::use_strings};

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
    /// Told when a row is pointed at.
    pub(crate) on_focus: Callback<Option<Target>>,
    /// Told when a row is chosen.
    pub(crate) on_select: Callback<Target>,
    /// Told when the threshold moves.
    pub(crate) on_threshold: Callback<f32>,
}

/// The lists and their controls.
#[component]
pub(crate) fn Panel(props: &PanelProps) -> Html {
    let strings = use_strings();
    let label = strings.annotations.clone();
    let Some(model) = &props.model else {
        return html! { <aside class="panel" aria-label={label} /> };
    };
    let entities = Rc::new(Rows::entities(&props.annotations, &props.view, model));
    let relations = Rc::new(Rows::relations(&props.annotations, &props.view, model));
    let list = |testid: &'static str, rows: Rc<Rows>| {
        html! {
            <Items
                {testid}
                {rows}
                focus={props.focus}
                on_focus={props.on_focus.clone()}
                on_select={props.on_select.clone()}
            />
        }
    };
    let title = |name: &str, rows: &Rows| {
        html! {
            <h2 class="panel-title"><span>{name}</span><span class="count" translate="no">{rows.len()}</span></h2>
        }
    };
    html! {
        <aside class="panel" aria-label={label}>
            <section class="panel-section" aria-label={strings.entities.clone()}>
                {title(&strings.entities, &entities)}
                {list("entities", entities)}
            </section>
            <section class="panel-section" aria-label={strings.relations.clone()}>
                {title(&strings.relations, &relations)}
                <Threshold
                    value={props.view.threshold}
                    default={model.relation_threshold}
                    on_change={props.on_threshold.clone()}
                />
                {list("relations", relations)}
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
