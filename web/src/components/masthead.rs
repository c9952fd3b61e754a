//! The head of the page: name, promise, the model, and what can be done with the text as a whole.

use yew::prelude::*;

use super::{model_menu::ModelMenu, theme_toggle::ThemeToggle};
use crate::shipped_models::ShippedModel;

/// What the head shows and tells the page.
#[derive(Properties, PartialEq)]
pub(crate) struct MastheadProps {
    /// The model that is wanted.
    pub(crate) chosen: &'static ShippedModel,
    /// Told of another choice.
    pub(crate) on_model: Callback<&'static ShippedModel>,
    /// Asked to put another text in place of all there is.
    pub(crate) on_replace: Callback<&'static str>,
}

/// The head of the page.
#[component]
pub(crate) fn Masthead(props: &MastheadProps) -> Html {
    let replace = |text: &'static str| {
        let on_replace = props.on_replace.clone();
        Callback::from(move |_: MouseEvent| on_replace.emit(text))
    };
    html! {
        <header class="masthead">
            <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
                <path class="brand-arc" d="M7 19V12Q7 7 12 7H20Q25 7 25 12V16" />
                <path class="brand-arrow" d="M21.5 14.5H28.5L25 19.5Z" />
                <rect class="brand-head" x="2" y="21" width="10" height="5" rx="2.5" />
                <rect class="brand-tail" x="17" y="21" width="13" height="5" rx="2.5" />
            </svg>
            <h1 class="brand">{"Spanarc"}</h1>
            <p class="promise">{"Entities and relations as you type. Your text stays in this browser."}</p>
            <div class="masthead-actions">
                <ModelMenu chosen={props.chosen} on_model={props.on_model.clone()} />
                <button type="button" class="button" onclick={replace(props.chosen.example)}>{"Example"}</button>
                <button type="button" class="button" onclick={replace("")}>{"Clear"}</button>
                <ThemeToggle />
            </div>
        </header>
    }
}
