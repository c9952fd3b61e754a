//! A shadow root: what is rendered in it neither touches the host page's styles nor is touched by them.

use js_sys::{Array, Function, Reflect};
use wasm_bindgen::JsCast;
use web_sys::{CssStyleSheet, Element, ShadowRoot, ShadowRootInit, ShadowRootMode};
use yew::prelude::*;

/// The shadow root of `host`, once there is one, and the element in it to render into.
#[hook]
pub(crate) fn use_shadow(host: &NodeRef) -> Option<(ShadowRoot, Element)> {
    let inside = use_state(|| None::<(ShadowRoot, Element)>);
    use_effect_with(host.clone(), {
        let inside = inside.clone();
        move |host| {
            let root = host.cast::<Element>().and_then(|host| open(&host));
            let made = root.and_then(|root| Some((root.clone(), place_in(&root)?)));
            inside.set(made.clone());
            move || {
                if let Some((_, element)) = made {
                    element.remove();
                }
            }
        }
    });
    (*inside).clone()
}

/// Makes `css`, and `more`, which may change, the style of `root`, beside whatever other sheets it has. Constructed sheets:
/// strict policies allow no inline styles.
#[hook]
pub(crate) fn use_sheets(root: &ShadowRoot, css: &'static str, more: String) {
    let changing = use_state(|| None::<CssStyleSheet>);
    use_effect_with(root.clone(), {
        let changing = changing.clone();
        move |root| {
            let (fixed, empty) = (new_sheet(root, css), new_sheet(root, ""));
            changing.set(empty.clone());
            let ours: Array = fixed.into_iter().chain(empty).collect();
            root.set_adopted_style_sheets(&ours.concat(&root.adopted_style_sheets()));
            let root = root.clone();
            move || {
                let sheets = root.adopted_style_sheets();
                let others = sheets.filter(&mut |sheet, _, _| !ours.includes(&sheet, 0));
                root.set_adopted_style_sheets(&others);
            }
        }
    });
    use_effect_with(((*changing).clone(), more), move |(sheet, more)| {
        if let Some(sheet) = sheet {
            let _ = sheet.replace_sync(more);
        }
    });
}

/// A sheet of the document that `root` belongs to: others cannot be adopted there.
fn new_sheet(root: &ShadowRoot, css: &str) -> Option<CssStyleSheet> {
    let window = root.owner_document()?.default_view()?;
    let class: Function = Reflect::get(&window, &"CSSStyleSheet".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let sheet = Reflect::construct(&class, &Array::new()).ok()?;
    let sheet: CssStyleSheet = sheet.unchecked_into();
    sheet.replace_sync(css).ok()?;
    Some(sheet)
}

/// A new element in `root` for an annotator.
pub(crate) fn place_in(root: &ShadowRoot) -> Option<Element> {
    let element = root.owner_document()?.create_element("div").ok()?;
    element.set_class_name("annotator");
    root.append_child(&element).ok()?;
    Some(element)
}

fn open(host: &Element) -> Option<ShadowRoot> {
    // A host that was used before has kept its root: a root cannot be taken away.
    if let Some(root) = host.shadow_root() {
        return Some(root);
    }
    let open = ShadowRootInit::new(ShadowRootMode::Open);
    host.attach_shadow(&open).ok()?.dyn_into().ok()
}
