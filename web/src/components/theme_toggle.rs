//! The button between light and dark.

use yew::prelude::*;

use crate::use_theme::{Theme, use_theme};

/// Changes the theme.
#[component]
pub(crate) fn ThemeToggle() -> Html {
    let (theme, toggle) = use_theme();
    let (label, icon) = match theme {
        Theme::Light => (
            "Use the dark theme",
            html! { <path d="M16.5 12.4A7 7 0 0 1 7.6 3.5a7 7 0 1 0 8.9 8.9Z" /> },
        ),
        Theme::Dark => (
            "Use the light theme",
            html! {
                <>
                    <circle cx="10" cy="10" r="3.4" />
                    <path d="M10 2.2v1.6M10 16.2v1.6M2.2 10h1.6M16.2 10h1.6M4.5 4.5l1.1 1.1M14.4 14.4l1.1 1.1M15.5 4.5l-1.1 1.1M5.6 14.4l-1.1 1.1" />
                </>
            },
        ),
    };
    html! {
        <button
            type="button"
            class="button icon-button"
            aria-label={label}
            title={label}
            data-testid="theme"
            onclick={Callback::from(move |_: MouseEvent| toggle.emit(()))}
        >
            <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">{icon}</svg>
        </button>
    }
}
