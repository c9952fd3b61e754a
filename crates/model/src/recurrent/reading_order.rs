//! Where each step of a padded batch stands once every sequence is laid out in the order in which it is read.

use candle_core::{Device, Result, Tensor};
use spanarc_kernels::recurrent::Direction;

/// Candle's `index_select` gives zeros for this index.
const NOTHING: u32 = u32::MAX;

/// The way between `[batch, steps, D·width]`, a batch as it is written, and `[steps, D, batch, width]`, as D layers read
/// it: each its part of the last dimension, in its own direction, padding last.
pub(super) struct ReadingOrder {
    steps: usize,
    directions: usize,
    batch: usize,
    /// For each row of the batch by time its row in the batch as written, or [`NOTHING`].
    written: Tensor,
    /// The reverse.
    read: Tensor,
}

impl ReadingOrder {
    /// No length exceeds `steps`.
    pub(super) fn new(
        directions: &[Direction],
        lengths: &[usize],
        steps: usize,
        device: &Device,
    ) -> Result<Self> {
        let (width, batch) = (directions.len(), lengths.len());
        let mut written = vec![NOTHING; steps * width * batch];
        let mut read = written.clone();
        for (sequence, &length) in lengths.iter().enumerate() {
            for (index, direction) in directions.iter().enumerate() {
                for step in 0..length {
                    let time = match direction {
                        Direction::Forward => step,
                        Direction::Backward => length - 1 - step,
                    };
                    let by_time = (time * width + index) * batch + sequence;
                    let by_sentence = (sequence * steps + step) * width + index;
                    written[by_time] = by_sentence as u32;
                    read[by_sentence] = by_time as u32;
                }
            }
        }
        let rows = written.len();
        Ok(Self {
            steps,
            directions: width,
            batch,
            written: Tensor::from_vec(written, rows, device)?,
            read: Tensor::from_vec(read, rows, device)?,
        })
    }

    /// `[batch, steps, D·width]` to `[steps, D, batch, width]`, zero where there is padding.
    pub(super) fn by_time(&self, xs: &Tensor) -> Result<Tensor> {
        let rows = self.steps * self.directions * self.batch;
        xs.contiguous()?
            .reshape((rows, ()))?
            .index_select(&self.written, 0)?
            .reshape((self.steps, self.directions, self.batch, ()))
    }

    /// `[steps, D, batch, width]` to `[batch, steps, D·width]`, zero where there is padding.
    pub(super) fn by_sentence(&self, xs: &Tensor) -> Result<Tensor> {
        let rows = self.steps * self.directions * self.batch;
        xs.contiguous()?
            .reshape((rows, ()))?
            .index_select(&self.read, 0)?
            .reshape((self.batch, self.steps, ()))
    }
}
