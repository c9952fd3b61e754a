//! A button.

use web_sys::MouseEvent;
use yew::prelude::*;

use crate::hooks::use_event;

/// What the button is.
#[derive(Properties, PartialEq)]
pub(crate) struct ButtonProps {
    /// Its classes.
    pub(crate) class: Classes,
    /// Told when it is pressed.
    pub(crate) on_press: Callback<()>,
    /// Whether it is a switch, and on.
    #[prop_or_default]
    pub(crate) pressed: Option<bool>,
    /// Whether it can be pressed.
    #[prop_or_default]
    pub(crate) disabled: bool,
    /// Whether it is not there at all.
    #[prop_or_default]
    pub(crate) hidden: bool,
    /// Its place in the tab order, where it is not its own.
    #[prop_or_default]
    pub(crate) tabindex: Option<&'static str>,
    /// What it does, where its content does not say it.
    #[prop_or_default]
    pub(crate) title: Option<String>,
    /// What it shows.
    pub(crate) children: Html,
}

/// A button.
#[component]
pub(crate) fn Button(props: &ButtonProps) -> Html {
    let button = use_node_ref();
    let on_press = props.on_press.clone();
    use_event(&button, "click", move |_: &MouseEvent| on_press.emit(()));
    html! {
        <button
            ref={button}
            type="button"
            class={props.class.clone()}
            aria-pressed={props.pressed.map(|pressed| pressed.to_string())}
            disabled={props.disabled}
            hidden={props.hidden}
            tabindex={props.tabindex}
            title={props.title.clone()}
        >
            {props.children.clone()}
        </button>
    }
}
