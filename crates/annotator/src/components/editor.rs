//! The text surface: a textarea, with its mirror and the drawing behind it.

use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use spanarc_document::Id;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::{overlay::Overlay, tooltip::Tooltip};
use crate::{
    handle::Handle,
    hooks::{SurfaceRefs, use_scene},
    keys::{HistoryKey, history_key, moves_caret},
    scene::{Rect, Scene},
    shown::Shown,
    state::{Focus, Origin},
    strings::use_strings,
    view::Target,
};

/// What the surface shows.
#[derive(Properties, PartialEq)]
pub(crate) struct EditorProps {
    /// The document under work.
    pub(crate) handle: Handle,
    /// What of it is shown.
    pub(crate) shown: Shown,
    /// The annotation that is pointed at, anywhere.
    pub(crate) focus: Option<Focus>,
    /// Told which annotation the pointer is on.
    pub(crate) on_focus: Callback<Option<Focus>>,
}

/// The text surface.
#[component]
pub(crate) fn Editor(props: &EditorProps) -> Html {
    let refs = (*use_memo((), |()| SurfaceRefs::default())).clone();
    let strings = use_strings();
    let scene = use_scene(&refs, &props.handle, &props.shown);

    use_effect_with(refs.textarea.clone(), {
        let handle = props.handle.clone();
        move |textarea| {
            let textarea = textarea.cast::<HtmlTextAreaElement>();
            let listeners = textarea.map(|textarea| listen(&textarea, &handle));
            move || drop(listeners)
        }
    });
    let oninput = {
        let handle = props.handle.clone();
        Callback::from(move |event: InputEvent| handle.typed(is_typing(&event.input_type())))
    };
    let onkeydown = {
        let handle = props.handle.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.is_composing() {
                return;
            }
            match history_key(&event) {
                Some(key) => {
                    event.prevent_default();
                    take(&handle, key);
                }
                None if moves_caret(&event.key()) => handle.moved(),
                None => {}
            }
        })
    };
    let point = {
        let (handle, scene) = (props.handle.clone(), scene.clone());
        let (on_focus, present) = (props.on_focus.clone(), props.focus);
        Callback::from(move |event: PointerEvent| {
            let client = (event.client_x().into(), event.client_y().into());
            let at = handle.surface().and_then(|surface| surface.local(client));
            let target = at.and_then(|at| scene.at(at));
            let focus = target.map(|target| Focus {
                target,
                origin: Origin::Text,
            });
            if focus != present {
                on_focus.emit(focus);
            }
        })
    };
    let onpointerdown = {
        let (handle, point) = (props.handle.clone(), point.clone());
        Callback::from(move |event: PointerEvent| {
            handle.moved();
            point.emit(event);
        })
    };
    let leave = {
        let on_focus = props.on_focus.clone();
        Callback::from(move |event: PointerEvent| {
            // A finger leaves whenever it is lifted: what it tapped stays described until the next tap.
            if event.pointer_type() != "touch" {
                on_focus.emit(None);
            }
        })
    };

    let related = (props.focus).map(|focus| focus.target.related(props.shown.document()));
    let active: Rc<[Id]> = related.unwrap_or_default().into();
    let tooltip = (props.focus)
        .filter(|focus| focus.origin == Origin::Text)
        .and_then(|focus| {
            let floor = props.handle.surface()?.floor()?;
            Some((focus.target, anchor_of(&scene, focus.target)?, floor))
        });

    html! {
        <div class="surface" ref={refs.frame.clone()} translate="no" data-testid="surface">
            <div class="mirror surface-text" ref={refs.mirror.clone()} aria-hidden="true" />
            <div class="gauge" aria-hidden="true">
                <div class="axes" ref={refs.axes.clone()}><i /><i /><i /></div>
                <div class="probe surface-text" ref={refs.probe.clone()}><span>{"Hamburgefonstiv"}</span><i /></div>
                <span class="label-probe" ref={refs.label.clone()}>{"Hamburgefonstiv"}</span>
                <div class="cover above" ref={refs.above.clone()} />
                <div class="cover below" ref={refs.below.clone()} />
            </div>
            <div class="drawing">
                <Overlay scene={scene.clone()} kinds={props.shown.kinds.clone()} {active} />
            </div>
            <textarea
                ref={refs.textarea.clone()}
                class="surface-text"
                data-testid="text"
                aria-label={strings.text_label.clone()}
                placeholder={strings.text_placeholder.clone()}
                spellcheck="false"
                autocomplete="off"
                autocapitalize="off"
                {oninput}
                {onkeydown}
                onpointermove={point}
                {onpointerdown}
                onpointerleave={leave}
            />
            <div class="drawing tooltips">
                if let Some((target, anchor, floor)) = tooltip {
                    <Tooltip {target} {anchor} {floor} shown={props.shown.clone()} />
                }
            </div>
            <div class="reveal-anchor" ref={refs.anchor.clone()} aria-hidden="true" />
        </div>
    }
}

/// Events that Yew has no names for.
fn listen(textarea: &HtmlTextAreaElement, handle: &Handle) -> [EventListener; 4] {
    let on = |name: &'static str, react: fn(&Handle, &web_sys::Event)| {
        let handle = handle.downgrade();
        let options = EventListenerOptions::enable_prevent_default();
        EventListener::new_with_options(textarea, name, options, move |event| {
            if let Some(handle) = handle.upgrade() {
                react(&handle, event);
            }
        })
    };
    [
        on("beforeinput", |handle, event| {
            handle.about_to_type();
            let input_type = event
                .dyn_ref::<web_sys::InputEvent>()
                .map(web_sys::InputEvent::input_type);
            let key = match input_type.as_deref() {
                Some("historyUndo") => HistoryKey::Undo,
                Some("historyRedo") => HistoryKey::Redo,
                _ => return,
            };
            // The browser's own history knows neither annotations nor what was written by program.
            event.prevent_default();
            take(handle, key);
        }),
        on("compositionstart", |handle, _| handle.compose(true)),
        on("compositionend", |handle, _| handle.compose(false)),
        on("blur", |handle, _| handle.moved()),
    ]
}

fn take(handle: &Handle, key: HistoryKey) {
    if handle.is_composing() {
        return;
    }
    match key {
        HistoryKey::Undo => handle.undo(),
        HistoryKey::Redo => handle.redo(),
    };
}

/// Whether an input event comes of keys that spell a word, unlike a paste.
fn is_typing(input_type: &str) -> bool {
    matches!(
        input_type,
        "insertText" | "deleteContentBackward" | "deleteContentForward" | "insertCompositionText"
    )
}

/// Where the tooltip of `target` hangs.
fn anchor_of(scene: &Scene, target: Target) -> Option<Rect> {
    match target {
        Target::Mention(id) => {
            let mark = scene.marks.iter().find(|m| m.id == id.0)?;
            let first = *mark.boxes.first()?;
            Some(Rect {
                height: mark.label.bottom() - first.y,
                ..first
            })
        }
        Target::Link(id) => scene.label_of(id.0),
    }
}
