//! Seeds of the generators of a run.

/// The seed of one generator: that of `purpose` in `epoch`.
///
/// Generators of different purposes draw different numbers, and each epoch begins them anew, so that a resumed run sees
/// what an uninterrupted one would have.
pub fn derived(run: u64, purpose: &str, epoch: usize) -> u64 {
    fnv1a(&format!("{run} {purpose} {epoch}"))
}

/// FNV-1a, 64 bits: a hash that no version of a library changes.
pub(crate) fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn run_purpose_and_epoch_each_make_a_seed_of_their_own() {
        let mut seeds = BTreeSet::new();
        for run in 0..20 {
            for purpose in ["order", "dropout"] {
                seeds.extend((0..20).map(|epoch| derived(run, purpose, epoch)));
            }
        }
        assert_eq!(seeds.len(), 20 * 2 * 20);
        assert_eq!(derived(1, "order", 2), derived(1, "order", 2));
    }
}
