//! The types, each a switch that shows and hides its annotations.

use std::rc::Rc;

use spanarc_protocol::{Label, ModelSummary};
use yew::prelude::*;

use crate::{
    annotations::Annotations,
    state::{Action, View},
    strings::{fill, use_strings},
};

/// What is counted and switched.
#[derive(Properties, PartialEq)]
pub(crate) struct LegendProps {
    /// The model, once there is one.
    pub(crate) model: Option<Rc<ModelSummary>>,
    /// What was found.
    pub(crate) annotations: Rc<Annotations>,
    /// What of it is shown.
    pub(crate) view: View,
    /// Told of switches.
    pub(crate) on_action: Callback<Action>,
}

/// The legend above the text.
#[component]
pub(crate) fn Legend(props: &LegendProps) -> Html {
    let strings = use_strings();
    let Some(model) = &props.model else {
        return html! { <div class="legend" /> };
    };
    let mut entity_counts = vec![0; model.entity_types.len()];
    for mention in &props.annotations.mentions {
        if let Some(count) = entity_counts.get_mut(mention.entity_type) {
            *count += 1;
        }
    }
    // Of the types that are hidden too: a count says what switching on would bring.
    let every_type = View {
        threshold: props.view.threshold,
        ..View::default()
    };
    let mut relation_counts = vec![0; model.relation_types.len()];
    for link in every_type.links(&props.annotations) {
        if let Some(count) = relation_counts.get_mut(link.relation_type) {
            *count += 1;
        }
    }
    let switch = |class: &'static str,
                  index: usize,
                  label: &Label,
                  count: usize,
                  shown: bool,
                  action: Action| {
        let on_action = props.on_action.clone();
        let onclick = Callback::from(move |_: MouseEvent| on_action.emit(action.clone()));
        let title = if shown {
            &strings.hide_type
        } else {
            &strings.show_type
        };
        html! {
            <li>
                <button
                    type="button"
                    class={classes!("switch", format!("{class}-switch"), format!("{class}-{index}"))}
                    aria-pressed={shown.to_string()}
                    title={fill(title, &[("type", &label.name)])}
                    {onclick}
                >
                    <span class="switch-sample" aria-hidden="true" />
                    <span translate="no">{&label.name}</span>
                    <span class="switch-count" translate="no">{count}</span>
                </button>
            </li>
        }
    };
    html! {
        <div class="legend">
            <ul class="switches" aria-label={strings.entity_types.clone()} data-testid="entity-types">
                {for model.entity_types.iter().enumerate().map(|(i, label)| {
                    let shown = !props.view.hidden_entity_types.contains(&i);
                    switch("entity", i, label, entity_counts[i], shown, Action::EntityTypeToggled(i))
                })}
            </ul>
            <ul class="switches" aria-label={strings.relation_types.clone()} data-testid="relation-types">
                {for model.relation_types.iter().enumerate().map(|(i, label)| {
                    let shown = !props.view.hidden_relation_types.contains(&i);
                    switch("relation", i, label, relation_counts[i], shown, Action::RelationTypeToggled(i))
                })}
            </ul>
        </div>
    }
}
