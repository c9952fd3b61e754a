//! Where the words are: ranges of the mirror in the surface's own coordinates.

use spanarc_document::{Span, Utf16, utf16_len};
use wasm_bindgen::JsCast;
use web_sys::{DomRect, Element, HtmlElement, Range};

use super::{
    affine::{Affine, ClientBox},
    computed,
    mirror::{Block, Mirror},
};
use crate::scene::{Metrics, Segment};

/// Distance between the corners of the box by which the map to the viewport is measured; as in `styles/surface.css`.
const AXIS: f64 = 64.0;

/// Boxes of one range on one line that are no further apart are one.
const TOUCHING: f64 = 1.0;
/// The same for words with a space between them, in units of the font size.
const SPACE: f64 = 0.7;

/// The elements by which a surface is measured.
#[derive(Clone)]
pub(crate) struct Gauge {
    /// What the mirror lies in, gutters included.
    pub(crate) frame: HtmlElement,
    /// The mirror's element.
    pub(crate) mirror: HtmlElement,
    /// Holds three empty elements at the mirror's origin and at [`AXIS`] from it along each axis.
    pub(crate) axes: Element,
    /// A line of text as the mirror's, with an empty inline block at its end that stands on the baseline.
    pub(crate) probe: HtmlElement,
    /// An element to scroll to: it has no place until it is given one.
    pub(crate) anchor: HtmlElement,
    /// Has the font of labels.
    pub(crate) label: HtmlElement,
}

/// Measures a surface as it is laid out now.
pub(crate) struct Ruler {
    /// Metrics of the text.
    pub(crate) metrics: Metrics,
    map: Affine,
    /// Height of a box of text, whatever fonts its letters come from.
    text_height: f64,
    range: Range,
}

impl Ruler {
    /// A ruler for a surface, unless it is not laid out.
    pub(crate) fn new(gauge: &Gauge) -> Option<Self> {
        let map = gauge.map()?;
        let pixels = |element: &Element, name| -> Option<f64> {
            computed(element, name)?.trim_end_matches("px").parse().ok()
        };
        let foot = gauge.probe.last_element_child()?;
        let line_height = pixels(&gauge.mirror, "line-height")?;
        let top = map.local(client_box(&gauge.probe).center()).1 - line_height / 2.0;
        let baseline = map.local(client_box(&foot).center()).1 - top;
        let letters: HtmlElement = gauge.probe.first_element_child()?.dyn_into().ok()?;
        Some(Self {
            metrics: Metrics {
                width: pixels(&gauge.mirror, "width")?,
                line_height,
                step: 0,
                baseline,
                font_size: pixels(&gauge.mirror, "font-size")?,
                gutter: pixels(&gauge.frame, "padding-left")?,
            },
            map,
            text_height: letters.offset_height().into(),
            range: web_sys::window()?.document()?.create_range().ok()?,
        })
    }

    /// The least and the greatest y, in the surface's coordinates, of a box of the viewport.
    pub(crate) fn local_heights(&self, bounds: &ClientBox) -> (f64, f64) {
        self.map.local_heights(bounds)
    }

    /// Boxes of `from..to` of a block, offsets within it.
    fn boxes(&self, block: &Block, from: usize, to: usize) -> Vec<ClientBox> {
        let measured = || {
            let at = |offset| u32::try_from(offset).ok();
            self.range.set_start(&block.text, at(from)?).ok()?;
            self.range.set_end(&block.text, at(to)?).ok()?;
            let list = self.range.get_client_rects()?;
            let rects = (0..list.length()).filter_map(|i| list.item(i));
            Some(rects.map(|rect| from_rect(&rect)).collect())
        };
        measured().unwrap_or_default()
    }

    fn line_of_box(&self, bounds: &ClientBox) -> usize {
        (self.map.local(bounds.center()).1 / self.metrics.line_height).max(0.0) as usize
    }

    /// The line of the code unit at `offset` of a block. A line break has no box of its own: it stands where the character
    /// before it does, or where its empty line is.
    fn line_in(&self, block: &Block, offset: usize) -> usize {
        let len = block.text.length() as usize;
        let from = offset.min(len.saturating_sub(1));
        match self.boxes(block, from, (from + 1).min(len)).last() {
            Some(bounds) => self.line_of_box(bounds),
            None => self.first_line(block),
        }
    }

    /// The line at which a block begins. A turned block keeps its middle, and its height is that of its layout.
    fn first_line(&self, block: &Block) -> usize {
        let height = f64::from(block.element.offset_height());
        let top = self.map.local(client_box(&block.element).center()).1 - height / 2.0;
        (top / self.metrics.line_height).round().max(0.0) as usize
    }

    /// Whether the code unit at `offset` is the first on its line. Text that is not laid out breaks everywhere.
    pub(crate) fn starts_line(&self, block: &Block, offset: usize) -> bool {
        offset == 0
            || self.boxes(block, offset - 1, offset).is_empty()
            || self.line_in(block, offset - 1) != self.line_in(block, offset)
    }

    /// The first offset after `offset` of a block at which a line starts.
    pub(crate) fn line_start_after(&self, block: &Block, offset: usize) -> Option<usize> {
        let len = block.text.length() as usize;
        let line = self.line_in(block, offset);
        // Lines never go back as offsets go on.
        let (mut low, mut high) = (offset, len);
        while low < high {
            let middle = (low + high) / 2;
            if self.line_in(block, middle) <= line {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low < len).then_some(low)
    }

    /// The line on which the code unit at `offset` of the text stands.
    pub(crate) fn line_at(&self, mirror: &Mirror, offset: usize) -> usize {
        match mirror.blocks().get(mirror.at(offset)) {
            Some(block) => self.line_in(block, offset - block.start),
            None => 0,
        }
    }

    /// The text on the lines `first..=last`.
    pub(crate) fn text_on(&self, mirror: &Mirror, first: usize, last: usize) -> Span<Utf16> {
        let blocks = mirror.blocks();
        let top = |block: &Block| self.first_line(block);
        let start_of = |line: usize| {
            // Lines begin in the last block that does not begin below them.
            let index = blocks.partition_point(|block| top(block) <= line);
            let Some(block) = index.checked_sub(1).and_then(|i| blocks.get(i)) else {
                return 0;
            };
            let (mut low, mut high) = (0, block.len);
            while low < high {
                let middle = (low + high) / 2;
                if self.line_in(block, middle) < line {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            if low < block.len || block.len == 0 || top(block) == line {
                block.start + low
            } else {
                // The line is below this block: that is where the next one begins, or the end of the text.
                blocks.get(index).map_or(block.end(), |next| next.start)
            }
        };
        Span::new(start_of(first), start_of(last + 1).min(mirror.len()))
    }

    /// Where `span` is: its parts, top to bottom; in a line of mixed directions there may be several.
    pub(crate) fn segments(&self, mirror: &Mirror, span: Span<Utf16>) -> Vec<Segment> {
        let mut segments = Vec::new();
        let first = mirror.at(span.start);
        for block in &mirror.blocks()[first..] {
            if block.start >= span.end {
                break;
            }
            let from = span.start.saturating_sub(block.start).min(block.len);
            let to = (span.end - block.start).min(block.len);
            if from >= to {
                continue;
            }
            let boxes = self.boxes(block, from, to);
            let first_line = boxes.first().map(|bounds| self.line_of_box(bounds));
            if boxes
                .iter()
                .all(|bounds| Some(self.line_of_box(bounds)) == first_line)
            {
                self.join_boxes(&mut segments, &boxes, TOUCHING);
                continue;
            }
            // The space at which a mention is broken belongs to its first line; word by word it is left out.
            let text = (block.text).substring_data(from as u32, (to - from) as u32);
            let mut start = from;
            for word in text.unwrap_or_default().split(char::is_whitespace) {
                let end = start + utf16_len(word);
                let boxes = self.boxes(block, start, end);
                self.join_boxes(&mut segments, &boxes, SPACE * self.metrics.font_size);
                start = end + 1;
            }
        }
        segments
    }

    /// Adds boxes of text to `segments`.
    fn join_boxes(&self, segments: &mut Vec<Segment>, boxes: &[ClientBox], gap: f64) {
        for bounds in boxes {
            let middle = self.map.local(bounds.center()).0;
            let half = self.map.local_width(bounds, self.text_height) / 2.0;
            // Spaces at a soft line end hang out of the line.
            let left = (middle - half).clamp(0.0, self.metrics.width);
            let right = (middle + half).clamp(0.0, self.metrics.width);
            if right - left < 0.5 {
                continue;
            }
            let line = self.line_of_box(bounds);
            match segments.last_mut() {
                Some(last)
                    if last.line == line
                        && left <= last.right + gap
                        && last.left <= right + gap =>
                {
                    last.left = last.left.min(left);
                    last.right = last.right.max(right);
                }
                _ => segments.push(Segment { line, left, right }),
            }
        }
    }
}

impl Gauge {
    /// The map from the mirror's coordinates to the viewport's, unless the surface is not displayed.
    pub(crate) fn map(&self) -> Option<Affine> {
        let axes = self.axes.children();
        let corner = |i| Some(client_box(&axes.item(i)?).center());
        Affine::through(corner(0)?, corner(1)?, corner(2)?, AXIS)
    }
}

/// Where an element is in the viewport.
pub(crate) fn client_box(element: &Element) -> ClientBox {
    from_rect(&element.get_bounding_client_rect())
}

fn from_rect(rect: &DomRect) -> ClientBox {
    ClientBox {
        left: rect.left(),
        top: rect.top(),
        width: rect.width(),
        height: rect.height(),
    }
}
