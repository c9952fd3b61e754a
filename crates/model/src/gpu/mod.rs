//! The CUDA kernels of `spanarc-kernels` as differentiable Candle operations, a file for each. They stand where `host.rs` has
//! those of the CPU, and agree with the same compositions.

mod affine;
mod attention;
mod crf;
mod dropout;
mod gelu;
mod layer_norm;
mod range_maximum;
mod recurrent;
mod rows;

use std::ops::Deref;

use candle_core::{
    CudaDevice, CudaStorage, DType, Device, Layout, Result, Shape, Storage, Tensor,
    backend::BackendStorage, bail, op::BackpropOp,
};
use spanarc_kernels::cuda::{CudaSlice, CudaView, Gpu, GpuError};

use crate::host;

pub(crate) use affine::affine;
pub(crate) use attention::{attends, attention};
pub(crate) use crf::{negative_log_likelihood, takes_tags};
pub(crate) use dropout::dropout;
pub(crate) use gelu::gelu;
pub(crate) use layer_norm::layer_norm;
pub(crate) use range_maximum::range_maximum;
pub(crate) use recurrent::{states, steps_through};
pub(crate) use rows::{add_rows, adds_rows, select_rows};

/// Whether a kernel takes the tensor; if not, a composition of Candle's operations does.
pub fn takes(tensor: &Tensor) -> bool {
    tensor.device().is_cuda() && tensor.dtype() == DType::F32 && !host::kernels_are_left_out()
}

/// Readies a GPU that was just opened: loads the kernels, and spares what a process that uses no second stream has no use
/// for. Nothing on any other device.
pub fn prepare(device: &Device) -> Result<()> {
    match device {
        Device::Cuda(device) => of(device)?
            .spare_single_stream()
            .map_err(candle_core::Error::wrap),
        _ => Ok(()),
    }
}

/// The kernels of a device.
pub fn of(device: &CudaDevice) -> Result<Gpu> {
    Gpu::of(device.cuda_stream()).map_err(candle_core::Error::wrap)
}

/// The numbers of an operation's argument.
fn view<'a>(storage: &'a CudaStorage, layout: &Layout) -> Result<CudaView<'a, f32>> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(storage.as_cuda_slice::<f32>()?.slice(start..end)),
        None => bail!("a kernel takes contiguous arguments, not {layout:?}"),
    }
}

/// The numbers of a contiguous tensor, from what `Tensor::storage_and_layout` gives.
pub fn tensor_view<'a>(
    (storage, layout): &'a (impl Deref<Target = Storage>, &Layout),
) -> Result<CudaView<'a, f32>> {
    match &**storage {
        Storage::Cuda(storage) => view(storage, layout),
        _ => bail!("a kernel for the GPU takes what is there only"),
    }
}

/// The device of a tensor that is on a GPU.
fn device_of(tensor: &Tensor) -> Result<&CudaDevice> {
    tensor.device().as_cuda_device()
}

/// What a kernel gives as the result of an operation whose argument `like` was.
fn storage(
    result: std::result::Result<CudaSlice<f32>, GpuError>,
    like: &CudaStorage,
) -> Result<CudaStorage> {
    let slice = result.map_err(candle_core::Error::wrap)?;
    Ok(CudaStorage::wrap_cuda_slice(slice, like.device().clone()))
}

/// A kernel's result as a tensor beside `like`.
fn tensor(slice: CudaSlice<f32>, shape: impl Into<Shape>, like: &Tensor) -> Result<Tensor> {
    let storage = CudaStorage::wrap_cuda_slice(slice, device_of(like)?.clone());
    let storage = Storage::Cuda(storage);
    Ok(Tensor::from_storage(
        storage,
        shape,
        BackpropOp::none(),
        false,
    ))
}

/// The error of an operation that was given tensors on the CPU.
fn not_here<T>(name: &str) -> Result<T> {
    bail!("{name}: the CPU has an operation of its own")
}
