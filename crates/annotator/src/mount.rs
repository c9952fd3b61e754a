//! An annotator in somebody else's page.

use web_sys::{Element, ShadowRoot};
use yew::AppHandle;

use crate::{
    Annotator, AnnotatorProps,
    components::{Rooted, RootedProps},
    hooks::place_in,
};

/// An annotator that stands in an element of its host's. Dropping it leaves it there; [`Mounted::unmount`] takes it away.
#[must_use]
pub struct Mounted(Place);

enum Place {
    Element(AppHandle<Annotator>),
    Root {
        app: AppHandle<Rooted>,
        root: ShadowRoot,
        element: Element,
    },
}

/// Puts an annotator into `parent`, an empty element anywhere: in the document, in a shadow root, in one that is not part of
/// the document yet. Moving the element moves the annotator, with all that it shows.
pub fn mount(parent: Element, props: AnnotatorProps) -> Mounted {
    let app = yew::Renderer::with_root_and_props(parent, props).render();
    Mounted(Place::Element(app))
}

/// Puts an annotator into the shadow root of an element that is the annotator's own, and so gets its style: a custom element.
/// Nothing where the root is of no document.
pub fn mount_in_root(root: ShadowRoot, props: AnnotatorProps) -> Option<Mounted> {
    let element = place_in(&root)?;
    let props = RootedProps {
        root: root.clone(),
        annotator: props,
    };
    let app = yew::Renderer::with_root_and_props(element.clone(), props).render();
    Some(Mounted(Place::Root { app, root, element }))
}

impl Mounted {
    /// Gives it another model, other settings, another document or another listener.
    pub fn update(&mut self, props: AnnotatorProps) {
        match &mut self.0 {
            Place::Element(app) => app.update(props),
            Place::Root { app, root, .. } => app.update(RootedProps {
                root: root.clone(),
                annotator: props,
            }),
        }
    }

    /// Takes the annotator out of its element. Text and annotations stay in their [`Handle`](crate::Handle).
    pub fn unmount(self) {
        match self.0 {
            Place::Element(app) => app.destroy(),
            Place::Root { app, element, .. } => {
                app.destroy();
                element.remove();
            }
        }
    }
}
