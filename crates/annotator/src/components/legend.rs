//! The types, each a switch that shows and hides its annotations.

use yew::prelude::*;

use super::button::Button;
use crate::{
    kinds::Kind,
    shown::Shown,
    state::Action,
    strings::{fill, use_strings},
    view::View,
};

/// What is counted and switched.
#[derive(Properties, PartialEq)]
pub(crate) struct LegendProps {
    /// The document, and which of it is shown.
    pub(crate) shown: Shown,
    /// Told of switches.
    pub(crate) on_action: Callback<Action>,
}

/// The legend above the text.
#[component]
pub(crate) fn Legend(props: &LegendProps) -> Html {
    let strings = use_strings();
    let Shown { view, kinds, .. } = &props.shown;
    let document = props.shown.document();
    // Of the types that are hidden too: a count says what switching on would bring.
    let every_type = View {
        threshold: view.threshold,
        entity_threshold: view.entity_threshold,
        ..View::default()
    };
    let mut entity_counts = vec![0; kinds.entity.len() + 1];
    for mention in every_type.mentions(document) {
        entity_counts[kinds.entity(&mention.kind)] += 1;
    }
    let mut relation_counts = vec![0; kinds.relation.len() + 1];
    for link in every_type.links(document) {
        relation_counts[kinds.relation(&link.kind)] += 1;
    }
    let switch = |class: &'static str,
                  index: usize,
                  kind: &Kind,
                  count: usize,
                  shown: bool,
                  action: Action| {
        let on_action = props.on_action.clone();
        let on_press = Callback::from(move |()| on_action.emit(action.clone()));
        let title = if shown {
            &strings.hide_type
        } else {
            &strings.show_type
        };
        html! {
            <li>
                <Button
                    class={classes!("switch", format!("{class}-switch"), format!("{class}-{index}"))}
                    pressed={Some(shown)}
                    title={Some(fill(title, &[("type", &kind.title)]))}
                    {on_press}
                >
                    <span class="switch-sample" aria-hidden="true" />
                    <span translate="no">{&*kind.title}</span>
                    <span class="switch-count" translate="no">{count}</span>
                </Button>
            </li>
        }
    };
    html! {
        <div class="legend" part="legend">
            <ul class="switches" aria-label={strings.entity_types.clone()} data-testid="entity-types">
                {for kinds.entity.iter().enumerate().map(|(i, kind)| {
                    let shown = !view.hidden_entity_types.contains(&kind.name);
                    switch("entity", i, kind, entity_counts[i], shown, Action::EntityTypeToggled(kind.name.clone()))
                })}
            </ul>
            <ul class="switches" aria-label={strings.relation_types.clone()} data-testid="relation-types">
                {for kinds.relation.iter().enumerate().map(|(i, kind)| {
                    let shown = !view.hidden_relation_types.contains(&kind.name);
                    switch("relation", i, kind, relation_counts[i], shown, Action::RelationTypeToggled(kind.name.clone()))
                })}
            </ul>
        </div>
    }
}
