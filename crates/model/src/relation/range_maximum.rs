//! Element-wise maxima over ranges of rows.

use std::ops::Range;

use candle_core::{Result, Tensor};

/// Maximum over each range of `rows [rows, width]`, as `[ranges, width]`; `floor` where a range is empty. Every range
/// must lie within the rows.
///
/// By a sparse table: a range is the union of two runs whose lengths are a power of 2, so that neither time nor memory
/// grow with the ranges' lengths. A crowded sentence has thousands of pairs with long gaps between them.
pub(super) fn range_maximum(
    rows: &Tensor,
    ranges: impl Iterator<Item = Range<usize>> + Clone,
    floor: f32,
) -> Result<Tensor> {
    #[cfg(feature = "cuda")]
    if crate::gpu::takes(rows) {
        return crate::gpu::range_maximum(rows, ranges.collect(), floor);
    }
    let (count, width) = rows.dims2()?;
    let longest = ranges.clone().map(|range| range.len()).max().unwrap_or(0);
    // Level k holds the maxima of runs of 2ᵏ rows, by their first row.
    let mut levels = vec![rows.clone()];
    let mut starts = vec![0];
    for half in (0..longest.max(1).ilog2()).map(|level| 1usize << level) {
        let below = &levels[levels.len() - 1];
        let runs = below.dim(0)? - half;
        let above = below
            .narrow(0, 0, runs)?
            .maximum(&below.narrow(0, half, runs)?)?;
        starts.push(starts[starts.len() - 1] + below.dim(0)?);
        levels.push(above);
    }
    let table_rows = starts[starts.len() - 1] + levels[levels.len() - 1].dim(0)?;
    levels.push(Tensor::full(floor, (1, width), rows.device())?);
    let table = Tensor::cat(&levels, 0)?;

    let run = |range: Range<usize>, last: bool| match range.len() {
        0 => table_rows as u32,
        length => {
            let level = length.ilog2();
            let first = if last {
                range.end - (1 << level)
            } else {
                range.start
            };
            (starts[level as usize] + first) as u32
        }
    };
    let select = |last: bool| {
        let indices =
            Tensor::from_iter(ranges.clone().map(|range| run(range, last)), rows.device())?;
        table.index_select(&indices, 0)
    };
    debug_assert!(ranges.clone().all(|range| range.end <= count));
    select(false)?.maximum(&select(true)?)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    const ROWS: [[f32; 2]; 7] = [
        [3., -1.],
        [1., 5.],
        [4., -2.],
        [1., 0.],
        [5., -9.],
        [9., 2.],
        [2., 6.],
    ];

    #[test]
    #[allow(clippy::single_range_in_vec_init)]
    fn every_range_has_the_maximum_of_its_rows() -> Result<()> {
        let rows = Tensor::new(&ROWS, &Device::Cpu)?;
        let all: Vec<Range<usize>> = (0..=7)
            .flat_map(|start| (start..=7).map(move |end| start..end))
            .collect();
        for ranges in [all, vec![2..3], vec![4..4]] {
            let maxima = range_maximum(&rows, ranges.iter().cloned(), -100.)?.to_vec2::<f32>()?;
            for (range, maximum) in ranges.into_iter().zip(maxima) {
                let expected = [0, 1].map(|column| {
                    ROWS[range.clone()]
                        .iter()
                        .map(|row| row[column])
                        .fold(-100., f32::max)
                });
                assert_eq!(maximum, expected, "{range:?}");
            }
        }
        Ok(())
    }

    #[test]
    fn the_gradient_goes_to_the_largest_element_once() -> Result<()> {
        let rows = Var::new(&ROWS, &Device::Cpu)?;
        let ranges = [0..7, 1..2, 1..4, 3..3];
        let maxima = range_maximum(rows.as_tensor(), ranges.into_iter(), 0.)?;
        let grads = maxima.sum_all()?.backward()?;
        let gradient = grads.get(&rows).map(Tensor::to_vec2::<f32>).transpose()?;
        let expected = [
            [0., 0.],
            [1., 2.],
            [1., 0.],
            [0., 0.],
            [0., 0.],
            [1., 0.],
            [0., 1.],
        ];
        assert_eq!(gradient, Some(expected.map(Vec::from).to_vec()));
        Ok(())
    }
}
