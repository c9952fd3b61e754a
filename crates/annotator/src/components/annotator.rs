//! The whole annotator: legend, text surface, status, lists.

use std::rc::Rc;

use js_sys::Array;
use web_sys::{CssStyleSheet, HtmlTextAreaElement};
use yew::prelude::*;

use super::{
    announcer::Announcer, download::Download, editor::Editor, legend::Legend, notice::Notice,
    panel::Panel, status_line::StatusLine,
};
use crate::{
    hooks::use_annotator,
    palette,
    scene::Target,
    state::{Action, AnnotatorState, Focus, Origin, Status},
    strings::use_strings,
};

/// What the annotator begins with, and who is told of what.
#[derive(Properties, PartialEq)]
pub struct AnnotatorProps {
    /// Absolute address of the module that a worker starts with.
    pub worker_url: Rc<str>,
    /// Absolute address of the model that is wanted. Another one reads the text anew.
    pub model_url: Rc<str>,
    /// The text to begin with.
    pub initial: Rc<str>,
    /// The element that holds the text.
    pub textarea: NodeRef,
    /// Told of every change of the text.
    pub on_text: Callback<Rc<str>>,
}

/// The annotator.
#[component]
pub fn Annotator(props: &AnnotatorProps) -> Html {
    let state = use_reducer(|| AnnotatorState::new(&props.initial, props.model_url.clone()));
    let annotator = use_annotator(&state, props.worker_url.clone());
    let textarea = props.textarea.clone();
    let reveal = use_state(|| None::<(usize, u32)>);
    let strings = use_strings();
    let focus = state.focus();

    use_effect_with(state.model.clone(), |model| {
        if let Some(model) = model {
            adopt(&palette::style_sheet(model));
        }
    });
    use_effect_with(state.text.clone(), {
        let on_text = props.on_text.clone();
        move |text| on_text.emit(text.clone())
    });
    use_effect_with(props.model_url.clone(), {
        let dispatcher = state.dispatcher();
        move |url| dispatcher.dispatch(Action::ModelChosen(url.clone()))
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
    let on_retry = use_callback((), move |(), ()| {
        dispatcher.dispatch(Action::Retried);
        annotator.retry();
    });
    let on_select = use_callback(state.annotations.clone(), {
        let textarea = textarea.clone();
        let reveal = reveal.clone();
        move |target: Target, annotations| {
            let span = annotations.extent(target);
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
        <>
            <Notice status={state.status.clone()} on_retry={on_retry} />
            <main class="workbench">
                <section class="sheet" aria-label={strings.text_region.clone()}>
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
                            {focus}
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
                    focus={focus.map(|focus| focus.target)}
                    on_focus={on_list_focus}
                    {on_select}
                    {on_threshold}
                />
            </main>
            <Announcer
                annotations={state.annotations.clone()}
                view={state.view.clone()}
                model={state.model.clone()}
                status={state.status.clone()}
            />
        </>
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
