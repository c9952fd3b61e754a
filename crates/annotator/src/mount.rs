//! An annotator in somebody else's page.

use web_sys::Element;
use yew::AppHandle;

use crate::{Annotator, AnnotatorProps};

/// An annotator that stands in an element of its host's. Dropping it leaves it there; [`Mounted::unmount`] takes it away.
#[must_use]
pub struct Mounted(AppHandle<Annotator>);

/// Puts an annotator into `parent`, an empty element anywhere: in the document, in a shadow root, in one that is not part of
/// the document yet. Moving the element moves the annotator, with all that it shows.
pub fn mount(parent: Element, props: AnnotatorProps) -> Mounted {
    Mounted(yew::Renderer::with_root_and_props(parent, props).render())
}

impl Mounted {
    /// Gives it other addresses, another document or another listener.
    pub fn update(&mut self, props: AnnotatorProps) {
        self.0.update(props);
    }

    /// Takes the annotator out of its element. Text and annotations stay in their [`Handle`](crate::Handle).
    pub fn unmount(self) {
        self.0.destroy();
    }
}
