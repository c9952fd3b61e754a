//! The device that a command computes on, by name.

use std::{fmt, str::FromStr};

use candle_core::Device;

/// `cpu`, or `cuda:N` for the NVIDIA GPU of that number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceName {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA GPU, counted from 0 as CUDA counts those that it shows to the process.
    Cuda(usize),
}

/// Why there is no such device.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// Not the name of a device.
    #[error("neither `cpu` nor `cuda:N` with a number N")]
    Name,
    /// The feature `cuda` was off when the program was built.
    #[error("{0}: this program was built without the feature `cuda`")]
    NotBuilt(DeviceName),
    /// There is no such GPU, or CUDA cannot use it.
    #[error("{name} cannot be used: {source}")]
    Unusable {
        /// The device.
        name: DeviceName,
        /// What CUDA says.
        source: candle_core::Error,
    },
}

impl DeviceName {
    /// The device, ready to compute on.
    pub fn open(self) -> Result<Device, DeviceError> {
        match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda(_) if !cfg!(feature = "cuda") => Err(DeviceError::NotBuilt(self)),
            // With a stream of its own, since CUDA's default one is another in every thread, and work on the same tensors
            // from several would not wait for each other.
            Self::Cuda(number) => Device::new_cuda_with_stream(number)
                .and_then(prepared)
                .map_err(|source| DeviceError::Unusable { name: self, source }),
        }
    }
}

/// Ready to compute on: with its kernels loaded, and nothing kept that only a second stream would need.
fn prepared(device: Device) -> candle_core::Result<Device> {
    #[cfg(feature = "cuda")]
    spanarc_model::gpu::prepare(&device)?;
    Ok(device)
}

impl FromStr for DeviceName {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("cuda:") {
            Some(number) => number
                .parse()
                .map(Self::Cuda)
                .map_err(|_| DeviceError::Name),
            None if text == "cpu" => Ok(Self::Cpu),
            None => Err(DeviceError::Name),
        }
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => formatter.write_str("cpu"),
            Self::Cuda(number) => write!(formatter, "cuda:{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        for name in [DeviceName::Cpu, DeviceName::Cuda(0), DeviceName::Cuda(12)] {
            assert_eq!(name.to_string().parse::<DeviceName>().unwrap(), name);
        }
        for other in ["", "gpu", "cuda", "cuda:", "cuda:x", "cuda:-1", "CPU"] {
            assert!(other.parse::<DeviceName>().is_err(), "{other}");
        }
    }

    #[test]
    fn a_gpu_that_cannot_be_used_is_an_error_that_names_it() {
        let error = DeviceName::Cuda(999).open().unwrap_err().to_string();
        assert!(error.starts_with("cuda:999"), "{error}");
    }
}
