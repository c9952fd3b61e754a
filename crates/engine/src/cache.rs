//! Results of sentences seen before.

use std::{collections::HashMap, sync::Arc};

use crate::annotations::Annotations;

/// Annotations by the text of the sentence: spans count from its start, relations go down to the engine's floor. Whatever else decides a result (model, floor) is fixed for the cache's life.
#[derive(Debug)]
pub(crate) struct SentenceCache {
    results: HashMap<Box<str>, Entry>,
    capacity: usize,
    round: u64,
}

#[derive(Debug)]
struct Entry {
    result: Arc<Annotations>,
    last_used: u64,
}

impl SentenceCache {
    /// A cache that holds about `capacity` sentences, or those of the current round if they are more.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            results: HashMap::new(),
            capacity,
            round: 0,
        }
    }

    /// Starts a round: what is used from now on outlives what was used before.
    pub(crate) fn start_round(&mut self) {
        self.round += 1;
    }

    pub(crate) fn get(&mut self, sentence: &str) -> Option<Arc<Annotations>> {
        let entry = self.results.get_mut(sentence)?;
        entry.last_used = self.round;
        Some(Arc::clone(&entry.result))
    }

    pub(crate) fn insert(&mut self, sentence: &str, result: Arc<Annotations>) {
        if self.results.len() >= self.capacity {
            self.forget_older_half();
        }
        self.results.insert(
            sentence.into(),
            Entry {
                result,
                last_used: self.round,
            },
        );
    }

    /// Drops the longer unused half of what this round has not used.
    fn forget_older_half(&mut self) {
        let mut unused: Vec<u64> = self
            .results
            .values()
            .map(|entry| entry.last_used)
            .filter(|&round| round < self.round)
            .collect();
        let middle = unused.len() / 2;
        if unused.is_empty() {
            // The current text alone is longer than the capacity.
            self.capacity = self.capacity.max(2 * self.results.len());
            return;
        }
        let (_, &mut oldest_kept, _) = unused.select_nth_unstable(middle);
        self.results
            .retain(|_, entry| entry.last_used > oldest_kept);
    }
}

#[cfg(test)]
mod tests {
    use spanarc_corpus::Span;

    use super::*;
    use crate::annotations::FoundEntity;

    /// A result that can be told from others.
    fn result(entity_type: usize) -> Arc<Annotations> {
        let entity = FoundEntity {
            entity_type,
            span: Span::new(0, 1),
            score: 1.0,
        };
        Arc::new(Annotations {
            entities: vec![entity],
            relations: Vec::new(),
        })
    }

    #[test]
    fn the_longest_unused_are_forgotten_first() {
        let mut cache = SentenceCache::new(4);
        for (index, sentence) in ["a", "b", "c", "d"].into_iter().enumerate() {
            cache.start_round();
            cache.insert(sentence, result(index));
        }
        cache.start_round();
        assert_eq!(cache.get("a"), Some(result(0)));
        cache.insert("e", result(4));
        assert_eq!(cache.get("b"), None);
        assert_eq!(cache.get("a"), Some(result(0)));
        assert_eq!(cache.get("d"), Some(result(3)));
        assert_eq!(cache.get("e"), Some(result(4)));
    }

    #[test]
    fn a_text_longer_than_the_capacity_is_held_whole() {
        let mut cache = SentenceCache::new(2);
        cache.start_round();
        let sentences: Vec<String> = (0..10).map(|index| index.to_string()).collect();
        for sentence in &sentences {
            cache.insert(sentence, result(1));
        }
        assert!(
            sentences
                .iter()
                .all(|sentence| cache.get(sentence).is_some())
        );
    }
}
