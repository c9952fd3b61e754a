//! Words to the indices that the network reads, one sentence at a time and independent of any batch.

use crate::{
    config::{NetworkConfig, PiecePooling},
    embedding::{
        casing, characters::Alphabet, elmo::symbols, word_vectors::WordRows, wordpiece::WordPieces,
    },
    error::{ModelError, Result},
};

/// A run of word pieces that the encoder reads at once, with the pieces that mark start and end: `[CLS]` and `[SEP]`, or
/// those that stand in their place.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// Piece ids.
    pub ids: Vec<u32>,
    /// Casing class of the word that each piece belongs to; 7 for `[CLS]` and `[SEP]`.
    pub casings: Vec<u32>,
    /// For each piece the word that it helps to represent and its weight, if it does.
    pub words: Vec<Option<(usize, f32)>>,
}

impl Window {
    /// For each piece the word that it is a piece of, whether it helps to represent it or not; none for `[CLS]` and `[SEP]`.
    pub fn words_of_pieces(&self) -> impl Iterator<Item = Option<usize>> {
        let end = self.ids.len().saturating_sub(1);
        let mut word = None;
        self.words
            .iter()
            .enumerate()
            .map(move |(place, represented)| {
                word = represented.map(|(word, _)| word).or(word);
                word.filter(|_| place < end)
            })
    }
}

/// The lists of text that a network knows, one entry a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Vocabularies<'a> {
    /// Word pieces, in the order of the encoder's embedding; needed with an encoder.
    pub pieces: Option<&'a str>,
    /// Words, in the order of the word vectors; needed with word vectors. A word may hold spaces.
    pub words: Option<&'a str>,
}

impl<'a> Vocabularies<'a> {
    /// Of a network with an encoder and no word vectors.
    pub fn of_pieces(pieces: &'a str) -> Self {
        Self {
            pieces: Some(pieces),
            words: None,
        }
    }
}

/// What the network reads of one sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct SentenceFeatures {
    /// Number of words.
    pub length: usize,
    /// Encoder input; empty without an encoder. Long sentences have several windows.
    pub windows: Vec<Window>,
    /// Casing class of each word.
    pub casings: Vec<u32>,
    /// Character rows of each word; empty without a character BiRNN.
    pub characters: Vec<Vec<u32>>,
    /// ELMo's symbols of each word; empty without ELMo.
    pub symbols: Vec<Vec<u32>>,
    /// Row of each word's vector, none for an unknown word; empty without word vectors.
    pub word_rows: Vec<Option<u32>>,
}

/// Turns words into [`SentenceFeatures`].
#[derive(Debug)]
pub struct Featurizer {
    pieces: Option<(WordPieces, PiecePooling, usize)>,
    alphabet: Option<Alphabet>,
    /// Symbols of a word that ELMo reads.
    symbols: Option<usize>,
    words: Option<WordRows>,
}

impl Featurizer {
    /// The vocabularies must be those that the configuration asks for.
    pub fn new(config: &NetworkConfig, vocabularies: Vocabularies) -> Result<Self> {
        let pieces = match (&config.encoder, vocabularies.pieces) {
            (None, _) => None,
            (Some(_), None) => {
                return Err(ModelError::Vocabulary(
                    "missing, and the network has an encoder".into(),
                ));
            }
            (Some(encoder), Some(vocabulary)) => {
                let count = vocabulary.lines().count();
                if count != encoder.vocabulary {
                    let expected = encoder.vocabulary;
                    return Err(ModelError::Vocabulary(format!(
                        "{count} pieces, the encoder has {expected}"
                    )));
                }
                let pieces = WordPieces::new(vocabulary, encoder.kind, encoder.lowercase)?;
                Some((pieces, encoder.pooling, encoder.positions))
            }
        };
        let words = match (&config.words, vocabularies.words) {
            (None, _) => None,
            (Some(words), list) => Some(WordRows::new(list.unwrap_or_default(), words)?),
        };
        Ok(Self {
            pieces,
            alphabet: config.characters.as_ref().map(Alphabet::new),
            symbols: config.elmo.as_ref().map(|elmo| elmo.word_length),
            words,
        })
    }

    /// Features of a sentence given as words.
    pub fn features<W: AsRef<str>>(&self, words: &[W]) -> SentenceFeatures {
        let casings: Vec<u32> = words
            .iter()
            .map(|word| casing::class(word.as_ref()) as u32)
            .collect();
        let windows = match &self.pieces {
            None => Vec::new(),
            Some((pieces, pooling, positions)) => {
                let words: Vec<Vec<u32>> =
                    words.iter().map(|word| pieces.ids(word.as_ref())).collect();
                windows(&words, &casings, pieces, *pooling, *positions)
            }
        };
        let words = || words.iter().map(AsRef::as_ref);
        let characters = match &self.alphabet {
            None => Vec::new(),
            Some(alphabet) => words().map(|word| alphabet.rows(word)).collect(),
        };
        let symbols = match self.symbols {
            None => Vec::new(),
            Some(length) => words().map(|word| symbols::of_word(word, length)).collect(),
        };
        let word_rows = match &self.words {
            None => Vec::new(),
            Some(rows) => words().map(|word| rows.row(word)).collect(),
        };
        SentenceFeatures {
            length: casings.len(),
            windows,
            casings,
            characters,
            symbols,
            word_rows,
        }
    }
}

/// Cuts the sentence between words wherever the encoder's positions are used up.
fn windows(
    words: &[Vec<u32>],
    casings: &[u32],
    pieces: &WordPieces,
    pooling: PiecePooling,
    positions: usize,
) -> Vec<Window> {
    let empty = || Window {
        ids: vec![pieces.start()],
        casings: vec![casing::CLASSES as u32],
        words: vec![None],
    };
    let close = |mut window: Window| {
        window.ids.push(pieces.end());
        window.casings.push(casing::CLASSES as u32);
        window.words.push(None);
        window
    };
    let mut done = Vec::new();
    let mut window = empty();
    for (index, ids) in words.iter().enumerate() {
        let ids = &ids[..ids.len().min(positions - 2)];
        if window.ids.len() + ids.len() + 1 > positions {
            done.push(close(std::mem::replace(&mut window, empty())));
        }
        for (at, id) in ids.iter().enumerate() {
            window.ids.push(*id);
            window.casings.push(casings[index]);
            window.words.push(match pooling {
                PiecePooling::Mean => Some((index, 1. / ids.len() as f32)),
                PiecePooling::First => (at == 0).then_some((index, 1.)),
            });
        }
    }
    done.push(close(window));
    done
}
