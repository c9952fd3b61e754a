//! The whole annotator: legend, text surface, status, lists.

use spanarc_document::Utf16;
use web_sys::ShadowRoot;
use yew::prelude::*;

use super::{
    announcer::Announcer, download::Download, editor::Editor, file_notice::FileNotice,
    legend::Legend, notice::Notice, panel::Panel, status_line::StatusLine,
};
use crate::{
    Formats, Handle, ModelSource, PanelPlace, Settings, Snapshot,
    hooks::{FileAction, use_drop, use_files, use_line, use_shadow, use_sheets},
    palette,
    state::{Action, AnnotatorState, Focus, Origin, Status, Wanted},
    strings::use_strings,
    style::STYLE,
    view::Target,
};

/// What the annotator works on, how it looks, and who is told of what.
#[derive(Properties, Clone, PartialEq)]
pub struct AnnotatorProps {
    /// The document.
    pub handle: Handle,
    /// The model that is wanted, if any. Another one reads the text anew.
    #[prop_or_default]
    pub model: Option<ModelSource>,
    /// Look and behaviour.
    #[prop_or_default]
    pub settings: Settings,
    /// The program that reads and writes files of annotated documents. Without it, files cannot be opened, and JSON is the only
    /// format to save.
    #[prop_or_default]
    pub formats: Option<Formats>,
    /// Told the document once it is shown, and whenever text or annotations have changed, whoever did it. To hear who did
    /// what, see [`Handle::observe`].
    #[prop_or_default]
    pub on_change: Callback<Snapshot>,
}

/// The annotator, in a shadow root of its own: it takes no style from the page around it but custom properties, and
/// leaves none there. It fills its parent.
#[component]
pub fn Annotator(props: &AnnotatorProps) -> Html {
    let host = use_node_ref();
    let inside = use_shadow(&host);
    html! {
        <div ref={host} class="spanarc-annotator">
            if let Some((root, element)) = inside {
                {create_portal(html! { <Rooted {root} annotator={props.clone()} /> }, element)}
            }
        </div>
    }
}

/// An annotator and the shadow root in which it is rendered.
#[derive(Properties, Clone, PartialEq)]
pub(crate) struct RootedProps {
    /// The root, which gets the annotator's style.
    pub(crate) root: ShadowRoot,
    /// The annotator.
    pub(crate) annotator: AnnotatorProps,
}

/// What is inside an annotator's shadow root.
#[component]
pub(crate) fn Rooted(props: &RootedProps) -> Html {
    let kinds = use_state(String::new);
    use_sheets(&props.root, STYLE, (*kinds).clone());
    let on_style = use_callback((), move |css, ()| kinds.set(css));
    let AnnotatorProps {
        handle,
        model,
        settings,
        formats,
        on_change,
    } = props.annotator.clone();
    let document = handle.identity();
    html! {
        <Workbench key={document} {handle} {model} {settings} {formats} {on_change} {on_style} />
    }
}

#[derive(Properties, PartialEq)]
struct WorkbenchProps {
    handle: Handle,
    model: Option<ModelSource>,
    settings: Settings,
    formats: Option<Formats>,
    on_change: Callback<Snapshot>,
    /// Told the style sheet of the types.
    on_style: Callback<String>,
}

#[component]
fn Workbench(props: &WorkbenchProps) -> Html {
    let handle = props.handle.clone();
    let settings = &props.settings;
    let wanted = Wanted {
        entity_threshold: settings.entity_threshold,
        relation_threshold: settings.relation_threshold,
        schema: settings.schema.clone(),
    };
    let state = use_reducer(|| {
        AnnotatorState::new(handle.snapshot(), wanted.clone(), props.model.is_some())
    });
    let strings = use_strings();
    let focus = state.focus();

    use_effect_with((), {
        let (handle, dispatcher) = (handle.clone(), state.dispatcher());
        let shown = state.shown.snapshot.clone();
        move |()| {
            let changed =
                Callback::from(move |snapshot| dispatcher.dispatch(Action::Changed(snapshot)));
            handle.listen(Some(changed.clone()));
            // The host may have changed the document since it was rendered.
            let present = handle.snapshot();
            if present != shown {
                changed.emit(present);
            }
            move || handle.listen(None)
        }
    });
    use_effect_with(wanted, {
        let (handle, dispatcher) = (handle.clone(), state.dispatcher());
        move |wanted| {
            dispatcher.dispatch(Action::Wanted(wanted.clone()));
            handle.set_schema(&wanted.schema);
        }
    });
    use_line(&state, &handle, &props.model);
    let view = &state.shown.view;
    let known = state.model.is_some() || settings.relation_threshold.is_some();
    use_effect_with((view.entity_threshold, known.then_some(view.threshold)), {
        let handle = handle.clone();
        move |&(mentions, links)| handle.set_thresholds(mentions, links)
    });
    use_effect_with(state.shown.kinds.clone(), {
        let on_style = props.on_style.clone();
        move |kinds| on_style.emit(palette::style_sheet(kinds))
    });
    use_effect_with(state.shown.snapshot.clone(), {
        let on_change = props.on_change.clone();
        move |snapshot| on_change.emit(snapshot.clone())
    });

    let files = use_files(&handle, &props.formats, &state.shown);
    let workbench = use_node_ref();
    let takes_files = files.has_formats && !settings.disabled && !settings.read_only;
    let is_target = use_drop(
        &workbench,
        takes_files,
        files.on_action.reform(FileAction::Open),
    );

    let dispatcher = state.dispatcher();
    let on_action = use_callback((), {
        let dispatcher = dispatcher.clone();
        move |action, ()| dispatcher.dispatch(action)
    });
    let on_threshold = use_callback((), {
        let (handle, dispatcher) = (handle.clone(), dispatcher.clone());
        move |threshold, ()| {
            dispatcher.dispatch(Action::ThresholdMoved(threshold));
            handle.moved_threshold(threshold);
        }
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
                handle.choose(target.id(), span);
            }
        }
    });
    let on_list_focus = use_callback(on_focus.clone(), |target: Option<Target>, on_focus| {
        let origin = Origin::List;
        on_focus.emit(target.map(|target| Focus { target, origin }));
    });

    html! {
        <>
            if let Some(notice) = &settings.notice {
                <p class="notice" part="notice" role="alert">{&**notice}</p>
            }
            <Notice status={state.status.clone()} on_retry={on_retry} />
            if let Some(news) = files.news.clone() {
                <FileNotice {news} on_action={files.on_action.clone()} />
            }
            <fieldset
                ref={workbench}
                class={classes!("workbench", panel_class(settings.panel), is_target.then_some("is-target"))}
                role="none"
                disabled={settings.disabled}
            >
                <section class="sheet" part="sheet" aria-label={strings.region_name(&strings.text_region, settings.label.as_deref())}>
                    <div class="sheet-scroller" data-scroller="">
                        <Editor {handle} settings={settings.clone()} shown={state.shown.clone()} {focus} {on_focus} />
                    </div>
                    // After the text, which so has the first focus, although it is shown above.
                    if let (Status::Loading { received, total }, None) = (&state.status, &state.model) {
                        <Download received={*received} total={*total} />
                    } else if settings.legend {
                        <Legend shown={state.shown.clone()} {on_action} />
                    }
                    <StatusLine
                        status={state.status.clone()}
                        model={state.model.clone()}
                        length={state.shown.snapshot.offsets.length::<Utf16>()}
                        words={state.words()}
                        milliseconds={state.milliseconds}
                    />
                </section>
                if settings.panel != Some(PanelPlace::None) {
                    <Panel
                        shown={state.shown.clone()}
                        model={state.model.clone()}
                        {files}
                        read_only={settings.read_only}
                        label={settings.label.clone()}
                        focus={focus.map(|focus| focus.target)}
                        on_focus={on_list_focus}
                        {on_select}
                        {on_threshold}
                    />
                }
            </fieldset>
            <Announcer shown={state.shown.clone()} status={state.status.clone()} />
        </>
    }
}

/// The class that puts the lists where they are wanted; by the width that there is where nothing is.
fn panel_class(panel: Option<PanelPlace>) -> Option<&'static str> {
    panel.map(|panel| match panel {
        PanelPlace::None => "panel-none",
        PanelPlace::Side => "panel-side",
        PanelPlace::Below => "panel-below",
    })
}
