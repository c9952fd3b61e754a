//! Which sentences stand in a batch together: of like length, in an order that follows from the seed.

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// Batches whose lengths are sorted within a bucket of this many batches: enough for little padding, few enough that
/// the order stays random.
const BUCKET: usize = 16;

/// Batches of indices into `lengths`, each index once, at most `size` a batch. The same seed gives the same batches.
pub fn shuffled(lengths: &[usize], size: usize, seed: u64) -> Vec<Vec<usize>> {
    let size = size.max(1);
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.shuffle(&mut generator);
    for bucket in order.chunks_mut(size * BUCKET) {
        bucket.sort_by_key(|&index| lengths[index]);
    }
    let mut batches: Vec<Vec<usize>> = order.chunks(size).map(<[usize]>::to_vec).collect();
    batches.shuffle(&mut generator);
    batches
}

/// Batches in order of length, for evaluation.
pub fn by_length(lengths: &[usize], size: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&index| lengths[index]);
    order.chunks(size.max(1)).map(<[usize]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_stands_in_one_batch() {
        let lengths: Vec<usize> = (0..101).map(|index| index * 7 % 40 + 1).collect();
        for batches in [shuffled(&lengths, 8, 3), by_length(&lengths, 8)] {
            let mut seen: Vec<usize> = batches.into_iter().flatten().collect();
            seen.sort_unstable();
            assert_eq!(seen, (0..101).collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_seed_decides_the_order() {
        let lengths = [3; 50];
        assert_eq!(shuffled(&lengths, 4, 1), shuffled(&lengths, 4, 1));
        assert_ne!(shuffled(&lengths, 4, 1), shuffled(&lengths, 4, 2));
    }

    #[test]
    fn batches_hold_sentences_of_like_length() {
        let lengths: Vec<usize> = (0..400).map(|index| index * 37 % 100).collect();
        let spread = |batch: &Vec<usize>| {
            let of = |pick: fn(usize, usize) -> usize, start| {
                batch.iter().fold(start, |x, &i| pick(x, lengths[i]))
            };
            of(usize::max, 0) - of(usize::min, usize::MAX)
        };
        let batches = shuffled(&lengths, 8, 5);
        assert!(batches.iter().map(spread).sum::<usize>() / batches.len() < 12);
    }
}
