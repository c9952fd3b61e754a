//! The text surface: a textarea, with its mirror and the drawing behind it.

use std::rc::Rc;

use spanarc_document::Id;
use yew::prelude::*;

use super::{overlay::Overlay, tooltip::Tooltip};
use crate::{
    Settings,
    handle::Handle,
    hooks::{SurfaceRefs, use_event, use_scene, use_typing},
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
    /// How it behaves.
    pub(crate) settings: Settings,
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

    let settings = &props.settings;
    use_typing(&refs.textarea, &props.handle, settings.read_only);
    let point = {
        let (handle, scene) = (props.handle.clone(), scene.clone());
        let (on_focus, present) = (props.on_focus.clone(), props.focus);
        move |event: &PointerEvent| {
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
        }
    };
    use_event(&refs.textarea, "pointermove", point.clone());
    let handle = props.handle.clone();
    use_event(
        &refs.textarea,
        "pointerdown",
        move |event: &PointerEvent| {
            handle.about_to_type();
            handle.moved();
            point(event);
        },
    );
    let on_focus = props.on_focus.clone();
    use_event(
        &refs.textarea,
        "pointerleave",
        move |event: &PointerEvent| {
            // A finger leaves whenever it is lifted: what it tapped stays described until the next tap.
            if event.pointer_type() != "touch" {
                on_focus.emit(None);
            }
        },
    );

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
                part="text"
                data-testid="text"
                aria-label={own(&settings.label).unwrap_or_else(|| strings.text_label.clone().into())}
                aria-description={own(&settings.description)}
                aria-invalid={settings.invalid.then_some("true")}
                aria-required={settings.required.then_some("true")}
                readonly={settings.read_only}
                placeholder={own(&settings.placeholder).unwrap_or_else(|| strings.text_placeholder.clone().into())}
                spellcheck="false"
                autocomplete="off"
                autocapitalize="off"
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

fn own(words: &Option<Rc<str>>) -> Option<AttrValue> {
    words.clone().map(AttrValue::from)
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
