//! Light or dark: the system's choice unless the reader made one.

use gloo_events::EventListener;
use web_sys::MediaQueryList;
use yew::prelude::*;

use crate::stored;

/// A colour theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    /// Dark ink on light paper.
    Light,
    /// Light ink on dark paper.
    Dark,
}

impl Theme {
    fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Light => Self::Dark,
            Self::Dark => Self::Light,
        }
    }
}

/// The theme in force, and a callback that changes to the other one.
#[hook]
pub(crate) fn use_theme() -> (Theme, Callback<()>) {
    let system = use_state(system_theme);
    let chosen = use_state(|| match stored::theme()?.as_str() {
        "light" => Some(Theme::Light),
        "dark" => Some(Theme::Dark),
        _ => None,
    });
    use_effect_with((), {
        let system = system.clone();
        move |()| {
            let listener = dark_query().map(|query| {
                EventListener::new(&query, "change", move |_| system.set(system_theme()))
            });
            move || drop(listener)
        }
    });
    use_effect_with(*chosen, |chosen| {
        let root = web_sys::window()
            .and_then(|w| w.document())
            .and_then(|d| d.document_element());
        if let Some(root) = root {
            let _ = match chosen {
                Some(theme) => root.set_attribute("data-theme", theme.name()),
                None => root.remove_attribute("data-theme"),
            };
        }
    });
    let theme = chosen.unwrap_or(*system);
    let toggle = Callback::from(move |()| {
        // Choosing what the system has anyway means following it from now on.
        let next = Some(theme.other()).filter(|next| *next != *system);
        stored::keep_theme(next.map(Theme::name));
        chosen.set(next);
    });
    (theme, toggle)
}

fn dark_query() -> Option<MediaQueryList> {
    web_sys::window()?
        .match_media("(prefers-color-scheme: dark)")
        .ok()?
}

fn system_theme() -> Theme {
    match dark_query() {
        Some(query) if query.matches() => Theme::Dark,
        _ => Theme::Light,
    }
}
