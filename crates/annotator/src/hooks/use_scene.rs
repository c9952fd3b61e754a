//! The drawing behind the text, made anew whenever the document or its layout changes.

use std::{cell::Cell, rc::Rc};

use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::{
    drawing::{MeasuredLabels, draw},
    handle::Handle,
    scene::Scene,
    shown::Shown,
    surface::{Gauge, Lines, SightWatch, SizeWatch, Surface, set_style},
};

/// The elements of the text surface.
#[derive(Clone, PartialEq, Default)]
pub(crate) struct SurfaceRefs {
    /// The textarea.
    pub(crate) textarea: NodeRef,
    /// See [`Gauge`].
    pub(crate) frame: NodeRef,
    /// See [`Gauge`].
    pub(crate) mirror: NodeRef,
    /// See [`Gauge`].
    pub(crate) axes: NodeRef,
    /// See [`Gauge`].
    pub(crate) probe: NodeRef,
    /// See [`Gauge`].
    pub(crate) anchor: NodeRef,
    /// See [`Gauge`].
    pub(crate) label: NodeRef,
    /// Covers the text above the lines that are drawn.
    pub(crate) above: NodeRef,
    /// Covers the text below them.
    pub(crate) below: NodeRef,
}

impl SurfaceRefs {
    /// The surface, once its elements are rendered.
    pub(crate) fn surface(&self, text: &str) -> Option<Surface> {
        let gauge = Gauge {
            frame: self.frame.cast()?,
            mirror: self.mirror.cast()?,
            axes: self.axes.cast()?,
            probe: self.probe.cast()?,
            anchor: self.anchor.cast()?,
            label: self.label.cast()?,
        };
        Surface::new(self.textarea.cast()?, gauge, text)
    }
}

/// Measures and draws in the same frame as the change, so that drawing and text never part. Tells the worker what is on
/// screen, and grows the line height where labels need it.
#[hook]
pub(crate) fn use_scene(refs: &SurfaceRefs, handle: &Handle, shown: &Shown) -> Rc<Scene> {
    let scene = use_state_eq(Rc::<Scene>::default);
    let layout = use_reducer(Layout::default);
    // By how many steps the line height exceeds the style sheet's.
    let line_step = use_memo((), |()| Cell::new(0));
    let labels = use_memo((), |()| MeasuredLabels::default());
    let watches = use_mut_ref(|| None::<Watches>);

    use_effect_with((), {
        let (refs, handle, labels) = (refs.clone(), handle.clone(), labels.clone());
        let (watches, dispatcher) = (watches.clone(), layout.dispatcher());
        move |()| {
            if let Some(surface) = refs.surface(&handle.text()).map(Rc::new) {
                handle.show_on(Some(surface));
                watches.replace(watch(&refs, &handle, &labels, move || {
                    dispatcher.dispatch(())
                }));
            }
            move || {
                watches.take();
                handle.show_on(None);
            }
        }
    });

    use_effect_with((shown.clone(), layout.epoch), {
        let (refs, handle, scene) = (refs.clone(), handle.clone(), scene.clone());
        move |(shown, _)| {
            let Some(surface) = handle.surface() else {
                return;
            };
            let widths = labels.of(&shown.kinds, &surface.label_font());
            // Once more where the line height had to change, and with it what is near the screen.
            for _ in 0..3 {
                let step = line_step.get();
                let Some(drawing) = draw(&surface, shown, &widths, step) else {
                    return;
                };
                let wanted = drawing.scene.wanted_step;
                // Of a part of the text only the need for more is known.
                let next = if drawing.is_whole {
                    wanted
                } else {
                    step.max(wanted)
                };
                if next != step {
                    line_step.set(next);
                    if let Some(frame) = refs.frame.cast::<HtmlElement>() {
                        set_style(&frame, "--line-step", &next.to_string());
                    }
                    continue;
                }
                cover(&refs, drawing.lines);
                if let Some((_, _, sight)) = &*watches.borrow() {
                    sight.look_again();
                }
                handle.look(drawing.visible);
                scene.set(Rc::new(drawing.scene));
                return;
            }
        }
    });
    (*scene).clone()
}

/// Of the surface's size, of its font, and of what comes on screen.
type Watches = (SizeWatch, SizeWatch, SightWatch);

/// Lays the two covers over what is not drawn: when one of them comes on screen, something is missing there.
fn cover(refs: &SurfaceRefs, drawn: Lines) {
    let lines = |element: &NodeRef, name, lines: usize| {
        if let Some(element) = element.cast::<HtmlElement>() {
            set_style(&element, name, &lines.to_string());
        }
    };
    lines(&refs.above, "--lines", drawn.first);
    lines(&refs.below, "--lines", drawn.last + 1);
}

/// What moves words without changing the text: size, fonts, and scrolling beyond what is drawn.
fn watch(
    refs: &SurfaceRefs,
    handle: &Handle,
    labels: &Rc<MeasuredLabels>,
    changed: impl Fn() + Clone + 'static,
) -> Option<Watches> {
    let (frame, probe): (Element, Element) = (refs.frame.cast()?, refs.probe.cast()?);
    let (above, below): (Element, Element) = (refs.above.cast()?, refs.below.cast()?);
    let fonts = {
        let (handle, labels, changed) = (handle.downgrade(), labels.clone(), changed.clone());
        move || {
            labels.forget();
            if let Some(surface) = handle.upgrade().and_then(|handle| handle.surface()) {
                surface.stale();
            }
            changed();
        }
    };
    Some((
        SizeWatch::new(&frame, changed.clone())?,
        SizeWatch::new(&probe, fonts)?,
        SightWatch::new([above, below], changed)?,
    ))
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
