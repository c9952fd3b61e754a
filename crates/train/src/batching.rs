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

/// `count` of the numbers below `length`, or all, in ascending order, the same for the same seed.
pub fn subset(length: usize, count: usize, seed: u64) -> Vec<usize> {
    let mut chosen: Vec<usize> = (0..length).collect();
    chosen.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    chosen.truncate(count);
    chosen.sort_unstable();
    chosen
}

/// Batches of several corpora one after another, as (corpus, batch), in an order that follows from the seed.
pub fn mixed(corpora: Vec<Vec<Vec<usize>>>, seed: u64) -> Vec<(usize, Vec<usize>)> {
    let mut batches: Vec<_> = corpora
        .into_iter()
        .enumerate()
        .flat_map(|(corpus, batches)| batches.into_iter().map(move |batch| (corpus, batch)))
        .collect();
    batches.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
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
    fn a_subset_holds_each_number_once_and_follows_from_the_seed() {
        let some = subset(100, 30, 4);
        assert_eq!(some.len(), 30);
        assert!(some.windows(2).all(|pair| pair[0] < pair[1]) && some[29] < 100);
        assert_eq!(some, subset(100, 30, 4));
        assert_ne!(some, subset(100, 30, 5));
        assert_eq!(subset(3, 9, 1), [0, 1, 2]);
    }

    #[test]
    fn batches_of_several_corpora_are_mixed_and_keep_their_corpus() {
        let corpora = vec![vec![vec![0, 1]; 20], vec![vec![2]; 10]];
        let batches = mixed(corpora, 1);
        let of = |corpus| batches.iter().filter(move |batch| batch.0 == corpus);
        assert!(of(0).count() == 20 && of(0).all(|batch| batch.1 == [0, 1]));
        assert!(of(1).count() == 10 && of(1).all(|batch| batch.1 == [2]));
        assert!(batches[..15].iter().any(|batch| batch.0 == 1));
        assert!(batches[15..].iter().any(|batch| batch.0 == 1));
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
