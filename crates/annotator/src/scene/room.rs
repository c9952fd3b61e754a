//! How high the gap between two lines must be, and how many steps the line height grows to make it so.

use super::Metrics;

/// Height by which each step raises the line height.
pub(super) const STEP: f64 = 22.0;
/// The step beyond which labels are squeezed after all: lines more than 700 px apart are no text any more.
pub(super) const LAST_STEP: u32 = 32;
/// Height that must be left over before the lines move closer again: about one level of arcs, so that an edit that
/// removes a single arc and the next one that brings it back move nothing.
const MARGIN: f64 = 11.0;
/// Differences in height that come from rounding.
const ROUNDING: f64 = 0.01;

/// Height of an entity's label.
pub(super) const NAME_HEIGHT: f64 = 11.0;
/// From one row of entity labels to the next.
pub(super) const NAME_PITCH: f64 = 11.0;
/// From the letters to the first row of entity labels.
pub(super) const NAME_MARGIN: f64 = 1.0;

/// Height of the strip under the letters in which `rows` of entity labels stand. The first row is always reserved.
pub(super) fn strip(rows: usize) -> f64 {
    let further = rows.saturating_sub(1) as f64;
    NAME_MARGIN + NAME_HEIGHT + further * NAME_PITCH + 1.0
}

/// Whether a gap of height `needed` fits between two lines before any step.
pub(super) fn fits_unstepped(metrics: &Metrics, needed: f64) -> bool {
    step_for(metrics, needed) == 0
}

/// The step at which the highest gap, of height `needed`, fits between two lines. The lines part as soon as they must, and
/// move closer only when there is room to spare.
pub(super) fn wanted_step(metrics: &Metrics, needed: f64) -> u32 {
    let least = step_for(metrics, needed);
    let unhurried = step_for(metrics, needed + MARGIN).min(metrics.step);
    least.max(unhurried)
}

fn step_for(metrics: &Metrics, needed: f64) -> u32 {
    let unstepped = metrics.gap() - f64::from(metrics.step) * STEP;
    let steps = ((needed - unstepped - ROUNDING) / STEP).ceil();
    steps.clamp(0.0, f64::from(LAST_STEP)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::tests::METRICS;

    fn stepped(step: u32) -> Metrics {
        Metrics {
            step,
            line_height: METRICS.line_height + f64::from(step) * STEP,
            ..METRICS
        }
    }

    #[test]
    fn the_step_is_the_least_that_gives_the_room() {
        let gap = METRICS.gap();
        let wanted = [gap - 20.0, gap, gap + 1.0, gap + 22.0, gap + 23.0]
            .map(|needed| wanted_step(&METRICS, needed));
        assert_eq!(wanted, [0, 0, 1, 1, 2]);
    }

    #[test]
    fn lines_move_closer_only_when_there_is_room_to_spare() {
        let gap = METRICS.gap();
        assert_eq!(wanted_step(&stepped(1), gap), 1);
        assert_eq!(wanted_step(&stepped(1), gap - MARGIN), 0);
        assert_eq!(wanted_step(&stepped(3), gap + 5.0), 1);
    }

    #[test]
    fn a_step_that_was_granted_is_wanted_again() {
        for present in 0..6 {
            for needed in (0..1000).map(f64::from) {
                let wanted = wanted_step(&stepped(present), needed);
                assert_eq!(wanted_step(&stepped(wanted), needed), wanted);
            }
        }
    }

    #[test]
    fn no_text_is_pulled_apart_without_bound() {
        assert_eq!(wanted_step(&METRICS, f64::INFINITY), LAST_STEP);
        assert_eq!(wanted_step(&METRICS, f64::NAN), 0);
    }
}
