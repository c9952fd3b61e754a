//! Masked words of running text, the task of a masked language model (Devlin et al. 2019, section 3.1), with whole words as in
//! BERT's later version.

use rand::{Rng, SeedableRng, seq::index};
use rand_chacha::ChaCha8Rng;
use spanarc_model::features::SentenceFeatures;

use crate::input_noise::mask_piece;

/// Share of a sentence's words that are masked.
const MASKED: f64 = 0.15;

/// Of masked words those that stand as they are, so that what is said of words that can be seen is learnt too.
const KEPT: f64 = 0.1;

/// Of masked words those in whose place others stand.
const REPLACED: f64 = 0.1;

/// The masked pieces of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MaskedPieces {
    /// Where they stand: window of the batch, and piece of the window.
    pub(crate) places: Vec<(usize, usize)>,
    /// Which pieces they are, to be predicted.
    pub(crate) ids: Vec<u32>,
}

/// Draws the words that are masked.
#[derive(Debug, Clone)]
pub(crate) struct Masking {
    mask: u32,
    /// Pieces of the vocabulary.
    pieces: u32,
    generator: ChaCha8Rng,
}

impl Masking {
    /// The pieces of most masked words become the vocabulary's `[MASK]`, or `[UNK]` where it has none.
    pub(crate) fn seeded(vocabulary: &str, seed: u64) -> Self {
        Self {
            mask: mask_piece(vocabulary),
            pieces: vocabulary.lines().count().max(1) as u32,
            generator: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// The same from one of many independent sequences that the seed has.
    pub(crate) fn stream(&self, stream: u64) -> Self {
        let mut masking = self.clone();
        masking.generator.set_stream(stream);
        masking
    }

    /// What is read of the sentences of a batch, of each of which a word at least is masked, and what is to be predicted. A
    /// masked word keeps its casing, by which the encoder learns what casing tells.
    pub(crate) fn apply<'a>(
        &mut self,
        sentences: impl Iterator<Item = &'a SentenceFeatures>,
    ) -> (Vec<SentenceFeatures>, MaskedPieces) {
        let mut read: Vec<SentenceFeatures> = sentences.cloned().collect();
        let mut masked = MaskedPieces::default();
        let mut row = 0;
        for sentence in &mut read {
            let fates = self.fates(sentence.length);
            for window in &mut sentence.windows {
                let words: Vec<_> = window.words_of_pieces().collect();
                for ((place, id), word) in window.ids.iter_mut().enumerate().zip(words) {
                    let Some(fate) = word.and_then(|word| fates[word]) else {
                        continue;
                    };
                    masked.places.push((row, place));
                    masked.ids.push(*id);
                    *id = match fate {
                        Fate::Hidden => self.mask,
                        Fate::Replaced => self.generator.random_range(0..self.pieces),
                        Fate::Kept => *id,
                    };
                }
                row += 1;
            }
        }
        (read, masked)
    }

    /// Of every word what becomes of it, none where it is not masked.
    fn fates(&mut self, words: usize) -> Vec<Option<Fate>> {
        let count = (words as f64 * MASKED).round() as usize;
        let mut fates = vec![None; words];
        for word in index::sample(&mut self.generator, words, count.clamp(words.min(1), words)) {
            fates[word] = Some(match self.generator.random::<f64>() {
                draw if draw < KEPT => Fate::Kept,
                draw if draw < KEPT + REPLACED => Fate::Replaced,
                _ => Fate::Hidden,
            });
        }
        fates
    }
}

/// What becomes of a masked word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Hidden,
    Replaced,
    Kept,
}

#[cfg(test)]
mod tests {
    use spanarc_model::features::Window;

    use super::*;

    /// `[PAD] [UNK] [CLS] [SEP] [MASK]` and letters.
    fn vocabulary() -> String {
        let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(str::to_owned);
        let letters = ('a'..='z').map(|letter| letter.to_string());
        special
            .into_iter()
            .chain(letters)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// A window of words, each of these pieces, the first of which represents it.
    fn window(first_word: usize, words: &[&[u32]]) -> Window {
        let (mut ids, mut of) = (vec![2], vec![None]);
        for (word, pieces) in (first_word..).zip(words) {
            ids.extend(*pieces);
            of.push(Some((word, 1.)));
            of.extend(vec![None; pieces.len() - 1]);
        }
        ids.push(3);
        of.push(None);
        Window {
            casings: vec![1; ids.len()],
            ids,
            words: of,
        }
    }

    fn sentence(windows: Vec<Window>) -> SentenceFeatures {
        let words = windows.iter().flat_map(|window| &window.words);
        SentenceFeatures {
            length: words.flatten().count(),
            windows,
            casings: Vec::new(),
            characters: Vec::new(),
            symbols: Vec::new(),
            word_rows: Vec::new(),
        }
    }

    /// A long sentence in two windows, and a short one.
    fn sentences() -> [SentenceFeatures; 2] {
        [
            sentence(vec![
                window(0, &[&[10, 11, 12], &[13]]),
                window(2, &[&[14, 15]]),
            ]),
            sentence(vec![window(0, &[&[16]])]),
        ]
    }

    #[test]
    fn what_is_masked_is_known_by_its_place_and_the_rest_stands() {
        let plain = sentences();
        let windows = |sentences: &[SentenceFeatures]| -> Vec<Vec<u32>> {
            let windows = sentences.iter().flat_map(|sentence| &sentence.windows);
            windows.map(|window| window.ids.clone()).collect()
        };
        let before = windows(&plain);
        let mut masking = Masking::seeded(&vocabulary(), 1);
        for _ in 0..200 {
            let (read, masked) = masking.apply(plain.iter());
            let after = windows(&read);
            let masked_at = |row, place| {
                let mut places = masked.places.iter();
                places.position(|at| *at == (row, place))
            };
            for (row, (before, after)) in before.iter().zip(&after).enumerate() {
                for place in 0..before.len() {
                    match masked_at(row, place) {
                        Some(at) => assert_eq!(masked.ids[at], before[place]),
                        None => assert_eq!(before[place], after[place]),
                    }
                }
            }
            let is_masked = |row, place| masked_at(row, place).is_some();
            assert_eq!(is_masked(0, 1), is_masked(0, 3), "words are masked whole");
            assert!(is_masked(2, 1), "a word at least of each sentence");
            let marks = [(0, 0), (0, 5), (1, 0), (1, 3), (2, 0), (2, 2)];
            assert!(!marks.iter().any(|(row, place)| is_masked(*row, *place)));
        }
    }

    #[test]
    fn most_masked_words_are_hidden_some_replaced_and_some_kept() {
        let words: Vec<&[u32]> = vec![&[30]; 20];
        let plain = vec![sentence(vec![window(0, &words)]); 2000];
        let mut masking = Masking::seeded(&vocabulary(), 2);
        let (read, masked) = masking.apply(plain.iter());
        assert_eq!(masked.ids.len(), 2000 * 3, "15 percent of each sentence");
        let stand = |wanted: fn(u32) -> bool| {
            let ids = masked
                .places
                .iter()
                .map(|(row, place)| read[*row].windows[0].ids[*place]);
            ids.filter(|id| wanted(*id)).count() as f64 / masked.ids.len() as f64
        };
        let (hidden, kept) = (stand(|id| id == 4), stand(|id| id == 30));
        let replaced = stand(|id| ![4, 30].contains(&id));
        assert!((0.78..0.82).contains(&hidden), "{hidden}");
        assert!((0.08..0.12).contains(&kept), "{kept}");
        assert!((0.08..0.12).contains(&replaced), "{replaced}");
    }

    #[test]
    fn the_seed_and_the_stream_decide_what_is_masked() {
        let plain = sentences();
        let drawn = |seed, stream| -> Vec<MaskedPieces> {
            let mut masking = Masking::seeded(&vocabulary(), seed).stream(stream);
            (0..20).map(|_| masking.apply(plain.iter()).1).collect()
        };
        assert_eq!(drawn(1, 0), drawn(1, 0));
        assert_ne!(drawn(1, 0), drawn(1, 1));
        assert_ne!(drawn(1, 0), drawn(2, 0));
    }
}
