//! The device that a command computes on.

use std::ffi::OsString;

use anyhow::Result;
use clap::Args;
use spanarc_train::{Device, DeviceName};

#[derive(Args)]
pub(crate) struct DeviceArguments {
    /// Where to compute: cpu, or cuda:N for the NVIDIA GPU of that number, from 0
    #[arg(long, value_name = "DEVICE", default_value_t)]
    device: DeviceName,
}

impl DeviceArguments {
    /// The device, ready to compute on.
    pub(crate) fn open(&self) -> Result<Device> {
        Ok(self.device.open()?)
    }

    /// The same for another process of this program.
    pub(crate) fn arguments(&self) -> [OsString; 2] {
        ["--device".into(), self.device.to_string().into()]
    }
}
