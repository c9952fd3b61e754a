//! The drawing behind the text, made anew whenever the text, its annotations or its layout change.

use std::{cell::Cell, rc::Rc};

use gloo_events::{EventListener, EventListenerOptions};
use js_sys::Array;
use spanarc_document::{Span, Utf16};
use spanarc_protocol::ModelSummary;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

use crate::{
    annotations::Annotations,
    measure::{Lines, Surface, label_widths},
    scene::Scene,
    state::View,
    text::Paragraphs,
};

/// What the drawing depends on.
#[derive(Clone, PartialEq)]
pub(crate) struct SceneInput {
    /// The text's hard lines.
    pub(crate) paragraphs: Rc<Paragraphs>,
    /// What was found.
    pub(crate) annotations: Rc<Annotations>,
    /// What of it is shown.
    pub(crate) view: View,
    /// The model, for the width of its labels.
    pub(crate) model: Option<Rc<ModelSummary>>,
}

/// The elements of the text surface.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct SurfaceRefs {
    /// See [`Surface::mirror`].
    pub(crate) mirror: NodeRef,
    /// See [`Surface::probe`].
    pub(crate) probe: NodeRef,
    /// See [`Surface::frame`].
    pub(crate) frame: NodeRef,
}

impl SurfaceRefs {
    /// The elements, once they are rendered.
    pub(crate) fn surface(&self) -> Option<Surface> {
        Some(Surface {
            mirror: self.mirror.cast()?,
            probe: self.probe.cast()?,
            frame: self.frame.cast()?,
        })
    }
}

/// Measures and draws in the same frame as the change, so that drawing and text never part. Tells `on_view` what is on
/// screen.
#[hook]
pub(crate) fn use_scene(
    refs: &SurfaceRefs,
    input: SceneInput,
    on_view: Callback<Span<Utf16>>,
) -> Rc<Scene> {
    let scene = use_state_eq(Rc::<Scene>::default);
    let layout = use_reducer(Layout::default);
    let drawn = use_memo((), |()| Cell::new(Lines::default()));

    use_effect_with(refs.clone(), {
        let dispatcher = layout.dispatcher();
        let drawn = drawn.clone();
        move |refs| {
            let watch = Watch::new(refs.clone(), drawn, move || dispatcher.dispatch(()));
            move || drop(watch)
        }
    });

    use_effect_with((input, layout.epoch), {
        let refs = refs.clone();
        let scene = scene.clone();
        move |(input, _)| {
            let measured = (refs.surface()).and_then(|surface| {
                surface.measure(&input.paragraphs, &input.annotations, &input.view)
            });
            if let Some(measured) = measured {
                drawn.set(measured.drawn_lines);
                on_view.emit(measured.visible);
                let widths = input.model.as_deref().map(label_widths).unwrap_or_default();
                let metrics = measured.metrics;
                let (marks, links) = measured.inputs(&input.annotations, &widths);
                scene.set(Rc::new(Scene::new(&metrics, &marks, &links)));
            }
        }
    });
    (*scene).clone()
}

/// Counts the layouts that the text has had.
#[derive(Default)]
struct Layout {
    epoch: u32,
}

impl Reducible for Layout {
    type Action = ();

    fn reduce(self: Rc<Self>, (): ()) -> Rc<Self> {
        Rc::new(Self {
            epoch: self.epoch.wrapping_add(1),
        })
    }
}

/// Notices what moves words without changing the text: size, fonts, and scrolling beyond what is drawn.
struct Watch {
    _listeners: Vec<EventListener>,
    _size: Option<SizeObserver>,
}

impl Watch {
    fn new(
        refs: SurfaceRefs,
        drawn: Rc<Cell<Lines>>,
        changed: impl Fn() + Clone + 'static,
    ) -> Self {
        let mut listeners = Vec::new();
        if let Some(document) = web_sys::window().and_then(|w| w.document()) {
            let scrolled = {
                let (refs, changed) = (refs.clone(), changed.clone());
                move || {
                    let seen = refs.surface().and_then(|s| s.visible_lines(&s.metrics()?));
                    if seen.is_some_and(|seen| !drawn.get().cover(&seen)) {
                        changed();
                    }
                }
            };
            listeners.push(EventListener::new_with_options(
                &document,
                "scroll",
                EventListenerOptions::run_in_capture_phase(),
                move |_| scrolled(),
            ));
            let changed = changed.clone();
            listeners.push(EventListener::new(
                &document.fonts(),
                "loadingdone",
                move |_| changed(),
            ));
        }
        Self {
            _listeners: listeners,
            _size: refs
                .frame
                .cast()
                .and_then(|frame| SizeObserver::new(&frame, changed)),
        }
    }
}

/// Tells when an element's size changes.
pub(crate) struct SizeObserver {
    observer: ResizeObserver,
    _closure: Closure<dyn FnMut(Array)>,
}

impl SizeObserver {
    /// Calls `changed` whenever `element` has another size, and once to begin with.
    pub(crate) fn new(element: &Element, changed: impl Fn() + 'static) -> Option<Self> {
        let closure = Closure::<dyn FnMut(Array)>::new(move |_| changed());
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self {
            observer,
            _closure: closure,
        })
    }
}

impl Drop for SizeObserver {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
