//! Contiguous f32 tensors in the CPU's memory as slices: what the kernels read.

use std::ops::Deref;

use candle_core::{CpuStorage, DType, Layout, Result, Storage, Tensor, bail};

/// Whether kernels can take the tensor.
pub(crate) fn takes(tensor: &Tensor) -> bool {
    tensor.device().is_cpu() && tensor.dtype() == DType::F32
}

/// The values of an operation's argument.
pub(crate) fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice()?[start..end]),
        None => bail!("a kernel takes contiguous arguments, not {layout:?}"),
    }
}

/// The values of a tensor, from what `Tensor::storage_and_layout` gives.
pub(crate) fn tensor_values<'a>(
    (storage, layout): &'a (impl Deref<Target = Storage>, &Layout),
) -> Result<&'a [f32]> {
    match &**storage {
        Storage::Cpu(storage) => values(storage, layout),
        _ => bail!("a kernel runs on the CPU only"),
    }
}

/// A gradient of the shape of what it belongs to.
pub(crate) fn gradient(values: Vec<f32>, like: &Tensor) -> Result<Option<Tensor>> {
    Tensor::from_vec(values, like.shape(), like.device()).map(Some)
}
