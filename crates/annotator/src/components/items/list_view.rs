//! The elements of a list: how they are scrolled, measured and focused.

use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget, FocusOptions, HtmlElement, Node};
use yew::prelude::*;

use super::window::Window;

/// The elements of a list.
#[derive(Clone)]
pub(super) struct ListView {
    /// What scrolls.
    pub(super) scroller: NodeRef,
    /// The list, as high as all its rows.
    pub(super) list: NodeRef,
}

impl ListView {
    /// Gives the list the height of `len` rows.
    pub(super) fn set_len(&self, len: usize) {
        if let Some(list) = self.list.cast::<HtmlElement>() {
            let height = format!("calc({len} * var(--row-height))");
            let _ = list.style().set_property("height", &height);
        }
    }

    /// The rows around what is on screen, unless nothing is laid out.
    pub(super) fn window(&self, len: usize) -> Option<Window> {
        let scroller = self.scroller.cast::<Element>()?;
        let top = f64::from(scroller.scroll_top());
        let height = f64::from(scroller.client_height());
        Some(Window::around(top, height, self.row_height(len)?))
    }

    /// Rows that fit on screen, less the one that stays in view when paging.
    pub(super) fn page(&self, len: usize) -> usize {
        let rows = || {
            let height = self.scroller.cast::<Element>()?.client_height();
            Some((f64::from(height) / self.row_height(len)?) as usize)
        };
        rows().unwrap_or_default().saturating_sub(1).max(1)
    }

    /// Scrolls the list, and nothing around it, so far that row `index` is on screen.
    pub(super) fn reveal(&self, index: usize, len: usize) {
        let (Some(scroller), Some(row)) = (self.scroller.cast::<Element>(), self.row_height(len))
        else {
            return;
        };
        let top = index as f64 * row;
        let least = top + row - f64::from(scroller.client_height());
        let present = f64::from(scroller.scroll_top());
        let wanted = present.max(least).min(top);
        if wanted != present {
            scroller.set_scroll_top(wanted.ceil() as i32);
        }
    }

    /// Whether a row has the keyboard.
    pub(super) fn has_focus(&self) -> bool {
        let focused = |list: Element| list.query_selector(":focus").ok().flatten();
        self.list.cast().and_then(focused).is_some()
    }

    /// Gives the keyboard to the row that takes part in the tab order; to the empty list where there is none.
    pub(super) fn focus_current(&self) {
        let current = (self.list.cast::<Element>())
            .and_then(|list| list.query_selector("[tabindex='0']").ok().flatten());
        let element = current
            .and_then(|current| current.dyn_into().ok())
            .or_else(|| self.scroller.cast::<HtmlElement>());
        if let Some(element) = element {
            let options = FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = element.focus_with_options(&options);
        }
    }

    /// Whether `target` lies in the list.
    pub(super) fn holds(&self, target: Option<EventTarget>) -> bool {
        let node = target.and_then(|target| target.dyn_into::<Node>().ok());
        let list = self.list.get();
        list.is_some_and(|list| list.contains(node.as_ref()) && node.is_some())
    }

    fn row_height(&self, len: usize) -> Option<f64> {
        let height = self
            .list
            .cast::<Element>()?
            .get_bounding_client_rect()
            .height();
        (len > 0 && height > 0.0).then(|| height / len as f64)
    }
}
