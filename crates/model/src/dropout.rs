//! Inverted dropout with a generator of its own, since Candle's CPU generator cannot be seeded.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
#[cfg(any(test, feature = "cuda"))]
use spanarc_kernels::dropout::Draws;

use crate::host;

/// Draws dropout masks in training; the identity in use.
#[derive(Debug, Clone)]
pub struct Dropout {
    generator: Option<ChaCha8Rng>,
}

impl Dropout {
    /// No dropout: inference and evaluation.
    pub fn off() -> Self {
        Self { generator: None }
    }

    /// Dropout whose masks follow from `seed`.
    pub fn seeded(seed: u64) -> Self {
        Self {
            generator: Some(ChaCha8Rng::seed_from_u64(seed)),
        }
    }

    /// As [`Dropout::seeded`], but one of many independent sequences of masks that the seed has: parts of a batch that
    /// are computed side by side each have their own.
    pub fn stream(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self {
            generator: Some(generator),
        }
    }

    /// Sets each element to zero with probability `rate` and scales the others by 1 / (1 - rate).
    pub fn apply(&mut self, xs: &Tensor, rate: f32) -> Result<Tensor> {
        #[cfg(feature = "cuda")]
        if crate::gpu::takes(xs) {
            return match self.draws(xs.elem_count(), rate) {
                None => Ok(xs.clone()),
                Some(draws) => crate::gpu::dropout(xs, draws),
            };
        }
        match self.mask(xs.elem_count(), rate) {
            None => Ok(xs.clone()),
            Some(mask) if host::takes(xs) => xs.contiguous()?.apply_op1(Mask(mask)),
            Some(mask) => xs.mul(&Tensor::from_vec(mask, xs.shape(), xs.device())?),
        }
    }

    /// `count` factors, 0 with probability `rate` and else 1 / (1 - rate); none where nothing is dropped.
    pub(crate) fn mask(&mut self, count: usize, rate: f32) -> Option<Vec<f32>> {
        let generator = self.generator.as_mut().filter(|_| rate > 0.)?;
        let (threshold, keep) = threshold_and_factor(rate);
        let mut mask = vec![0.; count];
        for factors in mask.chunks_mut(4) {
            let mut bits: u64 = generator.random();
            for factor in factors {
                if (bits & 0xffff) as u32 >= threshold {
                    *factor = keep;
                }
                bits >>= 16;
            }
        }
        Some(mask)
    }

    /// Where [`Self::mask`] would draw from, for a kernel to draw the same, and past it.
    #[cfg(any(test, feature = "cuda"))]
    pub(crate) fn draws(&mut self, count: usize, rate: f32) -> Option<Draws> {
        let generator = self.generator.as_mut().filter(|_| rate > 0.)?;
        let (threshold, keep) = threshold_and_factor(rate);
        let mut key = [0; 8];
        for (word, bytes) in key.iter_mut().zip(generator.get_seed().chunks_exact(4)) {
            *word = bytes
                .iter()
                .rev()
                .fold(0, |word, &byte| word << 8 | u32::from(byte));
        }
        let words = generator.get_word_pos();
        generator.set_word_pos(words + 2 * count.div_ceil(4) as u128);
        Some(Draws {
            key,
            stream: generator.get_stream(),
            first: 2 * words as u64,
            threshold,
            keep,
        })
    }
}

/// 16 bits an element are plenty for a Bernoulli draw and quarter the cost of a float each: below which of them an element is
/// dropped, and the factor of the others.
fn threshold_and_factor(rate: f32) -> (u32, f32) {
    let threshold = (rate.min(1.) * 65536.) as u32;
    (threshold, 1. / (1. - rate).max(f32::EPSILON))
}

/// Multiplication by constants. Candle's own would compute their gradient too.
struct Mask(Vec<f32>);

impl CustomOp1 for Mask {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(&self, xs: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let values = host::values(xs, layout)?;
        let ys = values.iter().zip(&self.0).map(|(x, factor)| x * factor);
        Ok((CpuStorage::F32(ys.collect()), layout.shape().clone()))
    }

    fn bwd(&self, xs: &Tensor, _: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let grad = grad.storage_and_layout();
        let values = host::tensor_values(&grad)?;
        let masked = values
            .iter()
            .zip(&self.0)
            .map(|(grad, factor)| grad * factor);
        host::gradient(masked.collect(), xs)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn keeps_the_expected_share_and_the_mean() -> Result<()> {
        let ones = Tensor::ones(40_000, candle_core::DType::F32, &Device::Cpu)?;
        let dropped = Dropout::seeded(7).apply(&ones, 0.35)?.to_vec1::<f32>()?;
        let zeros = dropped.iter().filter(|x| **x == 0.).count() as f32 / 40_000.;
        let mean = dropped.iter().sum::<f32>() / 40_000.;
        assert!((zeros - 0.35).abs() < 0.01, "{zeros}");
        assert!((mean - 1.).abs() < 0.02, "{mean}");
        Ok(())
    }

    #[test]
    fn the_same_seed_draws_the_same_masks_and_off_changes_nothing() -> Result<()> {
        let ones = Tensor::ones(101, candle_core::DType::F32, &Device::Cpu)?;
        let draw = |seed| Dropout::seeded(seed).apply(&ones, 0.5)?.to_vec1::<f32>();
        assert_eq!(draw(1)?, draw(1)?);
        assert_ne!(draw(1)?, draw(2)?);
        assert_eq!(
            Dropout::off().apply(&ones, 0.5)?.to_vec1::<f32>()?,
            vec![1.; 101]
        );
        Ok(())
    }

    #[test]
    fn a_kernel_told_where_to_draw_draws_the_same_masks() {
        let mut drawn = Dropout::stream(7, (3 << 32) + 9);
        let mut told = drawn.clone();
        for (count, rate) in [
            (101, 0.35),
            (5_000, 0.1),
            (0, 0.1),
            (1, 0.5),
            (77, 0.),
            (64, 1.),
        ] {
            let mask = told
                .draws(count, rate)
                .map(|draws| spanarc_kernels::dropout::reference::mask(draws, count));
            assert_eq!(drawn.mask(count, rate), mask, "{count} at {rate}");
        }
    }
}
