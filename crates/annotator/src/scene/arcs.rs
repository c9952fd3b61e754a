//! Relation arcs, routed so that they never cross text.
//!
//! Horizontal runs lie in the gaps between lines, each on a level of its own among those that it overlaps. An arc between
//! mentions on one line uses the gap above it; between neighbouring lines, the gap they share. Between lines further apart
//! it leaves along the gap below the upper mention, runs down the gutter, and comes in along the gap above the lower one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    ArcInput, MarkInput, Metrics, Rect,
    bundles::{self, Bundle},
    ends::{self, Draft, End, Side},
    gaps, lanes,
    marks::Names,
    path::{self, Point},
    runs::{self, Runs},
};

pub(super) const CORNER: f64 = 6.0;
const ARROW_LENGTH: f64 = 5.5;
const ARROW_HALF_WIDTH: f64 = 3.0;

/// A link as drawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Arc {
    /// Identity of the link.
    pub(crate) id: u32,
    /// Index of its type.
    pub(crate) kind: usize,
    /// SVG path data of the line.
    pub(crate) path: String,
    /// Points of the arrowhead, as in SVG's `polygon`.
    pub(crate) arrow: String,
    /// The line before its corners are rounded, from head to tail.
    pub(crate) points: Vec<Point>,
}

impl Arc {
    /// Distance from a point to the line.
    pub(super) fn distance(&self, point: Point) -> f64 {
        path::distance_to(&self.points, point)
    }

    /// Distance from a point to both ends of the line, added up. Of arcs that share a trunk, the one that ends
    /// nearest to the point has the least.
    pub(super) fn distance_of_ends(&self, point: Point) -> f64 {
        let ends = [self.points.first(), self.points.last()];
        (ends.into_iter().flatten())
            .map(|&end| path::distance(end, point))
            .sum()
    }
}

/// The label of one link, or of several that share a trunk.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ArcLabel {
    /// Where it stands.
    pub(crate) rect: Rect,
    /// Index of the links' type.
    pub(crate) kind: usize,
    /// Identities of the links; never empty. Each link has exactly one label.
    pub(crate) links: Vec<u32>,
}

/// Arcs whose runs have levels, but no heights yet.
pub(super) struct Plan<'a> {
    links: &'a [ArcInput],
    drafts: Vec<Draft>,
    bundles: Vec<Bundle>,
    runs: Runs,
    /// For each gap, the height that its arcs need.
    needed: BTreeMap<usize, f64>,
}

/// Plans those of `links` whose arguments are both among `placed`.
pub(super) fn plan<'a>(
    metrics: &Metrics,
    placed: &[&MarkInput],
    names: &Names,
    links: &'a [ArcInput],
) -> Plan<'a> {
    let place_of: HashMap<u32, usize> = (placed.iter().enumerate())
        .map(|(i, mark)| (mark.id, i))
        .collect();
    let drafts: Vec<Draft> = (links.iter().enumerate())
        .filter_map(|(i, link)| {
            let arguments = (*place_of.get(&link.head)?, *place_of.get(&link.tail)?);
            Draft::new(metrics, placed, (i, link.kind), arguments)
        })
        .collect();
    let single = Plan::new(metrics, links, drafts, &BTreeSet::new());
    let dense: BTreeSet<usize> = (single.needed.iter())
        .filter(|&(&gap, &needed)| gaps::is_dense(metrics, names, gap, needed))
        .map(|(&gap, _)| gap)
        .collect();
    if dense.is_empty() {
        return single;
    }
    Plan::new(metrics, links, single.drafts, &dense)
}

impl<'a> Plan<'a> {
    fn new(
        metrics: &Metrics,
        links: &'a [ArcInput],
        mut drafts: Vec<Draft>,
        dense: &BTreeSet<usize>,
    ) -> Self {
        let bundles = bundles::gather(&mut drafts, dense);
        ends::spread(&mut drafts);
        let mut runs = runs::horizontal(metrics, &drafts, &bundles, links);
        let needed = gaps::stack(metrics, &mut runs);
        Self {
            links,
            drafts,
            bundles,
            runs,
            needed,
        }
    }

    /// Height of the highest gap, with the labels of mentions at its top.
    pub(super) fn needed(&self, names: &Names) -> f64 {
        (self.needed.iter())
            .map(|(&gap, needed)| names.strip(gap) + needed)
            .fold(0.0, f64::max)
    }

    /// The arcs, in the order of the links, and their labels, in the order of the first link of each.
    pub(super) fn draw(mut self, metrics: &Metrics, names: &Names) -> (Vec<Arc>, Vec<ArcLabel>) {
        gaps::raise(metrics, &mut self.runs, names);
        let lanes = lanes::assign(metrics, &self.drafts, self.bundles.len(), &self.runs);
        let arcs = (self.drafts.iter())
            .map(|draft| self.arc(metrics, draft, lanes[draft.bundle], names))
            .collect();
        let labels = (self.bundles.iter().enumerate())
            .filter_map(|(bundle, members)| {
                let links = members.iter().map(|&i| &self.links[self.drafts[i].link]);
                Some(ArcLabel {
                    rect: runs::of_bundle(&self.runs, bundle).find_map(|run| run.label_rect())?,
                    kind: links.clone().next()?.kind,
                    links: links.map(|link| link.id).collect(),
                })
            })
            .collect();
        (arcs, labels)
    }

    fn arc(&self, metrics: &Metrics, draft: &Draft, lane: Option<f64>, names: &Names) -> Arc {
        let (upper, lower) = (draft.upper.x, draft.lower.x);
        let [out, back] = draft.gaps().map(|gap| {
            let run = self.runs.get(&(draft.bundle, gap));
            run.map_or_else(|| metrics.text_top(gap), |run| run.y)
        });
        let mut points = vec![(upper, end_y(metrics, &draft.upper, names)), (upper, out)];
        if let Some(lane) = lane {
            points.extend([(lane, out), (lane, back)]);
        }
        points.extend([(lower, back), (lower, end_y(metrics, &draft.lower, names))]);
        let tail = if draft.head_is_upper {
            &draft.lower
        } else {
            points.reverse();
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
        let link = &self.links[draft.link];
        Arc {
            id: link.id,
            kind: link.kind,
            path: path::rounded(&line, CORNER),
            arrow: arrow.map(path::show).join(" "),
            points,
        }
    }
}

/// Where an arc touches a mention: its letters' edge, or under the labels that stand there when it leaves below.
fn end_y(metrics: &Metrics, end: &End, names: &Names) -> f64 {
    let line = end.segment.line;
    match end.side {
        Side::Top => metrics.text_top(line) - 1.0,
        Side::Bottom => names.below(line, end.x, metrics.text_bottom(line) + 1.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{
        Scene, room,
        tests::{METRICS, scene},
    };

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
        assert!(arcs[0].points[1].1 > METRICS.text_bottom(0) + room::strip(1));
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
        let Scene { arcs, labels, .. } = scene(
            &[(0, 0.0, 40.0), (0, 150.0, 190.0), (0, 400.0, 440.0)],
            &[(0, 2), (0, 1)],
        );
        assert!(arcs[0].points[1].1 < arcs[1].points[1].1 - 5.0);
        assert!(
            arcs[0].points[0].0 < arcs[1].points[0].0,
            "the outer arc leaves left of the inner one"
        );
        assert!(!labels[0].rect.overlaps(&labels[1].rect));
    }

    #[test]
    fn many_arcs_over_one_gap_stay_clear_of_both_lines() {
        let segments: Vec<_> = (0..10)
            .map(|i| (2, 60.0 * i as f64, 60.0 * i as f64 + 40.0))
            .collect();
        let pairs: Vec<_> = (1..10).map(|i| (0, i)).collect();
        let arcs = scene(&segments, &pairs).arcs;
        assert_eq!(arcs.len(), 9);
        let ceiling = METRICS.text_bottom(1) + room::strip(1);
        assert!(arcs.iter().all(|a| a.points.iter().all(|p| p.1 >= ceiling)));
        assert!(!crosses_text(&arcs));
    }

    #[test]
    fn labels_stay_between_the_edges() {
        let labels = scene(
            &[(0, 0.0, 10.0), (0, 14.0, 24.0), (0, 590.0, 600.0)],
            &[(0, 1)],
        )
        .labels;
        assert!(labels[0].rect.x >= 0.0);
    }

    #[test]
    fn a_link_with_an_argument_out_of_sight_is_not_drawn() {
        assert!(scene(&[(0, 0.0, 10.0)], &[(0, 1)]).arcs.is_empty());
    }
}
