//! What the tests of several kernels need: reproducible numbers and comparisons with twins in double precision.

/// Numbers in -1..1 without a pattern that a mistake could hide in.
pub(crate) fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count)
        .map(|i| ((i * 7919 + seed * 104_729 + i * i * 31) % 2003) as f32 / 1001.0 - 1.0)
        .collect()
}

/// Every element within `tolerance` of what is expected.
pub(crate) fn assert_near(actual: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(actual.len(), expected.len());
    for (index, (a, b)) in actual.iter().zip(expected).enumerate() {
        assert!(
            (f64::from(*a) - b).abs() <= tolerance * (1. + b.abs()),
            "element {index}: {a} is not {b}"
        );
    }
}

/// `found` is the gradient of the sum of `weights · function` at `at`, by central differences.
pub(crate) fn assert_gradient(
    at: &[f32],
    weights: &[f32],
    found: &[f32],
    function: impl Fn(&[f32]) -> Vec<f64>,
) {
    const STEP: f32 = 1. / 512.;
    assert_eq!(at.len(), found.len());
    let loss = |at: &[f32]| -> f64 {
        let values = function(at);
        assert_eq!(values.len(), weights.len());
        values
            .iter()
            .zip(weights)
            .map(|(value, weight)| value * f64::from(*weight))
            .sum()
    };
    for index in 0..at.len() {
        let moved = |by: f32| {
            let mut at = at.to_vec();
            at[index] += by;
            (loss(&at), f64::from(at[index]))
        };
        let ((above, high), (below, low)) = (moved(STEP), moved(-STEP));
        let slope = (above - below) / (high - low);
        assert!(
            (f64::from(found[index]) - slope).abs() < 2e-3 * (1. + slope.abs()),
            "element {index}: {} is not the slope {slope}",
            found[index]
        );
    }
}
