//! A score as people read it.

use crate::strings::{Strings, fill};

/// A probability in percent, never rounded up to certainty.
pub(crate) fn percent(strings: &Strings, score: f32) -> String {
    let most = if score < 1.0 { 99.0 } else { 100.0 };
    let number = (score * 100.0).round().clamp(0.0, most);
    fill(&strings.percent, &[("number", &number.to_string())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_certainty_is_a_hundred_percent() {
        let strings = Strings::default();
        assert_eq!(percent(&strings, 0.9991), "99%");
        assert_eq!(percent(&strings, 1.0), "100%");
        assert_eq!(percent(&strings, 0.874), "87%");
    }
}
