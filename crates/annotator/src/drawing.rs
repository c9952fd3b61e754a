//! What is drawn of a document on a surface as it is laid out now.

use std::{cell::RefCell, rc::Rc};

use spanarc_document::{Byte, Document, Link, Mention, Span, Utf16};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use crate::{
    kinds::Kinds,
    scene::{ArcInput, MarkInput, Scene},
    shown::Shown,
    surface::{Layout, Lines, Surface},
    view::View,
};

/// Letters of entity labels are set apart, as in `styles/surface.css`; CSS pixels.
const ENTITY_LABEL_SPACING: f64 = 0.5;
/// Room beside the letters of a label; CSS pixels.
const LABEL_PADDING: f64 = 3.0;

/// A drawing, and what it shows.
pub(crate) struct Drawing {
    /// Geometry of everything.
    pub(crate) scene: Scene,
    /// The text on screen.
    pub(crate) visible: Span<Utf16>,
    /// Lines around which everything is drawn.
    pub(crate) lines: Lines,
    /// Whether the whole text is among them.
    pub(crate) is_whole: bool,
}

/// Draws what is near the screen, when the line height exceeds the style sheet's by `step` steps. None while the surface is
/// not laid out, or shows another text.
pub(crate) fn draw(
    surface: &Surface,
    shown: &Shown,
    widths: &LabelWidths,
    step: u32,
) -> Option<Drawing> {
    let layout = surface.layout(step)?;
    let text_len = shown.snapshot.offsets.length::<Utf16>();
    if layout.text_len() != text_len {
        return None;
    }
    let drawn = layout.text_on(layout.drawn_lines);
    let (marks, arcs) = inputs(&layout, shown, drawn, widths);
    Some(Drawing {
        scene: Scene::new(layout.metrics(), &marks, &arcs),
        visible: layout.text_on(layout.visible_lines),
        lines: layout.drawn_lines,
        is_whole: drawn == Span::new(0, text_len),
    })
}

fn inputs(
    layout: &Layout,
    shown: &Shown,
    drawn: Span<Utf16>,
    widths: &LabelWidths,
) -> (Vec<MarkInput>, Vec<ArcInput>) {
    let Shown { view, kinds, .. } = shown;
    let document = shown.document();
    let drawn = shown.snapshot.offsets.to_byte(drawn);
    let drawn = drawn.unwrap_or(Span::new(0, document.text().len()));
    let (mentions, links) = near(document, view, drawn);
    let marks = mentions.iter().map(|mention| {
        let kind = kinds.entity(&mention.kind);
        let pieces = mention.spans.iter();
        MarkInput {
            id: mention.id.0,
            kind,
            segments: pieces
                .flat_map(|span| layout.segments(shown.snapshot.utf16(span)))
                .collect(),
            label_width: widths.entity(kind),
        }
    });
    let arcs = links.iter().map(|link| {
        let kind = kinds.relation(&link.kind);
        ArcInput {
            id: link.id.0,
            kind,
            head: link.head.0,
            tail: link.tail.0,
            label_width: widths.relation(kind),
        }
    });
    (marks.collect(), arcs.collect())
}

/// The mentions in `drawn`, in text order, their links, and the other ends of these.
fn near<'a>(
    document: &'a Document,
    view: &'a View,
    drawn: Span<Byte>,
) -> (Vec<&'a Mention>, Vec<&'a Link>) {
    let mut mentions: Vec<&Mention> = (document.mentions_in(drawn))
        .filter(|mention| view.shows_mention(mention))
        .collect();
    let mut ids: Vec<_> = mentions.iter().map(|mention| mention.id).collect();
    ids.sort_unstable();
    let links: Vec<&Link> = (document.links().iter())
        .filter(|link| {
            [link.head, link.tail]
                .iter()
                .any(|id| ids.binary_search(id).is_ok())
        })
        .filter(|link| view.shows_link(document, link))
        .collect();
    let ends = links.iter().flat_map(|link| [link.head, link.tail]);
    let beyond = ends.filter(|id| ids.binary_search(id).is_err());
    mentions.extend(beyond.filter_map(|id| document.mention(id)));
    mentions.sort_by(|a, b| (&a.spans, a.id).cmp(&(&b.spans, b.id)));
    mentions.dedup_by_key(|mention| mention.id);
    (mentions, links)
}

/// Widths of the labels of all types; CSS pixels.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct LabelWidths {
    entity: Vec<f64>,
    relation: Vec<f64>,
}

impl LabelWidths {
    /// Measures the labels of `kinds` in a font, given as the value of the CSS property `font`.
    pub(crate) fn measure(kinds: &Kinds, font: &str) -> Self {
        let context = context();
        if let Some(context) = &context {
            context.set_font(font);
        }
        let width = |text: &str, spacing: f64| {
            let letters = text.chars().count() as f64;
            let measured = context.as_ref().and_then(|c| c.measure_text(text).ok());
            let ink = measured.map_or(6.0 * letters, |m| m.width());
            ink + letters * spacing + 2.0 * LABEL_PADDING
        };
        let entity = kinds.entity.iter();
        let relation = kinds.relation.iter();
        Self {
            entity: entity
                .map(|l| width(&l.title.to_uppercase(), ENTITY_LABEL_SPACING))
                .collect(),
            relation: relation.map(|l| width(&l.title, 0.0)).collect(),
        }
    }

    fn entity(&self, kind: usize) -> f64 {
        self.entity.get(kind).copied().unwrap_or_default()
    }

    fn relation(&self, kind: usize) -> f64 {
        self.relation.get(kind).copied().unwrap_or_default()
    }
}

fn context() -> Option<CanvasRenderingContext2d> {
    let document = web_sys::window()?.document()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// The widths measured last, and of what.
#[derive(Default)]
pub(crate) struct MeasuredLabels(RefCell<Option<(Rc<Kinds>, String, LabelWidths)>>);

impl MeasuredLabels {
    /// The widths of the labels of `kinds` in `font`, measured once.
    pub(crate) fn of(&self, kinds: &Rc<Kinds>, font: &str) -> LabelWidths {
        let mut last = self.0.borrow_mut();
        match &*last {
            Some((k, f, widths)) if Rc::ptr_eq(k, kinds) && f == font => widths.clone(),
            _ => {
                let widths = LabelWidths::measure(kinds, font);
                *last = Some((kinds.clone(), font.to_owned(), widths.clone()));
                widths
            }
        }
    }

    /// Fonts may have changed under their names.
    pub(crate) fn forget(&self) {
        self.0.take();
    }
}
