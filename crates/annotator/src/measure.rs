//! Where the words are on screen.
//!
//! The text surface is a textarea, which tells nobody where its words are. Behind it stands a mirror: the same text with
//! the same metrics, one element a paragraph with one text node each, whose ranges can be measured. All measuring happens
//! in one pass after rendering, and only around what is on screen.

use std::collections::BTreeSet;

use spanarc_document::{Span, Utf16};
use spanarc_protocol::{Label, ModelSummary};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, DomRect, Element, HtmlCanvasElement, Node, Range};

use crate::{
    annotations::{Annotations, Link, Mention},
    scene::{ArcInput, MarkInput, Metrics, Segment},
    state::View,
    text::{Paragraphs, utf16_len},
};

/// As in `styles/surface.css`.
const LABEL_FONT: &str = "600 10px 'Source Sans 3', system-ui, sans-serif";
const ENTITY_LABEL_SPACING: f64 = 0.5;
const LABEL_PADDING: f64 = 3.0;

/// Lines drawn above and below those on screen, so that scrolling a little needs nothing new.
const OVERSCAN_LINES: usize = 16;

/// The elements that are measured.
pub(crate) struct Surface {
    /// The mirror; its children are the paragraphs, in order.
    pub(crate) mirror: Element,
    /// A line like the mirror's, with an empty inline block at its end that stands on the baseline.
    pub(crate) probe: Element,
    /// What the mirror lies in, gutters included.
    pub(crate) frame: Element,
}

/// What was measured.
pub(crate) struct Measured {
    /// Metrics of the text.
    pub(crate) metrics: Metrics,
    /// Mentions to draw.
    pub(crate) placed: Vec<Placed>,
    /// Links to draw.
    pub(crate) links: Vec<Link>,
    /// Lines around which everything is drawn.
    pub(crate) drawn_lines: Lines,
    /// What is on screen.
    pub(crate) visible: Span<Utf16>,
}

/// A mention to draw: its index in the annotations and where its words are.
pub(crate) struct Placed {
    /// Index in the mentions.
    pub(crate) mention: usize,
    /// Its segments, in text order.
    pub(crate) segments: Vec<Segment>,
}

/// Widths of the labels of each type.
#[derive(Default)]
pub(crate) struct LabelWidths {
    /// By entity type.
    entity: Vec<f64>,
    /// By relation type.
    relation: Vec<f64>,
}

impl Measured {
    /// What the scene is to draw of `annotations`.
    pub(crate) fn inputs(
        self,
        annotations: &Annotations,
        widths: &LabelWidths,
    ) -> (Vec<MarkInput>, Vec<ArcInput>) {
        let mentions = &annotations.mentions;
        let width_of = |widths: &[f64], kind: usize| widths.get(kind).copied().unwrap_or(0.0);
        let marks = (self.placed.into_iter())
            .map(|placed| {
                let mention = &mentions[placed.mention];
                MarkInput {
                    id: mention.id,
                    kind: mention.entity_type,
                    segments: placed.segments,
                    label_width: width_of(&widths.entity, mention.entity_type),
                }
            })
            .collect();
        let arcs = (self.links.iter())
            .map(|link| ArcInput {
                id: link.id,
                kind: link.relation_type,
                head: mentions[link.head].id,
                tail: mentions[link.tail].id,
                label_width: width_of(&widths.relation, link.relation_type),
            })
            .collect();
        (marks, arcs)
    }
}

/// Lines `first..=last`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Lines {
    /// The first.
    pub(crate) first: usize,
    /// The last.
    pub(crate) last: usize,
}

impl Lines {
    /// Whether all of `other` are among these.
    pub(crate) fn cover(&self, other: &Self) -> bool {
        self.first <= other.first && other.last <= self.last
    }
}

impl Surface {
    /// Metrics of the text, unless it is not laid out.
    pub(crate) fn metrics(&self) -> Option<Metrics> {
        let line = self.probe.get_bounding_client_rect();
        let foot = self.probe.first_element_child()?.get_bounding_client_rect();
        let mirror = self.mirror.get_bounding_client_rect();
        let frame = self.frame.get_bounding_client_rect();
        let style = web_sys::window()?.get_computed_style(&self.mirror).ok()??;
        let font_size = style.get_property_value("font-size").ok()?;
        let font_size = font_size.trim_end_matches("px").parse().ok()?;
        (line.height() > 0.0).then(|| Metrics {
            width: mirror.width(),
            line_height: line.height(),
            step: 0,
            baseline: foot.bottom() - line.top(),
            font_size,
            gutter: mirror.left() - frame.left(),
        })
    }

    /// The lines on screen.
    pub(crate) fn visible_lines(&self, metrics: &Metrics) -> Option<Lines> {
        let mirror = self.mirror.get_bounding_client_rect();
        let window = web_sys::window()?;
        let mut top: f64 = 0.0;
        let mut bottom = window.inner_height().ok()?.as_f64()?;
        if let Some(scroller) = self.frame.closest("[data-scroller]").ok().flatten() {
            let scroller = scroller.get_bounding_client_rect();
            top = top.max(scroller.top());
            bottom = bottom.min(scroller.bottom());
        }
        let line_at = |y: f64| ((y - mirror.top()) / metrics.line_height).max(0.0) as usize;
        Some(Lines {
            first: line_at(top),
            last: line_at(bottom.max(top)),
        })
    }

    /// Finds what of `annotations` is to be drawn, and where.
    pub(crate) fn measure(
        &self,
        paragraphs: &Paragraphs,
        annotations: &Annotations,
        view: &View,
    ) -> Option<Measured> {
        let metrics = self.metrics()?;
        let visible_lines = self.visible_lines(&metrics)?;
        let ruler = Ruler::new(self, paragraphs, metrics)?;
        let drawn_lines = Lines {
            first: visible_lines.first.saturating_sub(OVERSCAN_LINES),
            last: visible_lines.last + OVERSCAN_LINES,
        };
        let visible = ruler.span_of(visible_lines);
        let drawn = ruler.span_of(drawn_lines);

        let mentions = &annotations.mentions;
        let first = mentions.partition_point(|m| m.span.end <= drawn.start);
        let last = mentions.partition_point(|m| m.span.start < drawn.end);
        let mut near: BTreeSet<usize> = (first..last.max(first))
            .filter(|&i| view.shows_mention(&mentions[i]))
            .collect();
        let links: Vec<Link> = (view.links(annotations))
            .filter(|link| near.contains(&link.head) || near.contains(&link.tail))
            .cloned()
            .collect();
        near.extend(links.iter().flat_map(|link| [link.head, link.tail]));
        let placed = (near.into_iter())
            .filter_map(|mention| {
                let segments = ruler.segments(&mentions[mention]);
                (!segments.is_empty()).then_some(Placed { mention, segments })
            })
            .collect();
        Some(Measured {
            metrics,
            placed,
            links,
            drawn_lines,
            visible,
        })
    }

    /// Distance from the top of the frame to the line on which `offset` stands.
    pub(crate) fn top_of(&self, paragraphs: &Paragraphs, offset: usize) -> Option<f64> {
        let metrics = self.metrics()?;
        let line = Ruler::new(self, paragraphs, metrics)?.line_of(offset);
        let above = self.mirror.get_bounding_client_rect().top()
            - self.frame.get_bounding_client_rect().top();
        Some(above + line as f64 * metrics.line_height)
    }
}

/// Measures spans of text in the mirror.
struct Ruler<'a> {
    mirror: &'a Element,
    paragraphs: &'a Paragraphs,
    metrics: Metrics,
    origin: DomRect,
    range: Range,
}

impl<'a> Ruler<'a> {
    fn new(surface: &'a Surface, paragraphs: &'a Paragraphs, metrics: Metrics) -> Option<Self> {
        Some(Self {
            mirror: &surface.mirror,
            paragraphs,
            metrics,
            origin: surface.mirror.get_bounding_client_rect(),
            range: web_sys::window()?.document()?.create_range().ok()?,
        })
    }

    fn element(&self, paragraph: usize) -> Option<Element> {
        self.mirror.children().item(u32::try_from(paragraph).ok()?)
    }

    /// Boxes of `from..to` of a paragraph, offsets within it.
    fn boxes(&self, paragraph: usize, from: usize, to: usize) -> Vec<DomRect> {
        let measured = || {
            let text: Node = self.element(paragraph)?.first_child()?;
            self.range
                .set_start(&text, u32::try_from(from).ok()?)
                .ok()?;
            self.range.set_end(&text, u32::try_from(to).ok()?).ok()?;
            let list = self.range.get_client_rects()?;
            Some((0..list.length()).filter_map(|i| list.item(i)).collect())
        };
        measured().unwrap_or_default()
    }

    fn line_at(&self, rect: &DomRect) -> usize {
        let middle = rect.top() + rect.height() / 2.0 - self.origin.top();
        (middle / self.metrics.line_height).max(0.0) as usize
    }

    /// The parts of a mention, one a line.
    fn segments(&self, mention: &Mention) -> Vec<Segment> {
        let whole = self.segments_of(mention.span);
        if whole.len() < 2 {
            return whole;
        }
        // The space at which a mention is broken belongs to its first line; word by word it is left out.
        let mut words = Vec::new();
        let mut start = mention.span.start;
        for word in mention.text.split(char::is_whitespace) {
            let end = start + utf16_len(word);
            for segment in self.segments_of(Span::new(start, end)) {
                join(&mut words, segment);
            }
            start = end + 1;
        }
        words
    }

    fn segments_of(&self, span: Span<Utf16>) -> Vec<Segment> {
        let mut segments: Vec<Segment> = Vec::new();
        for index in self.paragraphs.at(span.start)..=self.paragraphs.at(span.end.max(1) - 1) {
            let Some(paragraph) = self.paragraphs.get(index) else {
                continue;
            };
            let from = span
                .start
                .saturating_sub(paragraph.start)
                .min(paragraph.len);
            let to = span.end.saturating_sub(paragraph.start).min(paragraph.len);
            if from >= to {
                continue;
            }
            for rect in self.boxes(index, from, to) {
                let line = self.line_at(&rect);
                // Spaces at a soft line end hang out of the line.
                let left = (rect.left() - self.origin.left()).clamp(0.0, self.metrics.width);
                let right = (rect.right() - self.origin.left()).clamp(0.0, self.metrics.width);
                if right - left >= 0.5 {
                    join(&mut segments, Segment { line, left, right });
                }
            }
        }
        segments
    }

    /// The line on which the code unit at `offset` stands.
    fn line_of(&self, offset: usize) -> usize {
        let index = self.paragraphs.at(offset);
        let Some(paragraph) = self.paragraphs.get(index) else {
            return 0;
        };
        let local = offset - paragraph.start;
        // A line break has no box of its own: it stands where the character before it does.
        let from = local.min(paragraph.len.saturating_sub(1));
        let boxes = self.boxes(index, from, (from + 1).min(paragraph.len));
        match boxes.last() {
            Some(rect) => self.line_at(rect),
            None => self.element(index).map_or(0, |element| {
                let top = element.get_bounding_client_rect().top() - self.origin.top();
                (top / self.metrics.line_height).round().max(0.0) as usize
            }),
        }
    }

    /// The text on `lines`.
    fn span_of(&self, lines: Lines) -> Span<Utf16> {
        let len = self.paragraphs.text_len();
        let first_after = |line: usize| {
            // Lines never go back as offsets go on.
            let (mut low, mut high) = (0, len);
            while low < high {
                let middle = (low + high) / 2;
                if self.line_of(middle) < line {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            low
        };
        Span::new(first_after(lines.first), first_after(lines.last + 1))
    }
}

/// Adds a segment, to the last one if that is on the same line.
fn join(segments: &mut Vec<Segment>, next: Segment) {
    match segments.last_mut() {
        Some(last) if last.line == next.line => {
            last.left = last.left.min(next.left);
            last.right = last.right.max(next.right);
        }
        _ => segments.push(next),
    }
}

/// Widths of the labels of all types.
pub(crate) fn label_widths(model: &ModelSummary) -> LabelWidths {
    let context = label_context();
    let width = |text: &str, spacing: f64| {
        let letters = text.chars().count() as f64;
        let measured = context.as_ref().and_then(|c| c.measure_text(text).ok());
        let ink = measured.map_or(6.0 * letters, |m| m.width());
        ink + letters * spacing + 2.0 * LABEL_PADDING
    };
    let all = |labels: &[Label], show: fn(&str) -> String, spacing| -> Vec<f64> {
        labels
            .iter()
            .map(|l| width(&show(&l.name), spacing))
            .collect()
    };
    LabelWidths {
        entity: all(&model.entity_types, str::to_uppercase, ENTITY_LABEL_SPACING),
        relation: all(&model.relation_types, str::to_owned, 0.0),
    }
}

fn label_context() -> Option<CanvasRenderingContext2d> {
    let document = web_sys::window()?.document()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_font(LABEL_FONT);
    Some(context)
}
