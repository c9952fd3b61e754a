//! The order of work on a ragged batch: longest sequence first, so that the running ones are always a prefix.

use super::{Direction, Recurrence};

/// Rank of every sequence, and the rows that the running sequences of every step take when packed without padding.
#[derive(Debug)]
pub(super) struct Packing {
    /// Sequence (index in the batch) of each rank, longest first.
    order: Vec<usize>,
    /// First packed row of each step, and the number of all rows at the end.
    offsets: Vec<usize>,
    direction: Direction,
}

impl Packing {
    pub(super) fn new(recurrence: &Recurrence) -> Self {
        let lengths = recurrence.lengths;
        let mut order: Vec<usize> = (0..lengths.len()).collect();
        order.sort_by_key(|&sequence| std::cmp::Reverse(lengths[sequence]));
        let longest = order.first().map_or(0, |&sequence| lengths[sequence]);
        let mut offsets = Vec::with_capacity(longest + 1);
        let (mut total, mut running) = (0, lengths.len());
        for step in 0..longest {
            while lengths[order[running - 1]] <= step {
                running -= 1;
            }
            offsets.push(total);
            total += running;
        }
        offsets.push(total);
        Self {
            order,
            offsets,
            direction: recurrence.direction,
        }
    }

    /// Valid steps of all sequences together.
    pub(super) fn rows(&self) -> usize {
        self.offsets.last().copied().unwrap_or(0)
    }

    /// The sequences that run at `step`, by rank.
    pub(super) fn running(&self, step: usize) -> &[usize] {
        &self.order[..self.offsets[step + 1] - self.offsets[step]]
    }

    /// First packed row of `step`; the row of rank r lies r further.
    pub(super) fn offset(&self, step: usize) -> usize {
        self.offsets[step]
    }

    /// The steps in the order in which the states follow each other.
    pub(super) fn steps(&self) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let count = self.offsets.len() - 1;
        let reversed = self.direction == Direction::Backward;
        (0..count).map(move |i| if reversed { count - 1 - i } else { i })
    }

    /// The step whose state the sequence of `rank` carries into `step`; none where its state starts.
    pub(super) fn previous(&self, step: usize, rank: usize) -> Option<usize> {
        match self.direction {
            Direction::Forward => step.checked_sub(1),
            Direction::Backward => {
                let next = step + 1;
                (next + 1 < self.offsets.len() && rank < self.running(next).len()).then_some(next)
            }
        }
    }
}
