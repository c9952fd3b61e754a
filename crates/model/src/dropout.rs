//! Inverted dropout with a generator of its own, since Candle's CPU generator cannot be seeded.

use candle_core::{Result, Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

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

    /// Sets each element to zero with probability `rate` and scales the others by 1 / (1 - rate).
    pub fn apply(&mut self, xs: &Tensor, rate: f32) -> Result<Tensor> {
        let Some(generator) = self.generator.as_mut().filter(|_| rate > 0.) else {
            return Ok(xs.clone());
        };
        // 16 bits an element are plenty for a Bernoulli draw and quarter the cost of a float each.
        let threshold = (rate.min(1.) * 65536.) as u32;
        let keep = 1. / (1. - rate).max(f32::EPSILON);
        let mut mask = Vec::with_capacity(xs.elem_count() + 3);
        while mask.len() < xs.elem_count() {
            let mut bits: u64 = generator.random();
            for _ in 0..4 {
                mask.push(if ((bits & 0xffff) as u32) < threshold {
                    0.
                } else {
                    keep
                });
                bits >>= 16;
            }
        }
        mask.truncate(xs.elem_count());
        xs.mul(&Tensor::from_vec(mask, xs.shape(), xs.device())?)
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
}
