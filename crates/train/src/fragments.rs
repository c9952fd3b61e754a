//! Fragments of sentences: what stands on a page while somebody types.

use std::ops::Range;

use rand::Rng;
use spanarc_model::features::{SentenceFeatures, Window};

use crate::loss::Gold;

/// The tag of a token outside all entities.
const OUTSIDE: usize = 0;

/// Draws the words of a fragment: one time in two the sentence as far as somebody has typed it, else a run of its words, or a
/// word on its own. No fragment begins within an entity.
pub(crate) fn draw(gold: &Gold, generator: &mut impl Rng) -> Range<usize> {
    let length = gold.tags.len();
    if length < 2 {
        return 0..length;
    }
    let (start, end) = match generator.random_range(0..4) {
        0 | 1 => (0, generator.random_range(1..length)),
        2 => {
            let start = generator.random_range(0..length);
            (start, generator.random_range(start + 1..=length))
        }
        _ => {
            let word = generator.random_range(0..length);
            (word, word + 1)
        }
    };
    let around = gold.spans.iter().find(|span| span.contains(&start));
    around.map_or(start, |span| span.start)..end
}

impl Gold {
    /// The annotations of a fragment. Of an entity that does not end in it nothing is left: what is half typed is to get no
    /// label that would have to change.
    pub(crate) fn within(&self, words: &Range<usize>) -> Self {
        let mut tags = self.tags[words.clone()].to_vec();
        let mut place = vec![None; self.spans.len()];
        let mut spans = Vec::new();
        for (span, place) in self.spans.iter().zip(&mut place) {
            if words.start <= span.start && span.end <= words.end {
                *place = Some(spans.len());
                spans.push(span.start - words.start..span.end - words.start);
            } else {
                let cut = span.start.max(words.start)..span.end.min(words.end);
                for word in cut {
                    tags[word - words.start] = OUTSIDE;
                }
            }
        }
        let relations = self.relations.iter().filter_map(|&(head, tail, kind)| {
            let [head, tail] = [head, tail].map(|entity| place.get(entity).copied().flatten());
            Some((head?, tail?, kind))
        });
        Self {
            tags,
            spans,
            relations: relations.collect(),
        }
    }
}

/// What the network reads of a fragment, as if the words stood alone.
pub(crate) fn features(sentence: &SentenceFeatures, words: &Range<usize>) -> SentenceFeatures {
    fn part<T: Clone>(of: &[T], words: &Range<usize>) -> Vec<T> {
        of.get(words.clone()).unwrap_or_default().to_vec()
    }
    SentenceFeatures {
        length: words.len(),
        windows: (sentence.windows.iter())
            .map(|window| narrowed(window, words))
            .filter(|window| window.words.iter().any(Option::is_some))
            .collect(),
        casings: part(&sentence.casings, words),
        characters: part(&sentence.characters, words),
        symbols: part(&sentence.symbols, words),
        word_rows: part(&sentence.word_rows, words),
    }
}

fn narrowed(window: &Window, words: &Range<usize>) -> Window {
    let mut narrow = Window {
        ids: Vec::new(),
        casings: Vec::new(),
        words: Vec::new(),
    };
    for (piece, word) in window.words_of_pieces().enumerate() {
        if word.is_none_or(|word| words.contains(&word)) {
            narrow.ids.push(window.ids[piece]);
            narrow.casings.push(window.casings[piece]);
            let represented = window.words[piece];
            narrow
                .words
                .push(represented.map(|(word, weight)| (word - words.start, weight)));
        }
    }
    narrow
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Six words, of which the second and third are an entity, and the fifth is one.
    fn gold() -> Gold {
        Gold {
            tags: vec![0, 1, 2, 0, 3, 0],
            spans: vec![1..3, 4..5],
            relations: vec![(0, 1, 7)],
        }
    }

    #[test]
    fn a_fragment_keeps_the_entities_that_end_in_it_and_what_joins_them() {
        assert_eq!(gold().within(&(0..6)), gold());
        let later = gold().within(&(1..5));
        assert_eq!(later.tags, [1, 2, 0, 3]);
        assert_eq!(later.spans, [0..2, 3..4]);
        assert_eq!(later.relations, [(0, 1, 7)]);
    }

    #[test]
    fn of_a_half_typed_entity_nothing_is_left() {
        let half = gold().within(&(0..2));
        assert_eq!(half.tags, [0, 0]);
        assert!(half.spans.is_empty() && half.relations.is_empty());
        let second = gold().within(&(3..6));
        assert_eq!(second.tags, [0, 3, 0]);
        assert!(second.relations.is_empty());
    }

    #[test]
    fn the_network_reads_a_fragment_as_if_it_stood_alone() {
        let sentence = |words: Range<usize>| {
            let mut window = Window {
                ids: vec![2],
                casings: vec![7],
                words: vec![None],
            };
            // Each word has two pieces, of which the first represents it.
            for word in words.clone() {
                for piece in 0..2 {
                    window.ids.push((10 * word + piece) as u32);
                    window.casings.push(word as u32);
                    window
                        .words
                        .push((piece == 0).then_some((word - words.start, 1.)));
                }
            }
            window.ids.push(3);
            window.casings.push(7);
            window.words.push(None);
            SentenceFeatures {
                length: words.len(),
                windows: vec![window],
                casings: words.clone().map(|word| word as u32).collect(),
                characters: words.clone().map(|word| vec![word as u32]).collect(),
                symbols: Vec::new(),
                word_rows: words.map(|word| Some(word as u32)).collect(),
            }
        };
        assert_eq!(features(&sentence(0..6), &(2..5)), sentence(2..5));
    }

    #[test]
    fn no_fragment_is_empty_or_begins_within_an_entity() {
        let mut generator = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..500 {
            let words = draw(&gold(), &mut generator);
            assert!(!words.is_empty() && words.end <= 6);
            assert_ne!(words.start, 2);
        }
    }
}
