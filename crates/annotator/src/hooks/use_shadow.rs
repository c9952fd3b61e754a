//! A shadow root: what is rendered in it neither touches the host page's styles nor is touched by them.

use js_sys::Array;
use wasm_bindgen::JsCast;
use web_sys::{CssStyleSheet, Element, ShadowRoot, ShadowRootInit, ShadowRootMode};
use yew::prelude::*;

/// The element in the shadow root of `host` to render into, once there is one. `css` is the root's style, and `more` is a second
/// sheet that may change. Constructed sheets: strict policies allow no inline styles.
#[hook]
pub(crate) fn use_shadow(host: &NodeRef, css: &'static str, more: String) -> Option<Element> {
    let inside = use_state(|| None::<(ShadowRoot, Element)>);
    use_effect_with(host.clone(), {
        let inside = inside.clone();
        move |host| {
            let made = host.cast::<Element>().and_then(|host| open(&host));
            inside.set(made.clone());
            move || {
                if let Some((root, element)) = made {
                    element.remove();
                    root.set_adopted_style_sheets(&Array::new());
                }
            }
        }
    });
    let root = inside.as_ref().map(|(root, _)| root.clone());
    use_effect_with((root, more), move |(root, more)| {
        let sheets: Array = [css, more].into_iter().filter_map(sheet).collect();
        if let Some(root) = root {
            root.set_adopted_style_sheets(&sheets);
        }
    });
    inside.as_ref().map(|(_, element)| element.clone())
}

fn open(host: &Element) -> Option<(ShadowRoot, Element)> {
    // A host that was used before has kept its root: a root cannot be taken away.
    let root = match host.shadow_root() {
        Some(root) => root,
        None => {
            let open = ShadowRootInit::new(ShadowRootMode::Open);
            host.attach_shadow(&open).ok()?
        }
    };
    let element = host.owner_document()?.create_element("div").ok()?;
    element.set_class_name("annotator");
    root.append_child(&element).ok()?;
    Some((root.unchecked_into(), element))
}

fn sheet(css: &str) -> Option<CssStyleSheet> {
    let sheet = CssStyleSheet::new().ok()?;
    sheet.replace_sync(css).ok()?;
    Some(sheet)
}
