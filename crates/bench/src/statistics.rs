//! What is told of repeated measurements on a machine that others use too.

/// The value below which a share `q` in 0..=1 of the values lies, by linear interpolation; NaN without values.
pub(crate) fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = q * last as f64;
    let (below, above) = (place.floor() as usize, place.ceil() as usize);
    sorted[below] + (sorted[above] - sorted[below]) * place.fract()
}

/// The middle value.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The median of the rounds' ratios: what slows a whole round down slows both sides of its ratio.
pub(crate) fn ratio(numerators: &[f64], denominators: &[f64]) -> f64 {
    let ratios: Vec<f64> = numerators
        .iter()
        .zip(denominators)
        .map(|(a, b)| a / b)
        .collect();
    median(&ratios)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_interpolate_between_sorted_values() {
        let values = [40., 10., 30., 20., 50.];
        assert_eq!(quantile(&values, 0.), 10.);
        assert_eq!(median(&values), 30.);
        assert_eq!(quantile(&values, 0.95), 48.);
        assert_eq!(quantile(&values, 1.), 50.);
        assert_eq!(median(&[1., 2.]), 1.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_slow_round_does_not_move_the_ratio() {
        assert_eq!(ratio(&[10., 50., 10.], &[20., 100., 20.]), 0.5);
    }
}
