//! What was found, beside or below the text.

use std::rc::Rc;

use spanarc_protocol::ModelSummary;
use yew::prelude::*;

use super::{file_buttons::FileButtons, items::Items, rows::Rows, threshold::Threshold};
use crate::{hooks::Files, shown::Shown, strings::use_strings, view::Target};

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub(crate) struct PanelProps {
    /// The document, and which of it is shown.
    pub(crate) shown: Shown,
    /// The model, once there is one.
    pub(crate) model: Option<Rc<ModelSummary>>,
    /// What can be done with files.
    pub(crate) files: Files,
    /// Whether no other text may be opened.
    pub(crate) read_only: bool,
    /// What the host calls the text.
    pub(crate) label: Option<Rc<str>>,
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
    let named = |name: &str| strings.region_name(name, props.label.as_deref());
    let label = named(&strings.annotations);
    let buttons = html! { <FileButtons files={props.files.clone()} read_only={props.read_only} /> };
    // Annotations that came with the document need no model.
    if props.model.is_none() && props.shown.document().mentions().is_empty() {
        return html! {
            <aside class="panel" part="panel" aria-label={label}>
                if props.files.has_formats {
                    {buttons}
                }
            </aside>
        };
    }
    let entities = Rc::new(Rows::entities(&props.shown));
    let relations = Rc::new(Rows::relations(&props.shown));
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
        <aside class="panel" part="panel" aria-label={label}>
            <section class="panel-section" aria-label={named(&strings.entities)}>
                {title(&strings.entities, &entities)}
                {list("entities", entities)}
            </section>
            <section class="panel-section" aria-label={named(&strings.relations)}>
                {title(&strings.relations, &relations)}
                if let Some(model) = &props.model {
                    <Threshold
                        value={props.shown.view.threshold}
                        default={model.relation_threshold}
                        on_change={props.on_threshold.clone()}
                    />
                }
                {list("relations", relations)}
            </section>
            {buttons}
        </aside>
    }
}
