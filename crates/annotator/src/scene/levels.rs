//! Intervals that overlap get different levels.

/// For each of `intervals`, in order, the lowest level on which it overlaps no earlier one.
pub(super) fn assign(intervals: impl IntoIterator<Item = (f64, f64)>) -> Vec<usize> {
    let mut taken: Vec<Vec<(f64, f64)>> = Vec::new();
    (intervals.into_iter())
        .map(|(start, end)| {
            let free = |level: &Vec<(f64, f64)>| level.iter().all(|&(s, e)| end <= s || e <= start);
            let level = taken.iter().position(free).unwrap_or(taken.len());
            if level == taken.len() {
                taken.push(Vec::new());
            }
            taken[level].push((start, end));
            level
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_intervals_differ_and_others_share() {
        let levels = assign([
            (0.0, 10.0),
            (20.0, 30.0),
            (5.0, 25.0),
            (0.0, 40.0),
            (10.0, 20.0),
        ]);
        assert_eq!(levels, [0, 0, 1, 2, 0]);
    }
}
