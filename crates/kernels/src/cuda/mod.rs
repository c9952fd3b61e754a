//! Kernels for NVIDIA GPUs: what a framework would launch dozens of operations for, each one launch or two.
//!
//! They are CUDA C, compiled to PTX by the build script. Each has its twin among this crate's CPU kernels or in the model, and
//! takes and leaves numbers in the same layout. All work is put on the stream of a [`Gpu`] and nothing waits for it.
//!
//! Slices and views of one [`Gpu`] must be of its own stream: with several, nothing would order their work.

#![allow(unsafe_code)]

pub mod attention;
pub mod crf;
pub mod dropout;
pub mod optimizer;
pub mod ranges;
pub mod recurrent;
pub mod rows;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use cudarc::{
    driver::{
        CudaFunction, DeviceRepr, LaunchArgs, LaunchConfig,
        result::{device, mem_pool},
        sys,
    },
    nvrtc::Ptx,
};
use thiserror::Error;

use crate::size::SizeError;

pub use cudarc::driver::{CudaSlice, CudaStream, CudaView, DriverError};

/// Threads of a block where nothing speaks for another number.
const THREADS: u32 = 256;

/// Lanes of a warp.
const WARP: u32 = 32;

/// Why a kernel did not run.
#[derive(Debug, Error)]
pub enum GpuError {
    /// CUDA refused.
    #[error("CUDA: {0}")]
    Driver(#[from] DriverError),
    /// A slice of the wrong length.
    #[error(transparent)]
    Size(#[from] SizeError),
    /// A sequence longer than the batch.
    #[error("sequence {sequence} is {length} steps long, but the batch has {steps} steps")]
    Length {
        /// Index of the sequence in the batch.
        sequence: usize,
        /// Its length.
        length: usize,
        /// Steps of the batch.
        steps: usize,
    },
    /// A mask that begins in the middle of what a thread draws.
    #[error("a mask begins with draw {0}, which is no multiple of 4")]
    Draws(u64),
    /// A number that the kernels do not count to.
    #[error("{0} is more than a kernel takes")]
    TooLarge(usize),
}

macro_rules! modules {
    ($($name:literal: [$($function:literal),*];)*) => {
        /// Text of every module and the names of its kernels.
        const MODULES: &[(&str, &[&str])] = &[
            $((include_str!(concat!(env!("OUT_DIR"), "/", $name, ".ptx")), &[$($function),*]),)*
        ];
    };
}

modules! {
    "attention": ["attention", "attention_backward_query", "attention_backward_key"];
    "crf": ["crf", "crf_backward"];
    "dropout": ["dropout"];
    "optimizer": ["squares", "total_norm", "adamw", "towards"];
    "ranges": ["range_maximum", "range_maximum_backward"];
    "recurrent": [
        "gru", "gru_32", "gru_64", "gru_128", "gru_backward", "gru_backward_32", "gru_backward_64", "gru_backward_128",
        "lstm", "lstm_32", "lstm_64", "lstm_backward", "lstm_backward_32", "lstm_backward_64"
    ];
    "rows": ["add_bias", "gelu", "gelu_backward", "layer_norm", "layer_norm_backward", "column_sums", "add_rows"];
}

type Functions = HashMap<&'static str, CudaFunction>;

/// The kernels of every context that has asked for them.
static LOADED: Mutex<Option<HashMap<usize, Arc<Functions>>>> = Mutex::new(None);

/// A GPU's kernels, and the stream that they are launched on.
#[derive(Debug, Clone)]
pub struct Gpu {
    stream: Arc<CudaStream>,
    functions: Arc<Functions>,
}

impl Gpu {
    /// The kernels of the stream's context, loaded at the first call.
    ///
    /// # Errors
    /// If the driver takes none of them.
    pub fn of(stream: Arc<CudaStream>) -> Result<Self, GpuError> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = loaded.get_or_insert_default();
        let context = stream.context();
        let key = context.cu_ctx() as usize;
        let functions = match loaded.get(&key) {
            Some(functions) => Arc::clone(functions),
            None => {
                let mut functions = Functions::new();
                for (text, names) in MODULES {
                    let module = context.load_module(Ptx::from_src(*text))?;
                    for name in *names {
                        functions.insert(name, module.load_function(name)?);
                    }
                }
                let functions = Arc::new(functions);
                loaded.insert(key, Arc::clone(&functions));
                functions
            }
        };
        Ok(Self { stream, functions })
    }

    /// Spares work that a process with one stream has no use for: events that order streams among each other, several a
    /// tensor, and memory that goes back to the system whenever the host waits. To be called before the first tensor, and
    /// where all work of the context is put on this one stream: with others nothing would order it, and results would be wrong.
    ///
    /// # Errors
    /// If the driver refuses.
    pub fn spare_single_stream(&self) -> Result<(), GpuError> {
        let context = self.stream.context();
        context.bind_to_thread()?;
        // SAFETY: with one stream there is nothing to order. Against that rule, numbers in the GPU's memory would be wrong, but
        // none of the host's memory is read or written without waiting for the stream.
        unsafe { context.disable_event_tracking() };
        if context.has_async_alloc() {
            let mut all = u64::MAX;
            // SAFETY: the device is the context's, and the attribute is a `u64`.
            unsafe {
                let pool = device::get_default_mem_pool(context.cu_device())?;
                let attribute = sys::CUmemPool_attribute::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
                mem_pool::set_attribute(pool, attribute, (&raw mut all).cast())?;
            }
        }
        Ok(())
    }

    /// The stream that all work is put on.
    pub fn stream(&self) -> &Arc<CudaStream> {
        &self.stream
    }

    /// A launch of the kernel of that name, to be given its arguments.
    fn kernel(&self, name: &'static str) -> LaunchArgs<'_> {
        // Every name that a launch gives is in the table above, which the tests go through.
        self.stream.launch_builder(&self.functions[name])
    }

    /// Memory of unknown content.
    ///
    /// The kernel that takes it must write all of it.
    fn alloc<T: DeviceRepr>(&self, length: usize) -> Result<CudaSlice<T>, GpuError> {
        // SAFETY: every bit pattern is a number, and nobody reads before the kernel has written.
        Ok(unsafe { self.stream.alloc(length.max(1)) }?)
    }

    fn upload<T: DeviceRepr>(&self, values: &[T]) -> Result<CudaSlice<T>, GpuError> {
        Ok(self.stream.clone_htod(values)?)
    }
}

/// As many blocks of [`THREADS`] as `count` elements take.
fn over(count: usize) -> Result<LaunchConfig, GpuError> {
    Ok(grid(
        [narrow(count.div_ceil(THREADS as usize).max(1))?, 1, 1],
        [THREADS, 1],
        0,
    ))
}

fn grid(blocks: [u32; 3], [x, y]: [u32; 2], shared_bytes: u32) -> LaunchConfig {
    LaunchConfig {
        grid_dim: blocks.into(),
        block_dim: (x, y, 1),
        shared_mem_bytes: shared_bytes,
    }
}

fn narrow(number: usize) -> Result<u32, GpuError> {
    u32::try_from(number).map_err(|_| GpuError::TooLarge(number))
}

/// Lengths of sequences as the kernels read them, none above `steps`.
fn lengths(gpu: &Gpu, lengths: &[usize], steps: usize) -> Result<CudaSlice<u32>, GpuError> {
    let narrowed = lengths
        .iter()
        .enumerate()
        .map(|(sequence, &length)| match length <= steps {
            true => narrow(length),
            false => Err(GpuError::Length {
                sequence,
                length,
                steps,
            }),
        })
        .collect::<Result<Vec<_>, _>>()?;
    gpu.upload(&narrowed)
}
