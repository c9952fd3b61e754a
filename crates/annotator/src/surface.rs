//! The text surface in the browser: a textarea, and behind it the same text measured.

mod affine;
mod clip;
mod frame;
mod mirror;
mod ruler;
mod textarea;
mod watch;

use std::{
    cell::{Cell, RefCell},
    ops::Range,
    rc::Rc,
};

use gloo_timers::callback::Timeout;
use spanarc_document::{Span, Utf16, utf16_len};
use web_sys::{
    Element, HtmlElement, HtmlTextAreaElement, ScrollBehavior, ScrollIntoViewOptions,
    ScrollLogicalPosition,
};

use crate::session::TextEdit;

pub(crate) use frame::{NextFrame, after_frame};
use mirror::Mirror;
pub(crate) use ruler::Gauge;
use ruler::Ruler;
use textarea::Owed;
pub(crate) use watch::{SightWatch, SizeWatch};

/// Lines drawn above and below those on screen, so that scrolling a little needs nothing new.
const OVERSCAN_LINES: usize = 16;

/// Blocks that a key may lay out anew before its frame, and that each later task may.
const STEPS_AT_ONCE: usize = 4;
/// Between two such tasks; milliseconds.
const REST_MS: u32 = 30;

/// The elements of a text surface.
pub(crate) struct Surface {
    textarea: HtmlTextAreaElement,
    gauge: Gauge,
    mirror: RefCell<Mirror>,
    /// Width of the lines for which long ones are cut; none when they are to be cut anew.
    cut_at: Cell<Option<f64>>,
    /// Offsets at which long lines are still to be cut.
    fronts: RefCell<Vec<usize>>,
    later: RefCell<Option<Timeout>>,
    /// What the mirror holds already, and the textarea does not.
    owed: RefCell<Option<Owed>>,
}

/// Lines `first..=last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Lines {
    /// The first.
    pub(crate) first: usize,
    /// The last.
    pub(crate) last: usize,
}

/// A surface as it is laid out at this moment.
pub(crate) struct Layout<'a> {
    ruler: Ruler,
    mirror: std::cell::Ref<'a, Mirror>,
    /// Lines on screen.
    pub(crate) visible_lines: Lines,
    /// Lines around which everything is drawn.
    pub(crate) drawn_lines: Lines,
}

impl Surface {
    /// A surface that shows `text`.
    pub(crate) fn new(textarea: HtmlTextAreaElement, gauge: Gauge, text: &str) -> Option<Self> {
        let document = gauge.mirror.owner_document()?;
        let mirror = Mirror::new(document, gauge.mirror.clone().into())?;
        let surface = Self {
            textarea,
            gauge,
            mirror: RefCell::new(mirror),
            cut_at: Cell::new(None),
            fronts: RefCell::default(),
            later: RefCell::default(),
            owed: RefCell::default(),
        };
        surface.textarea.set_value(text);
        let whole = TextEdit {
            start: 0,
            removed: 0,
            inserted: text.to_owned(),
        };
        surface.replace(&whole, usize::MAX);
        Some(surface)
    }

    /// Brings the mirror up to an edit that the textarea has made.
    pub(crate) fn follow(self: &Rc<Self>, edit: &TextEdit) {
        self.replace(edit, STEPS_AT_ONCE);
        self.go_on_later();
    }

    fn replace(&self, edit: &TextEdit, most: usize) {
        let mut mirror = self.mirror.borrow_mut();
        let long = mirror.replace(edit.start, edit.removed, &edit.inserted);
        let (end, came) = (edit.start + edit.removed, utf16_len(&edit.inserted));
        self.note_directions(&edit.inserted, came == mirror.len());
        for front in self.fronts.borrow_mut().iter_mut() {
            if *front >= end {
                *front = *front - edit.removed + came;
            }
        }
        if long.is_empty() {
            return;
        }
        match Ruler::new(&self.gauge) {
            Some(ruler) => {
                let width = Some(ruler.metrics.width);
                if self.cut_at.replace(width) == width {
                    self.cut(&mut mirror, &ruler, long, most);
                } else {
                    mirror.reflow(&ruler);
                }
            }
            // Not displayed: long lines are cut when it is.
            None => self.cut_at.set(None),
        }
    }

    /// Lets each paragraph have its own direction once some letter is written from right to left; `inserted` is what came, or
    /// the whole text. In a line of 300,000 characters that alone makes a key five times as slow.
    fn note_directions(&self, inserted: &str, is_whole: bool) {
        let classes = self.gauge.frame.class_list();
        let (was, is) = (
            classes.contains("is-bidi"),
            inserted.contains(is_right_to_left),
        );
        if was != is && (is || is_whole) {
            let _ = classes.toggle_with_force("is-bidi", is);
            self.cut_at.set(None);
        }
    }

    fn cut(&self, mirror: &mut Mirror, ruler: &Ruler, blocks: Range<usize>, most: usize) {
        // The textarea is as high as the mirror, and would be laid out whole for every height that this tries.
        let frame = &self.gauge.frame;
        set_style(frame, "height", &format!("{}px", frame.offset_height()));
        let front = mirror.cut_long_lines(ruler, blocks, most);
        set_style(frame, "height", "");
        self.fronts.borrow_mut().extend(front);
    }

    /// Goes on cutting where time did not suffice, a little at a time.
    fn go_on_later(self: &Rc<Self>) {
        if self.fronts.borrow().is_empty() {
            return;
        }
        let surface = Rc::downgrade(self);
        let timer = Timeout::new(REST_MS, move || {
            let Some(surface) = surface.upgrade() else {
                return;
            };
            let front = surface.fronts.borrow_mut().pop();
            match (front, Ruler::new(&surface.gauge)) {
                (Some(front), Some(ruler)) => {
                    let mut mirror = surface.mirror.borrow_mut();
                    let index = mirror.at(front);
                    surface.cut(&mut mirror, &ruler, index..index + 1, STEPS_AT_ONCE);
                }
                // No longer displayed: long lines are cut when it is again.
                (Some(_), None) => surface.stale(),
                (None, _) => {}
            }
            surface.go_on_later();
        });
        self.later.replace(Some(timer));
    }

    /// Scrolls so that `offset` can be seen, if it cannot.
    pub(crate) fn reveal(&self, offset: usize) {
        self.scroll_to(offset, smoothly());
    }

    /// Scrolls as a browser does when something was typed or pasted at `offset`.
    pub(crate) fn reveal_caret(&self, offset: usize) {
        self.scroll_to(offset, ScrollBehavior::Instant);
    }

    fn scroll_to(&self, offset: usize, behavior: ScrollBehavior) {
        let Some(top) = self.layout(0).map(|layout| layout.top_of(offset)) else {
            return;
        };
        let anchor = &self.gauge.anchor;
        set_style(anchor, "top", &format!("{top:.0}px"));
        set_style(anchor, "display", "block");
        let options = ScrollIntoViewOptions::new();
        options.set_block(ScrollLogicalPosition::Nearest);
        options.set_behavior(behavior);
        anchor.scroll_into_view_with_scroll_into_view_options(&options);
        // Where it stood would stay part of what can be scrolled to.
        set_style(anchor, "display", "none");
    }

    /// Measures the layout, unless there is none. The line height exceeds the style sheet's by `step` steps.
    pub(crate) fn layout(&self, step: u32) -> Option<Layout<'_>> {
        let mut ruler = Ruler::new(&self.gauge)?;
        ruler.metrics.step = step;
        let width = Some(ruler.metrics.width);
        if self.cut_at.replace(width) != width {
            self.mirror.borrow_mut().reflow(&ruler);
            self.fronts.borrow_mut().clear();
        }
        let seen = clip::visible_through(&self.gauge.frame)?;
        let (top, bottom) = ruler.local_heights(&seen);
        let line = |y: f64| (y / ruler.metrics.line_height).max(0.0) as usize;
        let visible_lines = Lines {
            first: line(top),
            last: line(bottom),
        };
        Some(Layout {
            visible_lines,
            drawn_lines: Lines {
                first: visible_lines.first.saturating_sub(OVERSCAN_LINES),
                last: visible_lines.last + OVERSCAN_LINES,
            },
            mirror: self.mirror.borrow(),
            ruler,
        })
    }

    /// A point of the viewport in the coordinates of the drawing.
    pub(crate) fn local(&self, client: (f64, f64)) -> Option<(f64, f64)> {
        Some(self.gauge.map()?.local(client))
    }

    /// The bottom of what is on screen, in the coordinates of the drawing.
    pub(crate) fn floor(&self) -> Option<f64> {
        let seen = clip::visible_through(&self.gauge.frame)?;
        Some(self.gauge.map()?.local_heights(&seen).1)
    }

    /// The font of labels, as a value of the CSS property `font`.
    pub(crate) fn label_font(&self) -> String {
        computed(&self.gauge.label, "font").unwrap_or_default()
    }

    /// Forgets how long lines were cut: the fonts have changed, or it could not be finished.
    pub(crate) fn stale(&self) {
        self.cut_at.set(None);
    }
}

impl Layout<'_> {
    /// Length of the text that is laid out.
    pub(crate) fn text_len(&self) -> usize {
        self.mirror.len()
    }

    /// Metrics of the text.
    pub(crate) fn metrics(&self) -> &crate::scene::Metrics {
        &self.ruler.metrics
    }

    /// The text on `lines`.
    pub(crate) fn text_on(&self, lines: Lines) -> Span<Utf16> {
        self.ruler.text_on(&self.mirror, lines.first, lines.last)
    }

    /// Where `span` is.
    pub(crate) fn segments(&self, span: Span<Utf16>) -> Vec<crate::scene::Segment> {
        self.ruler.segments(&self.mirror, span)
    }

    /// Distance from the top of the drawing to the line of `offset`.
    pub(crate) fn top_of(&self, offset: usize) -> f64 {
        self.ruler.line_at(&self.mirror, offset) as f64 * self.ruler.metrics.line_height
    }
}

/// Letters and marks that are written from right to left.
fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{200f}' | '\u{202b}' | '\u{202e}' | '\u{2067}' | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// A computed property of an element.
fn computed(element: &Element, name: &str) -> Option<String> {
    let style = web_sys::window()?.get_computed_style(element).ok()??;
    style.get_property_value(name).ok()
}

/// How the page scrolls where nobody waits for it.
fn smoothly() -> ScrollBehavior {
    let still = web_sys::window()
        .and_then(|window| {
            window
                .match_media("(prefers-reduced-motion: reduce)")
                .ok()?
        })
        .is_some_and(|query| query.matches());
    if still {
        ScrollBehavior::Auto
    } else {
        ScrollBehavior::Smooth
    }
}

/// Sets a property through the object model: strict policies allow no style attributes.
pub(crate) fn set_style(element: &HtmlElement, name: &str, value: &str) {
    let _ = element.style().set_property(name, value);
}
