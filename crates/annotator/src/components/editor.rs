//! The text surface: a textarea, with its mirror and the drawing behind it.

use std::rc::Rc;

use spanarc_document::{Span, Utf16};
use spanarc_protocol::ModelSummary;
use web_sys::{
    Element, HtmlElement, HtmlTextAreaElement, ScrollBehavior, ScrollIntoViewOptions,
    ScrollLogicalPosition,
};
use yew::{platform::spawn_local, prelude::*};

use super::{overlay::Overlay, tooltip::Tooltip};
use crate::{
    annotations::Annotations,
    hooks::{SceneInput, SurfaceRefs, use_scene},
    scene::{Rect, Scene, Target},
    state::{Focus, Origin, View},
    strings::use_strings,
    text::Paragraphs,
};

/// What the surface shows.
#[derive(Properties, PartialEq)]
pub(crate) struct EditorProps {
    /// The textarea, for those who select in it.
    pub(crate) textarea: NodeRef,
    /// The text to begin with. From then on the text belongs to the textarea, with its undo history and input methods.
    pub(crate) initial: Rc<str>,
    /// The text's hard lines.
    pub(crate) paragraphs: Rc<Paragraphs>,
    /// What was found.
    pub(crate) annotations: Rc<Annotations>,
    /// What of it is shown.
    pub(crate) view: View,
    /// The model, once there is one.
    pub(crate) model: Option<Rc<ModelSummary>>,
    /// What is pointed at, anywhere.
    pub(crate) focus: Option<Focus>,
    /// An offset to scroll to, with a number that says when it was asked for.
    pub(crate) reveal: Option<(usize, u32)>,
    /// Told of every change.
    pub(crate) on_edit: Callback<String>,
    /// Told what the pointer is on.
    pub(crate) on_focus: Callback<Option<Focus>>,
    /// Told what is on screen.
    pub(crate) on_view: Callback<Span<Utf16>>,
}

/// The text surface.
#[component]
pub(crate) fn Editor(props: &EditorProps) -> Html {
    let refs = (*use_memo((), |()| SurfaceRefs::default())).clone();
    let anchor = use_node_ref();
    let strings = use_strings();
    let scene = use_scene(
        &refs,
        SceneInput {
            paragraphs: props.paragraphs.clone(),
            annotations: props.annotations.clone(),
            view: props.view.clone(),
            model: props.model.clone(),
        },
        props.on_view.clone(),
    );

    use_effect_with((), {
        let (textarea, initial) = (props.textarea.clone(), props.initial.clone());
        move |()| {
            if let Some(textarea) = textarea.cast::<HtmlTextAreaElement>() {
                textarea.set_value(&initial);
            }
        }
    });
    use_effect_with(props.reveal, {
        let (refs, anchor, paragraphs) = (refs.clone(), anchor.clone(), props.paragraphs.clone());
        move |reveal| {
            let top = reveal.and_then(|(offset, _)| refs.surface()?.top_of(&paragraphs, offset));
            if let (Some(top), Some(anchor)) = (top, anchor.cast::<HtmlElement>()) {
                let _ = anchor.style().set_property("top", &format!("{top:.0}px"));
                scroll_to(&anchor);
                // The browser knows by now where it scrolls to; left there, the anchor would keep room below a shorter text.
                let _ = anchor.style().remove_property("top");
            }
        }
    });

    let oninput = {
        let (frame, on_edit) = (refs.frame.clone(), props.on_edit.clone());
        Callback::from(move |event: InputEvent| {
            if let Some(textarea) = event.target_dyn_into::<HtmlTextAreaElement>() {
                on_edit.emit(textarea.value());
                // After the rendering that the edit has asked for, and before the browser scrolls to the caret.
                let frame = frame.clone();
                spawn_local(async move { make_room(&frame, &textarea) });
            }
        })
    };
    use_effect_with(props.paragraphs.clone(), {
        let (frame, textarea) = (refs.frame.clone(), props.textarea.clone());
        move |paragraphs| {
            let textarea = textarea.cast::<HtmlTextAreaElement>();
            if textarea.is_some_and(|t| t.text_length() as usize == paragraphs.text_len()) {
                set_least_height(&frame, "");
            }
        }
    });
    let point = {
        let (mirror, scene, on_focus) =
            (refs.mirror.clone(), scene.clone(), props.on_focus.clone());
        let present = props.focus;
        Callback::from(move |event: PointerEvent| {
            let Some(mirror) = mirror.cast::<Element>() else {
                return;
            };
            let origin = mirror.get_bounding_client_rect();
            let at = (
                f64::from(event.client_x()) - origin.left(),
                f64::from(event.client_y()) - origin.top(),
            );
            let focus = scene.at(at).map(|target| Focus {
                target,
                origin: Origin::Text,
            });
            if focus != present {
                on_focus.emit(focus);
            }
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

    let active: Rc<[u32]> = match props.focus {
        Some(focus) => props.annotations.related(focus.target).into(),
        None => Rc::from([]),
    };
    let tooltip = (props.focus)
        .filter(|focus| focus.origin == Origin::Text)
        .and_then(|focus| {
            Some((
                focus.target,
                anchor_of(&scene, focus.target)?,
                props.model.clone()?,
            ))
        });

    html! {
        <div class="surface" ref={refs.frame.clone()} translate="no">
            <div class="mirror surface-text" ref={refs.mirror.clone()} aria-hidden="true" dir="auto">
                {for props.paragraphs.iter().map(|paragraph| html! {
                    <div key={paragraph.key} class="paragraph">{&*paragraph.text}</div>
                })}
            </div>
            <div class="probe surface-text" ref={refs.probe.clone()} aria-hidden="true">{"x"}<i /></div>
            <div class="drawing">
                <Overlay scene={scene.clone()} model={props.model.clone()} {active} />
            </div>
            <textarea
                ref={props.textarea.clone()}
                class="surface-text"
                data-testid="text"
                aria-label={strings.text_label.clone()}
                placeholder={strings.text_placeholder.clone()}
                spellcheck="false"
                autocomplete="off"
                autocapitalize="off"
                dir="auto"
                {oninput}
                onpointermove={point.clone()}
                onpointerdown={point}
                onpointerleave={leave}
            />
            <div class="drawing tooltips">
                if let Some((target, anchor, model)) = tooltip {
                    <Tooltip {target} {anchor} annotations={props.annotations.clone()} {model} />
                }
            </div>
            <div class="reveal-anchor" ref={anchor} aria-hidden="true" />
        </div>
    }
}

/// Makes `frame` as high as the text of `textarea`, where the mirror, which else does, is behind: Yew puts rendering off while
/// it is busy. A textarea that is too low scrolls its text away from the drawing, and once it grows the caret is off screen.
fn make_room(frame: &NodeRef, textarea: &HtmlTextAreaElement) {
    let height = textarea.scroll_height();
    if height > textarea.client_height() {
        set_least_height(frame, &format!("{height}px"));
    }
}

fn set_least_height(frame: &NodeRef, height: &str) {
    if let Some(frame) = frame.cast::<HtmlElement>() {
        let _ = frame.style().set_property("min-height", height);
    }
}

/// Where the tooltip of `target` hangs.
fn anchor_of(scene: &Scene, target: Target) -> Option<Rect> {
    match target {
        Target::Mention(id) => {
            let mark = scene.marks.iter().find(|m| m.id == id)?;
            let first = *mark.boxes.first()?;
            Some(Rect {
                height: mark.label.bottom() - first.y,
                ..first
            })
        }
        Target::Link(id) => scene.label_of(id),
    }
}

fn scroll_to(element: &HtmlElement) {
    let still = web_sys::window()
        .and_then(|window| {
            window
                .match_media("(prefers-reduced-motion: reduce)")
                .ok()?
        })
        .is_some_and(|query| query.matches());
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options.set_behavior(if still {
        ScrollBehavior::Auto
    } else {
        ScrollBehavior::Smooth
    });
    element.scroll_into_view_with_scroll_into_view_options(&options);
}
