//! What the kernels of `spanarc-kernels` read: contiguous f32 tensors in the CPU's memory, as slices.
//!
//! Wherever a kernel is used there is also a composition of Candle's operations that computes the same on any device.
//! [`leave_out_kernels`] makes the CPU run those too, so that what a GPU runs can be tested without one.

use std::{
    ops::Deref,
    sync::atomic::{AtomicBool, Ordering},
};

use candle_core::{CpuStorage, DType, Device, Layout, Result, Storage, Tensor, bail};
use spanarc_kernels::{SizeError, gradients::Gradients};

static KERNELS_LEFT_OUT: AtomicBool = AtomicBool::new(false);

/// Whether a kernel takes the tensor; if not, its composition does.
pub fn takes(tensor: &Tensor) -> bool {
    runs_kernels_on(tensor.device()) && tensor.dtype() == DType::F32
}

/// Whether there are kernels for the device, and they are not left out.
pub(crate) fn runs_kernels_on(device: &Device) -> bool {
    device.is_cpu() && !kernels_are_left_out()
}

/// What [`leave_out_kernels`] was told.
pub(crate) fn kernels_are_left_out() -> bool {
    KERNELS_LEFT_OUT.load(Ordering::Relaxed)
}

/// Leaves the kernels out of the whole process, or no longer. Slow; for tests, which must be alone in their process.
pub fn leave_out_kernels(leave_out: bool) {
    KERNELS_LEFT_OUT.store(leave_out, Ordering::Relaxed);
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

/// What `CustomOp3::bwd` gives for a map of rows, by its kernel over the values of rows, weight and `grad`.
pub(crate) fn gradients(
    [xs, weight, bias]: [&Tensor; 3],
    grad: &Tensor,
    kernel: impl FnOnce(&[f32], &[f32], &[f32]) -> std::result::Result<Gradients, SizeError>,
) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
    let grad = grad.contiguous()?;
    let [x, w, g] = [xs, weight, &grad].map(Tensor::storage_and_layout);
    let gradients = kernel(tensor_values(&x)?, tensor_values(&w)?, tensor_values(&g)?)
        .map_err(candle_core::Error::wrap)?;
    Ok((
        gradient(gradients.xs, xs)?,
        gradient(gradients.weight, weight)?,
        gradient(gradients.bias, bias)?,
    ))
}
