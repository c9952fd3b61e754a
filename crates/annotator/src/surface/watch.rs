//! Notices what moves words, or brings others on screen, without changing the text.
//!
//! Only observers of our own elements: nothing listens to the page around them.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, ResizeObserver};

/// Tells when the size of an element changes, until it is dropped.
pub(crate) struct SizeWatch {
    observer: ResizeObserver,
    _closure: Closure<dyn FnMut()>,
}

impl SizeWatch {
    /// Watches `element`; `changed` is told soon after the beginning, too.
    pub(crate) fn new(element: &Element, changed: impl Fn() + 'static) -> Option<Self> {
        let closure = Closure::<dyn FnMut()>::new(changed);
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self {
            observer,
            _closure: closure,
        })
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Tells when one of some elements comes on screen, whatever scrolls, until it is dropped.
pub(crate) struct SightWatch {
    observer: IntersectionObserver,
    elements: [Element; 2],
    _closure: Closure<dyn FnMut(Array)>,
}

impl SightWatch {
    /// Watches `elements`.
    pub(crate) fn new(elements: [Element; 2], appeared: impl Fn() + 'static) -> Option<Self> {
        let closure = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            let on_screen = |entry: JsValue| {
                let entry: IntersectionObserverEntry = entry.unchecked_into();
                entry.is_intersecting() && entry.bounding_client_rect().height() > 0.0
            };
            if entries.iter().any(on_screen) {
                appeared();
            }
        });
        let observer = IntersectionObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        let watch = Self {
            observer,
            elements,
            _closure: closure,
        };
        watch.look_again();
        Some(watch)
    }

    /// Looks anew after the elements were moved: an observer tells of changes only, and one that was moved away and scrolled
    /// to between two frames has not changed.
    pub(crate) fn look_again(&self) {
        self.observer.disconnect();
        for element in &self.elements {
            self.observer.observe(element);
        }
    }
}

impl Drop for SightWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
