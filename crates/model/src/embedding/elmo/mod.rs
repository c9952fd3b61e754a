//! ELMo: a bidirectional language model over words that are read byte by byte (Peters et al. 2018), as AllenNLP's
//! bilm-tf publishes it.
//!
//! The reference carries the LSTM states from one batch to the next, so that what it says of a sentence depends on what
//! was read before. Here the states are an argument and a result of [`Elmo::forward`]. The joint network starts every
//! sentence from zero: a sentence's annotations must depend on nothing but the sentence. The mark of the sentence's
//! start, which the model reads first, gives it a step to settle.

mod projected_lstm;
pub mod symbols;
mod word_encoder;

use candle_core::{Device, Result, Tensor};
use candle_nn::VarBuilder;
use spanarc_kernels::recurrent::Direction;

pub use projected_lstm::LstmState;
use projected_lstm::ProjectedLstm;
use word_encoder::WordEncoder;

use crate::config::ElmoConfig;

/// Words of a batch of sentences with the marks of start and end, each distinct word once.
#[derive(Debug)]
pub struct MarkedSentences {
    /// `[distinct words, symbols]`, u32.
    pub rows: Tensor,
    /// `[batch, tokens + 2]`, u32: the distinct word that stands there; any one at padding.
    pub words: Tensor,
    /// Steps of each sentence: its words and the two marks.
    pub lengths: Vec<usize>,
}

/// What both directions carry from one sentence to the next: the states of each layer.
#[derive(Debug, Clone)]
pub struct ElmoState {
    forward: Vec<LstmState>,
    backward: Vec<LstmState>,
}

/// The language model without its softmax.
#[derive(Debug)]
pub struct Elmo {
    words: WordEncoder,
    forward: Vec<ProjectedLstm>,
    backward: Vec<ProjectedLstm>,
    skip_connections: bool,
    projection: usize,
    cell: usize,
}

impl Elmo {
    /// Parameters under `words`, `forward` and `backward`.
    pub fn new(config: &ElmoConfig, vb: VarBuilder) -> Result<Self> {
        let layers = |direction: &str| {
            let layer = |index| ProjectedLstm::new(config, vb.pp(direction).pp(index));
            (0..config.layers).map(layer).collect::<Result<_>>()
        };
        Ok(Self {
            words: WordEncoder::new(config, vb.pp("words"))?,
            forward: layers("forward")?,
            backward: layers("backward")?,
            skip_connections: config.skip_connections,
            projection: config.projection,
            cell: config.cell,
        })
    }

    /// Nothing read yet, for `batch` sentences.
    pub fn zero_state(&self, batch: usize, device: &Device) -> Result<ElmoState> {
        let zeros = |size| Tensor::zeros((batch, size), candle_core::DType::F32, device);
        let state = LstmState {
            hidden: zeros(self.projection)?,
            cell: zeros(self.cell)?,
        };
        Ok(ElmoState {
            forward: vec![state.clone(); self.forward.len()],
            backward: vec![state; self.backward.len()],
        })
    }

    /// The word vectors and the states of every layer, `layers + 1` tensors `[batch, tokens, 2·projection]` with the
    /// forward half first (the word vector twice), without the marks; and what is carried on from `state`, the forward
    /// direction's after a sentence's end, the backward direction's after its start.
    pub fn forward(
        &self,
        sentences: &MarkedSentences,
        state: &ElmoState,
    ) -> Result<(Vec<Tensor>, ElmoState)> {
        let (batch, steps) = sentences.words.dims2()?;
        let words = self
            .words
            .forward(&sentences.rows)?
            .index_select(&sentences.words.flatten_all()?, 0)?
            .reshape((batch, steps, ()))?;
        let read = |direction, layers, states| {
            self.read(direction, layers, states, &words, &sentences.lengths)
        };
        let (forward, forward_state) = read(Direction::Forward, &self.forward, &state.forward)?;
        let (backward, backward_state) =
            read(Direction::Backward, &self.backward, &state.backward)?;
        let unmarked = |forward: &Tensor, backward: &Tensor| {
            Tensor::cat(&[forward, backward], 2)?.narrow(1, 1, steps - 2)
        };
        let mut layers = vec![unmarked(&words, &words)?];
        for (forward, backward) in forward.iter().zip(&backward) {
            layers.push(unmarked(forward, backward)?);
        }
        let state = ElmoState {
            forward: forward_state,
            backward: backward_state,
        };
        Ok((layers, state))
    }

    /// One direction: the states of every layer, `[batch, steps, projection]`.
    fn read(
        &self,
        direction: Direction,
        layers: &[ProjectedLstm],
        states: &[LstmState],
        words: &Tensor,
        lengths: &[usize],
    ) -> Result<(Vec<Tensor>, Vec<LstmState>)> {
        let turn = |xs: &Tensor| match direction {
            Direction::Forward => Ok(xs.clone()),
            Direction::Backward => reversed(xs, lengths),
        };
        let mut below = turn(words)?;
        let (mut outputs, mut carried) = (Vec::new(), Vec::new());
        for (index, (layer, state)) in layers.iter().zip(states).enumerate() {
            let (output, state) = layer.forward(&below, lengths, state)?;
            below = if self.skip_connections && index > 0 {
                (output + below)?
            } else {
                output
            };
            outputs.push(turn(&below)?);
            carried.push(state);
        }
        Ok((outputs, carried))
    }
}

/// `[batch, steps, size]` with the valid steps of each sequence in reverse; padding stays where it is.
fn reversed(xs: &Tensor, lengths: &[usize]) -> Result<Tensor> {
    let (batch, steps, size) = xs.dims3()?;
    let rows = lengths.iter().enumerate().flat_map(|(sequence, &length)| {
        let row = move |step| {
            if step < length {
                length - 1 - step
            } else {
                step
            }
        };
        (0..steps).map(move |step| (sequence * steps + row(step)) as u32)
    });
    let rows = Tensor::from_iter(rows, xs.device())?;
    xs.reshape((batch * steps, size))?
        .index_select(&rows, 0)?
        .reshape((batch, steps, size))
}
