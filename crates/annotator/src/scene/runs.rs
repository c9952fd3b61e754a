//! The horizontal runs of arcs: which stretch of which gap each takes, and which of them carries the label.

use std::collections::BTreeMap;

use super::{
    ArcInput, Metrics, Rect,
    bundles::Bundle,
    ends::{Draft, Gutter},
};

/// Height of an arc's label.
pub(super) const LABEL_HEIGHT: f64 = 11.0;

/// The horizontal stretch of a bundle in the gap above a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    pub(super) from: f64,
    pub(super) to: f64,
    /// How many arcs of the bundle pass it.
    arcs: usize,
    pub(super) label: Option<RunLabel>,
    /// Its level among the runs of the gap, the lowest being 0.
    pub(super) level: usize,
    pub(super) y: f64,
}

/// The label on a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RunLabel {
    pub(super) width: f64,
    /// Left edge.
    pub(super) x: f64,
    /// Left edge where the levels are so close that labels on neighbouring ones would touch.
    pub(super) aside: f64,
}

impl Run {
    /// Distance between the ends.
    pub(super) fn len(&self) -> f64 {
        self.to - self.from
    }

    /// The stretch that nothing else on its level may enter.
    pub(super) fn extent(&self) -> (f64, f64) {
        let (from, to) = self.label.map_or((self.from, self.to), |label| {
            (self.from.min(label.x), self.to.max(label.x + label.width))
        });
        (from - 4.0, to + 4.0)
    }

    /// Where the label stands, if it carries one.
    pub(super) fn label_rect(&self) -> Option<Rect> {
        self.label.map(|label| Rect {
            x: label.x,
            y: self.y - LABEL_HEIGHT / 2.0,
            width: label.width,
            height: LABEL_HEIGHT,
        })
    }
}

/// Runs by bundle and gap.
pub(super) type Runs = BTreeMap<(usize, usize), Run>;

/// The runs of one bundle.
pub(super) fn of_bundle(runs: &Runs, bundle: usize) -> impl DoubleEndedIterator<Item = &Run> {
    runs.range((bundle, 0)..=(bundle, usize::MAX))
        .map(|(_, run)| run)
}

/// The runs of all bundles, of which one a bundle is labelled: the longest that all of its arcs pass. Levels and heights are
/// still open.
pub(super) fn horizontal(
    metrics: &Metrics,
    drafts: &[Draft],
    bundles: &[Bundle],
    links: &[ArcInput],
) -> Runs {
    let mut runs = Runs::new();
    for draft in drafts {
        let mut extend = |gap: usize, a: f64, b: f64| {
            let run = runs.entry((draft.bundle, gap)).or_insert(Run {
                from: f64::INFINITY,
                to: f64::NEG_INFINITY,
                arcs: 0,
                label: None,
                level: 0,
                y: 0.0,
            });
            run.from = run.from.min(a.min(b));
            run.to = run.to.max(a.max(b));
            run.arcs += 1;
        };
        let [leaving, reaching] = draft.gaps();
        let (upper, lower) = (draft.upper.x, draft.lower.x);
        match draft.gutter {
            None => extend(reaching, upper, lower),
            Some(gutter) => {
                let edge = match gutter {
                    Gutter::Left => 0.0,
                    Gutter::Right => metrics.width,
                };
                extend(leaving, upper, edge);
                extend(reaching, lower, edge);
            }
        }
    }
    for (bundle, members) in bundles.iter().enumerate() {
        let width = (members.iter())
            .map(|&i| links[drafts[i].link].label_width)
            .fold(0.0, f64::max);
        let shared = (runs.range_mut((bundle, 0)..=(bundle, usize::MAX)))
            .map(|(_, run)| run)
            .filter(|run| run.arcs == members.len());
        // Of equal ones, the upper.
        if let Some(run) = shared.rev().max_by(|a, b| a.len().total_cmp(&b.len())) {
            let x = metrics.fit((run.from + run.to - width) / 2.0, width, 0.0);
            run.label = Some(RunLabel { width, x, aside: x });
        }
    }
    runs
}
