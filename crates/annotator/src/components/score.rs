//! A score as people read it.

/// A probability in percent, never rounded up to certainty.
pub(crate) fn percent(score: f32) -> String {
    let percent = (score * 100.0).round().clamp(0.0, 100.0);
    if percent >= 100.0 && score < 1.0 {
        "99%".to_owned()
    } else {
        format!("{percent}%")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_certainty_is_a_hundred_percent() {
        assert_eq!(percent(0.9991), "99%");
        assert_eq!(percent(1.0), "100%");
        assert_eq!(percent(0.874), "87%");
    }
}
