//! Sentences to measure with: grammatical enough to hold entities and relations as news does, of any number of words, all
//! different, and the same on every machine.

use rand::{Rng, SeedableRng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;

const FIRST_NAMES: &[&str] = &[
    "Mary", "Harold", "Ines", "Viktor", "Amelia", "Tobias", "Leonora", "Samuel", "Yasmin", "Edgar",
];
const LAST_NAMES: &[&str] = &[
    "Jones",
    "Lindqvist",
    "Okafor",
    "Marchetti",
    "Weaver",
    "Dubrovsky",
    "Hartley",
    "Nakamura",
    "Pereira",
    "Ashdown",
];
const PLACES: &[&str] = &[
    "Boston",
    "Lisbon",
    "Nairobi",
    "Denver",
    "Osaka",
    "Gdansk",
    "Norway",
    "Peru",
    "Rotterdam",
    "Leeds",
];
const FIRMS: &[&str] = &[
    "Acme Corp",
    "Northwind Shipping",
    "Halden Steel",
    "Orchard Foods",
    "Bluewater Bank",
    "Meridian Press",
];
const WORKS: &[&str] = &[
    "works for",
    "was hired by",
    "left",
    "spoke for",
    "sued",
    "audits",
    "founded",
];
const LIVES: &[&str] = &[
    "lives in",
    "was born in",
    "moved to",
    "flew to",
    "returned from",
];
const NOUNS: &[&str] = &[
    "river",
    "council",
    "bridge",
    "committee",
    "warehouse",
    "negotiations",
    "harbour",
    "orchestra",
    "budget",
    "turbine",
    "archive",
    "inspectors",
    "railway",
    "festival",
    "observatory",
];
const VERBS: &[&str] = &[
    "rose over",
    "reopened near",
    "collapsed beside",
    "delayed",
    "approved",
    "investigated",
    "overlooked",
    "outlasted",
    "photographed",
    "refurbished",
];
const ADJECTIVES: &[&str] = &[
    "old",
    "municipal",
    "unfinished",
    "wooden",
    "northern",
    "expensive",
    "abandoned",
    "annual",
    "temporary",
    "well known",
];
const ADVERBS: &[&str] = &[
    "again",
    "yesterday",
    "quietly",
    "afterwards",
    "reluctantly",
    "meanwhile",
    "overnight",
];
const LINKS: &[&str] = &["and", "while", "because", "although", "before"];

/// A source of sentences.
pub(crate) struct Sentences {
    random: ChaCha8Rng,
}

impl Sentences {
    /// The same sentences for the same seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// A sentence of `length` words, the period that ends it among them; at least 2.
    pub(crate) fn of(&mut self, length: usize) -> String {
        let mut words: Vec<&str> = Vec::with_capacity(length);
        let room = length.saturating_sub(1).max(1);
        while words.len() < room {
            let left = room - words.len();
            let linked = usize::from(!words.is_empty());
            let clause = self.clause();
            if clause.len() + linked <= left {
                if linked > 0 {
                    words.push(self.one(LINKS));
                }
                words.extend(clause);
            } else if let [first, .., last] = self.words(ADJECTIVES, NOUNS)[..]
                && left >= 3
            {
                words.extend(["the", first, last]);
            } else {
                words.push(self.one(ADVERBS));
            }
        }
        words.join(" ") + "."
    }

    /// A sentence of some 31 words, as many as in news: from 12 to 50.
    pub(crate) fn any(&mut self) -> String {
        let length = self.random.random_range(12..=50);
        self.of(length)
    }

    /// Lines of sentences of 12 to 26 words, `words` in all.
    pub(crate) fn document(&mut self, words: usize) -> String {
        let (mut text, mut count, mut sentences) = (String::new(), 0, 0);
        while count < words {
            let length = self.random.random_range(12..=26).min(words - count).max(2);
            if sentences > 0 {
                text.push(if sentences % 4 == 0 { '\n' } else { ' ' });
            }
            text.push_str(&self.of(length));
            count += length;
            sentences += 1;
        }
        text
    }

    fn clause(&mut self) -> Vec<&'static str> {
        match self.random.random_range(0..5) {
            0 => self.person_and(WORKS, FIRMS),
            1 => self.person_and(LIVES, PLACES),
            2 => {
                let mut clause = self.person_and(WORKS, FIRMS);
                clause.push("in");
                clause.extend(self.words(PLACES, &[]));
                clause
            }
            _ => {
                let mut clause = vec!["the"];
                clause.extend(self.words(ADJECTIVES, NOUNS));
                clause.extend(self.words(VERBS, &[]));
                clause.push("the");
                clause.extend(self.words(ADJECTIVES, NOUNS));
                clause
            }
        }
    }

    fn person_and(
        &mut self,
        verbs: &[&'static str],
        objects: &[&'static str],
    ) -> Vec<&'static str> {
        let mut clause = self.words(FIRST_NAMES, LAST_NAMES);
        clause.extend(self.words(verbs, objects));
        clause
    }

    /// The words of an entry of each list.
    fn words(&mut self, first: &[&'static str], second: &[&'static str]) -> Vec<&'static str> {
        let mut words: Vec<&str> = self.one(first).split(' ').collect();
        words.extend(self.one(second).split(' ').filter(|word| !word.is_empty()));
        words
    }

    fn one(&mut self, list: &[&'static str]) -> &'static str {
        list.choose(&mut self.random).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use spanarc_engine::{sentence::sentences, token::tokens};

    use super::*;

    #[test]
    fn a_sentence_has_the_words_asked_for_and_is_one_to_the_engine() {
        let mut source = Sentences::new(1);
        for length in [2, 3, 8, 16, 31, 64, 128] {
            for _ in 0..20 {
                let sentence = source.of(length);
                assert_eq!(
                    tokens(&sentence, Default::default()).len(),
                    length,
                    "{sentence}"
                );
                assert_eq!(
                    sentences(&sentence, Default::default()).len(),
                    1,
                    "{sentence}"
                );
            }
        }
    }

    #[test]
    fn sentences_of_a_source_differ_and_sources_of_a_seed_agree() {
        let many = |seed| -> Vec<String> {
            let mut source = Sentences::new(seed);
            (0..300).map(|_| source.any()).collect()
        };
        assert_eq!(many(7).iter().collect::<HashSet<_>>().len(), 300);
        assert_eq!(many(7), many(7));
        assert_ne!(many(7), many(8));
    }

    #[test]
    fn the_mean_length_is_that_of_news() {
        let mut source = Sentences::new(3);
        let words: usize = (0..2000)
            .map(|_| tokens(&source.any(), Default::default()).len())
            .sum();
        assert!((30..=32).contains(&(words / 2000)), "{words}");
    }

    #[test]
    fn a_document_has_the_words_asked_for() {
        let text = Sentences::new(5).document(2000);
        let words: usize = sentences(&text, Default::default())
            .iter()
            .map(|span| tokens(&text[span.start..span.end], Default::default()).len())
            .sum();
        assert!((2000..=2001).contains(&words), "{words}");
    }
}
