//! The height of each run in its gap: runs that overlap lie on different levels, and the gap says how high it must be so
//! that no label covers another.

use std::collections::BTreeMap;

use super::{
    Metrics,
    arcs::CORNER,
    levels,
    marks::Names,
    room,
    runs::{LABEL_HEIGHT, Run, Runs},
};

/// From the letters up to the lowest level of arcs.
const CLEARANCE: f64 = 11.5;
/// From level to level, when there is room: no label reaches the next level's.
const LEVEL_PITCH: f64 = LABEL_HEIGHT;
/// The least distance from level to level: no label reaches the next level's line.
const TIGHT_PITCH: f64 = 5.8;
/// Differences in pitch that come from rounding.
const ROUNDING: f64 = 1e-6;

/// Gives runs their levels, short ones the lowest, so that nested arcs nest. Returns the height that the arcs of each gap
/// need.
///
/// It depends on nothing vertical: a larger line height changes none of it.
pub(super) fn stack(metrics: &Metrics, runs: &mut Runs) -> BTreeMap<usize, f64> {
    (by_gap(runs).into_iter())
        .map(|(gap, mut members)| {
            members.sort_by(|a, b| a.len().total_cmp(&b.len()));
            let levels = levels::assign(members.iter().map(|run| run.extent()));
            for (run, level) in members.iter_mut().zip(levels) {
                run.level = level;
            }
            let pitch = if step_aside(metrics, &mut members) {
                TIGHT_PITCH
            } else {
                LEVEL_PITCH
            };
            (gap, lowest() + highest(&members) * pitch)
        })
        .collect()
}

/// Sets the height of each run, and its label to where the distance from level to level allows. In a gap that is lower than
/// its arcs need, all levels come closer.
pub(super) fn raise(metrics: &Metrics, runs: &mut Runs, names: &Names) {
    for (gap, members) in by_gap(runs) {
        let room = metrics.gap() - names.strip(gap) - lowest();
        let pitch = LEVEL_PITCH.min(room.max(0.0) / highest(&members).max(1.0));
        for run in members {
            run.y = metrics.text_top(gap) - CLEARANCE - run.level as f64 * pitch;
            if let Some(label) = &mut run.label
                && pitch < LEVEL_PITCH - ROUNDING
            {
                label.x = label.aside;
            }
        }
    }
}

/// Whether the arcs of a gap, of height `needed`, and the labels at its top fit between two lines before any step.
pub(super) fn is_dense(metrics: &Metrics, names: &Names, gap: usize, needed: f64) -> bool {
    !room::fits_unstepped(metrics, names.strip(gap) + needed)
}

/// Height of a gap's arcs when all are on the lowest level.
fn lowest() -> f64 {
    CLEARANCE + LABEL_HEIGHT / 2.0
}

fn highest(members: &[&mut Run]) -> f64 {
    members.iter().map(|run| run.level).max().unwrap_or(0) as f64
}

fn by_gap(runs: &mut Runs) -> BTreeMap<usize, Vec<&mut Run>> {
    let mut gaps: BTreeMap<usize, Vec<&mut Run>> = BTreeMap::new();
    for (&(_, gap), run) in runs {
        gaps.entry(gap).or_default().push(run);
    }
    gaps
}

/// Finds places on their runs for the labels of a gap, as near to the middle as the labels on neighbouring levels allow.
/// Those with the least room choose first. Returns whether none covers another when the levels are close.
fn step_aside(metrics: &Metrics, members: &mut [&mut Run]) -> bool {
    let mut labelled: Vec<(&mut Run, f64)> = (members.iter_mut())
        .filter_map(|run| {
            let slack = (run.len() - run.label?.width) / 2.0 - CORNER;
            Some((&mut **run, slack.max(0.0)))
        })
        .collect();
    labelled.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut taken: BTreeMap<usize, Vec<(f64, f64)>> = BTreeMap::new();
    let mut apart = true;
    for (run, slack) in labelled {
        let (middle, level) = ((run.from + run.to) / 2.0, run.level);
        let Some(label) = &mut run.label else {
            continue;
        };
        let neighbours = [level.checked_sub(1), Some(level + 1)];
        let free = |x: &f64| {
            (neighbours.iter().flatten())
                .filter_map(|level| taken.get(level))
                .flatten()
                .all(|&(from, to)| x + label.width <= from || to <= *x)
        };
        let place = |share: f64| {
            let x = middle + share * slack - label.width / 2.0;
            metrics.fit(x, label.width, 0.0)
        };
        let found = ([0.0, -0.2, 0.2, -0.4, 0.4, -0.7, 0.7, -1.0, 1.0].map(place))
            .into_iter()
            .find(free);
        apart &= found.is_some();
        label.aside = found.unwrap_or(label.x);
        let place = (label.aside, label.aside + label.width);
        taken.entry(level).or_default().push(place);
    }
    apart
}
