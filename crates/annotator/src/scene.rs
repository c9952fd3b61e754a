//! What is drawn behind the text: highlights, labels and relation arcs, computed from where the words are.
//!
//! Pure geometry. Positions are CSS pixels from the top left of the text's first line box; lines all have the same height.
//! The gap above line `g` holds, from top to bottom, the labels of line `g - 1` and the arcs that run between the two.

mod arcs;
mod levels;
mod path;
mod runs;

use spanarc_document::{Span, Utf16};

use crate::annotations::{Annotations, Link};

pub(crate) use arcs::Arc;

/// Metrics of the text that the drawing must keep clear of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Metrics {
    /// Width of the lines.
    pub(crate) width: f64,
    /// Distance from line to line.
    pub(crate) line_height: f64,
    /// From the top of a line box to the baseline.
    pub(crate) baseline: f64,
    /// Size of the text's font.
    pub(crate) font_size: f64,
    /// Free room beside the lines, on each side.
    pub(crate) gutter: f64,
}

impl Metrics {
    /// How far letters reach above the baseline, in units of the font size.
    pub(crate) const ASCENT: f64 = 0.80;
    /// How far letters reach below the baseline, in units of the font size.
    pub(crate) const DESCENT: f64 = 0.27;
    /// Height of the strip under the letters where entity labels stand.
    pub(crate) const LABEL_STRIP: f64 = 13.0;

    /// Top of the letters of `line`.
    pub(crate) fn text_top(&self, line: usize) -> f64 {
        line as f64 * self.line_height + self.baseline - Self::ASCENT * self.font_size
    }

    /// Bottom of the letters of `line`.
    pub(crate) fn text_bottom(&self, line: usize) -> f64 {
        line as f64 * self.line_height + self.baseline + Self::DESCENT * self.font_size
    }

    /// Height of the room for arcs above any line.
    pub(crate) fn arc_room(&self) -> f64 {
        self.text_top(1) - self.text_bottom(0) - Self::LABEL_STRIP
    }
}

/// The part of a mention that stands on one line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Segment {
    /// Index of the line.
    pub(crate) line: usize,
    /// Left edge.
    pub(crate) left: f64,
    /// Right edge.
    pub(crate) right: f64,
}

impl Segment {
    /// Middle between the edges.
    pub(crate) fn center(&self) -> f64 {
        (self.left + self.right) / 2.0
    }
}

/// An axis-parallel rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Rect {
    /// Left edge.
    pub(crate) x: f64,
    /// Top edge.
    pub(crate) y: f64,
    /// Width.
    pub(crate) width: f64,
    /// Height.
    pub(crate) height: f64,
}

impl Rect {
    fn centered(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self {
            x: x - width / 2.0,
            y: y - height / 2.0,
            width,
            height,
        }
    }

    /// Right edge.
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    /// Bottom edge.
    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Whether the point lies inside, or outside by at most `margin`.
    pub(crate) fn contains(&self, (x, y): (f64, f64), margin: f64) -> bool {
        x >= self.x - margin
            && x <= self.right() + margin
            && y >= self.y - margin
            && y <= self.bottom() + margin
    }

    fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }
}

/// A mention as drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mark {
    /// Identity of the mention.
    pub(crate) id: u32,
    /// Index into the entity types.
    pub(crate) entity_type: usize,
    /// Highlights, one a line.
    pub(crate) boxes: Vec<Rect>,
    /// Where the label stands.
    pub(crate) label: Rect,
}

/// Everything drawn.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Scene {
    /// Mentions.
    pub(crate) marks: Vec<Mark>,
    /// Links.
    pub(crate) arcs: Vec<Arc>,
}

/// What lies under a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// The mention with this identity.
    Mention(u32),
    /// The link with this identity.
    Link(u32),
}

/// A mention to draw: its index in the annotations and where its words are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Placed {
    /// Index in the mentions.
    pub(crate) mention: usize,
    /// Its lines, top to bottom; never empty.
    pub(crate) segments: Vec<Segment>,
}

/// Widths of the labels of each type.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct LabelWidths {
    /// By entity type.
    pub(crate) entity: Vec<f64>,
    /// By relation type.
    pub(crate) relation: Vec<f64>,
}

impl Scene {
    /// Draws `placed`, which is in text order, and those of `links` whose arguments are both placed.
    pub(crate) fn new<'a>(
        metrics: &Metrics,
        annotations: &Annotations,
        placed: &[Placed],
        links: impl Iterator<Item = &'a Link>,
        widths: &LabelWidths,
    ) -> Self {
        let marks = marks(metrics, annotations, placed, &widths.entity);
        let arcs = arcs::route(metrics, placed, &marks, links, &widths.relation);
        Self { marks, arcs }
    }

    /// What is drawn at a point: mentions before arcs, since they are what people read.
    pub(crate) fn at(&self, point: (f64, f64)) -> Option<Target> {
        let mark = self.marks.iter().find(|m| {
            m.boxes.iter().any(|b| b.contains(point, 0.0)) || m.label.contains(point, 0.0)
        });
        if let Some(mark) = mark {
            return Some(Target::Mention(mark.id));
        }
        let reach = 6.0;
        (self.arcs.iter())
            .map(|arc| (arc.distance(point), arc.id))
            .filter(|&(distance, _)| distance <= reach)
            .min_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, id)| Target::Link(id))
    }
}

/// Identities of what belongs to `target`: itself, its links, and their arguments.
pub(crate) fn related(annotations: &Annotations, target: Target) -> Vec<u32> {
    let mentions = &annotations.mentions;
    let mut ids = Vec::new();
    for link in &annotations.links {
        let arguments = [mentions[link.head].id, mentions[link.tail].id];
        let belongs = match target {
            Target::Link(id) => link.id == id,
            Target::Mention(id) => arguments.contains(&id),
        };
        if belongs {
            ids.push(link.id);
            ids.extend(arguments);
        }
    }
    if let Target::Mention(id) = target {
        ids.push(id);
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// The stretch of text that `target` covers.
pub(crate) fn extent(annotations: &Annotations, target: Target) -> Option<Span<Utf16>> {
    match target {
        Target::Mention(id) => annotations
            .mentions
            .iter()
            .find(|m| m.id == id)
            .map(|m| m.span),
        Target::Link(id) => {
            (annotations.links.iter().find(|l| l.id == id)).map(|l| annotations.hull(l))
        }
    }
}

fn marks(
    metrics: &Metrics,
    annotations: &Annotations,
    placed: &[Placed],
    widths: &[f64],
) -> Vec<Mark> {
    // Where the last label of each line ends, so that labels of short neighbours do not run into each other.
    let mut label_end = std::collections::HashMap::new();
    (placed.iter())
        .filter_map(|p| {
            let mention = annotations.mentions.get(p.mention)?;
            let first = p.segments.first()?;
            let pad = 2.0;
            let boxes = (p.segments.iter())
                .map(|s| Rect {
                    x: s.left - pad,
                    y: metrics.text_top(s.line),
                    width: s.right - s.left + 2.0 * pad,
                    height: metrics.text_bottom(s.line) - metrics.text_top(s.line),
                })
                .collect();
            let width = widths.get(mention.entity_type).copied().unwrap_or(0.0);
            let end = label_end.entry(first.line).or_insert(f64::MIN);
            let wanted = first.center() - width / 2.0;
            let x = wanted
                .max(*end + 4.0)
                .min((metrics.width - width).max(wanted));
            *end = x + width;
            let label = Rect {
                x,
                y: metrics.text_bottom(first.line) + 1.0,
                width,
                height: Metrics::LABEL_STRIP - 2.0,
            };
            Some(Mark {
                id: mention.id,
                entity_type: mention.entity_type,
                boxes,
                label,
            })
        })
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::annotations::Mention;

    pub(crate) const METRICS: Metrics = Metrics {
        width: 600.0,
        line_height: 60.0,
        baseline: 36.0,
        font_size: 20.0,
        gutter: 32.0,
    };

    /// Mentions of one segment each, numbered 1, 2, ...
    pub(crate) fn page(segments: &[(usize, f64, f64)]) -> (Annotations, Vec<Placed>) {
        let mut annotations = Annotations::default();
        let mut placed = Vec::new();
        for (i, &(line, left, right)) in segments.iter().enumerate() {
            annotations.mentions.push(Mention {
                id: i as u32 + 1,
                entity_type: 0,
                span: Span::new(10 * i, 10 * i + 5),
                score: 0.9,
                text: Rc::from("words"),
            });
            placed.push(Placed {
                mention: i,
                segments: vec![Segment { line, left, right }],
            });
        }
        (annotations, placed)
    }

    pub(crate) fn links(pairs: &[(usize, usize)]) -> Vec<Link> {
        (pairs.iter().enumerate())
            .map(|(i, &(head, tail))| Link {
                id: 100 + i as u32,
                relation_type: 0,
                head,
                tail,
                score: 0.9,
            })
            .collect()
    }

    pub(crate) fn widths() -> LabelWidths {
        LabelWidths {
            entity: vec![24.0],
            relation: vec![48.0],
        }
    }

    pub(crate) fn scene(segments: &[(usize, f64, f64)], pairs: &[(usize, usize)]) -> Scene {
        let (annotations, placed) = page(segments);
        Scene::new(
            &METRICS,
            &annotations,
            &placed,
            links(pairs).iter(),
            &widths(),
        )
    }

    #[test]
    fn a_label_stands_under_the_middle_of_its_mention() {
        let scene = scene(&[(0, 100.0, 180.0)], &[]);
        let label = scene.marks[0].label;
        assert_eq!(label.x + label.width / 2.0, 140.0);
        assert!(label.y >= METRICS.text_bottom(0) && label.bottom() < METRICS.text_top(1));
    }

    #[test]
    fn labels_of_short_neighbours_do_not_run_into_each_other() {
        let scene = scene(&[(0, 100.0, 110.0), (0, 114.0, 124.0)], &[]);
        assert!(scene.marks[1].label.x > scene.marks[0].label.right());
    }

    #[test]
    fn a_point_finds_the_mention_or_the_arc_under_it() {
        let scene = scene(&[(0, 0.0, 80.0), (0, 300.0, 380.0)], &[(0, 1)]);
        assert_eq!(scene.at((40.0, 30.0)), Some(Target::Mention(1)));
        let label = scene.arcs[0].label;
        assert_eq!(
            scene.at((label.x + 3.0, label.y + 3.0)),
            Some(Target::Link(100))
        );
        assert_eq!(scene.at((200.0, 30.0)), None);
    }

    #[test]
    fn a_mention_is_related_to_its_links_and_their_arguments() {
        let (mut annotations, _) = page(&[(0, 0.0, 1.0), (0, 2.0, 3.0), (0, 4.0, 5.0)]);
        annotations.links = links(&[(0, 1), (1, 2)]);
        assert_eq!(related(&annotations, Target::Mention(1)), [1, 2, 100]);
        assert_eq!(related(&annotations, Target::Link(101)), [2, 3, 101]);
        assert_eq!(
            extent(&annotations, Target::Link(101)),
            Some(Span::new(10, 25))
        );
    }
}
