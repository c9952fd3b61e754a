//! The relative position bias of MPNet (Song et al. 2020, after Raffel et al. 2020, section 2.1): a number for each head
//! by how many pieces apart query and key stand, and which comes first.

use candle_core::{Result, Tensor};
use candle_nn::VarBuilder;

use super::NORMAL;
use crate::rows;

/// Numbers of a head: half of them for keys at or before the query, half for those after it. `transformers` reads it from
/// the configuration, in which all published encoders have this.
const BUCKETS: usize = 32;

/// Buckets of each half that stand for one distance, from 0 up; those above widen by √2 from one to the next, so that the
/// last begins at 8 · √2⁷ = 90.5 pieces and holds all that are farther (`max_distance` 128 in `transformers`).
const EXACT: u32 = 8;

/// Parameter `weight [32, heads]`. The layers share it.
#[derive(Debug)]
pub(super) struct RelativeBias(Tensor);

impl RelativeBias {
    pub(super) fn new(heads: usize, vb: VarBuilder) -> Result<Self> {
        vb.get_with_hints((BUCKETS, heads), "weight", NORMAL)
            .map(Self)
    }

    /// What is added to the scores `[heads, queries, keys]` of a window of so many pieces.
    pub(super) fn of(&self, pieces: usize) -> Result<Tensor> {
        let places = 0..pieces as u32;
        let buckets = places
            .clone()
            .flat_map(|query| places.clone().map(move |key| bucket(query, key)));
        let buckets = Tensor::from_iter(buckets, self.0.device())?;
        rows::select(&self.0, &buckets)?
            .reshape((pieces, pieces, ()))?
            .permute((2, 0, 1))?
            .contiguous()
    }
}

/// Row of the table for a query and a key at these places.
fn bucket(query: u32, key: u32) -> u32 {
    let half = BUCKETS as u32 / 2;
    let distance = query.abs_diff(key);
    let within = match distance {
        0..EXACT => distance,
        // EXACT + ⌊2 log₂(distance / EXACT)⌋
        _ => (EXACT + (distance.saturating_pow(2) / EXACT.pow(2)).ilog2()).min(half - 1),
    };
    match key > query {
        true => half + within,
        false => within,
    }
}

#[cfg(test)]
mod tests {
    use super::bucket;

    #[test]
    fn near_distances_have_a_bucket_each_and_far_ones_share_one() {
        let before = [0, 1, 7, 8, 11, 12, 15, 16, 22, 23, 90, 91, 128, 5000].map(|n| bucket(n, 0));
        assert_eq!(before, [0, 1, 7, 8, 8, 9, 9, 10, 10, 11, 14, 15, 15, 15]);
        let after = [1, 7, 8, 128].map(|n| bucket(0, n));
        assert_eq!(after, [17, 23, 24, 31]);
        assert_eq!(bucket(300, 292), bucket(8, 0));
    }
}
