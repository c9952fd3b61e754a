//! The lanes of the gutters, in which arcs run past lines.

use super::{
    Metrics,
    ends::{Draft, Gutter},
    levels,
    runs::{self, Runs},
};

/// From lane to lane, when there is room.
const LANE_PITCH: f64 = 6.0;
/// From the lines to the first lane.
const LANE_MARGIN: f64 = 10.0;

/// For each of `bundles` bundles that runs down a gutter, the x of its lane there. All lanes lie inside the gutters.
pub(super) fn assign(
    metrics: &Metrics,
    drafts: &[Draft],
    bundles: usize,
    runs: &Runs,
) -> Vec<Option<f64>> {
    let mut gutters = vec![None; bundles];
    for draft in drafts {
        gutters[draft.bundle] = draft.gutter;
    }
    let mut lanes = vec![None; bundles];
    for gutter in [Gutter::Left, Gutter::Right] {
        let mut members: Vec<(usize, f64, f64)> = (0..bundles)
            .filter(|&bundle| gutters[bundle] == Some(gutter))
            .map(|bundle| {
                let ys = runs::of_bundle(runs, bundle).map(|run| run.y);
                let (top, bottom) = ys.fold((f64::MAX, f64::MIN), |(t, b), y| (t.min(y), b.max(y)));
                (bundle, top, bottom)
            })
            .collect();
        members.sort_by(|a, b| (a.2 - a.1).total_cmp(&(b.2 - b.1)));
        let taken =
            levels::assign((members.iter()).map(|&(_, top, bottom)| (top - 3.0, bottom + 3.0)));
        let last = taken.iter().max().copied().unwrap_or(0);
        let room = (metrics.gutter - LANE_MARGIN - 2.0).max(0.0);
        let pitch = LANE_PITCH.min(room / last.max(1) as f64);
        for ((bundle, ..), lane) in members.into_iter().zip(taken) {
            let distance = LANE_MARGIN.min(metrics.gutter) + lane as f64 * pitch;
            lanes[bundle] = Some(match gutter {
                Gutter::Left => -distance,
                Gutter::Right => metrics.width + distance,
            });
        }
    }
    lanes
}
