//! Packed weights, and the product of rows with them.

use std::cell::RefCell;

use thiserror::Error;

use super::{
    Rows,
    strip::{self, Kernel, PANEL, Strip},
};
use crate::size::{SizeError, check_length};

/// Panels of outputs that a kernel works on together.
const GROUP: usize = 4;

/// Rows that a kernel works on together: their integer sums stay in the first cache.
const ROWS: usize = 64;

/// The longest row whose sums of products fit 32 bits.
const LONGEST: usize = i32::MAX as usize / (127 * 127);

/// An argument that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Int8Error {
    /// A slice of the wrong length.
    #[error(transparent)]
    Size(#[from] SizeError),
    /// A row so long that its sums could leave 32 bits.
    #[error("rows of {0} int8 weights are too long: at most {LONGEST}")]
    TooLong(usize),
    /// A weight of −128, which no scale of ours makes and which would saturate.
    #[error("weight {0} is −128; int8 weights are −127 to 127")]
    Weight(usize),
    /// Matrices side by side that read rows of different widths.
    #[error("matrices of inputs {0:?} cannot stand side by side")]
    Inputs(Vec<usize>),
    /// A window or sequence longer than its batch.
    #[error("sequence {sequence} has {length} steps, but the batch has {steps}")]
    Length {
        /// Its index in the batch.
        sequence: usize,
        /// Its length.
        length: usize,
        /// Steps of the batch.
        steps: usize,
    },
}

/// int8 weights `[outputs, inputs]` with a scale for every output, packed for the kernels.
#[derive(Debug)]
pub struct Matrix {
    outputs: usize,
    inputs: usize,
    /// `[panels, depth / 4, PANEL, 4]`: four weights of each output of a panel side by side, then the next four.
    packed: Vec<i8>,
    /// `[panels · PANEL]`.
    scales: Vec<f32>,
    /// Sum of the weights of every output times its scale, `[panels · PANEL]`.
    sums: Vec<f32>,
}

impl Matrix {
    /// Packs `values [outputs, inputs]` with `scales [outputs]`.
    ///
    /// # Errors
    /// If a slice does not fit the shape, a weight is −128, or rows are longer than 133,000.
    pub fn new(
        values: &[i8],
        scales: &[f32],
        outputs: usize,
        inputs: usize,
    ) -> Result<Self, Int8Error> {
        check_length("values", values.len(), &[outputs, inputs])?;
        check_length("scales", scales.len(), &[outputs])?;
        if inputs > LONGEST {
            return Err(Int8Error::TooLong(inputs));
        }
        if let Some(index) = values.iter().position(|&value| value == -128) {
            return Err(Int8Error::Weight(index));
        }
        let mut matrix = Self {
            outputs,
            inputs,
            packed: Vec::new(),
            scales: Vec::new(),
            sums: Vec::new(),
        };
        matrix.reserve(outputs);
        for (output, scale) in scales.iter().enumerate() {
            matrix.pack(output, &values[output * inputs..][..inputs], *scale);
        }
        Ok(matrix)
    }

    /// The outputs of several matrices one after the other, read from the same rows: they are quantised once.
    ///
    /// # Errors
    /// If they read rows of different widths.
    pub fn side_by_side(parts: &[&Self]) -> Result<Self, Int8Error> {
        let inputs: Vec<usize> = parts.iter().map(|part| part.inputs).collect();
        if inputs.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(Int8Error::Inputs(inputs));
        }
        let outputs = parts.iter().map(|part| part.outputs).sum();
        let mut joined = Self {
            outputs,
            inputs: inputs.first().copied().unwrap_or(0),
            packed: Vec::new(),
            scales: Vec::new(),
            sums: Vec::new(),
        };
        joined.reserve(outputs);
        let mut row = vec![0; joined.inputs];
        let mut at = 0;
        for part in parts {
            for output in 0..part.outputs {
                part.unpack(output, &mut row);
                joined.pack(at, &row, part.scales[output]);
                at += 1;
            }
        }
        Ok(joined)
    }

    fn reserve(&mut self, outputs: usize) {
        let padded = outputs.next_multiple_of(PANEL);
        self.packed = vec![0; padded * self.depth()];
        self.scales = vec![0.; padded];
        self.sums = vec![0.; padded];
    }

    /// Where the four weights of an output from `4 · quad` on lie.
    fn place(&self, output: usize, quad: usize) -> usize {
        let (panel, lane) = (output / PANEL, output % PANEL);
        panel * PANEL * self.depth() + (quad * PANEL + lane) * 4
    }

    fn pack(&mut self, output: usize, row: &[i8], scale: f32) {
        for (quad, weights) in row.chunks(4).enumerate() {
            let at = self.place(output, quad);
            self.packed[at..at + weights.len()].copy_from_slice(weights);
        }
        let sum: i32 = row.iter().map(|&weight| i32::from(weight)).sum();
        self.scales[output] = scale;
        self.sums[output] = sum as f32 * scale;
    }

    fn unpack(&self, output: usize, row: &mut [i8]) {
        for (quad, weights) in row.chunks_mut(4).enumerate() {
            let at = self.place(output, quad);
            weights.copy_from_slice(&self.packed[at..at + weights.len()]);
        }
    }

    /// Width of what a product gives.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Width of the rows that it reads.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Bytes that it holds.
    pub fn bytes(&self) -> usize {
        self.packed.len() + 4 * (self.scales.len() + self.sums.len())
    }

    fn depth(&self) -> usize {
        self.inputs.next_multiple_of(4)
    }

    /// `x Wᵀ + b` of `xs [rows, inputs]` with `bias [outputs]`, `[rows, outputs]`.
    ///
    /// # Errors
    /// If a slice does not fit the shape.
    pub fn affine(&self, xs: &[f32], bias: &[f32]) -> Result<Vec<f32>, Int8Error> {
        let count = xs.len().checked_div(self.inputs).unwrap_or(0);
        check_length("xs", xs.len(), &[count, self.inputs])?;
        let rows = Rows::quantise(xs, self.inputs);
        let mut ys = vec![0.; rows.count() * self.outputs];
        self.product(&rows, bias, &mut ys)?;
        Ok(ys)
    }

    /// The same of rows that are quantised already, into `ys [rows, outputs]`.
    ///
    /// # Errors
    /// If an argument does not fit the shape.
    pub fn product(&self, rows: &Rows, bias: &[f32], ys: &mut [f32]) -> Result<(), Int8Error> {
        self.product_by(&strip::best(), rows, bias, ys)
    }

    /// The same by one of [`super::kernels`], for tests and measurements.
    ///
    /// # Errors
    /// If an argument does not fit the shape.
    pub fn product_by(
        &self,
        kernel: &Kernel,
        rows: &Rows,
        bias: &[f32],
        ys: &mut [f32],
    ) -> Result<(), Int8Error> {
        check_length("rows", rows.values().len(), &[rows.count(), self.depth()])?;
        check_length("bias", bias.len(), &[self.outputs])?;
        check_length("ys", ys.len(), &[rows.count(), self.outputs])?;
        SUMS.with_borrow_mut(|sums| {
            sums.resize(ROWS * GROUP * PANEL, 0);
            pulp::Arch::new().dispatch(Product {
                matrix: self,
                kernel,
                rows,
                bias,
                ys,
                sums,
            });
        });
        Ok(())
    }
}

thread_local! {
    /// Integer sums of the outputs that a kernel works on: `[ROWS, GROUP · PANEL]`.
    static SUMS: RefCell<Vec<i32>> = const { RefCell::new(Vec::new()) };
}

/// A product as an operation of `pulp`: what surrounds the kernel is compiled for the machine's vector extensions too.
struct Product<'a> {
    matrix: &'a Matrix,
    kernel: &'a Kernel,
    rows: &'a Rows,
    bias: &'a [f32],
    ys: &'a mut [f32],
    sums: &'a mut [i32],
}

impl pulp::WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let Self { matrix, rows, .. } = self;
        let (depth, outputs) = (rows.depth(), matrix.outputs);
        let width = GROUP * PANEL;
        for start in (0..outputs).step_by(width) {
            let end = (start + width).min(outputs);
            let panels = (end - start).div_ceil(PANEL);
            let weights = &matrix.packed[start * depth..][..panels * PANEL * depth];
            for first in (0..rows.count()).step_by(ROWS) {
                let count = ROWS.min(rows.count() - first);
                let sums = &mut self.sums[..count * panels * PANEL];
                self.kernel.run(&mut Strip {
                    rows: &rows.values()[first * depth..][..count * depth],
                    count,
                    depth,
                    weights,
                    panels,
                    sums,
                });
                for (index, sums) in sums.chunks_exact(panels * PANEL).enumerate() {
                    let row = first + index;
                    let (low, step) = rows.range(row);
                    let ys = &mut self.ys[row * outputs + start..row * outputs + end];
                    let weights = matrix.scales[start..end]
                        .iter()
                        .zip(&matrix.sums[start..end]);
                    let others = weights.zip(&self.bias[start..end]);
                    for ((y, sum), ((scale, total), bias)) in ys.iter_mut().zip(sums).zip(others) {
                        *y = *sum as f32 * step * scale + (low * total + bias);
                    }
                }
            }
        }
    }
}
