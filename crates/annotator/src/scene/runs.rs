//! The straight runs of arcs: which height each horizontal one has in its gap, which lane each vertical one has in the
//! gutter, and where on its run each label stands.

use std::collections::BTreeMap;

use super::{
    Metrics, Rect,
    arcs::{CORNER, Draft, Gutter},
    levels,
};

/// From the letters up to the lowest level of arcs.
const CLEARANCE: f64 = 11.5;
/// From level to level, when there is room.
const LEVEL_PITCH: f64 = 11.0;
/// From lane to lane in the gutter, when there is room.
const LANE_PITCH: f64 = 6.0;
/// From the lines to the first lane.
const LANE_MARGIN: f64 = 10.0;
/// Height of an arc's label.
const LABEL_HEIGHT: f64 = 11.0;

/// A horizontal stretch of an arc in the gap above line `gap`.
pub(super) struct Run {
    pub(super) draft: usize,
    pub(super) gap: usize,
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) labelled: bool,
    pub(super) y: f64,
}

/// The horizontal runs of all arcs, of which one an arc is labelled; their heights are still open.
pub(super) fn horizontal(metrics: &Metrics, drafts: &[Draft]) -> Vec<Run> {
    let mut runs = Vec::new();
    for (draft, d) in drafts.iter().enumerate() {
        let mut run = |gap, a: f64, b: f64, labelled| {
            runs.push(Run {
                draft,
                gap,
                from: a.min(b),
                to: a.max(b),
                labelled,
                y: 0.0,
            });
        };
        match d.gutter {
            None => run(d.lower.segment.line, d.upper.x, d.lower.x, true),
            Some(gutter) => {
                let edge = match gutter {
                    Gutter::Left => 0.0,
                    Gutter::Right => metrics.width,
                };
                let upper_is_longer = (d.upper.x - edge).abs() >= (d.lower.x - edge).abs();
                run(d.upper.segment.line + 1, d.upper.x, edge, upper_is_longer);
                run(d.lower.segment.line, d.lower.x, edge, !upper_is_longer);
            }
        }
    }
    runs
}

/// Gives each run its height: short ones lowest, so that nested arcs nest.
pub(super) fn assign_heights(
    metrics: &Metrics,
    runs: &mut [Run],
    label_width: impl Fn(&Run) -> f64,
) {
    let mut by_gap: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, run) in runs.iter().enumerate() {
        by_gap.entry(run.gap).or_default().push(i);
    }
    for (gap, mut members) in by_gap {
        members
            .sort_by(|&a, &b| (runs[a].to - runs[a].from).total_cmp(&(runs[b].to - runs[b].from)));
        let intervals = members.iter().map(|&i| {
            let run = &runs[i];
            let label = label_rect(metrics, run, (run.from + run.to) / 2.0, label_width(run));
            (run.from.min(label.x) - 4.0, run.to.max(label.right()) + 4.0)
        });
        let levels = levels::assign(intervals.collect::<Vec<_>>());
        let highest = levels.iter().max().copied().unwrap_or(0);
        let room = metrics.arc_room() - CLEARANCE - LABEL_HEIGHT / 2.0;
        let pitch = if highest > 0 {
            LEVEL_PITCH.min(room.max(0.0) / highest as f64)
        } else {
            0.0
        };
        for (&i, level) in members.iter().zip(levels) {
            runs[i].y = metrics.text_top(gap) - CLEARANCE - level as f64 * pitch;
        }
    }
}

/// For each draft that needs one, the x of its lane in the gutter.
pub(super) fn lanes(metrics: &Metrics, drafts: &[Draft], runs: &[Run]) -> Vec<Option<f64>> {
    let mut lanes = vec![None; drafts.len()];
    for gutter in [Gutter::Left, Gutter::Right] {
        let mut members: Vec<(usize, f64, f64)> = (drafts.iter().enumerate())
            .filter(|(_, d)| d.gutter == Some(gutter))
            .map(|(i, _)| {
                let ys = runs.iter().filter(|r| r.draft == i).map(|r| r.y);
                let (top, bottom) = ys.fold((f64::MAX, f64::MIN), |(t, b), y| (t.min(y), b.max(y)));
                (i, top, bottom)
            })
            .collect();
        members.sort_by(|a, b| (a.2 - a.1).total_cmp(&(b.2 - b.1)));
        let taken = levels::assign(
            members
                .iter()
                .map(|&(_, top, bottom)| (top - 3.0, bottom + 3.0)),
        );
        let last = taken.iter().max().copied().unwrap_or(0);
        let room = (metrics.gutter - LANE_MARGIN - 2.0).max(0.0);
        let pitch = if last > 0 {
            LANE_PITCH.min(room / last as f64)
        } else {
            0.0
        };
        for ((i, ..), lane) in members.into_iter().zip(taken) {
            let distance = LANE_MARGIN.min(metrics.gutter) + lane as f64 * pitch;
            lanes[i] = Some(match gutter {
                Gutter::Left => -distance,
                Gutter::Right => metrics.width + distance,
            });
        }
    }
    lanes
}

/// Where the label of each draft stands on its run: as near to the middle as other labels allow. Those with the least
/// room choose first.
pub(super) fn place_labels(
    metrics: &Metrics,
    drafts: &[Draft],
    runs: &[Run],
    width_of: impl Fn(&Draft) -> f64,
) -> Vec<Rect> {
    let mut labelled: Vec<(&Run, f64, f64)> = (runs.iter().filter(|run| run.labelled))
        .map(|run| {
            let width = width_of(&drafts[run.draft]);
            let slack = ((run.to - run.from - width) / 2.0 - CORNER).max(0.0);
            (run, width, slack)
        })
        .collect();
    labelled.sort_by(|a, b| a.2.total_cmp(&b.2));
    let mut labels = vec![Rect::default(); drafts.len()];
    let mut taken: Vec<Rect> = Vec::new();
    for (run, width, slack) in labelled {
        let middle = (run.from + run.to) / 2.0;
        let label = ([0.0, -0.2, 0.2, -0.4, 0.4, -0.7, 0.7, -1.0, 1.0].iter())
            .map(|step| label_rect(metrics, run, middle + step * slack, width))
            .find(|label| !taken.iter().any(|other| other.overlaps(label)))
            .unwrap_or_else(|| label_rect(metrics, run, middle, width));
        taken.push(label);
        labels[run.draft] = label;
    }
    labels
}

fn label_rect(metrics: &Metrics, run: &Run, x: f64, width: f64) -> Rect {
    let half = width / 2.0;
    let x = x.min(metrics.width - half).max(half);
    Rect::centered(x, run.y, width, LABEL_HEIGHT)
}
