//! Mentions: their highlights, and the rows in which their labels stand under the line.

use std::collections::BTreeMap;

use super::{
    MarkInput, Metrics, Rect, Segment, levels,
    room::{self, NAME_HEIGHT, NAME_MARGIN, NAME_PITCH},
};

/// By how much a highlight is wider than its words, on each side.
const PADDING: f64 = 2.0;
/// By how much a mention inside another is drawn lower, above and below.
const INSET: f64 = 2.5;
/// The depth of nesting from which on highlights become no lower.
const LAST_INSET: usize = 2;
/// Least distance between labels in a row.
const SPACING: f64 = 4.0;
/// How far a label may stand out into the gutter: not as far as the first arc that runs there.
const OVERHANG: f64 = 8.0;

/// A mention as drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mark {
    /// Identity of the mention.
    pub(crate) id: u32,
    /// Index of its type.
    pub(crate) kind: usize,
    /// Highlights, one a segment.
    pub(crate) boxes: Vec<Rect>,
    /// Where the label stands.
    pub(crate) label: Rect,
}

impl Mark {
    /// The width of the part under a point, if one is: what is narrower lies inside.
    pub(super) fn reach(&self, point: (f64, f64)) -> Option<f64> {
        (self.boxes.iter().chain([&self.label]))
            .filter(|part| part.contains(point, 0.0))
            .map(|part| part.width)
            .min_by(f64::total_cmp)
    }
}

/// The labels under each line.
#[derive(Debug, Default)]
pub(super) struct Names {
    lines: BTreeMap<usize, Line>,
}

#[derive(Debug, Default)]
struct Line {
    /// Where the last label of each row ends.
    ends: Vec<f64>,
    labels: Vec<Rect>,
}

impl Names {
    /// Height of the strip for labels at the top of the gap above line `gap`.
    pub(super) fn strip(&self, gap: usize) -> f64 {
        let line = gap.checked_sub(1).and_then(|line| self.lines.get(&line));
        room::strip(line.map_or(0, |line| line.ends.len()))
    }

    /// Height of the highest strip.
    pub(super) fn needed(&self) -> f64 {
        (self.lines.values())
            .map(|line| room::strip(line.ends.len()))
            .fold(0.0, f64::max)
    }

    /// `y`, or the bottom of the lowest label that stands under `line` at `x`.
    pub(super) fn below(&self, line: usize, x: f64, y: f64) -> f64 {
        let labels = self.lines.get(&line).map_or(&[][..], |line| &line.labels);
        (labels.iter())
            .filter(|label| x >= label.x - 2.0 && x <= label.right() + 2.0)
            .map(Rect::bottom)
            .fold(y, f64::max)
    }
}

/// Draws mentions, none of which is without segments, in the order given.
pub(super) fn draw(metrics: &Metrics, inputs: &[&MarkInput]) -> (Vec<Mark>, Names) {
    let mut marks: Vec<Mark> = (inputs.iter().zip(depths(inputs)))
        .map(|(input, depths)| Mark {
            id: input.id,
            kind: input.kind,
            boxes: (input.segments.iter().zip(depths))
                .map(|(segment, depth)| highlight(metrics, segment, depth))
                .collect(),
            label: Rect::default(),
        })
        .collect();
    let names = place_labels(metrics, inputs, &mut marks);
    (marks, names)
}

/// How deep each segment of each mention lies inside others.
fn depths(inputs: &[&MarkInput]) -> Vec<Vec<usize>> {
    let mut depths: Vec<Vec<usize>> = (inputs.iter()).map(|m| vec![0; m.segments.len()]).collect();
    let mut lines: BTreeMap<usize, Vec<(usize, usize, Segment)>> = BTreeMap::new();
    for (mark, input) in inputs.iter().enumerate() {
        for (part, segment) in input.segments.iter().enumerate() {
            let line = lines.entry(segment.line).or_default();
            line.push((mark, part, *segment));
        }
    }
    for mut segments in lines.into_values() {
        segments.sort_by(|(.., a), (.., b)| (b.right - b.left).total_cmp(&(a.right - a.left)));
        // Neighbours may touch.
        let taken = levels::assign((segments.iter()).map(|(.., s)| (s.left + 0.5, s.right - 0.5)));
        for ((mark, part, _), depth) in segments.into_iter().zip(taken) {
            depths[mark][part] = depth;
        }
    }
    depths
}

fn highlight(metrics: &Metrics, segment: &Segment, depth: usize) -> Rect {
    let inset = depth.min(LAST_INSET) as f64 * INSET;
    let padding = (PADDING - depth as f64).max(0.0);
    let top = metrics.text_top(segment.line);
    Rect {
        x: segment.left - padding,
        y: top + inset,
        width: segment.right - segment.left + 2.0 * padding,
        height: (metrics.text_bottom(segment.line) - top - 2.0 * inset).max(0.0),
    }
}

/// Sets the label of each mark under the middle of its first segment. Where one does not fit beside the label to its left
/// without leaving its mention, it goes to a further row.
fn place_labels(metrics: &Metrics, inputs: &[&MarkInput], marks: &mut [Mark]) -> Names {
    let overhang = OVERHANG.min(metrics.gutter.max(0.0));
    let mut order: Vec<(usize, Segment, f64)> = (inputs.iter().enumerate())
        .filter_map(|(mark, input)| Some((mark, *input.segments.first()?, input.label_width)))
        .collect();
    order.sort_by(|(_, a, _), (_, b, _)| a.center().total_cmp(&b.center()));

    let mut lines: BTreeMap<usize, Vec<(usize, usize)>> = BTreeMap::new();
    let mut names = Names::default();
    for (mark, segment, width) in order {
        let wanted = metrics.fit(segment.center() - width / 2.0, width, overhang);
        let reach = (segment.right - segment.left + width) / 2.0;
        let beside = |end: f64| wanted.max(end + SPACING);
        let fits =
            |x: f64| x - wanted <= reach && (x <= wanted || x + width <= metrics.width + overhang);
        let line = names.lines.entry(segment.line).or_default();
        let row = line.ends.iter().position(|&end| fits(beside(end)));
        let (row, x) = match row {
            Some(row) => (row, beside(line.ends[row])),
            None => {
                line.ends.push(f64::NEG_INFINITY);
                (line.ends.len() - 1, wanted)
            }
        };
        line.ends[row] = x + width;
        marks[mark].label = Rect {
            x,
            y: 0.0,
            width,
            height: NAME_HEIGHT,
        };
        lines.entry(segment.line).or_default().push((mark, row));
    }
    for (line, rows) in lines {
        let names = names.lines.entry(line).or_default();
        let further = names.ends.len().saturating_sub(1).max(1) as f64;
        // Before the lines have parted, rows are squeezed so that they cover no letters.
        let room = metrics.gap() - 2.0 * NAME_MARGIN - NAME_HEIGHT;
        let pitch = NAME_PITCH.min(room.max(0.0) / further);
        for (mark, row) in rows {
            let label = &mut marks[mark].label;
            label.y = metrics.text_bottom(line) + NAME_MARGIN + row as f64 * pitch;
            names.labels.push(*label);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{
        Scene,
        tests::{METRICS, marks, scene},
    };

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
    fn a_label_that_would_leave_its_mention_goes_to_a_further_row() {
        let segments: Vec<_> = (0..3)
            .map(|i| (0, 570.0 + 8.0 * f64::from(i), 576.0 + 8.0 * f64::from(i)))
            .collect();
        let labels: Vec<_> = scene(&segments, &[])
            .marks
            .iter()
            .map(|m| m.label)
            .collect();
        assert!(labels.iter().any(|label| label.y > labels[0].y));
        for (i, label) in labels.iter().enumerate() {
            assert!(label.right() <= METRICS.width + OVERHANG);
            assert!(labels[..i].iter().all(|other| !other.overlaps(label)));
        }
    }

    #[test]
    fn an_inner_mention_is_drawn_inside_the_outer_one() {
        let [outer, inner] = &scene(&[(0, 100.0, 200.0), (0, 100.0, 150.0)], &[]).marks[..] else {
            panic!("two mentions are drawn");
        };
        let (outer, inner) = (outer.boxes[0], inner.boxes[0]);
        assert!(outer.y < inner.y && inner.bottom() < outer.bottom());
        assert!(outer.x < inner.x && inner.right() < outer.right());
    }

    #[test]
    fn a_discontinuous_mention_is_highlighted_without_its_gap() {
        let mut marks = marks(&[(0, 0.0, 40.0), (0, 50.0, 60.0)]);
        marks[0].segments.push(Segment {
            line: 0,
            left: 70.0,
            right: 90.0,
        });
        let scene = Scene::new(&METRICS, &marks, &[]);
        assert_eq!(scene.at((80.0, 30.0)), scene.at((20.0, 30.0)));
        assert_ne!(scene.at((55.0, 30.0)), scene.at((20.0, 30.0)));
        let heights: Vec<_> = (scene.marks.iter())
            .flat_map(|m| m.boxes.iter().map(|b| b.height))
            .collect();
        assert_eq!(heights[0], heights[1]);
        assert_eq!(heights[0], heights[2]);
    }
}
