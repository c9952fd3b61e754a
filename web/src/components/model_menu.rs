//! The menu of models.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::shipped_models::{SHIPPED_MODELS, ShippedModel};

/// What is chosen, and who is told of a choice.
#[derive(Properties, PartialEq)]
pub(crate) struct ModelMenuProps {
    /// The model that is wanted now.
    pub(crate) chosen: &'static ShippedModel,
    /// Told of another choice.
    pub(crate) on_model: Callback<&'static ShippedModel>,
}

/// The menu of models.
#[component]
pub(crate) fn ModelMenu(props: &ModelMenuProps) -> Html {
    let onchange = use_callback(props.on_model.clone(), |event: Event, on_model| {
        let menu = event.target_dyn_into::<HtmlSelectElement>();
        if let Some(model) = menu.and_then(|menu| ShippedModel::named(&menu.value())) {
            on_model.emit(model);
        }
    });
    html! {
        <label class="model-menu">
            <span class="model-menu-label">{"Model"}</span>
            <select class="button" data-testid="model-menu" {onchange}>
                { for SHIPPED_MODELS.iter().map(|model| html! {
                    <option value={model.name} selected={model == props.chosen}>{model.title}</option>
                }) }
            </select>
        </label>
    }
}
