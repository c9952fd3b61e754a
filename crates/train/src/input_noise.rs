//! Noise on what the network reads in training: words that it may not see, sentences without capitals, fragments.

use std::borrow::Cow;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use spanarc_model::features::{SentenceFeatures, Window};

use crate::{fragments, loss::Gold};

/// The row of an unknown character.
const UNKNOWN_CHARACTER: u32 = 1;

/// How often what is hidden.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct NoiseRates {
    /// Probability of a word to be hidden.
    pub word: f64,
    /// Probability of a sentence to be read in lower case.
    pub case: f64,
    /// Probability that a fragment of a sentence is read instead of it.
    pub fragment: f64,
}

/// Draws the noise of an epoch.
#[derive(Debug)]
pub struct InputNoise {
    rates: NoiseRates,
    mask: u32,
    generator: ChaCha8Rng,
}

impl InputNoise {
    /// `vocabulary` is the encoder's, where there is one: the pieces of a hidden word become `[MASK]`, or `[UNK]` where it
    /// has no mask.
    pub fn seeded(rates: NoiseRates, vocabulary: Option<&str>, seed: u64) -> Self {
        Self {
            rates,
            mask: vocabulary.map_or(0, mask_piece),
            generator: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// The same noise drawn from one of many independent sequences that the seed has.
    pub fn stream(&self, stream: u64) -> Self {
        let mut generator = self.generator.clone();
        generator.set_stream(stream);
        Self { generator, ..*self }
    }

    /// What the network reads of a sentence this time, and what it is to say of that. `lowercase` are the features of the
    /// sentence in lower case, if they are at hand.
    ///
    /// Of a hidden word the pieces are masked, the characters and the word vector unknown; its casing stays.
    pub fn apply<'a>(
        &mut self,
        features: &'a SentenceFeatures,
        lowercase: Option<&'a SentenceFeatures>,
        gold: &'a Gold,
    ) -> (Cow<'a, SentenceFeatures>, Cow<'a, Gold>) {
        let lowered = self.generator.random_bool(self.rates.case);
        let whole = lowercase.filter(|_| lowered).unwrap_or(features);
        // Nothing is drawn for what never happens.
        let cut = self.rates.fragment > 0. && self.generator.random_bool(self.rates.fragment);
        let (read, gold) = match cut {
            false => (Cow::Borrowed(whole), Cow::Borrowed(gold)),
            true => {
                let words = fragments::draw(gold, &mut self.generator);
                let read = fragments::features(whole, &words);
                (Cow::Owned(read), Cow::Owned(gold.within(&words)))
            }
        };
        (self.hide_words(read), gold)
    }

    fn hide_words<'a>(&mut self, read: Cow<'a, SentenceFeatures>) -> Cow<'a, SentenceFeatures> {
        let hidden: Vec<bool> = (0..read.length)
            .map(|_| self.generator.random_bool(self.rates.word))
            .collect();
        if !hidden.contains(&true) {
            return read;
        }
        let mut read = read.into_owned();
        for window in &mut read.windows {
            mask(window, &hidden, self.mask);
        }
        for (rows, _) in (read.characters.iter_mut().zip(&hidden)).filter(|(_, hidden)| **hidden) {
            *rows = vec![UNKNOWN_CHARACTER];
        }
        for (row, _) in (read.word_rows.iter_mut().zip(&hidden)).filter(|(_, hidden)| **hidden) {
            *row = None;
        }
        Cow::Owned(read)
    }
}

/// The piece that stands for what is hidden: `[MASK]`, or `[UNK]` in a vocabulary without it; MPNet's `<mask>` before
/// `[MASK]`, which is one of many pieces there.
pub(crate) fn mask_piece(vocabulary: &str) -> u32 {
    let place = |piece: &&str| vocabulary.lines().position(|line| line == *piece);
    let places = ["<mask>", "[MASK]", "[UNK]"].iter().find_map(place);
    places.unwrap_or(0) as u32
}

/// Masks the pieces of hidden words.
fn mask(window: &mut Window, hidden: &[bool], mask: u32) {
    let words: Vec<_> = window.words_of_pieces().collect();
    for (id, word) in window.ids.iter_mut().zip(words) {
        if word.is_some_and(|word| hidden[word]) {
            *id = mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[CLS] 5 6 7 8 [SEP]`, of which the second word has two pieces.
    fn sentence(casing: u32) -> SentenceFeatures {
        SentenceFeatures {
            length: 3,
            windows: vec![Window {
                ids: vec![2, 5, 6, 7, 8, 3],
                casings: vec![7, casing, casing, casing, casing, 7],
                words: vec![
                    None,
                    Some((0, 1.)),
                    Some((1, 1.)),
                    None,
                    Some((2, 1.)),
                    None,
                ],
            }],
            casings: vec![casing; 3],
            characters: vec![vec![4], vec![5, 6], vec![7]],
            symbols: Vec::new(),
            word_rows: vec![Some(8); 3],
        }
    }

    fn gold() -> Gold {
        Gold {
            tags: vec![0; 3],
            spans: Vec::new(),
            relations: Vec::new(),
        }
    }

    const VOCABULARY: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]";

    #[test]
    fn a_hidden_word_loses_all_its_pieces_and_characters_and_keeps_its_casing() {
        let rates = NoiseRates {
            word: 0.5,
            ..NoiseRates::default()
        };
        let mut noise = InputNoise::seeded(rates, Some(VOCABULARY), 3);
        let (plain, gold) = (sentence(1), gold());
        let mut seen = [0; 3];
        for _ in 0..200 {
            let (read, _) = noise.apply(&plain, None, &gold);
            let ids = &read.windows[0].ids;
            assert_eq!((ids[0], ids[5]), (2, 3));
            assert_eq!(ids[2] == 4, ids[3] == 4);
            for (word, piece) in [(0, 1), (1, 2), (2, 4)] {
                let hidden = ids[piece] == 4;
                seen[word] += usize::from(hidden);
                assert_eq!(read.characters[word] == [1], hidden);
                assert_eq!(read.word_rows[word].is_none(), hidden);
            }
            assert_eq!(read.casings, plain.casings);
        }
        assert!(seen.iter().all(|seen| (60..140).contains(seen)), "{seen:?}");
    }

    #[test]
    fn of_a_fragment_gold_is_as_long_as_what_is_read() {
        let rates = NoiseRates {
            fragment: 0.5,
            ..NoiseRates::default()
        };
        let mut noise = InputNoise::seeded(rates, None, 4);
        let (plain, gold) = (sentence(1), gold());
        let lengths: Vec<usize> = (0..200)
            .map(|_| {
                let (read, gold) = noise.apply(&plain, None, &gold);
                assert_eq!(read.length, gold.tags.len());
                assert_eq!(read.casings.len(), read.length);
                read.length
            })
            .collect();
        let whole = lengths.iter().filter(|length| **length == 3).count();
        assert!((90..140).contains(&whole), "{whole}");
        assert!(lengths.contains(&1) && lengths.contains(&2));
    }

    #[test]
    fn a_sentence_is_read_in_lower_case_as_often_as_is_asked() {
        let rates = NoiseRates {
            case: 0.25,
            ..NoiseRates::default()
        };
        let (plain, lower, gold) = (sentence(1), sentence(2), gold());
        let lowered = |seed| {
            let mut noise = InputNoise::seeded(rates, None, seed);
            (0..400)
                .map(|_| noise.apply(&plain, Some(&lower), &gold).0.casings[0] == 2)
                .collect::<Vec<_>>()
        };
        let often = lowered(1).into_iter().filter(|lowered| *lowered).count();
        assert!((60..140).contains(&often), "{often}");
        assert_eq!(lowered(1), lowered(1));
        assert_ne!(lowered(1), lowered(2));
    }
}
