//! A bundle's tensors as the source of a network's parameters.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use candle_core::{DType, Device, Error, Result, Shape, Tensor};
use candle_nn::Init;
use candle_nn::var_builder::SimpleBackend;
use safetensors::Dtype;

use super::read::Entry;
use super::{BundleError, four_bits};

/// See [`Bundle::var_builder`](super::Bundle::var_builder).
pub(super) struct BundleBackend<'a> {
    tensors: Arc<BTreeMap<String, Entry<'a>>>,
}

impl<'a> BundleBackend<'a> {
    pub(super) fn new(tensors: Arc<BTreeMap<String, Entry<'a>>>) -> Self {
        Self { tensors }
    }

    fn tensor(
        &self,
        name: &str,
        expected: Option<&Shape>,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        let entry = self.tensors.get(name).ok_or_else(|| {
            Error::wrap(BundleError::Missing {
                name: name.into(),
                expected: expected
                    .map(|shape| shape.dims().to_vec())
                    .unwrap_or_default(),
            })
        })?;
        let stored = &entry.tensor;
        let refuse = |reason: String| {
            Error::wrap(BundleError::Tensor {
                name: name.into(),
                shape: stored.shape.clone(),
                reason,
            })
        };
        let shape = match dtype.is_float() {
            true => stored.matrix_shape(),
            false => stored.shape.clone(),
        };
        if let Some(expected) = expected
            && expected.dims() != shape
        {
            return Err(refuse(format!(
                "the network needs it in shape {:?}",
                expected.dims()
            )));
        }
        entry.used.store(true, Ordering::Relaxed);
        let scales = || {
            let scale_name = stored.scale_name(name).unwrap_or_default();
            let scales = (self.tensors.get(&scale_name))
                .ok_or_else(|| refuse(format!("lacks `{scale_name}`")))?;
            scales.used.store(true, Ordering::Relaxed);
            Ok::<Vec<f32>, Error>(scales.tensor.floats().collect())
        };
        match (stored.dtype, dtype) {
            (Dtype::U8, DType::U8) => Tensor::from_slice(&stored.bytes, shape, device),
            (Dtype::U8, _) if dtype.is_float() => {
                let weights = four_bits::dequantised(&stored.bytes, &scales()?);
                Tensor::from_vec(weights, shape, device)?.to_dtype(dtype)
            }
            (Dtype::I8, DType::U8) => {
                let shifted = stored.bytes.iter().map(|&value| value ^ 0x80).collect();
                Tensor::from_vec(shifted, shape, device)
            }
            (Dtype::I8, _) if dtype.is_float() => {
                let weights = dequantised(&stored.bytes, &scales()?);
                Tensor::from_vec(weights, shape, device)?.to_dtype(dtype)
            }
            (Dtype::F32 | Dtype::F16, _) if dtype.is_float() => {
                Tensor::from_vec(stored.floats().collect::<Vec<f32>>(), shape, device)?
                    .to_dtype(dtype)
            }
            (found, _) => Err(refuse(format!(
                "is {found}, asked for as {}",
                dtype.as_str()
            ))),
        }
    }
}

impl SimpleBackend for BundleBackend<'_> {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        _: Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        self.tensor(name, Some(&shape), dtype, device)
    }

    fn get_unchecked(&self, name: &str, dtype: DType, device: &Device) -> Result<Tensor> {
        self.tensor(name, None, dtype, device)
    }

    fn contains_tensor(&self, name: &str) -> bool {
        self.tensors.contains_key(name)
    }
}

/// `value · scale[row]`, the bytes of `values` being i8.
pub(super) fn dequantised(values: &[u8], scales: &[f32]) -> Vec<f32> {
    let columns = values.len() / scales.len().max(1);
    let mut weights = Vec::with_capacity(values.len());
    for (row, scale) in values.chunks_exact(columns.max(1)).zip(scales) {
        weights.extend(row.iter().map(|&value| f32::from(value as i8) * scale));
    }
    weights
}
