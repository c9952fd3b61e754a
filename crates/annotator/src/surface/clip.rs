//! What of the surface is on screen, behind all the scrollers of the page around it.

use wasm_bindgen::JsCast;
use web_sys::{Element, Node, ShadowRoot};

use super::{affine::ClientBox, computed, ruler::client_box};

/// The part of the viewport through which `element` can be seen: the window less what its ancestors cut off.
pub(crate) fn visible_through(element: &Element) -> Option<ClientBox> {
    let window = web_sys::window()?;
    let mut seen = ClientBox {
        left: 0.0,
        top: 0.0,
        width: window.inner_width().ok()?.as_f64()?,
        height: window.inner_height().ok()?.as_f64()?,
    };
    let document = window.document()?;
    let root = document.document_element();
    // What the body cuts off is cut off by the window instead, as long as the root leaves it that.
    let body = (document.body().map(Element::from)).filter(|_| {
        root.as_ref()
            .and_then(|root| computed(root, "overflow"))
            .as_deref()
            == Some("visible")
    });
    let mut at = parent(element);
    while let Some(ancestor) = at.filter(|ancestor| Some(ancestor) != root.as_ref()) {
        if Some(&ancestor) != body.as_ref()
            && computed(&ancestor, "overflow").is_some_and(|overflow| overflow != "visible")
        {
            seen = intersection(&seen, &client_box(&ancestor));
        }
        at = parent(&ancestor);
    }
    Some(seen)
}

/// The element that `element` is laid out in: its slot's, its parent, or the host of its shadow root.
fn parent(element: &Element) -> Option<Element> {
    if let Some(slot) = element.assigned_slot() {
        return Some(slot.into());
    }
    let parent: Node = element.parent_node()?;
    match parent.dyn_into::<ShadowRoot>() {
        Ok(root) => Some(root.host()),
        Err(parent) => parent.dyn_into().ok(),
    }
}

fn intersection(a: &ClientBox, b: &ClientBox) -> ClientBox {
    let (left, top) = (a.left.max(b.left), a.top.max(b.top));
    ClientBox {
        left,
        top,
        width: ((a.left + a.width).min(b.left + b.width) - left).max(0.0),
        height: ((a.top + a.height).min(b.top + b.height) - top).max(0.0),
    }
}
