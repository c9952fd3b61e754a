//! Sentences side by side: padded index tensors, and the way back from pieces to words.

use std::collections::HashMap;

use candle_core::{Device, Result, Tensor};

use crate::{
    embedding::{
        PretrainedStates, casing,
        elmo::{MarkedSentences, symbols},
    },
    features::SentenceFeatures,
    rows,
};

/// Encoder input of a batch.
#[derive(Debug)]
pub struct Pieces {
    /// `[windows, pieces]`, u32, padded with 0.
    pub ids: Tensor,
    /// `[windows, pieces]`, u32.
    pub casings: Tensor,
    /// Pieces of each window.
    pub lengths: Vec<usize>,
    /// `[windows·pieces]`, u32: the flat word (`sentence·tokens + word`) that a piece adds to.
    word_of_piece: Tensor,
    /// `[windows·pieces, 1]`: the share it adds, 0 for pieces of no word.
    weight_of_piece: Tensor,
}

/// Character input of a batch: each distinct word once.
#[derive(Debug)]
pub struct Characters {
    /// `[distinct words, characters]`, u32, padded with 0.
    pub rows: Tensor,
    /// Characters of each distinct word.
    pub lengths: Vec<usize>,
    /// `[batch, tokens]`, u32: the distinct word that stands there.
    pub words: Tensor,
}

/// Word vector input of a batch.
#[derive(Debug)]
pub struct WordVectorRows {
    /// `[batch, tokens]`, u32: the row of the word that stands there, 0 where there is none.
    pub rows: Tensor,
    /// `[batch, tokens, 1]`: 1 where there is one, else 0.
    pub known: Tensor,
}

/// Sentences padded to the longest.
#[derive(Debug)]
pub struct Batch {
    /// Words of each sentence.
    pub lengths: Vec<usize>,
    /// Words of the longest sentence.
    pub tokens: usize,
    pieces: Option<Pieces>,
    characters: Option<Characters>,
    marked_sentences: Option<MarkedSentences>,
    word_rows: Option<WordVectorRows>,
    casings: Vec<u32>,
    device: Device,
    /// Computed earlier, and used in place of the networks that said it.
    pub pretrained: PretrainedStates,
}

impl Batch {
    /// Pads and stacks. Every sentence needs a word, and there must be a sentence.
    pub fn new(sentences: &[&SentenceFeatures], device: &Device) -> Result<Self> {
        let lengths: Vec<usize> = sentences.iter().map(|sentence| sentence.length).collect();
        let tokens = lengths.iter().copied().max().unwrap_or(0);
        if lengths.contains(&0) || tokens == 0 {
            candle_core::bail!(
                "a batch needs sentences of at least one word, got lengths {lengths:?}"
            );
        }
        let mut casings = vec![0; sentences.len() * tokens];
        for (sentence, features) in sentences.iter().enumerate() {
            casings[sentence * tokens..][..features.length].copy_from_slice(&features.casings);
        }
        let has = |present: fn(&SentenceFeatures) -> bool| {
            sentences.iter().all(|sentence| present(sentence))
        };
        Ok(Self {
            pieces: match has(|sentence| !sentence.windows.is_empty()) {
                true => Some(pieces(sentences, tokens, device)?),
                false => None,
            },
            characters: match has(|sentence| !sentence.characters.is_empty()) {
                true => Some(characters(sentences, tokens, device)?),
                false => None,
            },
            marked_sentences: match has(|sentence| !sentence.symbols.is_empty()) {
                true => Some(marked_sentences(sentences, tokens, device)?),
                false => None,
            },
            word_rows: match has(|sentence| !sentence.word_rows.is_empty()) {
                true => Some(word_rows(sentences, tokens, device)?),
                false => None,
            },
            lengths,
            tokens,
            casings,
            device: device.clone(),
            pretrained: PretrainedStates::default(),
        })
    }

    /// Number of sentences.
    pub fn size(&self) -> usize {
        self.lengths.len()
    }

    /// Where the batch's tensors live.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Encoder input; an error when the sentences were read without one.
    pub fn pieces(&self) -> Result<&Pieces> {
        self.pieces
            .as_ref()
            .ok_or_else(|| candle_core::Error::Msg("the batch holds no word pieces".into()))
    }

    /// Character input; an error when the sentences were read without one.
    pub fn characters(&self) -> Result<&Characters> {
        self.characters
            .as_ref()
            .ok_or_else(|| candle_core::Error::Msg("the batch holds no characters".into()))
    }

    /// ELMo input; an error when the sentences were read without one.
    pub fn marked_sentences(&self) -> Result<&MarkedSentences> {
        self.marked_sentences
            .as_ref()
            .ok_or_else(|| candle_core::Error::Msg("the batch holds no bytes of words".into()))
    }

    /// Word vector input; an error when the sentences were read without one.
    pub fn word_rows(&self) -> Result<&WordVectorRows> {
        self.word_rows
            .as_ref()
            .ok_or_else(|| candle_core::Error::Msg("the batch holds no rows of words".into()))
    }

    /// `[windows, pieces, hidden]` to `[batch, tokens, hidden]`: each word the weighted sum of its pieces.
    pub fn pool_pieces(&self, states: &Tensor) -> Result<Tensor> {
        let pieces = self.pieces()?;
        let hidden = states.dim(2)?;
        let weighted = states
            .reshape(((), hidden))?
            .broadcast_mul(&pieces.weight_of_piece)?;
        rows::add(&weighted, &pieces.word_of_piece, self.size() * self.tokens)?.reshape((
            self.size(),
            self.tokens,
            hidden,
        ))
    }

    /// `[batch, tokens, 7]`, zero at padding.
    pub fn casing_one_hot(&self) -> Result<Tensor> {
        let mut one_hot = vec![0f32; self.casings.len() * casing::CLASSES];
        for (sentence, &length) in self.lengths.iter().enumerate() {
            for at in sentence * self.tokens..sentence * self.tokens + length {
                one_hot[at * casing::CLASSES + self.casings[at] as usize] = 1.;
            }
        }
        Tensor::from_vec(
            one_hot,
            (self.size(), self.tokens, casing::CLASSES),
            &self.device,
        )
    }
}

fn pieces(sentences: &[&SentenceFeatures], tokens: usize, device: &Device) -> Result<Pieces> {
    let windows = || {
        let of = |(index, sentence)| {
            let sentence: &SentenceFeatures = sentence;
            sentence.windows.iter().map(move |window| (index, window))
        };
        sentences.iter().copied().enumerate().flat_map(of)
    };
    let lengths: Vec<usize> = windows().map(|(_, window)| window.ids.len()).collect();
    let width = lengths.iter().copied().max().unwrap_or(0);
    let size = lengths.len() * width;
    let (mut ids, mut casings) = (vec![0u32; size], vec![casing::CLASSES as u32; size]);
    let (mut word_of_piece, mut weight_of_piece) = (vec![0u32; size], vec![0f32; size]);
    for (row, (sentence, window)) in windows().enumerate() {
        let start = row * width;
        ids[start..][..window.ids.len()].copy_from_slice(&window.ids);
        casings[start..][..window.ids.len()].copy_from_slice(&window.casings);
        for (at, word) in window.words.iter().enumerate() {
            if let Some((word, weight)) = word {
                word_of_piece[start + at] = (sentence * tokens + word) as u32;
                weight_of_piece[start + at] = *weight;
            }
        }
    }
    Ok(Pieces {
        ids: Tensor::from_vec(ids, (lengths.len(), width), device)?,
        casings: Tensor::from_vec(casings, (lengths.len(), width), device)?,
        lengths,
        word_of_piece: Tensor::from_vec(word_of_piece, size, device)?,
        weight_of_piece: Tensor::from_vec(weight_of_piece, (size, 1), device)?,
    })
}

fn characters(
    sentences: &[&SentenceFeatures],
    tokens: usize,
    device: &Device,
) -> Result<Characters> {
    let mut distinct = Distinct::default();
    // Padding points at the first word: whatever stands there is ignored.
    let mut words = vec![0u32; sentences.len() * tokens];
    for (sentence, features) in sentences.iter().enumerate() {
        for (at, word) in features.characters.iter().enumerate() {
            words[sentence * tokens + at] = distinct.index(word);
        }
    }
    let distinct = distinct.words;
    let lengths: Vec<usize> = distinct.iter().map(|word| word.len()).collect();
    let width = lengths.iter().copied().max().unwrap_or(0);
    let mut rows = vec![0u32; distinct.len() * width];
    for (word, row) in distinct.iter().zip(rows.chunks_mut(width.max(1))) {
        row[..word.len()].copy_from_slice(word);
    }
    Ok(Characters {
        rows: Tensor::from_vec(rows, (distinct.len(), width), device)?,
        lengths,
        words: Tensor::from_vec(words, (sentences.len(), tokens), device)?,
    })
}

fn marked_sentences(
    sentences: &[&SentenceFeatures],
    tokens: usize,
    device: &Device,
) -> Result<MarkedSentences> {
    let of = |sentence: &SentenceFeatures| sentence.symbols.first().map_or(0, Vec::len);
    let symbols = sentences.first().map_or(0, |sentence| of(sentence));
    let [start, end] = symbols::of_sentence_bounds(symbols);
    let (steps, mut distinct) = (tokens + 2, Distinct::default());
    // Padding points at the mark of a start: whatever stands there is ignored.
    let (start, end) = (distinct.index(&start), distinct.index(&end));
    let mut words = vec![start; sentences.len() * steps];
    for (sentence, row) in sentences.iter().zip(words.chunks_mut(steps)) {
        for (place, word) in row[1..].iter_mut().zip(&sentence.symbols) {
            *place = distinct.index(word);
        }
        row[sentence.length + 1] = end;
    }
    let count = distinct.words.len();
    Ok(MarkedSentences {
        rows: Tensor::from_vec(distinct.words.concat(), (count, symbols), device)?,
        words: Tensor::from_vec(words, (sentences.len(), steps), device)?,
        lengths: sentences
            .iter()
            .map(|sentence| sentence.length + 2)
            .collect(),
    })
}

fn word_rows(
    sentences: &[&SentenceFeatures],
    tokens: usize,
    device: &Device,
) -> Result<WordVectorRows> {
    let (mut rows, mut known) = (Vec::new(), Vec::new());
    for sentence in sentences {
        for at in 0..tokens {
            let row = sentence.word_rows.get(at).copied().flatten();
            rows.push(row.unwrap_or(0));
            known.push(f32::from(u8::from(row.is_some())));
        }
    }
    Ok(WordVectorRows {
        rows: Tensor::from_vec(rows, (sentences.len(), tokens), device)?,
        known: Tensor::from_vec(known, (sentences.len(), tokens, 1), device)?,
    })
}

/// Words by what is read of them, numbered as they come.
#[derive(Default)]
struct Distinct<'a> {
    words: Vec<&'a [u32]>,
    numbers: HashMap<&'a [u32], u32>,
}

impl<'a> Distinct<'a> {
    fn index(&mut self, word: &'a [u32]) -> u32 {
        *self.numbers.entry(word).or_insert_with(|| {
            self.words.push(word);
            self.words.len() as u32 - 1
        })
    }
}
