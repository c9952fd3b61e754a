//! A list of annotations that can be pointed at and chosen, by pointer and keyboard.
//!
//! Only rows near the screen are in the document, so that a long list costs no more than a short one. Rows are all of one
//! height, `--row-height`. The list is one stop in the tab order; within it, keys move from row to row.

mod list_view;
mod roving;
mod row_item;
mod window;

use std::{cell::Cell, rc::Rc};

use spanarc_document::Id;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use self::{list_view::ListView, roving::Roving, row_item::RowItem, window::Window};
use super::rows::Rows;
use crate::{hooks::use_event, strings::use_strings, surface::SizeWatch, view::Target};

/// What the list shows, and what happens in it.
#[derive(Properties, PartialEq)]
pub(crate) struct ItemsProps {
    /// Names the list in tests.
    pub(crate) testid: &'static str,
    /// Its rows.
    pub(crate) rows: Rc<Rows>,
    /// What is pointed at, anywhere.
    pub(crate) focus: Option<Target>,
    /// Told when a row is pointed at, or none any more.
    pub(crate) on_focus: Callback<Option<Target>>,
    /// Told when a row is chosen.
    pub(crate) on_select: Callback<Target>,
}

/// The list. It listens for all its rows.
#[component]
pub(crate) fn Items(props: &ItemsProps) -> Html {
    let rows = &props.rows;
    let len = rows.len();
    let strings = use_strings();
    let view = ListView {
        scroller: use_node_ref(),
        list: use_node_ref(),
    };
    let window = use_state_eq(Window::default);
    let roving = use_mut_ref(Roving::default);
    let to_focus = use_memo((), |()| Cell::new(false));
    let update = use_force_update();

    let current = roving.borrow_mut().settle(
        len,
        |index| rows.id(index),
        |id, hint| rows.position(id, hint),
    );
    // Rendering may take away the row that has the keyboard.
    if view.has_focus() {
        to_focus.set(true);
    }

    let look = {
        let (view, window) = (view.clone(), window.setter());
        move || {
            if let Some(around) = view.window(len) {
                window.set(around);
            }
        }
    };
    use_effect_with(len, {
        let (view, look) = (view.clone(), look.clone());
        move |&len| {
            view.set_len(len);
            look();
            let scroller = view.scroller.cast::<Element>();
            let watch = scroller.and_then(|scroller| SizeWatch::new(&scroller, look));
            move || drop(watch)
        }
    });
    use_effect({
        let (view, to_focus) = (view.clone(), to_focus.clone());
        move || {
            if to_focus.take() {
                view.focus_current();
            }
        }
    });

    let point = {
        let (on_focus, present) = (props.on_focus.clone(), props.focus);
        move |target: Option<Target>| {
            if target != present {
                on_focus.emit(target);
            }
        }
    };
    // Not `pointerover`, which scrolling by keyboard sends too, to whatever comes to lie under the pointer.
    let over = point.clone();
    use_event(&view.list, "pointermove", move |event: &PointerEvent| {
        over(target_of(event));
    });
    let left = point.clone();
    use_event(&view.list, "pointerleave", move |_: &PointerEvent| {
        left(None)
    });
    use_event(&view.list, "focusin", {
        let (point, rows) = (point.clone(), rows.clone());
        let (roving, update) = (roving.clone(), update.clone());
        move |event: &FocusEvent| {
            let target = target_of(event);
            let place = target.and_then(|target| rows.position(target.id(), current));
            if let Some(place) = place {
                roving.borrow_mut().go(place, rows.id(place));
                update.force_update();
            }
            point(target);
        }
    });
    use_event(&view.list, "focusout", {
        let view = view.clone();
        move |event: &FocusEvent| {
            if !view.holds(event.related_target()) {
                point(None);
            }
        }
    });
    use_event(&view.list, "click", {
        let on_select = props.on_select.clone();
        move |event: &MouseEvent| {
            if let Some(target) = target_of(event) {
                on_select.emit(target);
            }
        }
    });
    use_event(&view.list, "keydown", {
        let (view, rows, look) = (view.clone(), rows.clone(), look.clone());
        move |event: &KeyboardEvent| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() || event.is_composing() {
                return;
            }
            let next = {
                let (mut roving, key) = (roving.borrow_mut(), event.key());
                (roving.moved(&key, len, view.page(len))).or_else(|| {
                    roving.searched(&key, event.time_stamp(), len, |index| rows.text(index))
                })
            };
            if let Some(next) = next {
                event.prevent_default();
                roving.borrow_mut().go(next, rows.id(next));
                view.reveal(next, len);
                look();
                to_focus.set(true);
                update.force_update();
            }
        }
    });
    use_event(&view.scroller, "scroll", move |_: &Event| look());

    html! {
        // Focusable by program only: browsers make what scrolls a tab stop, and the rows are one already.
        <div class="items" ref={view.scroller.clone()} tabindex="-1">
            <ul
                ref={view.list.clone()}
                class="rows"
                role="list"
                data-testid={props.testid}
            >
                {for window.rows(len, current).filter_map(|index| {
                    let row = rows.row(index)?;
                    let target = row.target;
                    Some(html! {
                        <RowItem
                            key={target.id().0}
                            active={props.focus == Some(target)}
                            {row}
                            {index}
                            {len}
                            current={index == current}
                        />
                    })
                })}
            </ul>
            if len == 0 {
                <p class="items-none">{&*strings.none_found}</p>
            }
        </div>
    }
}

/// The annotation whose row an event happened in.
fn target_of(event: &Event) -> Option<Target> {
    let element: Element = event.target_dyn_into()?;
    let item: HtmlElement = element.closest("[data-id]").ok()??.dyn_into().ok()?;
    let data = item.dataset();
    let id = Id(data.get("id")?.parse().ok()?);
    match data.get("relation") {
        Some(_) => Some(Target::Link(id)),
        None => Some(Target::Mention(id)),
    }
}
