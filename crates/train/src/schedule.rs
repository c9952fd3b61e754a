//! The learning-rate schedule: a factor of every group's own rate, by optimiser step.

/// Linear warm-up, then a linear decay to 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schedule {
    warmup: usize,
    /// Step at which the rate has fallen to 0.
    end: usize,
}

impl Schedule {
    /// Rises in the first share `warmup` (in 0..=1) of `steps`, then falls so that it would reach 0 in the step after
    /// the last.
    pub fn linear(steps: usize, warmup: f64) -> Self {
        let warmup = (steps as f64 * warmup.clamp(0., 1.)).round() as usize;
        Self { warmup, end: steps }
    }

    /// The factor in step `step`, counted from 0; above 0 in every step but those beyond the end.
    pub fn factor(&self, step: usize) -> f64 {
        if step < self.warmup {
            (step + 1) as f64 / self.warmup as f64
        } else if step < self.end {
            (self.end - step) as f64 / (self.end - self.warmup) as f64
        } else {
            0.
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(schedule: Schedule, steps: usize) -> Vec<f64> {
        (0..steps).map(|step| schedule.factor(step)).collect()
    }

    #[test]
    fn linear_rises_and_falls() {
        let expected = [
            0.5, 1., 1., 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0., 0.,
        ];
        assert_eq!(factors(Schedule::linear(10, 0.2), 12), expected);
    }

    #[test]
    fn the_extremes_stay_between_0_and_1() {
        assert_eq!(factors(Schedule::linear(2, 0.), 3), [1., 0.5, 0.]);
        assert_eq!(factors(Schedule::linear(2, 1.), 3), [0.5, 1., 0.]);
        assert_eq!(factors(Schedule::linear(0, 0.5), 1), [0.]);
        assert_eq!(factors(Schedule::linear(2, 7.), 3), [0.5, 1., 0.]);
    }
}
