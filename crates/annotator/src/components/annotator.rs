//! The whole annotator: legend, text surface, status, lists.

use std::rc::Rc;

use spanarc_document::Utf16;
use yew::prelude::*;

use super::{
    announcer::Announcer, download::Download, editor::Editor, legend::Legend, notice::Notice,
    panel::Panel, status_line::StatusLine,
};
use crate::{
    Handle, Snapshot,
    hooks::{use_line, use_shadow},
    palette,
    state::{Action, AnnotatorState, Focus, Origin, Status},
    strings::use_strings,
    style::STYLE,
    view::Target,
};

/// What the annotator works on, and who is told of what.
#[derive(Properties, PartialEq)]
pub struct AnnotatorProps {
    /// The document.
    pub handle: Handle,
    /// Absolute address of the module that a worker starts with.
    pub worker_url: Rc<str>,
    /// Absolute address of the worker's WebAssembly.
    pub wasm_url: Rc<str>,
    /// Absolute address of the model that is wanted. Another one reads the text anew.
    pub model_url: Rc<str>,
    /// Told the document once it is shown, and whenever text or annotations have changed, whoever did it.
    #[prop_or_default]
    pub on_change: Callback<Snapshot>,
}

/// The annotator, in a shadow root of its own: it takes no style from the page around it but custom properties, and
/// leaves none there. It fills its parent.
#[component]
pub fn Annotator(props: &AnnotatorProps) -> Html {
    let host = use_node_ref();
    let kinds = use_state(String::new);
    let inside = use_shadow(&host, STYLE, (*kinds).clone());
    let on_style = use_callback((), move |css, ()| kinds.set(css));
    html! {
        <div ref={host} class="spanarc-annotator">
            if let Some(inside) = inside {
                {create_portal(
                    html! {
                        <Workbench
                            key={props.handle.identity()}
                            handle={props.handle.clone()}
                            worker_url={props.worker_url.clone()}
                            wasm_url={props.wasm_url.clone()}
                            model_url={props.model_url.clone()}
                            on_change={props.on_change.clone()}
                            {on_style}
                        />
                    },
                    inside,
                )}
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct WorkbenchProps {
    handle: Handle,
    worker_url: Rc<str>,
    wasm_url: Rc<str>,
    model_url: Rc<str>,
    on_change: Callback<Snapshot>,
    /// Told the style sheet of the types.
    on_style: Callback<String>,
}

#[component]
fn Workbench(props: &WorkbenchProps) -> Html {
    let handle = props.handle.clone();
    let state = use_reducer(|| AnnotatorState::new(handle.snapshot()));
    let strings = use_strings();
    let focus = state.focus();

    use_effect_with((), {
        let (handle, dispatcher) = (handle.clone(), state.dispatcher());
        move |()| {
            let changed = move |snapshot| dispatcher.dispatch(Action::Changed(snapshot));
            handle.listen(Some(Callback::from(changed)));
            move || handle.listen(None)
        }
    });
    use_line(
        &state,
        &handle,
        &props.worker_url,
        &props.wasm_url,
        &props.model_url,
    );
    use_effect_with(state.shown.kinds.clone(), {
        let on_style = props.on_style.clone();
        move |kinds| on_style.emit(palette::style_sheet(kinds))
    });
    use_effect_with(state.shown.snapshot.clone(), {
        let on_change = props.on_change.clone();
        move |snapshot| on_change.emit(snapshot.clone())
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
    let on_focus = use_callback((), {
        let dispatcher = dispatcher.clone();
        move |focus, ()| dispatcher.dispatch(Action::Focused(focus))
    });
    let on_retry = use_callback((), {
        let handle = handle.clone();
        move |(), ()| {
            dispatcher.dispatch(Action::Retried);
            handle.retry();
        }
    });
    let on_select = use_callback((), {
        let handle = handle.clone();
        move |target: Target, ()| {
            if let Some(span) = target.extent(&handle.snapshot().document) {
                handle.select(span);
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
            <div class="workbench">
                <section class="sheet" aria-label={strings.text_region.clone()}>
                    if let (Status::Loading { received, total }, None) = (&state.status, &state.model) {
                        <Download received={*received} total={*total} />
                    } else {
                        <Legend shown={state.shown.clone()} {on_action} />
                    }
                    <div class="sheet-scroller" data-scroller="">
                        <Editor {handle} shown={state.shown.clone()} {focus} {on_focus} />
                    </div>
                    <StatusLine
                        status={state.status.clone()}
                        model={state.model.clone()}
                        length={state.shown.snapshot.offsets.length::<Utf16>()}
                        words={state.words()}
                        milliseconds={state.milliseconds}
                    />
                </section>
                <Panel
                    shown={state.shown.clone()}
                    model={state.model.clone()}
                    focus={focus.map(|focus| focus.target)}
                    on_focus={on_list_focus}
                    {on_select}
                    {on_threshold}
                />
            </div>
            <Announcer shown={state.shown.clone()} status={state.status.clone()} />
        </>
    }
}
