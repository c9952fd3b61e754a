//! The embeddings of word pieces, in the form in which they were loaded.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;

use super::NORMAL;
use crate::{bundle::four_bits, host, rows};

/// A table `[pieces, width]`. A sentence looks up a few dozen of its tens of thousands of rows, so those of a quantised
/// bundle stay packed, and only what is looked up is expanded.
#[derive(Debug)]
pub(super) enum PieceTable {
    /// `[pieces, width]`: what is trained, and what any device can look up.
    Floats(Tensor),
    /// Values + 128, `[pieces, width]`, and scales, `[pieces, 1]`.
    Bytes { values: Tensor, scales: Tensor },
    /// Two values in a byte, `[pieces, width / 2]`, and scales of the blocks of columns, `[pieces, blocks]`.
    HalfBytes { packed: Tensor, scales: Tensor },
}

impl PieceTable {
    /// Parameter `weight [pieces, width]`, quantised only where the source has it so and the network runs on the CPU.
    pub(super) fn new(pieces: usize, width: usize, vb: VarBuilder) -> Result<Self> {
        let bytes = |width| vb.get_with_hints_dtype((pieces, width), "weight", NORMAL, DType::U8);
        let packed = host::runs_kernels_on(vb.device());
        if packed && vb.contains_tensor("weight.scale4") && width.is_multiple_of(2) {
            return Ok(Self::HalfBytes {
                packed: bytes(width / 2)?,
                scales: (vb.get_unchecked("weight.scale4")?).reshape((pieces, ()))?,
            });
        }
        if packed && vb.contains_tensor("weight.scale") {
            return Ok(Self::Bytes {
                values: bytes(width)?,
                scales: vb.get(pieces, "weight.scale")?.unsqueeze(1)?,
            });
        }
        let table = vb.get_with_hints((pieces, width), "weight", NORMAL)?;
        Ok(Self::Floats(table))
    }

    /// Rows `[n, width]` of the pieces `ids [n]` (u32).
    pub(super) fn rows(&self, ids: &Tensor) -> Result<Tensor> {
        match self {
            Self::Floats(table) => rows::select(table, ids),
            Self::Bytes { values, scales } => {
                let values = values.index_select(ids, 0)?.to_dtype(DType::F32)?;
                (values - 128.)?.broadcast_mul(&scales.index_select(ids, 0)?)
            }
            Self::HalfBytes { packed, scales } => {
                let packed = packed.index_select(ids, 0)?;
                let (rows, bytes) = packed.dims2()?;
                let packed: Vec<u8> = packed.flatten_all()?.to_vec1()?;
                let scales: Vec<f32> = scales.index_select(ids, 0)?.flatten_all()?.to_vec1()?;
                let values = four_bits::dequantised(&packed, &scales);
                Tensor::from_vec(values, (rows, 2 * bytes), &Device::Cpu)
            }
        }
    }

    /// The whole table in f32.
    pub(super) fn floats(&self) -> Result<Tensor> {
        match self {
            Self::Floats(table) => Ok(table.clone()),
            Self::Bytes { scales, .. } | Self::HalfBytes { scales, .. } => {
                let pieces = scales.dim(0)? as u32;
                self.rows(&Tensor::arange(0, pieces, &Device::Cpu)?)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    /// Rows of the table `[pieces, width]` whose parameters are these: of its last piece, its first and its last, and all.
    fn read(
        [pieces, width]: [usize; 2],
        tensors: Vec<(&str, Tensor)>,
    ) -> Result<[Vec<Vec<f32>>; 2]> {
        let tensors: HashMap<String, Tensor> = tensors
            .into_iter()
            .map(|(name, tensor)| (name.to_string(), tensor))
            .collect();
        let vb = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
        let table = PieceTable::new(pieces, width, vb)?;
        let last = pieces as u32 - 1;
        let rows = table.rows(&Tensor::new(&[last, 0, last], &Device::Cpu)?)?;
        Ok([rows.to_vec2()?, table.floats()?.to_vec2()?])
    }

    #[test]
    fn every_form_gives_the_same_rows() -> Result<()> {
        let device = &Device::Cpu;
        let whole = vec![vec![-4., 3.5], vec![0., 1.], vec![-6., 16.]];
        let expected = [2, 0, 2].map(|row: usize| whole[row].clone()).to_vec();
        let scales = Tensor::new(&[0.5f32, 1., -2.], device)?;

        let floats = Tensor::new(whole.clone(), device)?.to_dtype(DType::F32)?;
        assert_eq!(
            read([3, 2], vec![("weight", floats)])?,
            [expected.clone(), whole.clone()]
        );
        let values = Tensor::new(&[[120u8, 135], [128, 129], [131, 120]], device)?;
        assert_eq!(
            read(
                [3, 2],
                vec![("weight", values), ("weight.scale", scales.clone())]
            )?,
            [expected.clone(), whole.clone()]
        );
        let packed = Tensor::new(&[[0xf0u8], [0x98], [0x0b]], device)?;
        assert_eq!(
            read([3, 2], vec![("weight", packed), ("weight.scale4", scales)])?,
            [expected, whole]
        );
        Ok(())
    }

    #[test]
    fn blocks_of_a_row_have_scales_of_their_own() -> Result<()> {
        let device = &Device::Cpu;
        let packed = Tensor::new(&[[0x97u8, 0x0f], [0x88, 0x79]], device)?;
        let scales = Tensor::new(&[[1f32, 0.5], [7., -2.]], device)?;
        let expected = [[-1., 1., 3.5, -4.], [0., 0., -2., 2.]];
        let found = read([2, 4], vec![("weight", packed), ("weight.scale4", scales)])?;
        assert_eq!(found[0], [expected[1], expected[0], expected[1]]);
        assert_eq!(found[1], expected);
        Ok(())
    }
}
