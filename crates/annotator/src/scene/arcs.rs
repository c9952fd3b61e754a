//! Relation arcs, routed so that they never cross text.
//!
//! Horizontal runs lie in the gaps between lines, each on a level of its own among those that it overlaps. An arc between
//! mentions on one line uses the gap above it; between neighbouring lines, the gap they share. Between lines further apart
//! it leaves along the gap below the upper mention, runs down the gutter, and comes in along the gap above the lower one.

use std::collections::BTreeMap;

use super::{
    Mark, Metrics, Placed, Rect, Segment,
    path::{self, Point},
    runs::{self, Run},
};
use crate::annotations::Link;

/// Between arcs that end at one side of a mention, when there is room.
const SLOT_PITCH: f64 = 8.0;
pub(super) const CORNER: f64 = 6.0;
const ARROW_LENGTH: f64 = 5.5;
const ARROW_HALF_WIDTH: f64 = 3.0;

/// A link as drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Arc {
    /// Identity of the link.
    pub(crate) id: u32,
    /// Index into the relation types.
    pub(crate) relation_type: usize,
    /// SVG path data of the line.
    pub(crate) path: String,
    /// Points of the arrowhead, as in SVG's `polygon`.
    pub(crate) arrow: String,
    /// Where the label stands.
    pub(crate) label: Rect,
    /// The line before its corners are rounded, from head to tail.
    pub(crate) points: Vec<Point>,
}

impl Arc {
    /// Distance from a point to the line or its label.
    pub(crate) fn distance(&self, point: Point) -> f64 {
        if self.label.contains(point, 0.0) {
            return 0.0;
        }
        path::distance_to(&self.points, point)
    }
}

/// The side of a mention at which an arc ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    Top,
    Bottom,
}

/// One end of an arc.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) placed: usize,
    pub(super) segment: Segment,
    pub(super) side: Side,
    pub(super) x: f64,
}

/// An arc on its way: `upper` is on the earlier line, or the left one on the same line.
pub(super) struct Draft<'a> {
    pub(super) link: &'a Link,
    pub(super) upper: End,
    pub(super) lower: End,
    pub(super) head_is_upper: bool,
    pub(super) gutter: Option<Gutter>,
}

/// The gutter that an arc runs down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gutter {
    Left,
    Right,
}

/// Routes those of `links` whose arguments are both among `placed`; `marks` are theirs, in the same order.
pub(super) fn route<'a>(
    metrics: &Metrics,
    placed: &[Placed],
    marks: &[Mark],
    links: impl Iterator<Item = &'a Link>,
    label_widths: &[f64],
) -> Vec<Arc> {
    let place_of: BTreeMap<usize, usize> = placed
        .iter()
        .enumerate()
        .map(|(i, p)| (p.mention, i))
        .collect();
    let mut drafts: Vec<Draft> = links
        .filter_map(|link| {
            let (head, tail) = (*place_of.get(&link.head)?, *place_of.get(&link.tail)?);
            draft(metrics, placed, link, head, tail)
        })
        .collect();
    spread_ends(&mut drafts);

    let width_of = |d: &Draft| {
        label_widths
            .get(d.link.relation_type)
            .copied()
            .unwrap_or(0.0)
    };
    let mut runs = runs::horizontal(metrics, &drafts);
    runs::assign_heights(metrics, &mut runs, |run| {
        if run.labelled {
            width_of(&drafts[run.draft])
        } else {
            0.0
        }
    });
    let lanes = runs::lanes(metrics, &drafts, &runs);

    let labels = runs::place_labels(metrics, &drafts, &runs, width_of);
    (drafts.iter().enumerate())
        .map(|(i, draft)| {
            let of_draft: Vec<&Run> = runs.iter().filter(|r| r.draft == i).collect();
            finish(metrics, draft, &of_draft, lanes[i], labels[i], marks)
        })
        .collect()
}

fn draft<'a>(
    metrics: &Metrics,
    placed: &[Placed],
    link: &'a Link,
    head: usize,
    tail: usize,
) -> Option<Draft<'a>> {
    let pairs = (placed[head].segments.iter())
        .flat_map(|h| placed[tail].segments.iter().map(move |t| (*h, *t)));
    let (h, t) = pairs.min_by(|a, b| {
        let lines = |(h, t): &(Segment, Segment)| h.line.abs_diff(t.line);
        let across = |(h, t): &(Segment, Segment)| (h.center() - t.center()).abs();
        lines(a)
            .cmp(&lines(b))
            .then(across(a).total_cmp(&across(b)))
    })?;
    let head_is_upper = (h.line, h.left) <= (t.line, t.left);
    let ((upper, u), (lower, l)) = if head_is_upper {
        ((head, h), (tail, t))
    } else {
        ((tail, t), (head, h))
    };
    let end = |placed, segment: Segment, side| End {
        placed,
        segment,
        side,
        x: segment.center(),
    };
    let leaving = if u.line == l.line {
        Side::Top
    } else {
        Side::Bottom
    };
    let gutter = (l.line > u.line + 1).then(|| {
        if u.center() + l.center() < metrics.width {
            Gutter::Left
        } else {
            Gutter::Right
        }
    });
    Some(Draft {
        link,
        upper: end(upper, u, leaving),
        lower: end(lower, l, Side::Top),
        head_is_upper,
        gutter,
    })
}

/// Gives the arcs that end at the same side of a mention places beside each other, so that they do not cross there.
fn spread_ends(drafts: &mut [Draft]) {
    let mut groups: BTreeMap<(usize, usize, Side), Vec<(usize, bool)>> = BTreeMap::new();
    for (i, d) in drafts.iter().enumerate() {
        for (end, is_upper) in [(&d.upper, true), (&d.lower, false)] {
            let key = (end.placed, end.segment.line, end.side);
            groups.entry(key).or_default().push((i, is_upper));
        }
    }
    for ((.., side), mut ends) in groups {
        // Above a mention outer arcs pass over inner ones, below it the other way round: the order that avoids
        // crossings is mirrored.
        let order = |&(i, is_upper): &(usize, bool)| {
            let d: &Draft = &drafts[i];
            let (own, other) = if is_upper {
                (&d.upper, &d.lower)
            } else {
                (&d.lower, &d.upper)
            };
            let way = match d.gutter {
                Some(Gutter::Left) => f64::MIN,
                Some(Gutter::Right) => f64::MAX,
                None => other.segment.center() - own.segment.center(),
            };
            let rank = match side {
                Side::Top => -way,
                Side::Bottom => way,
            };
            (way > 0.0, rank)
        };
        ends.sort_by(|a, b| {
            let ((right_a, rank_a), (right_b, rank_b)) = (order(a), order(b));
            right_a.cmp(&right_b).then(rank_a.total_cmp(&rank_b))
        });
        let count = ends.len() as f64;
        for (slot, (i, is_upper)) in ends.into_iter().enumerate() {
            let d = &mut drafts[i];
            let end = if is_upper { &mut d.upper } else { &mut d.lower };
            let room = (end.segment.right - end.segment.left - 4.0).max(0.0);
            let pitch = SLOT_PITCH.min(room / count);
            end.x = end.segment.center() + (slot as f64 - (count - 1.0) / 2.0) * pitch;
        }
    }
}

fn finish(
    metrics: &Metrics,
    draft: &Draft,
    runs: &[&Run],
    lane: Option<f64>,
    label: Rect,
    marks: &[Mark],
) -> Arc {
    let start = end_y(metrics, &draft.upper, marks);
    let stop = end_y(metrics, &draft.lower, marks);
    let (upper, lower) = (draft.upper.x, draft.lower.x);
    let mut points = vec![(upper, start)];
    match (runs, lane) {
        ([out, back], Some(lane)) => {
            points.extend([
                (upper, out.y),
                (lane, out.y),
                (lane, back.y),
                (lower, back.y),
            ]);
        }
        (runs, _) => {
            let y = runs.first().map_or(start, |r| r.y);
            points.extend([(upper, y), (lower, y)]);
        }
    }
    points.push((lower, stop));
    if !draft.head_is_upper {
        points.reverse();
    }
    let tail = if draft.head_is_upper {
        &draft.lower
    } else {
        &draft.upper
    };
    let tip = points.last().copied().unwrap_or_default();
    let back = match tail.side {
        Side::Top => tip.1 - ARROW_LENGTH,
        Side::Bottom => tip.1 + ARROW_LENGTH,
    };
    let arrow = [
        tip,
        (tip.0 - ARROW_HALF_WIDTH, back),
        (tip.0 + ARROW_HALF_WIDTH, back),
    ];
    // The line stops inside the arrowhead, or its blunt end would show beside the tip.
    let mut line = points.clone();
    if let Some(last) = line.last_mut() {
        last.1 = (tip.1 + back) / 2.0;
    }
    Arc {
        id: draft.link.id,
        relation_type: draft.link.relation_type,
        path: path::rounded(&line, CORNER),
        arrow: arrow.map(path::show).join(" "),
        label,
        points,
    }
}

/// Where an arc touches a mention: its letters' edge, or under its label when it leaves below.
fn end_y(metrics: &Metrics, end: &End, marks: &[Mark]) -> f64 {
    match end.side {
        Side::Top => metrics.text_top(end.segment.line) - 1.0,
        Side::Bottom => {
            let bottom = metrics.text_bottom(end.segment.line) + 1.0;
            (marks.get(end.placed).map(|m| m.label))
                .filter(|label| label.y > bottom - 2.0 && label.y < bottom + 2.0)
                .filter(|label| end.x >= label.x - 2.0 && end.x <= label.right() + 2.0)
                .map_or(bottom, |label| label.bottom())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{METRICS, scene};
    use super::*;

    /// Whether any piece of any arc runs through the letters of any line.
    fn crosses_text(arcs: &[Arc]) -> bool {
        arcs.iter().any(|arc| {
            arc.points.windows(2).any(|w| {
                let (top, bottom) = (w[0].1.min(w[1].1), w[0].1.max(w[1].1));
                let outside = |x: f64| !(0.0..=METRICS.width).contains(&x);
                let in_gutter = outside(w[0].0) && outside(w[1].0);
                !in_gutter
                    && (0..20).any(|line| {
                        top < METRICS.text_bottom(line) && METRICS.text_top(line) < bottom
                    })
            })
        })
    }

    #[test]
    fn an_arc_on_one_line_goes_over_it_and_points_down_at_the_tail() {
        let arcs = scene(&[(0, 0.0, 80.0), (0, 300.0, 380.0)], &[(1, 0)]).arcs;
        let points = &arcs[0].points;
        assert_eq!(points.len(), 4);
        assert_eq!((points[0].0, points[3].0), (340.0, 40.0));
        assert!(points[1].1 < METRICS.text_top(0));
        assert!(arcs[0].arrow.starts_with("40,19"));
        assert!(!crosses_text(&arcs));
    }

    #[test]
    fn an_arc_between_neighbouring_lines_stays_in_the_gap_they_share() {
        let arcs = scene(&[(0, 400.0, 480.0), (1, 20.0, 80.0)], &[(0, 1)]).arcs;
        assert_eq!(arcs[0].points.len(), 4);
        assert!(arcs[0].points[1].1 > METRICS.text_bottom(0) + Metrics::LABEL_STRIP);
        assert!(!crosses_text(&arcs));
    }

    #[test]
    fn an_arc_over_several_lines_runs_down_the_nearer_gutter() {
        let arcs = scene(
            &[(0, 500.0, 580.0), (3, 400.0, 480.0), (5, 10.0, 60.0)],
            &[(0, 1), (2, 0)],
        )
        .arcs;
        assert!(arcs[0].points[2].0 > METRICS.width);
        assert!(arcs.iter().all(|a| {
            a.points
                .iter()
                .all(|p| p.0 <= METRICS.width + METRICS.gutter)
        }));
        assert!(!crosses_text(&arcs));
    }

    #[test]
    fn parallel_arcs_lie_on_different_levels_and_inner_ones_lower() {
        let arcs = scene(
            &[(0, 0.0, 40.0), (0, 150.0, 190.0), (0, 400.0, 440.0)],
            &[(0, 2), (0, 1)],
        )
        .arcs;
        assert!(arcs[0].points[1].1 < arcs[1].points[1].1 - 5.0);
        assert!(
            arcs[0].points[0].0 < arcs[1].points[0].0,
            "the outer arc leaves left of the inner one"
        );
        assert!(!arcs[0].label.overlaps(&arcs[1].label));
    }

    #[test]
    fn many_arcs_over_one_gap_stay_clear_of_both_lines() {
        let segments: Vec<_> = (0..10)
            .map(|i| (2, 60.0 * i as f64, 60.0 * i as f64 + 40.0))
            .collect();
        let pairs: Vec<_> = (1..10).map(|i| (0, i)).collect();
        let arcs = scene(&segments, &pairs).arcs;
        assert_eq!(arcs.len(), 9);
        let ceiling = METRICS.text_bottom(1) + Metrics::LABEL_STRIP;
        assert!(arcs.iter().all(|a| a.points.iter().all(|p| p.1 >= ceiling)));
        assert!(!crosses_text(&arcs));
    }

    #[test]
    fn labels_stay_between_the_edges() {
        let arcs = scene(
            &[(0, 0.0, 10.0), (0, 14.0, 24.0), (0, 590.0, 600.0)],
            &[(0, 1)],
        )
        .arcs;
        assert!(arcs[0].label.x >= 0.0);
    }

    #[test]
    fn a_link_with_an_argument_out_of_sight_is_not_drawn() {
        assert!(scene(&[(0, 0.0, 10.0)], &[(0, 1)]).arcs.is_empty());
    }
}
