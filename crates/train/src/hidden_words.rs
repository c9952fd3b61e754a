//! Words of running text hidden for an encoder to guess: the masked language model of Devlin et al. 2019, section 3.1, of
//! whole words, as in BERT's later version.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use spanarc_model::features::SentenceFeatures;

use crate::input_noise::mask_piece;

/// Probability of a word to be hidden.
const HIDDEN: f64 = 0.15;

/// Of hidden words those that stand as they are, so that what is said of words that can be seen is learnt too.
const KEPT: f64 = 0.1;

/// Of hidden words those in whose place others stand.
const REPLACED: f64 = 0.1;

/// What stands at hidden pieces of a batch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct HiddenPieces {
    /// Their places in the batch's `[windows, pieces]`, counted through.
    pub(crate) places: Vec<u32>,
    /// What stands there.
    pub(crate) ids: Vec<u32>,
}

/// Draws what is hidden.
#[derive(Debug, Clone)]
pub(crate) struct Hiding {
    mask: u32,
    /// Pieces of the vocabulary.
    pieces: u32,
    generator: ChaCha8Rng,
}

impl Hiding {
    /// The pieces of most hidden words become the vocabulary's `[MASK]`, or `[UNK]` where it has none.
    pub(crate) fn seeded(vocabulary: &str, seed: u64) -> Self {
        Self {
            mask: mask_piece(vocabulary),
            pieces: vocabulary.lines().count().max(1) as u32,
            generator: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// The same from one of many independent sequences that the seed has.
    pub(crate) fn stream(&self, stream: u64) -> Self {
        let mut hiding = self.clone();
        hiding.generator.set_stream(stream);
        hiding
    }

    /// What is read of the sentences of a batch, of each of which a word at least is hidden, and what stands there. A hidden
    /// word keeps its casing, by which the encoder learns what casing tells.
    pub(crate) fn apply<'a>(
        &mut self,
        sentences: impl Iterator<Item = &'a SentenceFeatures>,
    ) -> (Vec<SentenceFeatures>, HiddenPieces) {
        let mut read: Vec<SentenceFeatures> = sentences.cloned().collect();
        let windows = || read.iter().flat_map(|sentence| &sentence.windows);
        let width = windows().map(|window| window.ids.len()).max().unwrap_or(0);
        let mut hidden = HiddenPieces::default();
        let mut row = 0;
        for sentence in &mut read {
            let fates = self.fates(sentence.length);
            for window in &mut sentence.windows {
                let words: Vec<_> = window.words_of_pieces().collect();
                for ((place, id), word) in window.ids.iter_mut().enumerate().zip(words) {
                    let Some(fate) = word.and_then(|word| fates[word]) else {
                        continue;
                    };
                    hidden.places.push((row * width + place) as u32);
                    hidden.ids.push(*id);
                    *id = match fate {
                        Fate::Masked => self.mask,
                        Fate::Replaced => self.generator.random_range(0..self.pieces),
                        Fate::Kept => *id,
                    };
                }
                row += 1;
            }
        }
        (read, hidden)
    }

    /// Of every word what becomes of it, none where it is not hidden.
    fn fates(&mut self, words: usize) -> Vec<Option<Fate>> {
        let certain = self.generator.random_range(0..words.max(1));
        let fate = |word| {
            let hidden = self.generator.random_bool(HIDDEN) || word == certain;
            hidden.then(|| match self.generator.random::<f64>() {
                draw if draw < KEPT => Fate::Kept,
                draw if draw < KEPT + REPLACED => Fate::Replaced,
                _ => Fate::Masked,
            })
        };
        (0..words).map(fate).collect()
    }
}

/// What becomes of a hidden word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Masked,
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
    fn what_is_hidden_is_known_by_its_place_in_the_batch_and_the_rest_stands() {
        let plain = sentences();
        let windows = |sentences: &[SentenceFeatures]| -> Vec<Vec<u32>> {
            let windows = sentences.iter().flat_map(|sentence| &sentence.windows);
            windows.map(|window| window.ids.clone()).collect()
        };
        let (before, width) = (windows(&plain), 6);
        let mut hiding = Hiding::seeded(&vocabulary(), 1);
        for _ in 0..200 {
            let (read, hidden) = hiding.apply(plain.iter());
            let after = windows(&read);
            let places = |row: usize, place: usize| (row * width + place) as u32;
            for (row, (before, after)) in before.iter().zip(&after).enumerate() {
                for place in 0..before.len() {
                    match hidden
                        .places
                        .iter()
                        .position(|at| *at == places(row, place))
                    {
                        Some(at) => assert_eq!(hidden.ids[at], before[place]),
                        None => assert_eq!(before[place], after[place]),
                    }
                }
            }
            let is_hidden = |row, place| hidden.places.contains(&places(row, place));
            assert_eq!(is_hidden(0, 1), is_hidden(0, 3), "words are hidden whole");
            assert!(is_hidden(2, 1), "a word at least of each sentence");
            let marks = [(0, 0), (0, 5), (1, 0), (1, 3), (2, 0), (2, 2)];
            assert!(!marks.iter().any(|(row, place)| is_hidden(*row, *place)));
        }
    }

    #[test]
    fn most_hidden_words_are_masked_some_replaced_and_some_left() {
        let words: Vec<&[u32]> = vec![&[30]; 2000];
        let plain = [sentence(vec![window(0, &words)])];
        let mut hiding = Hiding::seeded(&vocabulary(), 2);
        let (read, hidden) = hiding.apply(plain.iter());
        assert!(
            (240..360).contains(&hidden.ids.len()),
            "{}",
            hidden.ids.len()
        );
        let stands = |id: u32| {
            let stands = |place: &&u32| read[0].windows[0].ids[**place as usize] == id;
            hidden.places.iter().filter(stands).count() as f64 / hidden.ids.len() as f64
        };
        assert!((0.7..0.9).contains(&stands(4)), "{}", stands(4));
        assert!((0.05..0.17).contains(&stands(30)), "{}", stands(30));
    }

    #[test]
    fn the_seed_and_the_stream_decide_what_is_hidden() {
        let plain = sentences();
        let drawn = |seed, stream| -> Vec<HiddenPieces> {
            let mut hiding = Hiding::seeded(&vocabulary(), seed).stream(stream);
            (0..20).map(|_| hiding.apply(plain.iter()).1).collect()
        };
        assert_eq!(drawn(1, 0), drawn(1, 0));
        assert_ne!(drawn(1, 0), drawn(1, 1));
        assert_ne!(drawn(1, 0), drawn(2, 0));
    }
}
