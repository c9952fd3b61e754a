//! The whole page.

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::Array;
use web_sys::{CssStyleSheet, HtmlTextAreaElement};
use yew::prelude::*;

use super::{
    announcer::Announcer, download::Download, editor::Editor, legend::Legend, masthead::Masthead,
    notice::Notice, panel::Panel, status_line::StatusLine,
};
use crate::{
    hooks::use_annotator,
    palette,
    scene::{self, Target},
    shipped_models::{SHIPPED_MODELS, ShippedModel},
    state::{Action, AppState, Focus, Origin, Status},
    stored,
};

/// How long typing must pause before the text is stored.
const STORE_AFTER_MS: u32 = 300;

/// The page.
#[component]
pub(crate) fn App() -> Html {
    let state = use_reducer(|| {
        let remembered = stored::model().and_then(|name| ShippedModel::named(&name));
        let chosen = remembered.unwrap_or(&SHIPPED_MODELS[0]);
        AppState::new(stored::text().as_deref().unwrap_or(chosen.example), chosen)
    });
    let annotator = use_annotator(&state);
    let textarea = use_node_ref();
    let reveal = use_state(|| None::<(usize, u32)>);

    use_effect_with(state.model.clone(), |model| {
        if let Some(model) = model {
            adopt(&palette::style_sheet(model));
        }
    });
    use_effect_with(state.text.clone(), |text| {
        let text = text.clone();
        let timer = Timeout::new(STORE_AFTER_MS, move || stored::keep_text(&text));
        move || drop(timer)
    });
    use_effect_with(textarea.clone(), |textarea| {
        let textarea = textarea.clone();
        let leaving = web_sys::window().map(|window| {
            EventListener::new(&window, "pagehide", move |_| {
                // What was rendered may be behind.
                if let Some(textarea) = textarea.cast::<HtmlTextAreaElement>() {
                    stored::keep_text(&textarea.value());
                }
            })
        });
        move || drop(leaving)
    });

    let dispatcher = state.dispatcher();
    let on_action = use_callback((), {
        let dispatcher = dispatcher.clone();
        move |action, ()| dispatcher.dispatch(action)
    });
    let on_threshold = use_callback((), {
        let dispatcher = dispatcher.clone();
        move |threshold, ()| dispatcher.dispatch(Action::ThresholdMoved(threshold))
    });
    let on_edit = use_callback((), {
        let dispatcher = dispatcher.clone();
        move |text, ()| dispatcher.dispatch(Action::Edited(text))
    });
    let on_focus = use_callback((), {
        let dispatcher = dispatcher.clone();
        move |focus, ()| dispatcher.dispatch(Action::Focused(focus))
    });
    let on_view = use_callback((), {
        let annotator = annotator.clone();
        move |visible, ()| annotator.look(visible)
    });
    let on_replace = use_callback((), {
        let textarea = textarea.clone();
        move |text: &'static str, ()| {
            if let Some(textarea) = textarea.cast::<HtmlTextAreaElement>() {
                replace_text(&textarea, text);
            }
        }
    });
    let on_model = use_callback(state.chosen, {
        let (dispatcher, textarea) = (dispatcher.clone(), textarea.clone());
        let on_replace = on_replace.clone();
        move |wanted: &'static ShippedModel, chosen| {
            dispatcher.dispatch(Action::ModelChosen(wanted));
            stored::keep_model(wanted.name);
            // The text as it stands: what was rendered may be behind, and nothing that was typed may be replaced.
            let text = (textarea.cast::<HtmlTextAreaElement>()).map(|textarea| textarea.value());
            if text.as_deref() == Some(chosen.example) {
                on_replace.emit(wanted.example);
            }
        }
    });
    let on_retry = use_callback((), move |(), ()| {
        dispatcher.dispatch(Action::Retried);
        annotator.retry();
    });
    let on_select = use_callback(state.annotations.clone(), {
        let textarea = textarea.clone();
        let reveal = reveal.clone();
        move |target: Target, annotations| {
            let span = scene::extent(annotations, target);
            let textarea = textarea.cast::<HtmlTextAreaElement>();
            if let (Some(span), Some(textarea)) = (span, textarea) {
                let options = web_sys::FocusOptions::new();
                options.set_prevent_scroll(true);
                let _ = textarea.focus_with_options(&options);
                let _ = textarea.set_selection_range(span.start as u32, span.end as u32);
                reveal.set(Some((span.start, reveal.map_or(0, |(_, turn)| turn + 1))));
            }
        }
    });
    let on_list_focus = use_callback(on_focus.clone(), |target: Option<Target>, on_focus| {
        let origin = Origin::List;
        on_focus.emit(target.map(|target| Focus { target, origin }));
    });

    html! {
        <div class="page">
            <Masthead chosen={state.chosen} {on_model} {on_replace} />
            <Notice status={state.status.clone()} on_retry={on_retry} />
            <main class="workbench">
                <section class="sheet" aria-label="Text">
                    if let (Status::Loading { received, total }, None) = (&state.status, &state.model) {
                        <Download received={*received} total={*total} />
                    } else {
                        <Legend
                            model={state.model.clone()}
                            annotations={state.annotations.clone()}
                            view={state.view.clone()}
                            {on_action}
                        />
                    }
                    <div class="sheet-scroller" data-scroller="">
                        <Editor
                            textarea={textarea}
                            initial={state.text.clone()}
                            paragraphs={state.paragraphs.clone()}
                            annotations={state.annotations.clone()}
                            view={state.view.clone()}
                            model={state.model.clone()}
                            focus={state.focus}
                            reveal={*reveal}
                            {on_edit}
                            {on_focus}
                            {on_view}
                        />
                    </div>
                    <StatusLine
                        status={state.status.clone()}
                        model={state.model.clone()}
                        words={state.words()}
                        milliseconds={state.milliseconds}
                    />
                </section>
                <Panel
                    text={state.text.clone()}
                    annotations={state.annotations.clone()}
                    view={state.view.clone()}
                    model={state.model.clone()}
                    focus={state.focus.map(|focus| focus.target)}
                    on_focus={on_list_focus}
                    {on_select}
                    {on_threshold}
                />
            </main>
            <Announcer annotations={state.annotations.clone()} view={state.view.clone()} status={state.status.clone()} />
        </div>
    }
}

/// Makes `css` part of the page. A constructed sheet, since the page's policy allows no inline styles.
fn adopt(css: &str) {
    let sheet = CssStyleSheet::new().and_then(|sheet| sheet.replace_sync(css).map(|()| sheet));
    let document = web_sys::window().and_then(|window| window.document());
    if let (Ok(sheet), Some(document)) = (sheet, document) {
        document.set_adopted_style_sheets(&Array::of1(&sheet));
    }
}

/// Replaces all text the way a person would, so that it can be undone.
fn replace_text(textarea: &HtmlTextAreaElement, text: &str) {
    let _ = textarea.focus();
    textarea.select();
    let document = web_sys::window().and_then(|window| window.document());
    let html_document = document.and_then(|document| {
        wasm_bindgen::JsCast::dyn_into::<web_sys::HtmlDocument>(document).ok()
    });
    let command = if text.is_empty() {
        "delete"
    } else {
        "insertText"
    };
    let done = html_document
        .map(|document| document.exec_command_with_show_ui_and_value(command, false, text));
    if !matches!(done, Some(Ok(true))) && textarea.value() != text {
        textarea.set_value(text);
        if let Ok(event) = web_sys::InputEvent::new("input") {
            let _ = textarea.dispatch_event(&event);
        }
    }
    let _ = textarea.set_selection_range(0, 0);
}
