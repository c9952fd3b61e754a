//! Which arcs share a trunk and a label.
//!
//! Where the lines are far enough apart, each arc has a label of its own. In a gap that is too dense for that, arcs of one
//! type that start at the same words, or end there, become a bundle: one trunk that branches, with one label.

use std::collections::{BTreeMap, BTreeSet};

use super::ends::{Draft, Gutter, Side};

/// Indices of the drafts of a bundle, in ascending order.
pub(super) type Bundle = Vec<usize>;

/// Arcs with equal keys can share a trunk: the mention and its segment, the side at which they end there, whether that is
/// their head, the gutter that they run down, and their type.
type Key = (usize, usize, Side, bool, Option<Gutter>, usize);

/// Sets the bundle of each draft; only those with a run in one of the `dense` gaps share one. Of its two ends, an arc shares
/// the one at which more others could.
pub(super) fn gather(drafts: &mut [Draft], dense: &BTreeSet<usize>) -> Vec<Bundle> {
    let shares = |draft: &Draft| draft.gaps().iter().any(|gap| dense.contains(gap));
    let mut sizes: BTreeMap<Key, usize> = BTreeMap::new();
    for key in drafts.iter().filter(|d| shares(d)).flat_map(keys) {
        *sizes.entry(key).or_default() += 1;
    }
    let mut bundles: Vec<Bundle> = Vec::new();
    let mut bundle_of: BTreeMap<Key, usize> = BTreeMap::new();
    for (i, draft) in drafts.iter_mut().enumerate() {
        let fresh = bundles.len();
        draft.bundle = if shares(draft) {
            let [upper, lower] = keys(draft);
            let key = if sizes.get(&lower) > sizes.get(&upper) {
                lower
            } else {
                upper
            };
            *bundle_of.entry(key).or_insert(fresh)
        } else {
            fresh
        };
        if draft.bundle == fresh {
            bundles.push(Vec::new());
        }
        bundles[draft.bundle].push(i);
    }
    bundles
}

fn keys(draft: &Draft) -> [Key; 2] {
    draft.ends().map(|(end, at_head)| {
        (
            end.mark,
            end.part,
            end.side,
            at_head,
            draft.gutter,
            draft.kind,
        )
    })
}
